/* common_test - durations, options, deadlines, text for terminals */
#include <string.h>

#include "analyze/escape.h"
#include "common/clock.h"
#include "common/options.h"
#include "common/parse.h"
#include "common/text.h"
#include "tests/unit/check.h"

static const struct {
	const char *text;
	uint64_t ns;       /* 0: refused */
	const char *names; /* what the refusal must name */
} durations[] = {
        {"1", NS_PER_S},
        {"0.5", NS_PER_S / 2},
        {"500ms", NS_PER_S / 2},
        {"2 s", 2 * NS_PER_S},
        {"10min", 600 * NS_PER_S},
        {"1h", 3600 * NS_PER_S},
        {"0", 0, "'0'"},
        {"-1", 0, "'-1'"},
        {"abc", 0, "'abc'"},
        {"", 0, "''"},
        {"1x", 0, "'x'"},
        {"1e400", 0, "'1e400'"},
        {"nan", 0, "'nan'"},
        {"inf", 0, "'inf'"},
        {"0x10", 0, "'0x10'"},
        {" 1", 0, "' 1'"},
        {"99999999999", 0, "'99999999999'"},
};

static void durations_are_read_or_named(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		struct error e = {0};
		uint64_t ns = 0;
		int r = parse_duration("interval", durations[i].text, NS_PER_MS, 86400 * NS_PER_S,
		                       &ns, &e);

		if (r != (durations[i].ns ? 0 : -EINVAL) || ns != durations[i].ns ||
		    (r < 0 && !strstr(e.text, durations[i].names)))
			fail_msg("%s: %d, %llu ns, '%s'", durations[i].text, r,
			         (unsigned long long)ns, e.text);
	}
}

static const struct {
	const char *text;
	uint64_t kib; /* with part 0 too: refused */
	double part;
	const char *names; /* what the refusal must name */
} sizes[] = {
        {"512M", 512 * 1024, 0},
        {"512 MiB", 512 * 1024, 0},
        {"2GiB", 2 * 1048576, 0},
        {"2g", 2 * 1048576, 0},
        {"1.5G", 1572864, 0},
        {"300000KiB", 300000, 0},
        {"300000 K", 300000, 0},
        {"100MB", 97656, 0},
        {"1T", 1 << 30, 0},
        {"10%", 0, 0.1},
        {"12.5 %", 0, 0.125},
        {"512", 0, 0, "'512': a size needs a unit"},
        {"", 0, 0, "''"},
        {"M", 0, 0, "'M'"},
        {"-1M", 0, 0, "'-1M'"},
        {"101%", 0, 0, "100 %"},
        {"-5%", 0, 0, "'-5%'"},
        {"1e30G", 0, 0, "'1e30G'"},
        {"nan", 0, 0, "'nan'"},
        {"0x10M", 0, 0, "'0x10M'"},
        {"5 apples", 0, 0, "'apples'"},
        {"5MiBs", 0, 0, "'MiBs'"},
        {"8000T", 0, 0, "must be from"},
        {" 1M", 0, 0, "' 1M'"},
};

static void sizes_are_read_or_named(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct size size = {0};
		struct error e = {0};
		int r = parse_size("--pool", sizes[i].text, 0, 1ULL << 40, &size, &e);

		if (r != (sizes[i].names ? -EINVAL : 0) || size.kib != sizes[i].kib ||
		    size.part != sizes[i].part ||
		    (r < 0 && (!strstr(e.text, sizes[i].names) || !strstr(e.text, "--pool"))))
			fail_msg("%s: %d, %llu KiB, %g, '%s'", sizes[i].text, r,
			         (unsigned long long)size.kib, size.part, e.text);
	}
}

static void a_size_is_a_part_of_a_whole_or_itself(void **state)
{
	struct size tenth = {.part = 0.1}, fixed = {.kib = 7}, zero;
	char text[32];

	assert_int_equal(size_kib(&tenth, 2000), 200);
	assert_int_equal(size_kib(&fixed, 2000), 7);
	assert_int_equal(parse_size("x", "0", 0, 10, &zero, NULL), 0);
	assert_int_equal(size_kib(&zero, 2000), 0);
	assert_string_equal(size_text(512 * 1024, text), "512 MiB");
	assert_string_equal(size_text(1572864, text), "1.5 GiB");
	assert_string_equal(size_text(12, text), "12 KiB");
}

static void a_glob_among_several_fits(void **state)
{
	struct texts globs = {2, {"web*", "db"}}, none = {0};

	assert_true(texts_match(&globs, "web-1"));
	assert_true(texts_match(&globs, "db"));
	assert_false(texts_match(&globs, "db2"));
	assert_false(texts_match(&none, "db"));
}

