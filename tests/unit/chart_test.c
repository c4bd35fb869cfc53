/* chart_test - the scripts of charts: nothing lost, nothing forged */
#include "tests/unit/check.h"
#include "tests/unit/fake_run.h"

#include "analyze/chart.h"
#include "analyze/chart_picture.h"

static const struct chart_view VIEW = {
        .to_s = INFINITY, .width = 800, .height = 500, .limit_pp = 5};

static void begin(struct fake *f, struct series *s, unsigned pcpus, unsigned guests)
{
	struct trace_run_row run;
	struct error e;
	unsigned i;

	fake_init(f, pcpus, guests);
	fake_fill_run(f, &run);
	assert_int_equal(series_init(s, &run, &e), 0);
	f->series = s;
	f->has_memory = f->has_plan = guests > 0;
	f->host_memory = (struct host_memory){16 << 20, 8 << 20, 9 << 20, 1 << 20};
	f->host_plan = (struct host_plan){1 << 20, 12 << 20, 2 << 20, false};
	for (i = 0; i < guests; i++) {
		f->demand_pct[i] = 20;
		f->memory[i] = (struct guest_memory){.actual_kib = (512 + i) << 10,
		                                     .maximum_kib = 2048 << 10,
		                                     .available_kib = 500 << 10,
		                                     .usable_kib = 150 << 10,
		                                     .unused_kib = 140 << 10,
		                                     .period_s = 1};
		f->plan[i] = (struct guest_plan){
		        .low_kib = 100 << 10, .high_kib = 200 << 10, .target_kib = 512 << 10};
	}
}

static void end(struct fake *f, struct series *s)
{
	series_done(s);
	fake_done(f);
}

/* The script of a chart, to be freed. */
static char *script_of(const struct series *s, const char *name, bool terminal, size_t *length)
{
	struct chart_view v = VIEW;
	struct error e;
	char *text = NULL;
	FILE *gp = open_memstream(&text, length);

	v.terminal = terminal;
	if (terminal) {
		v.width = 80;
		v.height = 24;
		fputs("set terminal dumb 80,24\n", gp);
	} else {
		fputs("set terminal svg\n", gp);
	}
	assert_int_equal(chart_clip(&v, s, &e), 0);
	assert_int_equal(chart_find(name)->draw(s, &v, gp, &e), 0);
	fclose(gp);
	return text;
}

static double busy(const struct series *s, size_t tick, size_t pcpu)
{
	return column_at(&s->pcpus[pcpu].busy_pct, tick);
}

/* A block of the first pCPU's steps, to be freed. */
static char *steps_of(const struct series *s, size_t *known)
{
	struct chart_view v = VIEW;
	struct error e;
	char *text = NULL;
	size_t length;
	FILE *gp = open_memstream(&text, &length);

	assert_int_equal(chart_clip(&v, s, &e), 0);
	*known = chart_steps(s, &v, "b", busy, 0, gp);
	fclose(gp);
	return text;
}

static size_t lines_in(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

static void thinning_keeps_the_only_spike_and_the_only_dip(void **state)
{
	static struct fake f;
	struct series s;
	size_t known;
	char *text;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 4000);
	f.demand_pct[0] = 97;
	fake_ticks(&f, 1);
	f.demand_pct[0] = 20;
	fake_ticks(&f, 3000);
	f.demand_pct[0] = 3;
	fake_ticks(&f, 1);
	f.demand_pct[0] = 20;
	fake_ticks(&f, 4000);
	text = steps_of(&s, &known);
	assert_int_equal(known, s.nr_ticks - 1);
	assert_true(lines_in(text) <= VIEW.width + 4);
	assert_non_null(strstr(text, " 97\n"));
	assert_non_null(strstr(text, " 3\n"));
	free(text);
	end(&f, &s);
}

