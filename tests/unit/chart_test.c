/* chart_test - what reaches gnuplot: no spike lost, gaps left open, no text of strangers; and what gnuplot may take */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/chart.h"
#include "analyze/gnuplot.h"
#include "analyze/picture.h"
#include "tests/unit/check.h"
#include "tests/unit/fake_run.h"

/* The script of a chart, to be freed; NULL and *code when it is refused. */
static char *script_of(const struct series *s, const char *chart, bool terminal, int *code)
{
	struct chart_view v = {
	        .to_s = INFINITY, .terminal = terminal, .width = 800, .height = 480, .limit_pp = 5};
	struct error e = {0};
	char *text = NULL;
	size_t length;
	FILE *gp = open_memstream(&text, &length);

	assert_non_null(gp);
	*code = chart_clip(&v, s, &e);
	if (!*code)
		*code = chart_find(chart)->draw(s, &v, gp, &e);
	fclose(gp);
	if (!*code)
		return text;
	assert_true(e.text[0]);
	free(text);
	return NULL;
}

/* Four guests on the first of two pCPUs, one of them moved in between. */
static void run_for(struct fake *f, unsigned ticks)
{
	static struct series series;
	struct trace_run_row row;
	unsigned g;

	fake_init(f, 2, 4);
	for (g = 0; g < 4; g++) {
		f->demand_pct[g] = 20;
		f->pinned[g] = 0;
	}
	fake_fill_run(f, &row);
	assert_int_equal(series_init(&series, &row, NULL), 0);
	f->series = &series;
	fake_ticks(f, ticks / 2);
	fake_sense(f);
	fake_pin(f, 1, 1);
	fake_record(f);
	fake_ticks(f, ticks - ticks / 2 - 1);
}

static void forget(struct fake *f)
{
	series_done(f->series);
	fake_done(f);
}

static void every_chart_draws_a_run(void **state)
{
	struct fake f;
	size_t i;
	int code, terminal;

	run_for(&f, 20);
	for (i = 0; i < nr_charts; i++)
		for (terminal = 0; terminal < 2; terminal++) {
			char *script = script_of(f.series, charts[i].name, terminal, &code);
			char said[GNUPLOT_SAID], *drawn = NULL, *whole;
			size_t length = 0;
			struct error e;

			assert_int_equal(code, 0);
			assert_true(asprintf(&whole, "set terminal %s noenhanced\n%s",
			                     terminal ? "dumb" : "svg", script) > 0);
			if (gnuplot_run(whole, strlen(whole), &GNUPLOT_LIMITS, &drawn, &length,
			                said, &e) < 0)
				fail_msg("%s: %s", charts[i].name, e.text);
			assert_string_equal(said, "");
			assert_true(length > 500);
			free(drawn);
			free(whole);
			free(script);
		}
	forget(&f);
}

static void fewer_than_two_ticks_are_no_picture(void **state)
{
	struct fake f;
	int code;

	run_for(&f, 1);
	assert_null(script_of(f.series, "pcpu", false, &code));
	assert_int_equal(code, -ENODATA);
	forget(&f);
}

static double spike(const struct series *s, size_t tick, size_t which)
{
	return tick == 2500 ? 77 : tick == 3000 ? NAN : 10;
}

static void thinning_loses_no_spike_and_leaves_gaps_open(void **state)
{
	struct chart_view v = {.to_s = INFINITY};
	struct fake f;
	char *text = NULL, *p;
	size_t length, lines = 0, i;
	struct error e;
	FILE *gp;

	run_for(&f, 5000);
	assert_int_equal(chart_clip(&v, f.series, &e), 0);
	gp = open_memstream(&text, &length);
	assert_non_null(gp);
	chart_steps(f.series, &v, "x", spike, 0, gp);
	fclose(gp);
	for (i = 0; i < length; i++)
		lines += text[i] == '\n';
	assert_in_range(lines, 100, 2 * CHART_POINTS);
	assert_non_null(strstr(text, " 77\n"));
	p = strstr(text, "\n\n"); /* a broken line */
	assert_non_null(p);
	free(text);
	forget(&f);
}

static const char *const hostile[] = {
        "`touch /tmp/x`", "$(reboot)", "a'b\"c",          "line\nEND_OF_DATA\nsystem 'x'",
        "\033[2J",        "\\",        "{/Symbol a}_b^c", "@x & |y",
        "END_OF_DATA",
};

