/* mem_config_test - bounds by file and by name, and bounds that cannot be kept */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balancer/mem_options.h"
#include "tests/unit/check.h"

static char path[] = "/tmp/vmb-config-XXXXXX";

static int set_up(void **state)
{
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return close(mkstemp(path));
}

static int tear_down(void **state)
{
	return unlink(path);
}

static int read_text(const char *text, struct mem_config *config, struct error *e)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	*config = (struct mem_config){0};
	return mem_config_read(path, config, e);
}

static void a_file_bounds_guests_by_name(void **state)
{
	static struct mem_options o;
	struct sample_guest g = {.name = "db-1", .memory.maximum_kib = 4096 * MIB};
	struct mem_limits limits;
	struct error e;

	if (read_text("; comment\n[guest *]\nshare = 500\n\n[guest db-*]\nmin = 25%\nmax=2GiB\n"
	              "  reserve = 10%\nshare = 3000\n[host]\nreserve = 1G\npool = 50%\n",
	              &o.config, &e) < 0)
		fail_msg("%s", e.text);
	mem_options_limits(&o, &g, &limits);
	assert_int_equal(limits.min_kib, 1024 * MIB);
	assert_int_equal(limits.max_kib, 2048 * MIB);
	assert_true(limits.reserve.part == 0.1 && limits.reserve.kib == 0);
	assert_int_equal(limits.share, 3000);
	assert_int_equal(o.config.host_reserve.kib, 1024 * MIB);
	assert_true(o.config.pool.part == 0.5);
	strcpy(g.name, "web");
	mem_options_limits(&o, &g, &limits);
	assert_int_equal(limits.min_kib, mem_limits_default.min_kib);
	assert_int_equal(limits.share, 500);
}

static const struct {
	const char *text, *says; /* behind the file's name */
} wrong[] = {
        {"min = 1G\n", ":1: min: stands before the first section"},
        {"[guests x]\n", ":1: [guests x] is neither [host] nor [guest NAME]"},
        {"[guest]\n", ":1: [guest] is neither"},
        {"[guest ]\nmin = 1G\n", ":1: [guest ] is neither"},
        {"[guest a]\nmim = 1G\n", ":2: [guest a] mim: no such key"},
        {"[host]\nmin = 1G\n", ":2: [host] min: no such key"},
        {"[guest a]\npool = 1G\n", ":2: [guest a] pool: no such key"},
        {"[guest a]\nmin = 1G\nmin = 2G\n", ":3: [guest a] min: is there twice"},
        {"[guest a]\nmin = 1000\n", ":2: [guest a] min '1000'"},
        {"[guest a]\n\n\nmax = much\n", ":4: [guest a] max 'much': not a size"},
        {"[guest a]\nreserve = 120%\n", ":2: [guest a] reserve '120%'"},
        {"[guest a]\nshare = 0\n", ":2: [guest a] share '0': must be from 1"},
        {"[guest a]\nshare = -5\n", ":2: [guest a] share '-5'"},
        {"[guest a]\nshare = 1.5\n", ":2: [guest a] share '1.5': must be a whole"},
        {"[guest a]\nshare = x\n", ":2: [guest a] share 'x': not a number"},
        {"[guest a]\nnonsense\n", ":2: [guest a] is neither a section nor"},
        {"[guest a\n", ":1: [guest a] is neither a section nor"},
        {"[host] pool=1G\n", ":1: [host] is followed by text"},
        {"[guest a] max=600M\n", ":1: [guest a] is followed by text"},
        {"[guest a-[12]] x\n", ":1: [guest a-[12]] is followed by text"},
        {"[guest a];b\n", ":1: [guest a] is followed by text"},
        {"  [host] junk\n", ":1: [host] is followed by text"},
        {"[]\nmin = 1G\n", ":1: is neither [host] nor"},
        {"[guest a]\nmin=2G\nmax=1G\n", ":3: [guest a] max: the minimum is above the maximum"},
};

static void what_is_wrong_in_a_file_is_named_by_its_line(void **state)
{
	static struct mem_config config;
	char expected[256];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error e = {0};

		snprintf(expected, sizeof(expected), "%s%s", path, wrong[i].says);
		if (read_text(wrong[i].text, &config, &e) != -EINVAL ||
		    strncmp(e.text, expected, strlen(expected)) != 0)
			fail_msg("'%s': '%s', expected '%s'", wrong[i].text, e.text, expected);
	}
}