static void a_gap_breaks_the_line(void **state)
{
	static struct fake f;
	struct series s;
	size_t known;
	char *text;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 10);
	text = steps_of(&s, &known);
	assert_null(strstr(text, "\n\n"));
	free(text);
	fake_miss(&f, 20);
	fake_ticks(&f, 10);
	text = steps_of(&s, &known);
	assert_int_equal(known, 18);
	assert_non_null(strstr(text, "\n\n"));
	free(text);
	end(&f, &s);
}

static void what_stays_the_same_is_one_stroke(void **state)
{
	static struct fake f;
	struct series s;
	size_t known;
	char *text;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 5);
	f.demand_pct[0] = 30;
	fake_ticks(&f, 5);
	text = steps_of(&s, &known);
	assert_int_equal(known, 9);
	assert_string_equal(text,
	                    "$b0 << " CHART_END "\n0 20\n1 20\n5 20\n6 30\n9 30\n" CHART_END "\n");
	free(text);
	end(&f, &s);
}

static void hostile_names_never_reach_a_script(void **state)
{
	static const char *const names[] = {"`touch x`", "a\nset output 'x'",      "'; quit #",
	                                    "\"$(id)\"", "b\n" CHART_END "\nquit", "\033[2J\\"};
	size_t nr = sizeof(names) / sizeof(names[0]), length, i;
	static struct fake f;
	struct series s;
	int terminal;
	char *text;

	begin(&f, &s, 2, (unsigned)nr);
	for (i = 0; i < nr; i++)
		f.name[i] = names[i];
	fake_ticks(&f, 5);
	for (terminal = 0; terminal < 6; terminal++) {
		static const char *const charts_with_names[] = {"placement", "memory", "steal"};

		text = script_of(&s, charts_with_names[terminal / 2], terminal % 2, &length);
		for (i = 0; i < nr; i++)
			if (strstr(text, names[i]))
				fail_msg("the script holds %s", names[i]);
		assert_null(strpbrk(text, "`\"\\\033"));
		assert_null(strstr(text, "\nset output"));
		assert_non_null(strstr(text, terminal == 3 ? "1=?t..x?" : "'?touch x?'"));
		free(text);
	}
	end(&f, &s);
}

static void fewer_than_two_ticks_are_no_data(void **state)
{
	static struct fake f;
	struct chart_view v = VIEW;
	struct series s;
	struct error e;

	begin(&f, &s, 2, 1);
	assert_int_equal(chart_clip(&v, &s, &e), -ENODATA);
	fake_ticks(&f, 1);
	assert_int_equal(chart_clip(&v, &s, &e), -ENODATA);
	fake_ticks(&f, 9);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	assert_int_equal(v.end - v.first, 10);
	v = VIEW;
	v.from_s = 3.5;
	v.to_s = 4.5;
	assert_int_equal(chart_clip(&v, &s, &e), -ENODATA);
	end(&f, &s);
}

static void a_host_without_guests_has_no_placement(void **state)
{
	static struct fake f;
	struct chart_view v = VIEW;
	struct series s;
	struct error e;

	begin(&f, &s, 2, 0);
	fake_ticks(&f, 5);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	assert_int_equal(chart_find("placement")->draw(&s, &v, stderr, &e), -ENODATA);
	end(&f, &s);
}

static void every_tick_is_in_a_column(void **state)
{
	static struct fake f;
	size_t first, last = 1, stop;
	struct chart_view v = VIEW;
	struct series s;
	struct error e;
	unsigned c;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 3001);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	for (c = 0; c < chart_columns(&v); c++) {
		chart_column_ticks(&s, &v, c, &first, &stop);
		assert_int_equal(first, last);
		assert_true(stop > first && stop <= s.nr_ticks);
		last = stop;
	}
	assert_in_range(last, s.nr_ticks - 1, s.nr_ticks);
	end(&f, &s);
}

