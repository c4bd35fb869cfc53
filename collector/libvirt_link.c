/* libvirt_link - a connection to libvirt that cannot hang us: opened with a deadline, watched, opened again */
#include "collector/libvirt_link.h"

#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/libvirt_call.h"
#include "collector/libvirt_error.h"
#include "collector/libvirt_events.h"
#include "collector/libvirt_xml.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/stop.h"

/* virConnectOpen() waits for ever on a daemon that was stopped; a healthy one answers in 20 ms. */
#define OPEN_DEADLINE_S 10
/* Once there was a connection: at the end it is tried once more, and a stop shall not take more than 5 s. */
#define OPEN_AGAIN_S 3
/* A healthy daemon takes 2 ms; and after it a stop shall not have taken more than 5 s. */
#define CLOSE_DEADLINE_NS (2 * NS_PER_S)
#define OPEN_STEP_NS      (NS_PER_S / 10) /* so often it is seen whether the program shall end */
#define BACK_OFF_FIRST_NS (NS_PER_S / 2)
#define BACK_OFF_LAST_NS  (30 * NS_PER_S)
/* What is late is looked at in each tick, and left to itself when another one would be due at last. */
#define OPEN_LAST_NS BACK_OFF_LAST_NS

/* A connection that has lasted so long was not lost at the first thing that was asked. */
#define LASTED_NS (NS_PER_S / 2)

/* Our callers report errors; libvirt would print them to stderr as well. */
static void print_nothing(void *data, virErrorPtr error)
{
}

/* So long a goodbye takes where nobody hangs: 2 ms. Where one does, what hears is told of it a few seconds later. */
#define GOODBYE_NS   NS_PER_S
#define HEARS_FOR_MS 7000
#define HEAR_STEP_MS 100

/*
 * To close connections is an exchange of messages, which hangs where the daemon does. What hears comes last, and may not wait
 * for an answer either (libvirt_news.h): of a daemon that hangs it knows by its own keepalive, which asks every 5 s.
 */
static void say_goodbye(virConnectPtr asked, struct libvirt_lines *lines, struct libvirt_news *news,
                        bool lost)
{
	const struct timespec step = {0, HEAR_STEP_MS * (long)NS_PER_MS};
	uint64_t begun_ns = clock_mono_ns();
	int ms;

	virConnectClose(asked);
	libvirt_lines_close(lines);
	lost |= clock_mono_ns() - begun_ns > GOODBYE_NS;
	for (ms = 0; lost && !libvirt_news_lost(news) && ms < HEARS_FOR_MS; ms += HEAR_STEP_MS)
		nanosleep(&step, NULL);
	libvirt_news_end(news);
}

/* ---- an attempt to connect ---- */

/* Of the connection that is asked, and of another one that is heard (libvirt_news.h). It comes to both or none. */
struct attempt {
	struct call call;
	struct libvirt_line line, heard;
	struct libvirt_news *news;
	struct error error;
};

static void attempt_free(struct call *call)
{
	struct attempt *a = (struct attempt *)call;

	if (a->news)
		say_goodbye(a->line.connection, &(struct libvirt_lines){0}, a->news, false);
	free(a);
}

static struct libvirt_news *hear(struct attempt *a)
{
	struct libvirt_news *news;

	/* Of a driver in this process there may be no second one with the same guests. */
	if (!a->line.kept_alive && !virConnectRef(a->line.connection))
		a->heard.connection = a->line.connection;
	if (libvirt_line_open(&a->heard, &a->error) < 0)
		return NULL;
	news = libvirt_news_hear(take(a->heard.connection));
	if (!news)
		fail(&a->error, ENOMEM, "%s: no memory for a connection", a->line.uri);
	return news;
}

static void attempt_run(struct call *call)
{
	struct attempt *a = (struct attempt *)call;

	if (libvirt_line_open(&a->line, &a->error) < 0)
		return;
	a->news = hear(a);
	if (!a->news)
		libvirt_line_close(&a->line);
}

static void address(const struct libvirt_link *link, struct libvirt_line *line)
{
	snprintf(line->uri, sizeof(line->uri), "%s", link->uri);
	line->read_only = link->read_only;
}