static void a_section_is_a_pattern_to_its_last_bracket(void **state)
{
	static const struct {
		const char *section, *glob;
	} table[] = {
	        {"[guest guest-[12]]", "guest-[12]"},
	        {"[guest [a-c][!x]*]\r", "[a-c][!x]*"},
	        {"[guest a]b]", "a]b"},
	        {"[guest a]  ", "a"},
	        {"[guest a] ; as in [1]", "a"},
	        {"[guest a-[12]]\t# both", "a-[12]"},
	};
	static struct mem_config config;
	char text[128];
	struct error e;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		snprintf(text, sizeof(text), "%s\nshare = 7\n", table[i].section);
		if (read_text(text, &config, &e) < 0)
			fail_msg("%s: %s", table[i].section, e.text);
		assert_int_equal(config.nr_rules, 1);
		assert_string_equal(config.rules[0].glob, table[i].glob);
		assert_int_equal(config.rules[0].share, 7);
	}
}

static void the_longest_name_is_kept_and_a_longer_one_refused(void **state)
{
	static struct mem_config config;
	char name[GUEST_NAME + 1], text[GUEST_NAME + 64], begin[64];
	struct error e = {0};

	memset(name, 'x', sizeof(name));
	name[GUEST_NAME - 1] = '\0';
	snprintf(text, sizeof(text), "[guest %s]\nshare = 7\n", name);
	if (read_text(text, &config, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(config.rules[0].glob, name);
	name[GUEST_NAME - 1] = 'x';
	name[GUEST_NAME] = '\0';
	snprintf(text, sizeof(text), "\n[guest %s]\nshare = 7\n", name);
	assert_int_equal(read_text(text, &config, &e), -EINVAL);
	snprintf(begin, sizeof(begin), "%s:2: [guest xxx", path);
	assert_memory_equal(e.text, begin, strlen(begin));
	assert_non_null(strstr(e.text, "xxx] is a name of more than 255 bytes"));
}

static const struct {
	const char *words;
	uint64_t min_mib, max_mib; /* 0: not said */
	unsigned share;
	const char *says; /* NULL: sound */
} asked[] = {
        {"", 0, 0, 0, NULL},
        {"min=256M", 256, 0, 0, NULL},
        {"min=256M max=2GiB share=2000", 256, 2048, 2000, NULL},
        {" share=7  min=1G ", 1024, 0, 7, NULL},
        {"?", 0, 0, 0, "'?': is not KEY=VALUE"},
        {"mim=1G", 0, 0, 0, "mim: no such key"},
        {"pool=1G", 0, 0, 0, "pool: no such key"},
        {"min=much", 0, 0, 0, "min 'much': not a size"},
        {"min=1G min=1G", 0, 0, 0, "min: is there twice"},
        {"share=0", 0, 0, 0, "share '0': must be from 1"},
        {"min=2G max=1G", 0, 0, 0, "max: the minimum is above the maximum"},
};

static void words_of_metadata_are_bounds_or_name_what_is_wrong(void **state)
{
	struct mem_rule rule;
	struct error e;
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		int r = mem_config_words(asked[i].words, &rule, &e);

		if (r != (asked[i].says ? -EINVAL : 0) ||
		    (asked[i].says && !strstr(e.text, asked[i].says)))
			fail_msg("'%s': %d %s", asked[i].words, r, r ? e.text : "");
		if (asked[i].says)
			continue;
		assert_int_equal(rule.has_min ? rule.min.kib >> 10 : 0, asked[i].min_mib);
		assert_int_equal(rule.has_max ? rule.max.kib >> 10 : 0, asked[i].max_mib);
		assert_int_equal(rule.has_share ? rule.share : 0, asked[i].share);
	}
}

static void a_file_that_is_not_there_is_named(void **state)
{
	static struct mem_config config;
	struct error e;

	assert_int_equal(mem_config_read("/nowhere/x.ini", &config, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nowhere/x.ini"));
}

/* Else all bounds would be dropped by a disk that fails. */
static void a_file_that_cannot_be_read_is_not_an_empty_one(void **state)
{
	static struct mem_config config;
	struct error e = {0};

	assert_int_equal(mem_config_read("/proc/self/mem", &config, &e), -EIO);
	assert_string_equal(e.text, "/proc/self/mem: cannot be read");
}

/* ---- bounds that cannot be kept ---- */

static const struct {
	const char *what, *text;
	uint64_t host_mib;
	const char *says;   /* NULL: all is well */
	uint64_t guest_mib; /* 0: 2048 */
} impossible[] = {
        {"no file", "", 4096, NULL},
        {"minimum above maximum", "[guest b]\nmin=2G\nmax=50%\n", 4096,
         "b: minimum 2 GiB is above its maximum 1 GiB"},
        {"minimum above what it booted with", "[guest a]\nmin=3G\n", 4096,
         "a: minimum 3 GiB is above what it booted with, 2 GiB"},
        {"reserve above what it booted with", "[guest a]\nreserve=2G\n", 4096,
         "a: reserve 2 GiB leaves nothing of its 2 GiB"},
        {"reserve of all", "[guest a]\nreserve=100%\n", 4096, "a: reserve 2 GiB leaves nothing"},
        {"a pool below the sum of minimums", "[host]\npool=399M\n", 4096,
         "pool 399 MiB is less than the sum of all minimums, 400 MiB"},
        {"a pool of just that", "[host]\npool=400M\n", 4096, NULL},
        {"a pool as a part of the host", "[host]\npool=5%\n", 4096, "pool 204.8 MiB is less"},
        {"a part of the host that is nothing", "[host]\npool=1e-9%\n", 4096,
         "pool of 1e-09 % is nothing of the host's 4 GiB"},
        {"a host reserve above its memory", "[host]\nreserve=5G\n", 4096,
         "host reserve 5 GiB leaves nothing of its 4 GiB"},
        {"a small host and the default reserve", "", 100, NULL},
        {"the same reserve, asked for", "[host]\nreserve=200M\n", 100,
         "host reserve 200 MiB leaves nothing of its 100 MiB"},
        {"small guests and the defaults", "", 4096, NULL, 90},
        {"the same minimum, asked for", "[guest b]\nmin=200M\n", 4096,
         "b: minimum 200 MiB is above what it booted with, 90 MiB", 90},
        {"one that is not the last word", "[guest *]\nmin=200M\n[guest *]\nmin=80M\n", 4096, NULL,
         90},
        {"the same reserve of a guest, asked for", "[guest b]\nreserve=100M\n", 4096,
         "b: reserve 100 MiB leaves nothing of its 90 MiB", 90},
};

static void bounds_that_cannot_be_kept_name_the_culprit(void **state)
{
	static struct mem_options o;
	size_t i, k;

	for (i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
		struct error e = {0};
		struct sample s;
		int r;

		o = (struct mem_options){.policy = mem_policy_default};
		if (read_text(impossible[i].text, &o.config, &e) < 0)
			fail_msg("%s", e.text);
		if (o.config.has_host_reserve)
			o.policy.host_reserve = o.config.host_reserve;
		o.policy.pool = o.config.pool;
		sample_init(&s);
		for (k = 0; k < 2; k++) {
			uint8_t uuid[UUID_BYTES] = {(uint8_t)(k + 1)};

			sample_add_guest(&s, uuid, k ? "b" : "a")->memory.maximum_kib =
			        (impossible[i].guest_mib ? impossible[i].guest_mib : 2048) * MIB;
		}
		s.memory.total_kib = impossible[i].host_mib * MIB;
		r = mem_options_check(&o, &s, &e);
		if (r != (impossible[i].says ? -EINVAL : 0) ||
		    (r < 0 && !strstr(e.text, impossible[i].says)))
			fail_msg("%s: %d, '%s'", impossible[i].what, r, e.text);
		sample_done(&s);
	}
}

static void a_guest_of_the_file_that_is_not_there_is_told(void **state)
{
	static struct mem_options o;
	uint8_t uuid[UUID_BYTES] = {1};
	const struct mem_rule *absent;
	struct sample s;
	size_t from = 0;

	o = (struct mem_options){0};
	assert_int_equal(read_text("[guest a]\n[guest nobody*]\n[guest b]\n", &o.config, NULL), 0);
	sample_init(&s);
	sample_add_guest(&s, uuid, "a");
	absent = mem_options_absent(&o, &s, &from);
	assert_non_null(absent);
	assert_string_equal(absent->glob, "b");
	assert_int_equal(absent->line, 3);
	assert_null(mem_options_absent(&o, &s, &from));
	sample_done(&s);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_file_bounds_guests_by_name),
	        test(what_is_wrong_in_a_file_is_named_by_its_line),
	        test(a_section_is_a_pattern_to_its_last_bracket),
	        test(the_longest_name_is_kept_and_a_longer_one_refused),
	        test(words_of_metadata_are_bounds_or_name_what_is_wrong),
	        test(a_file_that_is_not_there_is_named),
	        test(a_file_that_cannot_be_read_is_not_an_empty_one),
	        test(bounds_that_cannot_be_kept_name_the_culprit),
	        test(a_guest_of_the_file_that_is_not_there_is_told),
	};

	return check_all(tests);
}