static void changes_that_stand_close_are_one_mark(void **state)
{
	static struct fake f;
	struct chart_view v = VIEW;
	struct chart_change *at;
	struct series s;
	struct error e;
	size_t nr;

	begin(&f, &s, 2, 3);
	fake_ticks(&f, 100);
	fake_sense(&f);
	fake_pin(&f, 0, 1);
	fake_pin(&f, 1, 1);
	fake_record(&f);
	fake_ticks(&f, 100);
	fake_sense(&f);
	fake_pin(&f, 2, 0);
	fake_record(&f);
	fake_ticks(&f, 10);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	assert_int_equal(chart_changes(&s, &v, &at, &nr), 0);
	assert_int_equal(nr, 2);
	assert_int_equal(at[0].nr, 2);
	assert_int_equal(at[1].nr, 1);
	free(at);
	end(&f, &s);
}

static void numbers_of_changes_touch_neither_the_frame_nor_each_other(void **state)
{
	static struct fake f;
	struct chart_view v = VIEW;
	struct chart_change *at;
	struct series s;
	struct error e;
	double digit_s;
	size_t nr, i;

	begin(&f, &s, 2, 1);
	for (i = 0; i < 240; i++) {
		if (i % 120 == 0)
			fake_ticks(&f, i ? 10 : 1);
		if (i % 120 == 0)
			fake_sense(&f);
		fake_pin(&f, 0, i % 2);
		if (i % 120 == 119)
			fake_record(&f);
	}
	fake_ticks(&f, 200);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	assert_int_equal(chart_changes(&s, &v, &at, &nr), 0);
	assert_int_equal(nr, 2);
	digit_s = (v.to_s - v.from_s) * 0.6 * 14 / (v.width - 10 * 14);
	assert_true(at[0].number_s - 1.5 * digit_s > v.from_s);
	assert_true(at[1].number_s - at[0].number_s > 3 * digit_s);
	assert_true(at[1].number_s + 1.5 * digit_s < v.to_s);
	free(at);
	end(&f, &s);
}

/* A run in which something of each kind happens. */
static void begin_eventful(struct fake *f, struct series *s, unsigned pcpus, unsigned guests)
{
	begin(f, s, pcpus, guests);
	fake_ticks(f, 20);
	fake_sense(f);
	fake_pin(f, 0, 0);
	fake_order(f, 1, 400 << 10);
	fake_order(f, 2, 600 << 10);
	fake_order(f, 3, 600 << 10)->result = RESULT_FAILED;
	fake_record(f);
	fake_ticks(f, 20);
}

/* By one gnuplot. */
static void draw(struct drawing *d, size_t nr)
{
	size_t drawn;
	struct error e;

	if (gnuplot_run(d, nr, &GNUPLOT_LIMITS, &drawn, &e) < 0)
		fail_msg("drawing %zu: %s", drawn, e.text);
	assert_int_equal(drawn, nr);
}

static void forget_picture(struct drawing *d)
{
	free(d->picture);
	d->picture = NULL;
}

/* Its errors would be seen in said[]. */
static void gnuplot_draws_every_chart_without_a_complaint(void **state)
{
	static const unsigned pcpus[] = {1, 2, 64};
	struct drawing d = {0};
	static struct fake f;
	struct series s;
	size_t i, n;

	for (n = 0; n < 3; n++) {
		begin_eventful(&f, &s, pcpus[n], 20);
		for (i = 0; i < 2 * nr_charts; i++) {
			d.script = script_of(&s, charts[i / 2].name, i % 2, &d.script_length);
			draw(&d, 1);
			if (*d.said)
				fail_msg("%s: %s", charts[i / 2].name, d.said);
			forget_picture(&d);
			free(d.script);
		}
		end(&f, &s);
	}
}

/* SVG begins with an empty group in the colour of the last line, be it one of the picture before. */
static void forget_colour(char *svg)
{
	char *at = strstr(svg, "</defs>\n<g "), *from, *to;

	if (!at)
		return;
	from = strstr(at, "stroke=\"") + strlen("stroke=\"");
	to = strchr(from, '"');
	assert_memory_equal(strchr(to, '>'), ">\n</g>\n", 7);
	memmove(from, to, strlen(to) + 1);
}