static void names_of_strangers_do_not_reach_the_script(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct fake f;
		char *script;
		int code;

		run_for(&f, 5);
		snprintf(f.series->guests[0].name, GUEST_NAME, "%s", hostile[i]);
		script = script_of(f.series, "placement", false, &code);
		assert_int_equal(code, 0);
		if (strpbrk(hostile[i], "`$'\"\n\033\\{@") && strstr(script, hostile[i]))
			fail_msg("'%s' is in the script", hostile[i]);
		assert_null(strchr(script, '`'));
		assert_null(strchr(script, '\033'));
		free(script);
		forget(&f);
	}
}

static int run_script(const char *script, struct gnuplot_limits limits)
{
	char said[GNUPLOT_SAID], *drawn = NULL;
	struct error e;
	size_t length;
	int r = gnuplot_run(script, strlen(script), &limits, &drawn, &length, said, &e);

	free(drawn);
	return r;
}

static void gnuplot_is_held_to_its_limits(void **state)
{
	struct gnuplot_limits limits = GNUPLOT_LIMITS;

	limits.seconds = 1;
	assert_int_equal(run_script("while (1) { x = 1 }\n", limits), -ETIMEDOUT);
	limits = GNUPLOT_LIMITS;
	limits.output_bytes = 1000;
	assert_true(run_script("set terminal svg\nset samples 2000\nplot sin(x)\n", limits) < 0);
	assert_int_equal(run_script("this is no gnuplot\n", GNUPLOT_LIMITS), -EIO);
}

static const struct {
	const char *chart, *size;
	int code;
	const char *names;
} choices[] = {
        {"pcpu", NULL, 0, ""},
        {"placement", "302x220", 0, ""},
        {"nothing", NULL, -EINVAL, "'nothing'"},
        {"pcpu", "0x0", -EINVAL, "0x0"},
        {"pcpu", "800", -EINVAL, "'800'"},
        {"pcpu", "9x9x9", -EINVAL, "9x9x9"},
        {"pcpu", "99999x9999", -EINVAL, "99999"},
};

static void charts_and_sizes_are_taken_or_named(void **state)
{
	struct error e = {0};
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct picture_options o = {0};

		assert_int_equal(picture_choose(&o, choices[i].chart, choices[i].size, &e),
		                 choices[i].code);
		assert_non_null(strstr(e.text, choices[i].names));
	}
	assert_int_equal(picture_check_name("a.svg", &e), 0);
	assert_int_equal(picture_check_name("a.jpeg", &e), -EINVAL);
	assert_int_equal(picture_check_name("svg", &e), -EINVAL);
}

static void a_picture_that_cannot_be_drawn_leaves_the_old_one(void **state)
{
	char path[] = "/tmp/vmb-picture-XXXXXX.svg", line[8] = "";
	struct picture_options o = {.chart = chart_find("pcpu"), .to_s = INFINITY};
	struct error e;
	struct fake f;
	FILE *file;
	int fd = mkstemps(path, 4);

	assert_true(fd >= 0 && write(fd, "old", 3) == 3);
	close(fd);
	run_for(&f, 1);
	assert_int_equal(picture_write(f.series, &o, path, &e), -ENODATA);
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_string_equal(line, "old");
	forget(&f);
	run_for(&f, 10);
	assert_int_equal(picture_write(f.series, &o, path, &e), 0);
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_string_equal(line, "<?xml v");
	assert_int_equal(picture_write(f.series, &o, "/nonexistent/folder/a.svg", &e), -ENOENT);
	unlink(path);
	forget(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_chart_draws_a_run),
	        cmocka_unit_test(fewer_than_two_ticks_are_no_picture),
	        cmocka_unit_test(thinning_loses_no_spike_and_leaves_gaps_open),
	        cmocka_unit_test(names_of_strangers_do_not_reach_the_script),
	        cmocka_unit_test(gnuplot_is_held_to_its_limits),
	        cmocka_unit_test(charts_and_sizes_are_taken_or_named),
	        cmocka_unit_test(a_picture_that_cannot_be_drawn_leaves_the_old_one),
	};

	return check_all(tests);
}