struct into {
	bool flag;
	const char *text;
	struct texts texts;
	uint64_t time_ns;
	double number;
	unsigned count, pair[2];
};

static int read_line(const char *line, struct into *into, int *first, struct error *e)
{
	static char words[256], *argv[16];
	struct option_row rows[] = {
	        {OPTION_HEADING, .help = "Group"},
	        {OPTION_FLAG, 'f', "flag", NULL, &into->flag, 0, 0, "a flag"},
	        {OPTION_TEXT, 0, "text", "TEXT", &into->text, 0, 0, "a text"},
	        {OPTION_TEXTS, 0, "many", "TEXT", &into->texts, 0, 0, "some"},
	        {OPTION_DURATION, 0, "time", "TIME", &into->time_ns, 1, 10, "a time"},
	        {OPTION_NUMBER, 'n', "number", "N", &into->number, -5, 5, "a number"},
	        {OPTION_COUNT, 0, "count", "N", &into->count, 0, 9, "a count"},
	        {OPTION_PAIR, 0, "pair", "N[,M]", &into->pair, 1, 9, "a count or two"},
	};
	struct command command = {"program", "", "", rows, sizeof(rows) / sizeof(rows[0]), NULL};
	int argc = 0;
	char *word;

	snprintf(words, sizeof(words), "program %s", line);
	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	*into = (struct into){0};
	return options_read(&command, argc, argv, first, e);
}

static void options_fill_their_places(void **state)
{
	struct into into;
	struct error e;
	int first;

	assert_int_equal(read_line("-f --text=a --many b 1 --many c --time 2s -n -1.5 --count=3",
	                           &into, &first, &e),
	                 0);
	assert_true(into.flag);
	assert_string_equal(into.text, "a");
	assert_int_equal(into.texts.nr, 2);
	assert_string_equal(into.texts.text[1], "c");
	assert_int_equal(into.time_ns, 2 * NS_PER_S);
	assert_true(into.number == -1.5);
	assert_int_equal(into.count, 3);
	assert_int_equal(first, 12);
	assert_int_equal(read_line("--pair=7,9", &into, &first, &e), OPTIONS_GO);
	assert_int_equal(into.pair[0], 7);
	assert_int_equal(into.pair[1], 9);
	assert_int_equal(read_line("--pair 7,9 --pair 8", &into, &first, &e), OPTIONS_GO);
	assert_int_equal(into.pair[0], 8);
	assert_int_equal(into.pair[1], 0);
	assert_int_equal(read_line("--help", &into, &first, &e), OPTIONS_HELP);
	assert_int_equal(read_line("--version", &into, &first, &e), OPTIONS_VERSION);
}

static const struct {
	const char *line, *names;
} mistakes[] = {
        {"--nope", "--nope: no such option"},
        {"--t", "--t: the beginning of more than one option"},
        {"--t=1", "more than one option"},
        {"-x", "-x"},
        {"-3", "-3"},
        {"--flag=1", "--flag=1"},
        {"--text", "--text"},
        {"-n", "-n"},
        {"--number=6", "--number '6'"},
        {"--number=x", "--number 'x'"},
        {"--count=1.5", "--count '1.5'"},
        {"--count=10", "--count '10'"},
        {"--pair=1,0", "--pair '0'"},
        {"--pair=x,1", "--pair 'x'"},
        {"--pair=1,", "--pair ''"},
        {"--pair=,1", "--pair ''"},
        {"--pair=1,2,3", "--pair '2,3'"},
        {"--time=0", "--time '0'"},
        {"--time=11", "--time '11'"},
};

static void a_wrong_option_is_named(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct into into;
		struct error e;
		int first, r = read_line(mistakes[i].line, &into, &first, &e);

		if (r != -EINVAL || !strstr(e.text, mistakes[i].names))
			fail_msg("%s: %d, '%s'", mistakes[i].line, r, e.text);
	}
}

static void too_many_of_a_repeated_option_are_refused(void **state)
{
	char *argv[2 * TEXTS_MAX + 4] = {"program"};
	struct texts texts = {0};
	struct option_row row = {OPTION_TEXTS, 0, "many", "TEXT", &texts, 0, 0, "some"};
	struct command command = {"program", "", "", &row, 1, NULL};
	struct error e;
	int first, i;

	for (i = 0; i <= TEXTS_MAX; i++)
		argv[i + 1] = "--many=x";
	assert_int_equal(options_read(&command, TEXTS_MAX + 2, argv, &first, &e), -EINVAL);
	assert_non_null(strstr(e.text, "--many"));
}