/* Each on a screen and in a terminal, by a gnuplot of its own; by one in this order; by one in the opposite order. */
static void a_chart_does_not_depend_on_those_before_it(void **state)
{
	struct drawing *d = calloc(3 * 2 * nr_charts, sizeof(*d)), *one, *back;
	const size_t nr = 2 * nr_charts;
	static struct fake f;
	struct series s;
	size_t i;

	assert_non_null(d);
	one = d + nr;
	back = one + nr;
	begin_eventful(&f, &s, 2, 8);
	for (i = 0; i < nr; i++) {
		d[i].script = script_of(&s, charts[i / 2].name, i % 2, &d[i].script_length);
		one[i] = back[nr - 1 - i] = d[i];
	}
	for (i = 0; i < nr; i++)
		draw(&d[i], 1);
	draw(one, nr);
	draw(back, nr);
	for (i = 0; i < 3 * nr; i++)
		forget_colour(d[i].picture);
	for (i = 0; i < nr; i++) {
		if (strcmp(one[i].picture, d[i].picture) != 0)
			fail_msg("%s: is another one after those before", charts[i / 2].name);
		if (strcmp(back[nr - 1 - i].picture, d[i].picture) != 0)
			fail_msg("%s: is another one after those behind", charts[i / 2].name);
	}
	for (i = 0; i < 3 * nr; i++) {
		forget_picture(&d[i]);
		free(i < nr ? d[i].script : NULL);
	}
	free(d);
	end(&f, &s);
}

/* The script of a chart for LaTeX, to be freed. */
static char *tex_script_of(const struct series *s, const char *name)
{
	struct chart_view v = VIEW;
	struct error e;
	char *text = NULL;
	size_t length;
	FILE *gp = open_memstream(&text, &length);

	v.tex = true;
	assert_int_equal(chart_clip(&v, s, &e), 0);
	assert_int_equal(chart_find(name)->draw(s, &v, gp, &e), 0);
	fclose(gp);
	return text;
}

static void names_for_latex_are_harmless_there(void **state)
{
	static const char *const with_names[] = {"placement", "memory", "steal"};
	static const char *const names[][2] = {
	        {"a_b%c#d$", "'a\\_b?c?d?"}, {"e&f~g^h{", "'e?f?g?h?"}, {"i}j\\k_l", "'i?j?k\\_l"}};
	static struct fake f;
	struct series s;
	char *text;
	size_t i, k;

	begin(&f, &s, 2, 3);
	for (k = 0; k < 3; k++)
		f.name[k] = names[k][0];
	fake_ticks(&f, 5);
	for (i = 0; i < 3; i++) {
		text = tex_script_of(&s, with_names[i]);
		for (k = 0; k < 3; k++) {
			assert_non_null(strstr(text, names[k][1]));
			assert_null(strstr(text, names[k][0]));
		}
		free(text);
	}
	text = tex_script_of(&s, "pcpu");
	assert_non_null(strstr(text, "'utilisation (\\%)'"));
	free(text);
	end(&f, &s);
}

/* The rows of a data block of a script, to be freed. */
static char *block_of(const char *script, const char *name)
{
	char begin[64];
	const char *at;

	snprintf(begin, sizeof(begin), "$%s << " CHART_END "\n", name);
	at = strstr(script, begin);
	if (!at)
		fail_msg("the script has no block %s", name);
	at += strlen(begin);
	return strndup(at, (size_t)(strstr(at, CHART_END) - at));
}

static void a_long_run_keeps_its_dashes_and_its_peaks(void **state)
{
	static struct fake f;
	struct series s;
	char *text, *block;
	size_t length;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 2000);
	f.demand_pct[0] = 97;
	fake_ticks(&f, 1);
	f.demand_pct[0] = 20;
	fake_ticks(&f, 2000);
	text = script_of(&s, "pcpu", false, &length);
	assert_non_null(strstr(text, "dt '--' title 'pCPU 1'"));
	block = block_of(text, "pcpu0");
	/* two rows a step, each at least six pixels wide: wide enough for a dash */
	assert_in_range(lines_in(block), 200, 2 * VIEW.width / 6 + 2);
	free(block);
	block = block_of(text, "range0");
	assert_non_null(strstr(block, " 97\n"));
	assert_in_range(lines_in(block), 600, 2 * VIEW.width / 2 + 2);
	free(block);
	free(text);
	end(&f, &s);
}