static int begin(struct libvirt_link *link, struct error *e)
{
	struct attempt *a = call_new(sizeof(*a), attempt_run, attempt_free);
	int r;

	if (!a)
		return fail(e, ENOMEM, "%s: no memory for a connection", link->uri);
	address(link, &a->line);
	address(link, &a->heard);
	r = call_start(&a->call, CALLS_MOST, e);
	if (r < 0)
		return r;
	link->attempt = a;
	link->begun_ns = clock_mono_ns();
	return 0;
}

static bool is_done(struct attempt *a, uint64_t deadline_ns)
{
	return !calls_wait((struct call *[]){&a->call}, 1, deadline_ns);
}

/* Until the attempt is done, or it is end_ns, or the program shall end. */
static int await(struct libvirt_link *link, uint64_t end_ns, struct error *e)
{
	uint64_t step_ns;

	do {
		step_ns = clock_mono_ns() + OPEN_STEP_NS;
		step_ns = step_ns < end_ns ? step_ns : end_ns;
		if (is_done(link->attempt, step_ns))
			return 0;
		if (stop_is_pending())
			return fail(e, EINTR, "%s: no answer until it was stopped", link->uri);
	} while (step_ns < end_ns);
	return fail(e, ETIMEDOUT, "%s: no answer in %.0f s", link->uri,
	            (double)(clock_mono_ns() - link->begun_ns) / 1e9);
}

/* What an attempt that is done came to. */
static int use(struct libvirt_link *link, struct error *e)
{
	struct attempt *a = take(link->attempt);
	int r = a->news ? 0 : fail(e, a->error.code, "%s", a->error.text);

	if (!r) {
		link->lines.shared = a->line.kept_alive ? NULL : a->line.connection;
		link->connection = take(a->line.connection);
		link->news = take(a->news);
		link->lost = false;
	}
	call_let_go(&a->call);
	return r;
}

/* Its thread ends what it comes to. */
static void give_up(struct libvirt_link *link)
{
	if (link->attempt)
		call_let_go(&take(link->attempt)->call);
}

/* Begins an attempt, and waits so long for it; one that is under way is only looked at. One that is late goes on. */
static int connect_with_deadline(struct libvirt_link *link, unsigned seconds, struct error *e)
{
	uint64_t end_ns = clock_mono_ns();
	int r = 0;

	if (!link->attempt) {
		r = begin(link, e);
		end_ns += seconds * NS_PER_S;
	}
	if (!r)
		r = await(link, end_ns, e);
	return r < 0 ? r : use(link, e);
}

/* ---- what there was of a connection ---- */

/* In the background, with a place of its own beside the calls that hang with the daemon. */
struct goodbye {
	struct call call;
	bool lost, said;
	virConnectPtr connection;
	struct libvirt_lines lines;
	struct libvirt_news *news;
};
#define GOODBYES 1

static void goodbye_run(struct call *call)
{
	struct goodbye *g = (struct goodbye *)call;

	say_goodbye(g->connection, &g->lines, g->news, g->lost);
	g->said = true;
}

static bool may_hang(const struct goodbye *g)
{
	size_t i;

	for (i = 0; i < g->lines.nr_idle; i++)
		if (virConnectIsAlive(g->lines.idle[i]) != 0)
			return true;
	return virConnectIsAlive(g->connection) != 0 || !libvirt_news_lost(g->news);
}

/* Without a thread for it nothing is said to who may be alive: all is left open. */
static void goodbye_free(struct call *call)
{
	struct goodbye *g = (struct goodbye *)call;

	if (!g->said && !may_hang(g))
		goodbye_run(call);
	free(call);
}

