/* gnuplot_test - gnuplot within its limits, and told of what went wrong; of several drawings, which one */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/gnuplot.h"

#define MOST 3

/* The drawings of these scripts, up to a NULL. Returns how many; forget() is needed. */
static size_t drawings_of(const char *const scripts[MOST], struct drawing d[MOST])
{
	size_t nr;

	memset(d, 0, MOST * sizeof(*d));
	for (nr = 0; nr < MOST && scripts[nr]; nr++) {
		d[nr].script = strdup(scripts[nr]);
		assert_non_null(d[nr].script);
		d[nr].script_length = strlen(scripts[nr]);
	}
	return nr;
}

static void forget(struct drawing d[MOST])
{
	size_t i;

	for (i = 0; i < MOST; i++) {
		free(d[i].script);
		free(d[i].picture);
	}
}

#define GOOD "set terminal svg\nplot x\n"

static void what_fails_is_ended_and_named(void **state)
{
	static const struct {
		const char *name, *scripts[MOST];
		int result;
		size_t drawn;
		const char *words;
	} cases[] = {
	        {"a loop is ended", {"while (1) {}\n"}, -ETIMEDOUT, 0, "longer than 1 s"},
	        {"a sleeper is ended", {"pause 30\n"}, -ETIMEDOUT, 0, "longer than 1 s"},
	        {"an endless picture is ended",
	         {"set terminal svg\ndo for [i=1:999] { plot x }\n"},
	         -EFBIG,
	         0,
	         "larger than"},
	        {"a mistake is told",
	         {"a = 1\nplot nonsense(x)\n"},
	         -EIO,
	         0,
	         "failed: line 2: undefined function: nonsense"},
	        {"nothing drawn is told", {"a = 1\n"}, -EIO, 0, "drew nothing"},
	        {"a death is told", {"system('kill -SEGV $PPID')\n"}, -EIO, 0, "died of signal 11"},
	        {"all well", {GOOD, GOOD, GOOD}, 0, 3, NULL},
	        {"the first of several fails",
	         {"plot nonsense(x)\n", GOOD, GOOD},
	         -EIO,
	         0,
	         "nonsense"},
	        {"the second fails", {GOOD, "plot nonsense(x)\n", GOOD}, -EIO, 1, "nonsense"},
	        {"the last fails", {GOOD, GOOD, "plot nonsense(x)\n"}, -EIO, 2, "nonsense"},
	        {"it fails with its picture half done",
	         {GOOD, GOOD "plot nonsense(x)\n", GOOD},
	         -EIO,
	         1,
	         "nonsense"},
	        {"the second hangs", {GOOD, "pause 30\n", GOOD}, -ETIMEDOUT, 1, "longer than 1 s"},
	        {"the last hangs",
	         {GOOD, GOOD, "while (1) {}\n"},
	         -ETIMEDOUT,
	         2,
	         "longer than 1 s"},
	        {"the second is too large",
	         {GOOD, "set terminal svg\ndo for [i=1:999] { plot x }\n", GOOD},
	         -EFBIG,
	         1,
	         "larger than"},
	        {"the second draws nothing", {GOOD, "a = 1\n", GOOD}, -EIO, 1, "drew nothing"},
	        {"it dies of the second",
	         {GOOD, "system('kill -SEGV $PPID')\n", GOOD},
	         -EIO,
	         1,
	         "died of signal 11"},
	        {"it ends with the first",
	         {GOOD "exit\n", GOOD},
	         -EIO,
	         0,
	         "before the last picture"},
	        {"a script without an end of line", {"set terminal svg; plot x", GOOD}, 0, 2, NULL},
	        {"a script with an open block",
	         {GOOD, "set terminal svg\n$data << END\n1 2\n", GOOD},
	         -EIO,
	         1,
	         NULL},
	};
	struct gnuplot_limits limits = GNUPLOT_LIMITS;
	struct drawing d[MOST];
	size_t drawn, nr, i, n;
	struct error e;
	int r;

	limits.seconds = 1;
	limits.output_bytes = 60000;
	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		nr = drawings_of(cases[n].scripts, d);
		e = (struct error){0};
		r = gnuplot_run(d, nr, &limits, &drawn, &e);
		if (r != cases[n].result || drawn != cases[n].drawn || e.code != -r)
			fail_msg("%s: %d after %zu (%s), expected %d after %zu", cases[n].name, r,
			         drawn, e.text, cases[n].result, cases[n].drawn);
		if (cases[n].words && !strstr(e.text, cases[n].words))
			fail_msg("%s: no '%s' in '%s'", cases[n].name, cases[n].words, e.text);
		for (i = 0; i < nr; i++)
			if (!d[i].picture != (i >= drawn))
				fail_msg("%s: drawing %zu", cases[n].name, i);
		forget(d);
	}
}