static void many_pcpus_are_thin_lines_or_their_range(void **state)
{
	static struct fake f;
	struct series s;
	size_t length;
	char *text;

	begin(&f, &s, 20, 1);
	fake_ticks(&f, 100);
	text = script_of(&s, "pcpu", false, &length);
	assert_non_null(strstr(text, "$pcpu19 using 1:2 with lines lw 0.4"));
	assert_null(strstr(text, "title 'range'"));
	free(text);
	fake_ticks(&f, VIEW.width / 2);
	text = script_of(&s, "pcpu", false, &length);
	assert_null(strstr(text, "$pcpu19 using"));
	assert_non_null(strstr(text, "title 'range'"));
	free(text);
	end(&f, &s);
}

static void a_short_run_is_drawn_tick_by_tick(void **state)
{
	static struct fake f;
	struct series s;
	char *text, *block;
	size_t length;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 2);
	fake_miss(&f, 20);
	fake_ticks(&f, 2);
	text = script_of(&s, "pcpu", false, &length);
	block = block_of(text, "pcpu0");
	assert_string_equal(block, "0 20\n1 20\n\n22 20\n23 20\n");
	assert_null(strstr(text, "means of"));
	free(block);
	free(text);
	end(&f, &s);
}

static void steal_has_a_row_for_each_guest(void **state)
{
	static struct fake f;
	struct series s;
	char *text, *block;
	size_t length;

	begin(&f, &s, 1, 2);
	f.demand_pct[0] = f.demand_pct[1] = 80;
	fake_ticks(&f, 2000);
	f.demand_pct[1] = 320;
	fake_ticks(&f, 1);
	f.demand_pct[1] = 80;
	fake_ticks(&f, 2000);
	text = script_of(&s, "steal", false, &length);
	assert_non_null(strstr(text, "set ytics ('g0' 1.44, 'g1' 0.44)"));
	assert_non_null(strstr(text, "'rows 0 to 80 %'"));
	assert_non_null(strstr(text, "$steal1 using 1:2 with"));
	block = block_of(text, "steal1");
	assert_memory_equal(block, "0 0 0\n0 ", 8);
	assert_string_equal(block + strlen(block) - 5, " 0 0\n");
	/* 75 of 80 %, of 0.88 of a row */
	assert_non_null(strstr(block, " 0.825\n"));
	free(block);
	block = block_of(text, "steal0");
	assert_memory_equal(block, "0 1 1\n0 ", 8);
	free(block);
	free(text);
	end(&f, &s);
}

static void of_many_guests_the_rows_are_those_with_most_steal(void **state)
{
	static struct fake f;
	struct series s;
	size_t length;
	char *text;

	begin(&f, &s, 2, 40);
	f.demand_pct[39] = 90;
	fake_ticks(&f, 5);
	text = script_of(&s, "steal", false, &length);
	assert_non_null(strstr(text, "; the top 15 of 40 guests'"));
	assert_non_null(strstr(text, "'g39' 0.44)"));
	assert_null(strstr(text, "'g38'"));
	free(text);
	end(&f, &s);
}

static void a_changed_pin_is_marked_in_its_row_and_no_number_stands_on_it(void **state)
{
	double at_s, numbers_s[3] = {0};
	static struct fake f;
	char *text, *block, *p;
	struct series s;
	size_t length, row;

	begin(&f, &s, 2, 3);
	fake_ticks(&f, 100);
	fake_sense(&f);
	fake_pin(&f, 1, 1); /* where it was: its stay goes on */
	fake_record(&f);
	fake_ticks(&f, 100);
	text = script_of(&s, "placement", false, &length);
	block = block_of(text, "changes");
	assert_int_equal(lines_in(block), 1);
	assert_non_null(strstr(block, " 0.5\n"));
	assert_int_equal(sscanf(block, "%lf", &at_s), 1);
	assert_true(fabs(at_s - 100) < 1);
	free(block);
	block = block_of(text, "numbers");
	for (p = block; sscanf(p, "%lf %zu", &at_s, &row) == 2; p = strchr(p, '\n') + 1)
		numbers_s[row] = at_s;
	assert_true(fabs(numbers_s[0] - 100) < 1);
	assert_true(fabs(numbers_s[1] - 50) < 1);
	assert_true(fabs(numbers_s[2] - 100) < 1);
	free(block);
	free(text);
	end(&f, &s);
}

