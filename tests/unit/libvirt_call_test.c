/* libvirt_call_test - calls that hang: who waits for them goes on, and they clean up after themselves */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "collector/libvirt_call.h"
#include "common/clock.h"
#include "tests/unit/check.h"

/* Hangs until `go` is posted; says in `freed` that nobody can touch it any more. */
struct hanging {
	struct call call;
	sem_t *go, *freed;
};

static void hanging_run(struct call *c)
{
	while (sem_wait(((struct hanging *)c)->go) < 0)
		;
}

static void hanging_free(struct call *c)
{
	sem_post(((struct hanging *)c)->freed);
	free(c);
}

static sem_t go, freed;

static int reset(void **state)
{
	return sem_init(&go, 0, 0) | sem_init(&freed, 0, 0);
}

static struct call *hanging_new(void)
{
	struct hanging *h = call_new(sizeof(*h), hanging_run, hanging_free);

	assert_non_null(h);
	h->go = &go;
	h->freed = &freed;
	return &h->call;
}

static uint64_t in_ms(uint64_t ms)
{
	return clock_mono_ns() + ms * NS_PER_MS;
}

static int nr_freed(void)
{
	int n = 0;

	sem_getvalue(&freed, &n);
	return n;
}

static void a_call_that_is_done_is_its_callers_to_end(void **state)
{
	struct call *c = hanging_new();

	sem_post(&go);
	assert_int_equal(call_start(c, 1, NULL), 0);
	assert_int_equal(calls_wait(&c, 1, in_ms(60000)), 0);
	assert_int_equal(nr_freed(), 0);
	call_let_go(c);
	sem_wait(&freed);
}

static void a_call_that_hangs_is_left_behind_and_ends_itself(void **state)
{
	struct call *c = hanging_new();

	assert_int_equal(call_start(c, 1, NULL), 0);
	assert_int_equal(calls_wait(&c, 1, in_ms(5)), -1);
	call_let_go(c);
	assert_int_equal(nr_freed(), 0);
	sem_post(&go);
	sem_wait(&freed); /* and it is done with what it used */
}

static void the_first_that_is_done_ends_the_waiting(void **state)
{
	sem_t other;
	struct call *c[2] = {hanging_new(), hanging_new()};

	sem_init(&other, 0, 1);
	((struct hanging *)c[1])->go = &other;
	assert_int_equal(call_start(c[0], 2, NULL), 0);
	assert_int_equal(call_start(c[1], 2, NULL), 0);
	assert_int_equal(calls_wait(c, 2, in_ms(60000)), 1);
	sem_post(&go);
	assert_int_equal(calls_wait(c, 1, in_ms(60000)), 0);
	assert_int_equal(calls_wait(c, 2, 0), 0); /* also when the deadline is over */
	call_let_go(c[0]);
	call_let_go(c[1]);
	sem_wait(&freed);
	sem_wait(&freed);
}

static void no_more_than_so_many_hang_at_a_time(void **state)
{
	struct call *c[CALLS_MOST], *more;
	struct error e;
	size_t i;

	for (i = 0; i < CALLS_MOST; i++) {
		c[i] = hanging_new();
		assert_int_equal(call_start(c[i], CALLS_MOST, &e), 0);
		call_let_go(i % 2 ? c[i] : NULL); /* left behind or not, they count */
	}
	assert_int_equal(call_start(hanging_new(), CALLS_MOST, &e), -EBUSY);
	assert_int_equal(nr_freed(), 1);
	sem_wait(&freed);
	sem_post(&go);
	while (calls_wait((struct call *[]){c[0], c[2]}, 2, in_ms(10)) < 0 && !nr_freed())
		;
	more = hanging_new();
	assert_int_equal(call_start(more, CALLS_MOST, &e), 0);
	for (i = 0; i < CALLS_MOST; i++)
		sem_post(&go);
	call_let_go(c[0]);
	call_let_go(c[2]);
	call_let_go(more);
	for (i = 0; i < CALLS_MOST + 1; i++)
		sem_wait(&freed);
}

/* The stack of each thread shall be larger than the address space. */
static void without_a_thread_a_call_is_refused_and_freed(void **state)
{
	pthread_attr_t usual, impossible;
	struct call *c;
	struct error e;
	int r;

	assert_int_equal(pthread_getattr_default_np(&usual), 0);
	pthread_attr_init(&impossible);
	assert_int_equal(pthread_attr_setstacksize(&impossible, (size_t)1 << 60), 0);
	assert_int_equal(pthread_setattr_default_np(&impossible), 0);
	r = call_start(hanging_new(), 1, &e);
	assert_int_equal(pthread_setattr_default_np(&usual), 0);
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(nr_freed(), 1);
	sem_wait(&freed);
	/* and it does not count as one that hangs */
	c = hanging_new();
	sem_post(&go);
	assert_int_equal(call_start(c, 1, &e), 0);
	call_let_go(c);
	sem_wait(&freed);
	pthread_attr_destroy(&usual);
	pthread_attr_destroy(&impossible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(a_call_that_is_done_is_its_callers_to_end, reset),
	        cmocka_unit_test_setup(a_call_that_hangs_is_left_behind_and_ends_itself, reset),
	        cmocka_unit_test_setup(the_first_that_is_done_ends_the_waiting, reset),
	        cmocka_unit_test_setup(no_more_than_so_many_hang_at_a_time, reset),
	        cmocka_unit_test_setup(without_a_thread_a_call_is_refused_and_freed, reset),
	};

	return check_all(tests);
}
