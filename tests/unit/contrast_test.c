/* contrast_test - what is concluded of runs whose numbers are given, and what the words of a command line name */
#include "tests/unit/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/contrast.h"
#include "analyze/setup.h"

#define RUNS_MAX 6

/* One metric of some runs, the others not known; values of A and of B end with END. */
#define END -1e99

struct given {
	const char *metric;
	double a[RUNS_MAX + 1], b[RUNS_MAX + 1];
	double variance, effective; /* of each mean */
	bool bound;
};

static size_t fill(struct contrast_group *g, const struct given *x, const double *values)
{
	size_t m, at = (size_t)(metric_find(x->metric) - metrics);

	g->runs = calloc(RUNS_MAX, sizeof(*g->runs));
	for (g->nr = 0; values[g->nr] != END; g->nr++) {
		struct measured *to = &g->runs[g->nr];

		to->metrics = calloc(nr_metrics, sizeof(*to->metrics));
		for (m = 0; m < nr_metrics; m++)
			to->metrics[m].mean.mean = NAN;
		to->metrics[at].mean = (struct mean_of){values[g->nr], x->variance, x->effective};
		to->metrics[at].bound = x->bound;
		to->run.interval_ns = 1000000000;
	}
	return g->nr;
}

static void make(struct contrast *c, const struct given *x)
{
	*c = (struct contrast){0};
	assert_true(fill(&c->group[0], x, x->a) > 0);
	assert_true(fill(&c->group[1], x, x->b) > 0);
	assert_int_equal(contrast_rows(c), 0);
}

static void conclusions_are_what_the_runs_allow(void **unused)
{
	static const struct {
		const char *name;
		struct given given;
		enum conclusion conclusion;
		size_t fewest_more;
	} table[] = {
	        {"five apart",
	         {"cpu.pin_changes", {4, 5, 4, 5, 4, END}, {8, 9, 8, 9, 8, END}},
	         CONCLUDE_HIGHER,
	         0},
	        {"five apart, the other way",
	         {"cpu.pin_changes", {8, 9, 8, 9, 8, END}, {4, 5, 4, 5, 4, END}},
	         CONCLUDE_LOWER,
	         0},
	        {"five that overlap",
	         {"cpu.pin_changes", {4, 5, 4, 9, 8, END}, {8, 4, 8, 9, 5, END}},
	         CONCLUDE_NONE,
	         0},
	        {"all the same",
	         {"cpu.pin_changes", {4, 4, 4, 4, END}, {4, 4, 4, 4, END}},
	         CONCLUDE_NONE,
	         0},
	        {"three apart",
	         {"cpu.pin_changes", {4, 4, 4, END}, {8, 8, 8, END}},
	         CONCLUDE_FEW_RUNS,
	         1},
	        {"one against four",
	         {"cpu.pin_changes", {4, END}, {8, 8, 8, 9, END}},
	         CONCLUDE_FEW_RUNS,
	         2},
	        {"one each, one number a run",
	         {"cpu.pin_changes", {4, END}, {8, END}},
	         CONCLUDE_FEW_RUNS,
	         3},
	        {"one each, apart",
	         {"cpu.sd_pp", {2, END}, {5, END}, 0.01, 40},
	         CONCLUDE_HIGHER,
	         0},
	        {"one each, together",
	         {"cpu.sd_pp", {2, END}, {3, END}, 0.5, 40},
	         CONCLUDE_NONE,
	         0},
	        {"one each, nine effective",
	         {"cpu.sd_pp", {2, END}, {5, END}, 0.01, 9},
	         CONCLUDE_FEW_SAMPLES,
	         0},
	        {"one each, less than a step of CPU time",
	         {"cpu.sd_pp", {2, END}, {2.9, END}, 0.001, 40},
	         CONCLUDE_FINE,
	         0},
	        {"one each, no steps",
	         {"self.collect_ms", {2, END}, {2.9, END}, 0.001, 40},
	         CONCLUDE_HIGHER,
	         0},
	        {"five, less than is printed",
	         {"cpu.jain",
	          {0.9990, 0.9991, 0.9990, 0.9991, END},
	          {0.9993, 0.9994, 0.9993, 0.9994, END}},
	         CONCLUDE_FINE,
	         0},
	        {"bounds",
	         {"cpu.regret", {1, 1, 1, 1, END}, {2, 2, 2, 2, END}, .bound = true},
	         CONCLUDE_BOUNDS,
	         0},
	        {"words", {"cpu.class", {1, 1, 1, 1, END}, {2, 2, 2, 2, END}}, CONCLUDE_WORDS, 0},
	        {"never against soon",
	         {"cpu.settle_s", {2, 3, 2, 3, END}, {INFINITY, INFINITY, INFINITY, INFINITY, END}},
	         CONCLUDE_HIGHER,
	         0},
	        {"never in one of each",
	         {"cpu.settle_s", {2, 3, 2, INFINITY, END}, {3, INFINITY, 2, 2, END}},
	         CONCLUDE_NONE,
	         0},
	        {"not known in one run",
	         {"cpu.settle_s", {2, 3, 2, NAN, END}, {9, 8, 9, 8, END}},
	         CONCLUDE_FEW_RUNS,
	         1},
	};
	struct contrast c;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		make(&c, &table[i].given);
		assert_int_equal(c.nr_rows, 1);
		if (c.rows[0].conclusion != table[i].conclusion)
			fail_msg("%s: expected conclusion %d, seen %d (p %g)", table[i].name,
			         table[i].conclusion, c.rows[0].conclusion, c.rows[0].p);
		if (c.rows[0].fewest_more != table[i].fewest_more)
			fail_msg("%s: expected %zu more, seen %zu", table[i].name,
			         table[i].fewest_more, c.rows[0].fewest_more);
		contrast_done(&c);
	}
}

