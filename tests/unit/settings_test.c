/* settings_test - a run's settings text is read as vmb-cpu writes it, and nonsense in it is passed over */
#include "analyze/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/word.h"

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

static void guests_are_chosen_by_name(void **state)
{
	static const struct {
		const char *settings, *guest;
		bool chosen;
	} table[] = {
	        {"balance=5", "web1", true},
	        {"only=web*", "web1", true},
	        {"only=web*", "db", false},
	        {"only=web*", "a web", false},
	        {"only=db balance=5 only=web?", "web1", true},
	        {"only=db only=web?", "web12", false},
	        {"exclude=db", "web1", true},
	        {"exclude=db exclude=w*", "web1", false},
	        {"only=web* exclude=web[12]", "web2", false},
	        {"only=web* exclude=web[12]", "web3", true},
	        {"only=my%20guest", "my guest", true},
	        {"only=my%20guest", "my", false},
	        {"only=100%25", "100%", true},
	        {"only=100%", "100%", true},
	        {"only=a%0gb", "a%0gb", true},
	        {"only=", "web1", false},
	        {"lonely=db", "web1", true},
	        {"only", "web1", true},
	};
	static struct trace_run_row run;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(run.settings, sizeof(run.settings), "%s", table[i].settings);
		if (settings_choose(&run, table[i].guest) != table[i].chosen)
			fail_msg("'%s': %s", table[i].settings, table[i].guest);
	}
}

static void a_share_is_that_of_the_last_pattern_that_fits(void **state)
{
	static const struct {
		const char *settings;
		unsigned share;
	} table[] = {
	        {"", 1000},
	        {"share=db=2000", 2000},
	        {"share=d*=2000 share=db=30", 30},
	        {"share=db=30 share=d*=2000", 2000},
	        {"share=web*=2000", 1000},
	        {"share=db=1000000", 1000000},
	        {"share=db=1000001", 1000},
	        {"share=db=0", 1000},
	        {"share=db=x share=db=7", 7},
	        {"share=db", 1000},
	        {"share=db=", 1000},
	        {"share=a=b=5 share==5", 1000},
	        {"reshare=db=5", 1000},
	};
	static struct trace_run_row run;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(run.settings, sizeof(run.settings), "%s", table[i].settings);
		if (settings_share(&run, NULL, 0, "db") != table[i].share)
			fail_msg("'%s': %u instead of %u", table[i].settings,
			         settings_share(&run, NULL, 0, "db"), table[i].share);
	}
	snprintf(run.settings, sizeof(run.settings), "share=a=b=5");
	assert_int_equal(settings_share(&run, NULL, 0, "a=b"), 5);
}

/* What an event says of a guest wins, the last of them; what it does not say clearly it does not say. */
static void a_share_that_changed_is_that_of_the_last_event(void **state)
{
	static const struct trace_event_row events[] = {
	        {1, "share", "2000 db"},   {2, "note", "9 db"},     {3, "share", "7 web 1"},
	        {4, "share", "3000 db"},   {5, "share", "4000"},    {6, "share", "0 db"},
	        {7, "share", "5000 db 2"}, {8, "share", " db"},     {9, "share", "x db"},
	        {10, "share", ""},         {11, "share", "4000db"},
	};
	static struct trace_run_row run = {.settings = "share=*=500"};

	assert_int_equal(settings_share(&run, events, 1, "db"), 2000);
	assert_int_equal(settings_share(&run, events, NR(events), "db"), 3000);
	assert_int_equal(settings_share(&run, events, NR(events), "web 1"), 7);
	assert_int_equal(settings_share(&run, events, NR(events), "web"), 500);
}

/* Whatever vmb-cpu is given is read again as it was. */
static void words_are_read_as_they_were_written(void **state)
{
	static const char *const texts[] = {"web*", "my guest",  " ",        "",      "%20",
	                                    "a=b",  "\t\n\x7f%", "\xc3\xbc", "only=x"};
	char line[256] = "balance=5", small[16] = "", text[64];
	const char *at = line;
	size_t i;

	for (i = 0; i < NR(texts); i++)
		assert_true(word_append(line, sizeof(line), "only", texts[i]));
	for (i = 0; i < NR(texts); i++) {
		assert_true(word_next(&at, "only", text, sizeof(text)));
		assert_string_equal(text, texts[i]);
	}
	assert_false(word_next(&at, "only", text, sizeof(text)));
	at = line;
	assert_true(word_next(&at, "only", text, 3)); /* what has no room is passed over */
	assert_string_equal(text, " ");
	assert_true(word_decode("5%20GiB!", 7, text, sizeof(text)));
	assert_string_equal(text, "5 GiB");
	assert_false(word_decode("5%20GiB", 7, text, 4));
	assert_string_equal(text, "5 G");
	assert_true(word_append(small, sizeof(small), "key", "12345678901"));
	assert_string_equal(small, "key=12345678901");
	assert_false(word_append(small, sizeof(small), "k", ""));
	assert_string_equal(small, "key=12345678901");
	small[0] = '\0';
	assert_false(word_append(small, sizeof(small), "key", "123456789 1"));
	assert_string_equal(small, "");
}

static void pins_may_be_overridden(void **state)
{
	static struct trace_run_row run;

	assert_false(settings_override_pins(&run));
	snprintf(run.settings, sizeof(run.settings), "cpus=all override-pins=yes");
	assert_true(settings_override_pins(&run));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_limit_of_a_run_is_its_own),
	        cmocka_unit_test(a_value_without_end_is_passed_over),
	        cmocka_unit_test(the_pcpus_to_use_are_a_list),
	        cmocka_unit_test(guests_are_chosen_by_name),
	        cmocka_unit_test(a_share_is_that_of_the_last_pattern_that_fits),
	        cmocka_unit_test(a_share_that_changed_is_that_of_the_last_event),
	        cmocka_unit_test(words_are_read_as_they_were_written),
	        cmocka_unit_test(pins_may_be_overridden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
