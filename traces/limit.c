/* limit - stop SQLite when it uses more CPU time than an honest file can need */
#include "traces/limit.h"

#include <time.h>

#include "common/clock.h"

/* SQLite's steps between two looks at the clock: one may parse a statement of 4 KiB, 0.1 ms. */
enum {
	STEPS = 1000
};

static uint64_t used_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static int is_over(void *limit)
{
	return used_ns() > ((const struct limit *)limit)->until_ns;
}

void limit_begin(struct limit *l, sqlite3 *db, uint64_t cpu_ns)
{
	l->until_ns = used_ns() + cpu_ns;
	sqlite3_progress_handler(db, STEPS, is_over, l);
}

void limit_end(sqlite3 *db)
{
	sqlite3_progress_handler(db, 0, NULL, NULL);
}