/* Where a text of a picture stands, in pixels from its upper edge; a title of a key ends at `x`. */
static void find_text(const char *svg, const char *text, double *x, double *y)
{
	char tspan[80];
	const char *at, *p = svg;

	snprintf(tspan, sizeof(tspan), ">%s<", text);
	at = strstr(svg, tspan);
	if (!at)
		fail_msg("the picture has no text %s", text);
	*x = *y = NAN;
	while ((p = strstr(p, "translate(")) && p < at)
		sscanf(p++, "translate(%lf,%lf)", x, y);
}

/* The upper edge of the frames: the highest of what is drawn in their colour. */
static double top_of(const char *svg)
{
	static const char path[] = "stroke='rgb( 64,  64,  64)'  d='M";
	double top = NAN, x, y;

	while ((svg = strstr(svg, path)))
		if (sscanf(svg += strlen(path), "%lf,%lf", &x, &y) == 2)
			top = fmin(top, y);
	return top;
}

/* A chart as SVG, to be freed. */
static char *svg_of(const struct series *s, const char *name, const struct chart_view *v)
{
	struct drawing d = {0};
	struct error e;

	if (picture_script(chart_find(name), s, v, ".svg", &d, &e) < 0)
		fail_msg("%s: %s", name, e.text);
	draw(&d, 1);
	free(d.script);
	return d.picture;
}

static void a_key_stands_above_the_frame_and_within_the_picture(void **state)
{
	static const struct {
		const char *chart, *titles[6];
	} cases[] = {
	        {"pcpu", {"pCPU 0", "pCPU 3", "mean", "pins changed"}},
	        {"placement", {"pCPU 0", "pCPU 3", "idle", "full load", "pins changed"}},
	        {"memory", {"balloon", "unused", "band of usable", "given", "taken", "failed"}},
	        {"host", {"host available", "all balloons", "their pool"}},
	        {"self", {"reading the host", "CPU time, all of it", "the interval"}},
	};
	static const unsigned sizes[][2] = {{302, 220}, {480, 300}, {800, 500}};
	struct chart_view v = VIEW;
	static struct fake f;
	double x, y, top;
	size_t n, i;
	struct series s;
	struct error e;
	char *svg;

	begin_eventful(&f, &s, 4, 8);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	for (n = 0; n < 3 * sizeof(cases) / sizeof(cases[0]); n++) {
		v.width = sizes[n % 3][0];
		v.height = sizes[n % 3][1];
		svg = svg_of(&s, cases[n / 3].chart, &v);
		top = top_of(svg);
		for (i = 0; i < 6 && cases[n / 3].titles[i]; i++) {
			find_text(svg, cases[n / 3].titles[i], &x, &y);
			if (!(y < top && x > 0 && x < v.width))
				fail_msg("%s, %u pixels: %s ends at %g, %g; the frame begins at %g",
				         cases[n / 3].chart, v.width, cases[n / 3].titles[i], x, y,
				         top);
		}
		free(svg);
	}
	end(&f, &s);
}

/* What a terminal of so many characters shows, to be freed. */
static char *screen_of(const struct series *s, const char *name, unsigned width, unsigned height)
{
	struct chart_view v = VIEW;
	struct error e;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	v.terminal = true;
	v.width = width;
	v.height = height;
	assert_int_equal(chart_clip(&v, s, &e), 0);
	if (picture_show(chart_find(name), s, &v, out, &e) < 0)
		fail_msg("%s: %s", name, e.text);
	fclose(out);
	return text;
}