static void a_command_line_is_kept_readable(void **state)
{
	char *argv[] = {"vmb-cpu", "1", "--label", "two words", ""}, line[64], small[12];

	assert_string_equal(options_line(5, argv, line, sizeof(line)),
	                    "vmb-cpu 1 --label 'two words' ''");
	assert_string_equal(options_line(5, argv, small, sizeof(small)), "vmb-cpu 1 -");
}

static void deadlines_do_not_drift(void **state)
{
	struct ticker t;

	ticker_init(&t, 1000, 100);
	assert_int_equal(ticker_next(&t, 1000), 1100);
	assert_int_equal(ticker_next(&t, 1130), 1200); /* a late tick does not move the next */
	assert_int_equal(t.number, 2);
	assert_int_equal(ticker_next(&t, 1450),
	                 1500); /* missed ones are not served: their numbers are left out */
	assert_int_equal(t.number, 5);
	assert_false(ticker_gap(&t, 1000, 1300));
	assert_true(ticker_gap(&t, 1000, 1301));
}

static const struct {
	const char *text, *plain;
} texts[] = {
        {"web-1", "web-1"},
        {"\033[2J", "?[2J"},
        {"a\nb\tc\r", "a?b?c?"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xff\xfe", "??"},
        {"\xc2\x9b"
         "31m",
         "?31m"},                /* CSI in one character */
        {"\xe0\x82\x9b", "???"}, /* the same in three bytes */
        {"cut \xe2\x82", "cut ??"},
        {"\x7f", "?"},
        {"a\xe2\x80\xae"
         "gnp.exe\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8",
         "a?gnp.exe????"}, /* right to left, an isolate, no width, a byte order mark, a separator */
};

static void terminals_get_nothing_to_act_on(void **state)
{
	char out[64], small[5];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(text_plain(texts[i].text, out, sizeof(out)), texts[i].plain);
	assert_string_equal(text_plain("abc\xc3\xbc", small, sizeof(small)),
	                    "abc"); /* not half a character */
}

static void an_error_without_a_place_is_still_a_code(void **state)
{
	assert_int_equal(fail(NULL, EIO, "%s", "x"), -EIO);
}

static void a_long_name_does_not_hide_what_is_wrong_with_it(void **state)
{
	char name[1001];
	struct error e;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fail(&e, EIO, "trace %s: no such file", name);
	assert_memory_equal(e.text, "trace xxx", 9);
	assert_non_null(strstr(e.text, "xxx...xxx"));
	assert_string_equal(e.text + strlen(e.text) - strlen("xxx: no such file"),
	                    "xxx: no such file");
	name[255 - strlen("trace : no such file")] = '\0'; /* one that fits is whole */
	fail(&e, EIO, "trace %s: no such file", name);
	assert_int_equal(strlen(e.text), 255);
	assert_null(strstr(e.text, "..."));
}

/* What names differ in is their end, and one more character is never too long. */
static void a_long_name_keeps_its_end(void **state)
{
	static const struct {
		const char *text;
		unsigned width;
		const char *fits;
	} rows[] = {
	        {"web-1", 5, "web-1"},
	        {"web-1", 16, "web-1"},
	        {"", 4, ""},
	        {"abcdefghij", 9, "abcd..hij"},
	        {"abcdefghij", 8, "abc..hij"},
	        {"abcde", 4, "a..e"},
	        {"\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc", 5, "\u00e4\u00f6..\u00fc"},
	};
	char text[32], to[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(text, rows[i].text);
		assert_string_equal(text_fit(text, rows[i].width), rows[i].fits);
		if ((unsigned char)*rows[i].text < 0x80)
			assert_string_equal(
			        escape_gnuplot(rows[i].text, to, sizeof(to), rows[i].width),
			        rows[i].fits);
	}
	assert_string_equal(escape_gnuplot("abcdef", to, 4, 16), "abc");
	assert_string_equal(escape_gnuplot("abcdef", to, 1, 16), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(durations_are_read_or_named),
	        cmocka_unit_test(sizes_are_read_or_named),
	        cmocka_unit_test(a_size_is_a_part_of_a_whole_or_itself),
	        cmocka_unit_test(a_glob_among_several_fits),
	        cmocka_unit_test(options_fill_their_places),
	        cmocka_unit_test(a_wrong_option_is_named),
	        cmocka_unit_test(too_many_of_a_repeated_option_are_refused),
	        cmocka_unit_test(a_command_line_is_kept_readable),
	        cmocka_unit_test(deadlines_do_not_drift),
	        cmocka_unit_test(terminals_get_nothing_to_act_on),
	        cmocka_unit_test(an_error_without_a_place_is_still_a_code),
	        cmocka_unit_test(a_long_name_does_not_hide_what_is_wrong_with_it),
	        cmocka_unit_test(a_long_name_keeps_its_end),
	};

	return check_all(tests);
}
