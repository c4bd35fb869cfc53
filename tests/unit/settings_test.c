/* settings_test - a run's settings text is read as vmb-cpu writes it, and nonsense in it is passed over */
#include "analyze/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void the_limit_of_a_run_is_its_own(void **state)
{
	static const struct {
		const char *settings;
		double balance_pp;
	} table[] = {
	        {"balance=5 dwell=3 idle=4 cpus=all", 5},
	        {"balance=2.5 dwell=3 idle=4 cpus=0-3", 2.5},
	        {"dwell=3 balance=12", 12},
	        {"  balance=0.5", 0.5},
	        {"", 5},
	        {"dwell=3", 5},
	        {"balance=", 5},
	        {"balance", 5},
	        {"rebalance=9", 5},
	        {"balance=9x", 5},
	        {"balance=0.4", 5},
	        {"balance=51", 5},
	        {"balance=nan", 5},
	        {"balances=9", 5},
	};
	static struct trace_run_row run;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(run.settings, sizeof(run.settings), "%s", table[i].settings);
		if (settings_balance_pp(&run) != table[i].balance_pp)
			fail_msg("'%s': %g instead of %g", table[i].settings,
			         settings_balance_pp(&run), table[i].balance_pp);
	}
}

static void a_value_without_end_is_passed_over(void **state)
{
	static struct trace_run_row run;

	memset(run.settings, '9', sizeof(run.settings) - 1);
	memcpy(run.settings, "balance=", 8);
	assert_true(settings_balance_pp(&run) == 5);
}

static void the_pcpus_to_use_are_a_list(void **state)
{
	static const struct {
		const char *settings, *cpus; /* NULL: none were named */
	} table[] = {
	        {"balance=5 cpus=0-3,8", "0-3,8"},
	        {"cpus=2", "2"},
	        {"balance=5 cpus=all", NULL},
	        {"cpus=-", NULL},
	        {"", NULL},
	        {"cpus=9999999", NULL},
	};
	static struct trace_run_row run;
	struct cpuset set;
	char text[CPUSET_TEXT];
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(run.settings, sizeof(run.settings), "%s", table[i].settings);
		assert_int_equal(settings_cpus(&run, &set), table[i].cpus != NULL);
		if (table[i].cpus)
			assert_string_equal(cpuset_text(&set, text, sizeof(text)), table[i].cpus);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_limit_of_a_run_is_its_own),
	        cmocka_unit_test(a_value_without_end_is_passed_over),
	        cmocka_unit_test(the_pcpus_to_use_are_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
