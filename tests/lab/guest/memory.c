/* memory - fill this guest's memory at a rate, keep it for a while, free it at once */
#include "memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ULL

/* A portion is touched in each period: at 18 MB/s 0.9 MB, so that MemAvailable is looked at often enough. */
#define PERIOD_NS 50000000ULL

/* Who was not served catches up with no more than this many portions: the rate is what a balancer has to answer. */
#define BACKLOG_PERIODS 4

#define STOP_KIB (64 * 1024)
#define PAGE     4096

/* Room to fill, reserved as addresses only: more than a guest of the lab ever has. */
#define ROOM_BYTES (64ULL << 30)

enum state {
	NONE,  /* there is nothing to do */
	WAITS, /* for its start */
	FILLS,
	HOLDS,
	FREED,
};

static const char *const state_name[] = {"none", "waits", "fills", "holds", "freed"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;

/* All below belong to the lock. */
static struct memory_plan plan;
static bool running;
static enum state state;
static uint64_t fill_ns;  /* when filling begins */
static uint64_t free_ns;  /* when what is held is freed */
static uint64_t seen_ns;  /* up to when portions were touched */
static uint64_t used_kib; /* touched */
static uint64_t peak_kib;
static uint64_t free_kib; /* MemAvailable */
static char *room;
static int meminfo = -1;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- the plan as text ---- */

/* A number up to a ':' or the end, or the word that stands for all of it. Returns what follows it, NULL when it is wrong. */
static const char *field(const char *text, double scale, const char *all, uint64_t *value)
{
	size_t length = strcspn(text, ":");
	char *end;
	double number;

	if (all && length == strlen(all) && !strncmp(text, all, length)) {
		*value = MEMORY_ALL;
	} else {
		number = strtod(text, &end);
		if (!length || text[0] < '0' || text[0] > '9' || end != text + length ||
		    number > 1e9)
			return NULL;
		*value = (uint64_t)(number * scale + 0.5);
	}
	return text + length + (text[length] == ':');
}

int memory_parse(const char *text, struct memory_plan *out)
{
	struct memory_plan got = {0};

	if (!strcmp(text, "none")) {
		*out = got;
		return 0;
	}
	if (!(text = field(text, 1, NULL, &got.rate_kib_s)) || !got.rate_kib_s ||
	    !(text = field(text, 1, "limit", &got.until_mib)) ||
	    !(text = field(text, NS_PER_S, NULL, &got.start_ns)) ||
	    !(text = field(text, NS_PER_S, "forever", &got.hold_ns)))
		return -1;
	if (*text && (!(text = field(text, NS_PER_S, NULL, &got.again_ns)) || *text))
		return -1;
	*out = got;
	return 0;
}

/* ---- the work ---- */

static uint64_t available_kib(void)
{
	char text[512];
	ssize_t n = pread(meminfo, text, sizeof(text) - 1, 0);
	const char *line;

	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "MemAvailable:");
	return line ? strtoull(line + strlen("MemAvailable:"), NULL, 10) : 0;
}

static uint64_t until_kib(void)
{
	uint64_t most = plan.until_mib == MEMORY_ALL ? UINT64_MAX : plan.until_mib * 1024;

	return most < ROOM_BYTES / 1024 ? most : ROOM_BYTES / 1024;
}

/* Pages differ, so that no host can merge them. */
static void touch(uint64_t kib)
{
	for (; kib; kib -= PAGE / 1024, used_kib += PAGE / 1024)
		*(uint64_t *)(room + used_kib * 1024) = used_kib + 1;
	if (used_kib > peak_kib)
		peak_kib = used_kib;
}

static void free_all(void)
{
	madvise(room, ROOM_BYTES, MADV_DONTNEED);
	used_kib = 0;
}

/* A portion more; true when that was the last one. */
static bool fill(uint64_t now)
{
	uint64_t most = until_kib(), kib;

	if (now - seen_ns > BACKLOG_PERIODS * PERIOD_NS)
		seen_ns = now - BACKLOG_PERIODS * PERIOD_NS;
	kib = plan.rate_kib_s * ((now - seen_ns) / 1000) / 1000000 / (PAGE / 1024) * (PAGE / 1024);
	seen_ns += kib * 1000000 / plan.rate_kib_s * 1000;
	if (free_kib <= STOP_KIB)
		return true;
	if (kib > free_kib - STOP_KIB)
		kib = (free_kib - STOP_KIB) / (PAGE / 1024) * (PAGE / 1024);
	if (used_kib + kib >= most)
		kib = most - used_kib;
	touch(kib);
	return used_kib >= most;
}

/* One period's part of the plan. Called with the lock. */
static void step(uint64_t now)
{
	free_kib = available_kib();
	switch (state) {
	case WAITS:
		if (now < fill_ns)
			break;
		state = FILLS;
		seen_ns = now;
		break;
	case FILLS:
		if (!fill(now))
			break;
		state = HOLDS;
		free_ns = plan.hold_ns == MEMORY_ALL ? UINT64_MAX : now + plan.hold_ns;
		break;
	case HOLDS:
		if (now < free_ns)
			break;
		free_all();
		state = FREED;
		fill_ns = plan.again_ns ? now + plan.again_ns : UINT64_MAX;
		break;
	case FREED:
		if (now >= fill_ns)
			state = WAITS;
		break;
	default:
		break;
	}
}

/* Called with the lock. */
static void tell(void)
{
	printf("vmb: memory peak_mib=%llu state=%s size_mib=%llu available_mib=%llu\n",
	       (unsigned long long)peak_kib / 1024, state_name[state],
	       (unsigned long long)used_kib / 1024, (unsigned long long)free_kib / 1024);
}

static void *run_memory(void *argument)
{
	const struct timespec period = {0, PERIOD_NS};
	enum state before;

	for (;;) {
		pthread_mutex_lock(&lock);
		while (!running)
			pthread_cond_wait(&started, &lock);
		before = state;
		step(now_ns());
		if (state != before)
			tell();
		pthread_mutex_unlock(&lock);
		nanosleep(&period, NULL);
	}
	return NULL;
}

int memory_init(void)
{
	pthread_t thread;

	meminfo = open("/proc/meminfo", O_RDONLY);
	room = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (meminfo < 0 || room == MAP_FAILED)
		return -1;
	return pthread_create(&thread, NULL, run_memory, NULL) ? -1 : 0;
}

void memory_start(const struct memory_plan *p, uint64_t delay_ns)
{
	pthread_mutex_lock(&lock);
	free_all();
	plan = *p;
	fill_ns = now_ns() + delay_ns + plan.start_ns;
	peak_kib = 0;
	running = plan.rate_kib_s != 0;
	state = running ? WAITS : NONE;
	pthread_cond_signal(&started);
	pthread_mutex_unlock(&lock);
}

void memory_stop(void)
{
	pthread_mutex_lock(&lock);
	running = false;
	free_all();
	pthread_mutex_unlock(&lock);
}

void memory_tell(void)
{
	pthread_mutex_lock(&lock);
	if (running)
		tell();
	pthread_mutex_unlock(&lock);
}