/* Waits so long for the goodbye, and leaves it behind then. Of a driver in this process it is said at once. */
static void drop(struct libvirt_link *link, uint64_t wait_ns)
{
	struct goodbye *g;

	if (!link->connection)
		return;
	if (link->lines.shared) {
		say_goodbye(link->connection, &link->lines, link->news, false);
	} else if ((g = call_new(sizeof(*g), goodbye_run, goodbye_free))) {
		g->lost = !libvirt_link_is_up(link);
		g->connection = link->connection;
		g->lines = link->lines;
		g->news = link->news;
		if (!call_start(&g->call, CALLS_MOST + GOODBYES, NULL)) {
			calls_wait((struct call *[]){&g->call}, 1, clock_mono_ns() + wait_ns);
			call_let_go(&g->call);
		}
	}
	link->connection = NULL;
	link->lines = (struct libvirt_lines){0};
	link->news = NULL;
}

/* ---- the link ---- */

int libvirt_link_open(struct libvirt_link *link, const char *uri, bool read_only, struct error *e)
{
	int r;

	virSetErrorFunc(NULL, print_nothing);
	libvirt_xml_quiet();
	r = virInitialize() < 0 ? fail(e, EIO, "libvirt does not start") : libvirt_events_start(e);
	if (r < 0)
		return r;
	*link = (struct libvirt_link){.read_only = read_only, .seed = (unsigned)getpid()};
	if (strlen(uri) >= sizeof(link->uri))
		return fail(e, EINVAL, "connection: a URI of more than %zu characters",
		            sizeof(link->uri) - 1);
	strcpy(link->uri, uri);
	return connect_with_deadline(link, OPEN_DEADLINE_S, e);
}

void libvirt_link_close(struct libvirt_link *link)
{
	if (link->attempt && is_done(link->attempt, 0))
		use(link, NULL);
	give_up(link);
	drop(link, CLOSE_DEADLINE_NS);
}

bool libvirt_link_is_up(const struct libvirt_link *link)
{
	return link->connection && !link->lost && virConnectIsAlive(link->connection) != 0 &&
	       !libvirt_news_lost(link->news);
}

static void back_off(struct libvirt_link *link, uint64_t now_ns)
{
	uint64_t pause;

	link->back_off_ns = link->back_off_ns ? 2 * link->back_off_ns : BACK_OFF_FIRST_NS;
	if (link->back_off_ns > BACK_OFF_LAST_NS)
		link->back_off_ns = BACK_OFF_LAST_NS;
	pause = link->back_off_ns -
	        link->back_off_ns / 4 * (uint64_t)(rand_r(&link->seed) % 1000) / 1000;
	link->retry_ns = now_ns + pause;
}

void libvirt_link_hurry(struct libvirt_link *link)
{
	if (link->attempt && !(is_done(link->attempt, 0) && link->attempt->news))
		give_up(link);
	link->back_off_ns = link->retry_ns = 0;
}

int libvirt_link_ensure(struct libvirt_link *link, bool *fresh, struct error *e)
{
	uint64_t now = clock_mono_ns();
	int r;

	*fresh = false;
	if (link->connection && !link->lost) {
		if (now >= link->lasted_ns)
			link->back_off_ns = link->retry_ns = 0;
		return 0;
	}
	drop(link, 0);
	if (link->attempt && now - link->begun_ns >= OPEN_LAST_NS && !is_done(link->attempt, 0))
		give_up(link);
	if (!link->attempt && now < link->retry_ns)
		return fail(e, ENOTCONN, "%s", link->why.text);
	r = connect_with_deadline(link, OPEN_AGAIN_S, &link->why);
	if (link->attempt)
		return fail(e, ENOTCONN, "%s", link->why.text);
	/* Also when it opens: a daemon may answer, and be lost again at the first thing it is asked. */
	back_off(link, clock_mono_ns());
	link->lasted_ns = clock_mono_ns() + LASTED_NS;
	if (r < 0)
		return fail(e, ENOTCONN, "%s", link->why.text);
	fail(&link->why, ENOTCONN, "%s: the connection was lost again", link->uri);
	*fresh = true;
	return 0;
}

void libvirt_link_line(struct libvirt_link *link, struct libvirt_line *line)
{
	address(link, line);
	libvirt_line_take(&link->lines, line);
}

int libvirt_link_fail(struct libvirt_link *link, struct error *e, const char *what)
{
	struct error own;
	int r = libvirt_fail(&own, what);

	if (r == -ENOTCONN)
		link->lost = true;
	if (e)
		*e = own;
	return r;
}