/* The words of a text, whatever stands between them, are on the screen in this order. */
static bool shows(const char *screen, const char *text)
{
	char words[160], *word, *rest = words;

	snprintf(words, sizeof(words), "%s", text);
	while ((word = strsep(&rest, " "))) {
		screen = strstr(screen, word);
		if (!screen)
			return false;
		screen += strlen(word);
	}
	return true;
}

static void a_narrow_terminal_shows_every_word(void **state)
{
	static const struct {
		const char *chart, *texts[4];
	} cases[] = {
	        {"pcpu",
	         {" pCPU utilisation (%): 0 = pCPU 0 ...; v = pins changed",
	          " standard deviation (points)", "limit 5"}},
	        {"placement", {" pCPU of each vCPU, . = idle; 4 of 4 vCPUs", " g0 |", " g3 |"}},
	        {"memory",
	         {" balloons (MiB): 1=g0 2=g1 3=g2 4=g3",
	          " least usable of any guest (MiB): *; lower end of bands: -"}},
	        {"host",
	         {" memory (GiB): a = host available; b = its reserve; c = all balloons; d = their "
	          "pool"}},
	        {"steal", {" 3 = 30 to 39, . = below 1; 4 of 4 guests", " g0 |444", " g3 |444"}},
	        {"actions", {" changes so far: a = pins changed; b = memory given; e = failed"}},
	        {"self",
	         {" time per tick (ms): a = reading the host; b = CPU time, all of it; c = "
	          "deciding; d = "
	          "the interval"}},
	};
	static const unsigned sizes[][2] = {{39, 19}, {58, 23}, {79, 24}, {200, 60}};
	static struct fake f;
	struct series s;
	char *screen;
	size_t n, i;

	begin(&f, &s, 2, 4);
	for (i = 0; i < 4; i++)
		f.demand_pct[i] = 90;
	fake_ticks(&f, 20);
	fake_sense(&f);
	fake_pin(&f, 0, 0);
	fake_order(&f, 2, 600 << 10);
	fake_order(&f, 3, 600 << 10)->result = RESULT_FAILED;
	fake_record(&f);
	fake_ticks(&f, 20);
	for (n = 0; n < 4 * sizeof(cases) / sizeof(cases[0]); n++) {
		screen = screen_of(&s, cases[n / 4].chart, sizes[n % 4][0], sizes[n % 4][1]);
		for (i = 0; i < 4 && cases[n / 4].texts[i]; i++)
			if (!shows(screen, cases[n / 4].texts[i]))
				fail_msg("%s, %u characters: no '%s' in\n%s", cases[n / 4].chart,
				         sizes[n % 4][0], cases[n / 4].texts[i], screen);
		free(screen);
	}
	end(&f, &s);
}

static void a_picture_too_small_for_its_key_has_none(void **state)
{
	static const unsigned sizes[][2] = {{200, 150}, {302, 220}};
	struct chart_view v = VIEW;
	static struct fake f;
	double x, y, top;
	size_t i;
	struct series s;
	struct error e;
	char *svg;

	begin(&f, &s, 8, 8);
	fake_ticks(&f, 300);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	for (i = 0; i < 2; i++) {
		v.width = sizes[i][0];
		v.height = sizes[i][1];
		svg = svg_of(&s, "pcpu", &v);
		top = top_of(svg);
		find_text(svg,
		          i ? "means of 6 ticks; range: of single ones"
		            : "means of 9 ticks; range: of single ones",
		          &x, &y);
		assert_true(y > 0 && y < top && top < 0.5 * v.height);
		assert_true(!strstr(svg, "pCPU 7") == (i == 0));
		free(svg);
	}
	end(&f, &s);
}

