/* spool_test - what was added is what is there, in memory and in the file, and a file that fails is told */
#include "analyze/spool.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyze/column.h"
#include "analyze/steps.h"
#include "tests/unit/check.h"

struct element {
	uint64_t value;
	char more[56];
};

/* So that a third of it is in memory. */
#define MANY (3 * SPOOL_MEMORY / sizeof(struct element))

static uint64_t number(size_t i)
{
	return i * 0x9e3779b97f4a7c15u;
}

static uint64_t at(struct spool *s, size_t i)
{
	return ((const struct element *)spool_at(s, i))->value;
}

static int add(struct spool **s, size_t i)
{
	struct element x = {.value = number(i)};

	return spool_add(s, sizeof(x), &x);
}

static int fill(struct spool **s, size_t nr)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < nr; i++)
		r = add(s, i);
	return r;
}

static void all_is_there_in_any_order(void **unused)
{
	struct spool *s = NULL;
	unsigned seed = 1;
	struct error e;
	size_t i;

	assert_int_equal(fill(&s, MANY), 0);
	assert_int_equal(s->nr, MANY);
	for (i = 0; i < MANY; i++)
		assert_true(at(s, i) == number(i));
	for (i = MANY; i--;)
		assert_true(at(s, i) == number(i));
	for (i = 0; i < 20000; i++) {
		size_t any = (size_t)rand_r(&seed) % MANY;

		assert_true(at(s, any) == number(any));
	}
	assert_int_equal(spool_check(&e), 0);
	spool_free(s);
}

/* Reading in between must not lose what was added last, at whatever place of a block that is. */
static void it_may_be_read_while_it_grows(void **unused)
{
	struct spool *large = NULL, *s = NULL;
	size_t i;

	assert_int_equal(fill(&large, MANY), 0); /* takes the memory */
	for (i = 0; i < 5 * SPOOL_BLOCK; i++) {
		assert_int_equal(add(&s, i), 0);
		assert_true(at(s, i) == number(i));
		assert_true(at(s, i / 2) == number(i / 2));
	}
	assert_non_null(s->block); /* control: it is in the file */
	spool_free(s);
	spool_free(large);
}

static void columns_and_steps_are_the_same_in_a_file(void **unused)
{
	struct spool *large = NULL;
	struct column c = {0};
	struct steps s = {0};
	size_t i, n = 10 * SPOOL_BLOCK;
	unsigned seed = 1;

	assert_int_equal(fill(&large, MANY), 0);
	for (i = 5; i < n; i++) {
		if (i % 7)
			assert_int_equal(column_set(&c, i, (double)i), 0);
		assert_int_equal(steps_set(&s, i, i % 9 ? (double)(i / 3) : (double)NAN), 0);
	}
	assert_true(isnan(column_at(&c, 4)) && isnan(steps_at(&s, 4)));
	for (i = 0; i < 30000; i++) {
		/* on, back by one, and anywhere */
		size_t tick = 5 + (i % 3 ? i - i % 3 / 2 : (size_t)rand_r(&seed)) % (n - 5);

		assert_true(tick % 7 ? column_at(&c, tick) == (double)tick
		                     : isnan(column_at(&c, tick)));
		assert_true(tick % 9 ? steps_at(&s, tick) == (double)(tick / 3)
		                     : isnan(steps_at(&s, tick)));
	}
	column_done(&c);
	steps_done(&s);
	spool_free(large);
}

static void no_file_for_what_fits(void **unused)
{
	struct spool *s = NULL;
	struct error e;

	setenv("TMPDIR", "/nowhere", 1);
	assert_int_equal(fill(&s, SPOOL_MEMORY / sizeof(struct element) / 4), 0);
	assert_int_equal(spool_check(&e), 0);
	spool_free(s);
	unsetenv("TMPDIR");
}

/* In a process of its own, as the first failure stays. Returns what it said. */
static const char *failing(void (*spoil)(void))
{
	static char said[256];
	struct spool *s = NULL;
	struct error e = {0};
	int pipe_fd[2];
	ssize_t n;

	assert_int_equal(pipe(pipe_fd), 0);
	if (fork() == 0) {
		spoil();
		if (fill(&s, MANY) == -ENOMEM && spool_check(&e) < 0 && spool_fail(&e) < 0)
			n = write(pipe_fd[1], e.text, strlen(e.text));
		_exit(0);
	}
	close(pipe_fd[1]);
	n = read(pipe_fd[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipe_fd[0]);
	wait(NULL);
	return said;
}

static void nowhere(void)
{
	setenv("TMPDIR", "/nowhere", 1);
}

/* As a disk that fills up. */
static void small_file(void)
{
	struct rlimit limit = {1 << 20, 1 << 20};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_file_that_fails_is_told(void **unused)
{
	assert_string_equal(failing(nowhere),
	                    "temporary file in /nowhere (TMPDIR): No such file or directory");
	assert_non_null(strstr(failing(small_file), "(TMPDIR): File too large"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_file_for_what_fits), /* before there is a file */
	        cmocka_unit_test(a_file_that_fails_is_told),
	        cmocka_unit_test(all_is_there_in_any_order),
	        cmocka_unit_test(it_may_be_read_while_it_grows),
	        cmocka_unit_test(columns_and_steps_are_the_same_in_a_file),
	};

	return check_all(tests);
}