/* Behind the empty groups that SVG begins with: they have colour and width of the last line, be it one of the picture before. */
static const char *body_of(const char *svg)
{
	static const char end[] = "</defs>\n", empty[] = ">\n</g>\n";
	const char *at = strstr(svg, end) + strlen(end), *tag;

	while ((tag = strchr(at, '>')) && !strncmp(tag, empty, strlen(empty)))
		at = tag + strlen(empty);
	return at;
}

/* What a script leaves behind: settings, variables, data, an open multiplot, another terminal. */
static void a_script_is_drawn_as_if_it_were_the_only_one(void **state)
{
	static const char *const befores[] = {
	        "set terminal svg size 100,100 font 'serif,30'\nplot x\n",
	        GOOD "set logscale y\nset xrange [5:6]\nset key bottom\nset label 1 'left behind' "
	             "at 1,1\n",
	        GOOD "set border 0 lw 9\nunset tics\nset multiplot layout 2,2\nplot x\n",
	        GOOD "set decimalsign ','\nset samples 3\nset style data points\nset dummy t\nset "
	             "polar\n",
	        "$data << END\n1 2\nEND\nset terminal dumb\nplot $data\n",
	};
	static const char subject[] =
	        "set terminal svg size 400,300 font 'sans,10'\nset xlabel 'x'\n"
	        "plot exists('$data') || exists('a') ? 1 : x, sin(x) with points title 'sin'\n";
	const char *scripts[MOST] = {subject};
	struct drawing alone[MOST], d[MOST];
	size_t drawn, n;
	struct error e;

	drawings_of(scripts, alone);
	assert_int_equal(gnuplot_run(alone, 1, &GNUPLOT_LIMITS, &drawn, &e), 0);
	for (n = 0; n < sizeof(befores) / sizeof(befores[0]); n++) {
		scripts[0] = befores[n];
		scripts[1] = subject;
		if (gnuplot_run(d, drawings_of(scripts, d), &GNUPLOT_LIMITS, &drawn, &e) < 0)
			fail_msg("%s: %s", befores[n], e.text);
		if (strcmp(body_of(d[1].picture), body_of(alone->picture)) != 0)
			fail_msg("after\n%sthe picture is\n%.2000s", befores[n],
			         body_of(d[1].picture));
		forget(d);
	}
	forget(alone);
}

static void a_complaint_is_told_of_its_own_drawing(void **state)
{
	static const char *const scripts[MOST] = {
	        GOOD, "set terminal svg\nplot '/nonexistent', x\n", GOOD};
	struct drawing d[MOST];
	struct error e;
	size_t drawn;

	drawings_of(scripts, d);
	assert_int_equal(gnuplot_run(d, MOST, &GNUPLOT_LIMITS, &drawn, &e), 0);
	assert_string_equal(d[0].said, "");
	assert_non_null(strstr(d[1].said, "nonexistent"));
	assert_string_equal(d[2].said, "");
	forget(d);
}

static void a_missing_gnuplot_is_named(void **state)
{
	static const char *const scripts[MOST] = {GOOD, GOOD};
	char *path = strdup(getenv("PATH"));
	struct drawing d[MOST];
	struct error e;
	size_t drawn, nr = drawings_of(scripts, d);
	int r;

	setenv("PATH", "/nonexistent", 1);
	r = gnuplot_run(d, nr, &GNUPLOT_LIMITS, &drawn, &e);
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(r, -ENOENT);
	assert_int_equal(drawn, 0);
	assert_non_null(strstr(e.text, "gnuplot-nox"));
	forget(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_fails_is_ended_and_named),
	        cmocka_unit_test(a_script_is_drawn_as_if_it_were_the_only_one),
	        cmocka_unit_test(a_complaint_is_told_of_its_own_drawing),
	        cmocka_unit_test(a_missing_gnuplot_is_named),
	};

	return check_all(tests);
}
