/* workload - what a lab guest runs: obeys lines on its second serial port, tells on the first what it reached */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "duty.h"
#include "memory.h"

#define REPORT_MS 5000

/*
 * In:  go DELAY_MS [SCHEDULE [MEMORY]]   start the load; what is not given is as before, at first vmb.load= of the kernel
 *                                        command line, and nothing done with memory
 *      stop                              no load any more, and all memory freed
 * Out: vmb: ready guest=3 vcpus=1
 *      vmb: go load=18 mem=none
 *      vmb: load t_s=5.0 asked_pct=18.0 reached_pct=17.9 stolen_pct=0.3    every 5 s, since the start
 *      vmb: memory peak_mib=1837 state=holds ...                           with it, and when the state changes
 *      vmb: done ...                                                       as load, when stopped
 *      vmb: bad line: ...
 */
static struct schedule schedule;
static char schedule_text[SCHEDULE_TEXT] = "";
static struct memory_plan memory;
static char memory_text[MEMORY_TEXT] = "none";

/* The value of NAME= on the kernel command line, "" when it is not there. */
static void kernel_option(const char *name, char *value, size_t size)
{
	char line[4096] = "", *word, *rest = line;
	FILE *file = fopen("/proc/cmdline", "r");

	value[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	while ((word = strsep(&rest, " \n")))
		if (!strncmp(word, name, strlen(name)) && word[strlen(name)] == '=')
			snprintf(value, size, "%s", word + strlen(name) + 1);
}

static int open_raw(const char *path, int flags)
{
	struct termios t;
	int fd = open(path, flags | O_NOCTTY);

	if (fd < 0 || tcgetattr(fd, &t) < 0)
		return fd;
	cfmakeraw(&t);
	tcsetattr(fd, TCSANOW, &t);
	return fd;
}

static void report(const char *word)
{
	struct duty_account a;
	double all;

	duty_read(&a);
	all = (double)(a.elapsed_ns ? a.elapsed_ns : 1) * a.nr_vcpus / 100;
	memory_tell();
	printf("vmb: %s t_s=%.1f asked_pct=%.1f reached_pct=%.1f stolen_pct=%.1f\n", word,
	       (double)a.elapsed_ns / 1e9, (double)a.asked_ns / all, (double)a.worked_ns / all,
	       (double)a.stolen_ns / all);
}

/* Obey one line. Returns how long to wait for the next one before a report, in ms; -1: no report. */
static int obey(const char *line)
{
	char text[SCHEDULE_TEXT] = "", plan[MEMORY_TEXT] = "";
	unsigned delay_ms;

	if (!strcmp(line, "stop")) {
		duty_stop();
		report("done");
		memory_stop();
		return -1;
	}
	if (sscanf(line, "go %u %255s %127s", &delay_ms, text, plan) < 1 ||
	    (text[0] && schedule_parse(text, &schedule) < 0) ||
	    (plan[0] && memory_parse(plan, &memory) < 0)) {
		printf("vmb: bad line: %s\n", line);
		return REPORT_MS;
	}
	if (text[0])
		memcpy(schedule_text, text, sizeof(schedule_text));
	if (plan[0])
		memcpy(memory_text, plan, sizeof(memory_text));
	duty_start(&schedule, delay_ms * 1000000ULL);
	memory_start(&memory, delay_ms * 1000000ULL);
	printf("vmb: go load=%s mem=%s\n", schedule_text, memory_text);
	return REPORT_MS;
}

static void serve(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int report_ms = -1;
	char line[512];
	size_t used = 0;

	for (;;) {
		int r = poll(&wait, 1, report_ms);

		if (r == 0)
			report("load");
		if (r <= 0)
			continue;
		if (read(fd, &line[used], 1) != 1)
			continue;
		if (line[used] != '\n') {
			used += used < sizeof(line) - 1;
			continue;
		}
		line[used] = '\0';
		used = 0;
		report_ms = obey(line);
	}
}

int main(void)
{
	char guest[16];
	long nr_vcpus = sysconf(_SC_NPROCESSORS_ONLN);
	int in = open_raw("/dev/ttyS1", O_RDONLY), out = open_raw("/dev/ttyS0", O_WRONLY);

	if (in < 0 || out < 0 || dup2(out, STDOUT_FILENO) < 0)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	kernel_option("vmb.guest", guest, sizeof(guest));
	kernel_option("vmb.load", schedule_text, sizeof(schedule_text));
	if (schedule_text[0] && schedule_parse(schedule_text, &schedule) < 0)
		printf("vmb: bad vmb.load: %s\n", schedule_text);
	if (duty_init((unsigned)nr_vcpus, (unsigned)atoi(guest)) < 0 || memory_init() < 0) {
		printf("vmb: no threads: %s\n", strerror(errno));
		return 1;
	}
	printf("vmb: ready guest=%s vcpus=%ld\n", guest, nr_vcpus);
	serve(in);
}