static void a_metric_that_one_side_does_not_know_has_no_row(void **unused)
{
	const struct given one = {"cpu.sd_pp", {2, END}, {NAN, END}, 0.01, 40};
	struct contrast c;

	make(&c, &one);
	assert_int_equal(c.nr_rows, 0);
	assert_int_equal(c.nr_tested, 0);
	contrast_done(&c);
}

/* By hand: the means differ by 4, and no two runs of a group by more than 1. */
static void a_row_has_the_means_and_the_interval(void **unused)
{
	const struct given x = {"cpu.pin_changes", {4, 5, 4, 5, 4, END}, {8, 9, 8, 9, 8, END}};
	struct contrast c;

	make(&c, &x);
	assert_true(fabs(c.rows[0].a - 4.4) < 1e-12 && fabs(c.rows[0].b - 8.4) < 1e-12);
	assert_true(fabs(c.rows[0].by - 4) < 1e-12);
	assert_true(c.rows[0].low > 3 - 1e-9 && c.rows[0].low < 4);
	assert_true(c.rows[0].high > 4 && c.rows[0].high < 5 + 1e-9);
	assert_true(fabs(c.rows[0].p - 2 / 252.0) < 1e-12);
	assert_int_equal(c.arrangements, 252);
	contrast_done(&c);
}

static void observations_of_one_moment_count_once(void **unused)
{
	struct observations o = {0};
	struct mean_of m;
	size_t i;

	/* two guests a tick, the one of weight 1 at 2, the one of weight 3 at 6, and every tenth not known */
	for (i = 0; i < 100; i++) {
		struct observation x = {(double)i, 1, i % 10 ? 2 : (double)NAN, 0};
		struct observation y = {(double)i, 3, i % 2 ? 5 : 7, 1};

		assert_int_equal(observations_add(&o, x), 0);
		assert_int_equal(observations_add(&o, y), 0);
	}
	assert_int_equal(measured_mean(&o, &m), 0);
	assert_true(fabs(m.mean - (90 * 1 * 2 + 100 * 3 * 6) / 390.0) < 1e-12);
	assert_true(m.effective > 90 && m.effective <= 100);
	observations_done(&o);
	assert_int_equal(measured_mean(&o, &m), 0);
	assert_true(isnan(m.mean));
}

static void set_up(struct contrast *c, size_t at, const char *arguments, const char *settings)
{
	struct trace_run_row *run = &c->group[at].runs[0].run;

	snprintf(run->program, sizeof(run->program), "vmb-cpu");
	snprintf(run->arguments, sizeof(run->arguments), "%s", arguments);
	snprintf(run->settings, sizeof(run->settings), "%s", settings);
}