static void of_many_guests_those_are_drawn_that_moved_most(void **state)
{
	static struct fake f;
	struct series s;
	size_t length;
	char *text;

	begin(&f, &s, 2, 20);
	fake_ticks(&f, 5);
	f.memory[3].actual_kib += 100 << 10;
	f.memory[17].actual_kib += 200 << 10;
	fake_ticks(&f, 5);
	text = script_of(&s, "memory", false, &length);
	assert_non_null(strstr(text, "the 8 of 20 guests"));
	assert_non_null(strstr(text, "$actual3 "));
	assert_non_null(strstr(text, "$actual17 "));
	assert_non_null(strstr(text, "$actual0 "));
	assert_null(strstr(text, "$actual19 "));
	free(text);
	end(&f, &s);
}

/* A level holds from its own moment on, a rate from the moment before. */
static void levels_stand_at_their_own_time(void **state)
{
	struct chart_view v = VIEW;
	static struct fake f;
	struct series s;
	struct error e;
	size_t length;
	char *text;

	begin(&f, &s, 2, 1);
	fake_ticks(&f, 5);
	f.memory[0].actual_kib = 600 << 10;
	fake_ticks(&f, 5);
	assert_int_equal(chart_clip(&v, &s, &e), 0);
	text = script_of(&s, "memory", false, &length);
	assert_non_null(
	        strstr(text, "$actual0 << " CHART_END "\n0 512\n5 600\n9 600\n" CHART_END "\n"));
	free(text);
	end(&f, &s);
}

static void what_a_run_is_about_is_drawn_by_default(void **state)
{
	static struct fake f;
	struct series s;

	begin(&f, &s, 2, 2);
	fake_ticks(&f, 5);
	assert_string_equal(chart_default(&s)->name, "pcpu");
	strcpy(s.run.program, "vmb-mem");
	assert_string_equal(chart_default(&s)->name, "memory");
	end(&f, &s);
}

static void charts_are_found_by_name(void **state)
{
	size_t i;

	for (i = 0; i < nr_charts; i++)
		assert_ptr_equal(chart_find(charts[i].name), &charts[i]);
	assert_non_null(chart_find("pcpu"));
	assert_non_null(chart_find("placement"));
	assert_null(chart_find("pcp"));
	assert_null(chart_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(thinning_keeps_the_only_spike_and_the_only_dip),
	        cmocka_unit_test(a_gap_breaks_the_line),
	        cmocka_unit_test(what_stays_the_same_is_one_stroke),
	        cmocka_unit_test(hostile_names_never_reach_a_script),
	        cmocka_unit_test(fewer_than_two_ticks_are_no_data),
	        cmocka_unit_test(a_host_without_guests_has_no_placement),
	        cmocka_unit_test(every_tick_is_in_a_column),
	        cmocka_unit_test(changes_that_stand_close_are_one_mark),
	        cmocka_unit_test(numbers_of_changes_touch_neither_the_frame_nor_each_other),
	        cmocka_unit_test(gnuplot_draws_every_chart_without_a_complaint),
	        cmocka_unit_test(a_chart_does_not_depend_on_those_before_it),
	        cmocka_unit_test(names_for_latex_are_harmless_there),
	        cmocka_unit_test(a_long_run_keeps_its_dashes_and_its_peaks),
	        cmocka_unit_test(many_pcpus_are_thin_lines_or_their_range),
	        cmocka_unit_test(a_short_run_is_drawn_tick_by_tick),
	        cmocka_unit_test(steal_has_a_row_for_each_guest),
	        cmocka_unit_test(of_many_guests_the_rows_are_those_with_most_steal),
	        cmocka_unit_test(a_changed_pin_is_marked_in_its_row_and_no_number_stands_on_it),
	        cmocka_unit_test(a_key_stands_above_the_frame_and_within_the_picture),
	        cmocka_unit_test(a_narrow_terminal_shows_every_word),
	        cmocka_unit_test(a_picture_too_small_for_its_key_has_none),
	        cmocka_unit_test(of_many_guests_those_are_drawn_that_moved_most),
	        cmocka_unit_test(levels_stand_at_their_own_time),
	        cmocka_unit_test(what_a_run_is_about_is_drawn_by_default),
	        cmocka_unit_test(charts_are_found_by_name),
	};

	return check_all(tests);
}