static void only_what_differs_in_the_setup_is_told(void **unused)
{
	const struct given x = {"cpu.sd_pp", {2, END}, {3, END}, 0.5, 40};
	struct setup_row *rows;
	struct contrast c;
	size_t nr;

	make(&c, &x);
	set_up(&c, 0, "vmb-cpu 1 -c 'sim:a b?seed=1' --trace 'a 1.db' --dwell 3",
	       "balance=5 dwell=3");
	set_up(&c, 1, "./vmb-cpu 1 --connect=qemu:///system --trace=b.db --dwell 3",
	       "balance=5 dwell=3");
	assert_int_equal(setup_differences(&c, &rows, &nr), 0);
	assert_int_equal(nr, 0);
	free(rows);
	set_up(&c, 1, "vmb-cpu 1 --dwell 9", "balance=5 dwell=9 cpus=0-1");
	assert_int_equal(setup_differences(&c, &rows, &nr), 0);
	assert_int_equal(nr, 3);
	assert_string_equal(rows[0].name, "arguments");
	assert_string_equal(rows[0].text[0], "1 --dwell 3");
	assert_string_equal(rows[1].name, "settings: dwell");
	assert_string_equal(rows[1].text[1], "9");
	assert_string_equal(rows[2].name, "settings: cpus");
	assert_string_equal(rows[2].text[0], "-");
	free(rows);
	set_up(&c, 0, "vmb-mem", "pool=5%20GiB only=a%25b");
	set_up(&c, 1, "vmb-mem", "pool=6%20GiB only=a%25b");
	assert_int_equal(setup_differences(&c, &rows, &nr), 0);
	assert_int_equal(nr, 1);
	assert_string_equal(rows[0].text[0], "5 GiB");
	assert_string_equal(rows[0].text[1], "6 GiB");
	free(rows);
	contrast_done(&c);
}

static void touch(const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fclose(f);
}

static void words_name_files_runs_and_patterns(void **unused)
{
	static const char *const files[] = {"b.db", "a.db", "odd[1].db", "with#2"};
	static const struct {
		const char *word, *paths;
		unsigned run;
	} table[] = {
	        {"a.db", "a.db", 0},           {"a.db#3", "a.db", 3},
	        {"[ab].db", "a.db b.db", 0},   {"?.db#2", "a.db b.db", 2},
	        {"odd[1].db", "odd[1].db", 0}, {"with#2", "with#2", 0},
	        {"a.db#0", "a.db#0", 0},       {"nowhere*.db", "nowhere*.db", 0},
	};
	char folder[] = "/tmp/vmb-operands-XXXXXX", seen[256], home[4096];
	struct operands o;
	struct error e;
	size_t i, n;

	assert_non_null(getcwd(home, sizeof(home)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		touch(files[i]);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		o = (struct operands){0};
		assert_int_equal(operands_add(&o, table[i].word, &e), 0);
		for (n = 0, seen[0] = '\0'; n < o.nr; n++) {
			strcat(strcat(seen, n ? " " : ""), o.at[n].path);
			assert_int_equal(o.at[n].run, table[i].run);
		}
		assert_string_equal(seen, table[i].paths);
		operands_done(&o);
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	assert_int_equal(chdir(home), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void words_fall_into_two_groups(void **unused)
{
	static const struct {
		size_t nr, behind;
		bool compare;
		int result;
		size_t a, b;
	} table[] = {
	        {1, 0, false, 0, 1, 0},       {2, 0, false, 0, 1, 1},
	        {2, 0, true, 0, 1, 1},        {5, 2, true, 0, 3, 2},
	        {2, 1, true, 0, 1, 1},        {1, 1, false, 0, 1, 0},
	        {0, 0, false, -EINVAL, 0, 0}, {3, 0, false, -EINVAL, 0, 0},
	        {3, 1, false, -EINVAL, 0, 0}, {3, 0, true, -EINVAL, 0, 0},
	        {2, 2, true, -EINVAL, 0, 0},  {1, 0, true, -EINVAL, 0, 0},
	};
	char *words[] = {"v", "w", "x", "y", "z"};
	struct operands group[2];
	struct error e;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(operands_split(group, words, table[i].nr, table[i].compare,
		                                table[i].behind, &e),
		                 table[i].result);
		assert_int_equal(group[0].nr, table[i].a);
		assert_int_equal(group[1].nr, table[i].b);
		operands_done(&group[0]);
		operands_done(&group[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(conclusions_are_what_the_runs_allow),
	        cmocka_unit_test(a_metric_that_one_side_does_not_know_has_no_row),
	        cmocka_unit_test(a_row_has_the_means_and_the_interval),
	        cmocka_unit_test(observations_of_one_moment_count_once),
	        cmocka_unit_test(only_what_differs_in_the_setup_is_told),
	        cmocka_unit_test(words_name_files_runs_and_patterns),
	        cmocka_unit_test(words_fall_into_two_groups),
	};

	return check_all(tests);
}
