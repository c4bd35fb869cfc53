/* formula_test - arithmetic over the numbers of a run */
#include "tests/unit/fake_run.h"

#include "analyze/formula.h"
#include "analyze/settle.h"
#include "tests/unit/check.h"
#include "tests/unit/spooled.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* 8 vCPUs on 4 pCPUs at 0.5 s, with a limit of 4 points; it is not known when it settled. */
static const struct series *small_run(void)
{
	static struct series_tick ticks[2] = {{.nr_pcpus = 8}, {.nr_pcpus = 4, .missed = 3}};
	static struct series s = {.nr_vcpus = 8, .nr_ticks = 2};

	if (!s.ticks)
		s.ticks = spooled(ticks, sizeof(ticks[0]), 2);
	s.run.interval_ns = 500000000;
	snprintf(s.run.settings, sizeof(s.run.settings), "balance=4");
	return &s;
}

static const struct settling unsettled;

static void a_formula_has_its_value(void **state)
{
	static const struct {
		const char *text;
		double value;
	} table[] = {
	        {"5", 5},
	        {"2.5", 2.5},
	        {".5", 0.5},
	        {"1e3", 1000},
	        {"2.5E-1", 0.25},
	        {"-1", -1},
	        {"--1", 1},
	        {"run.vcpus", 8},
	        {"run.pcpus", 4},
	        {"run.interval_s", 0.5},
	        {"run.balance_pp", 4},
	        {"self.late_ticks", 3},
	        {"run.vcpus - run.vcpus / run.pcpus", 6},
	        {"run.vcpus-2*run.vcpus/run.pcpus", 4},
	        {"3 * run.interval_s", 1.5},
	        {"run.interval_s + 1", 1.5},
	        {"1 - run.interval_s", 0.5},
	        {"2 * run.balance_pp / 4 + 1", 3},
	        {"run.balance_pp * run.vcpus", 32},
	        {"run.vcpus * (run.interval_s / run.interval_s)", 8},
	        {"1 + 2 * 3", 7},
	        {"2 * 3 + 1", 7},
	        {"8 / 4 / 2", 1},
	        {"8 / (4 / 2)", 4},
	        {"8 - 4 - 2", 2},
	        {"8 - (4 - 2)", 6},
	        {"8 - 4 + 2", 6},
	        {"(1 + 2) * 3", 9},
	        {"((7))", 7},
	        {"-(1 + 2) * -3", 9},
	        {"2 - -3", 5},
	        {"\trun.vcpus /2 ", 4},
	        {"run.vcpus / 3 * 3", 8},
	};
	const struct series *s = small_run();
	struct formula_value value;
	struct formula f;
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		if (formula_parse(table[i].text, &f, &e) < 0)
			fail_msg("%s: %s", table[i].text, e.text);
		assert_int_equal(formula_in_run(&f, s, &unsettled, &value), 0);
		if (value.known != KNOWN_EXACTLY || *value.why || value.value != table[i].value)
			fail_msg("%s: %g instead of %g", table[i].text, value.value,
			         table[i].value);
	}
}

static void what_is_not_known_is_said(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
	        {"cpu.settle_s", "cpu.settle_s is not"},
	        {"2 * (1 - cpu.settle_s)", "cpu.settle_s is not"},
	        {"0 * cpu.settle_s", "cpu.settle_s is not"},
	        {"-trace.bytes_per_tick", "trace.bytes_per_tick is not"},
	        {"run.interval_s * (trace.bytes_per_tick / trace.bytes_per_tick) + cpu.settle_s",
	         "trace.bytes_per_tick is not"},
	        {"1 / 0", "it divides by 0"},
	        {"0 / 0", "it divides by 0"},
	        {"run.vcpus / (run.pcpus - 4) + 1", "it divides by 0"},
	        {"1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*1e15*"
	         "1e15*1e15*1e15*1e15*1e15",
	         "it is too large"},
	};
	const struct series *s = small_run();
	struct formula_value value;
	struct formula f;
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		if (formula_parse(table[i].text, &f, &e) < 0)
			fail_msg("%s: %s", table[i].text, e.text);
		assert_int_equal(formula_in_run(&f, s, &unsettled, &value), 0);
		assert_int_equal(value.known, KNOWN_NOT);
		assert_true(isnan(value.value));
		assert_string_equal(value.why, table[i].why);
	}
}

/* 48 guests on 7 of 16 pCPUs: too many to prove how few changes even them out. */
static void a_bound_is_kept_as_far_as_it_goes(void **state)
{
	static const struct {
		const char *text;
		double value; /* beside what is known of cpu.moves_needed: factor * it + value */
		double factor;
		enum known known;
	} table[] = {
	        {"cpu.moves_needed", 0, 1, KNOWN_AT_MOST},
	        {"cpu.moves_needed + 1", 1, 1, KNOWN_AT_MOST},
	        {"1 + cpu.moves_needed", 1, 1, KNOWN_AT_MOST},
	        {"cpu.moves_needed + cpu.moves_needed", 0, 2, KNOWN_AT_MOST},
	        {"cpu.moves_needed - cpu.moves_needed", 0, 0, KNOWN_NOT},
	        {"100 - cpu.moves_needed", 100, -1, KNOWN_AT_LEAST},
	        {"-cpu.moves_needed", 0, -1, KNOWN_AT_LEAST},
	        {"--cpu.moves_needed", 0, 1, KNOWN_AT_MOST},
	        {"100 - (100 - cpu.moves_needed)", 0, 1, KNOWN_AT_MOST},
	        {"3 * cpu.moves_needed", 0, 3, KNOWN_AT_MOST},
	        {"cpu.moves_needed * (1 - 3)", 0, -2, KNOWN_AT_LEAST},
	        {"cpu.moves_needed / 2", 0, 0.5, KNOWN_AT_MOST},
	        {"cpu.moves_needed / -2", 0, -0.5, KNOWN_AT_LEAST},
	        {"7 + 0 * cpu.moves_needed", 7, 0, KNOWN_EXACTLY},
	        {"cpu.moves_needed * cpu.moves_needed", 0, 0, KNOWN_NOT},
	        {"1 / cpu.moves_needed", 0, 0, KNOWN_NOT},
	};
	static struct trace_run_row run;
	struct formula_value needed = {0}, value;
	struct settling x;
	struct formula f;
	struct series s;
	struct fake fake;
	struct error e;
	size_t i;

	fake_init(&fake, 16, 48);
	fake_fill_run(&fake, &run);
	assert_int_equal(series_init(&s, &run, &e), 0);
	fake.series = &s;
	for (i = 0; i < 48; i++) {
		fake.demand_pct[i] = (double)(8 + i * 7 % 23);
		fake.pinned[i] = (int)(i % 7);
	}
	fake_ticks(&fake, 30);
	assert_int_equal(settle_run(&s, (struct limit){LIMIT_AT_MOST, 5}, &x), 0);
	for (i = 0; i < NR(table); i++) {
		if (formula_parse(table[i].text, &f, &e) < 0)
			fail_msg("%s: %s", table[i].text, e.text);
		assert_int_equal(formula_in_run(&f, &s, &x, &value), 0);
		if (i == 0)
			needed = value;
		assert_true(needed.value > 10);
		if (value.known != table[i].known)
			fail_msg("%s: known %d", table[i].text, value.known);
		if (value.known == KNOWN_EXACTLY)
			assert_string_equal(value.why, "");
		else
			assert_non_null(strstr(value.why, "cpu.moves_needed is only known to be "));
		if (value.known != KNOWN_NOT)
			assert_true(value.value == table[i].factor * needed.value + table[i].value);
	}
	series_done(&s);
	fake_done(&fake);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} table[] = {
	        {"", "'': needs a number, a metric or ( at its end"},
	        {"run.vcpus -", "'run.vcpus -': needs a number, a metric or ( at its end"},
	        {"(1 + 2", "'(1 + 2': needs + - * / or ) at its end"},
	        {"(1 2)", "'(1 2)': needs + - * / or ) at '2)'"},
	        {"1)", "'1)': needs + - * or / at ')'"},
	        {"()", "'()': needs a number, a metric or ( at ')'"},
	        {"+1", "'+1': needs a number, a metric or ( at '+1'"},
	        {"2 ** 3", "'2 ** 3': needs a number, a metric or ( at '* 3'"},
	        {"2 run.vcpus", "'2 run.vcpus': needs + - * or / at 'run.vcpus'"},
	        {"run.vcpus run.pcpus", "'run.vcpus run.pcpus': needs + - * or / at 'run.pcpus'"},
	        {"1 % 2", "'1 % 2': needs + - * or / at '% 2'"},
	        {"0x10", "'0x10': needs + - * or / at 'x10'"},
	        {"1.2.3", "'1.2.3': number '1.2.3': not a number"},
	        {".", "'.': number '.': not a number"},
	        {"1e", "'1e': number '1e': not a number"},
	        {"1e300", "'1e300': number '1e300': must be from 0 to 1e+15"},
	        {"vcpus", "'vcpus': there is no metric 'vcpus'"},
	        {"inf", "'inf': there is no metric 'inf'"},
	        {"Run.vcpus", "'Run.vcpus': needs a number, a metric or ( at 'Run.vcpus'"},
	        {"cpu.steal_pct", "'cpu.steal_pct': cpu.steal_pct is a number a guest, not one a "
	                          "run"},
	        {"1 + cpu.sd_pp", "'1 + cpu.sd_pp': cpu.sd_pp is a number a tick, not one a run"},
	        {"cpu.dwell_s", "'cpu.dwell_s': cpu.dwell_s is a number a change, not one a run"},
	        {"cpu.class", "'cpu.class': cpu.class is a word, not a number"},
	        {"run.vcpus + run.interval_s",
	         "'run.vcpus + run.interval_s': a bare number + s: units differ"},
	        {"run.balance_pp - 2 * cpu.settle_s",
	         "'run.balance_pp - 2 * cpu.settle_s': points - s: units differ"},
	        {"run.interval_s * cpu.settle_s",
	         "'run.interval_s * cpu.settle_s': s * s is no unit that is known"},
	        {"1 / run.interval_s",
	         "'1 / run.interval_s': a bare number / s is no unit that is known"},
	        {"run.balance_pp / run.interval_s",
	         "'run.balance_pp / run.interval_s': points / s is no unit that is known"},
	        {"run.interval_s / run.interval_s + run.interval_s",
	         "'run.interval_s / run.interval_s + run.interval_s': a bare number + s: units "
	         "differ"},
	        {"run.vcpus + run.vcpus + run.vcpus + run.vcpus + run.vcpus + run.vcpus + "
	         "run.vcpus + run.vcpus + run.vcpus + run.vcpus + run.vcpus",
	         "'run.vcpus + run.vcpu...': longer than 127 characters"},
	};
	struct formula f = {.nr = 77};
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		if (formula_parse(table[i].text, &f, &e) != -EINVAL)
			fail_msg("accepted: %s", table[i].text);
		assert_string_equal(e.text, table[i].says);
		assert_int_equal(f.nr, 77);
	}
}

/* What costs most for its length, up to the last character that there is room for. */
static void the_longest_formulas_have_room(void **state)
{
	static const struct {
		const char *first,
		        *last; /* so many of each as there is room for, with a 1 between */
	} table[] = {{"-", ""}, {"(", ")"}, {"-(", ")"}, {"1+", ""}, {"1-(", ")"}};
	char text[FORMULA_TEXT];
	struct formula_value value;
	struct formula f;
	struct error e;
	size_t i, n, times;

	for (i = 0; i < NR(table); i++) {
		times = (sizeof(text) - 2) / (strlen(table[i].first) + strlen(table[i].last));
		text[0] = '\0';
		for (n = 0; n < times; n++)
			strcat(text, table[i].first);
		strcat(text, "1");
		for (n = 0; n < times; n++)
			strcat(text, table[i].last);
		if (formula_parse(text, &f, &e) < 0)
			fail_msg("%s", e.text);
		assert_int_equal(formula_in_run(&f, small_run(), &unsettled, &value), 0);
		assert_int_equal(value.known, KNOWN_EXACTLY);
	}
}

/* Chance that is the same in every run. */
static uint32_t chance(uint32_t below)
{
	static uint64_t seed = 20240229;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

/* A formula that is made up beside what it comes to, by the grammar and not by the parser. */
struct made {
	char text[4096];
	size_t length;
};

static void make(struct made *m, const char *piece)
{
	static const char *const blanks[] = {"", "", " ", "\t", "  "};

	m->length += (size_t)snprintf(m->text + m->length, sizeof(m->text) - m->length, "%s%s",
	                              piece, blanks[chance(NR(blanks))]);
}

static double make_sum(struct made *m, unsigned depth);

static double make_operand(struct made *m, unsigned depth)
{
	static const struct {
		const char *text;
		double value;
	} leaves[] = {
	        {"0", 0},        {"1", 1},         {"2.50", 2.5},    {"3e1", 30},
	        {".125", 0.125}, {"run.vcpus", 8}, {"run.pcpus", 4}, {"self.late_ticks", 3},
	};
	uint32_t what = chance(depth ? 8 : 4);
	double value;
	size_t leaf;

	if (what < 4) {
		leaf = chance(NR(leaves));
		make(m, leaves[leaf].text);
		return leaves[leaf].value;
	}
	make(m, what == 4 ? "-" : "(");
	if (what == 4)
		return -make_operand(m, depth - 1);
	value = make_sum(m, depth - 1);
	make(m, ")");
	return value;
}

static double make_product(struct made *m, unsigned depth)
{
	double value = make_operand(m, depth);

	while (!chance(3)) {
		bool divide = chance(2);
		double by;

		make(m, divide ? "/" : "*");
		by = make_operand(m, depth);
		/* once not a number, it stays so: what divides by 0 is not known whatever follows */
		value = divide ? (by == 0 ? (double)NAN : value / by) : value * by;
	}
	return value;
}

static double make_sum(struct made *m, unsigned depth)
{
	double value = make_product(m, depth), by;

	while (!chance(3)) {
		bool minus = chance(2);

		make(m, minus ? "-" : "+");
		by = make_product(m, depth);
		value = minus ? value - by : value + by;
	}
	return value;
}

static void formulas_made_by_chance_have_their_values(void **state)
{
	const struct series *s = small_run();
	size_t i, known = 0, unknown = 0, refused = 0;

	for (i = 0; i < 50000; i++) {
		struct made m = {.length = 0};
		double wanted = make_sum(&m, 3);
		struct formula_value value;
		struct formula f;
		struct error e;
		int r = formula_parse(m.text, &f, &e);

		if (r == -EINVAL && strstr(e.text, "longer than")) {
			refused++;
			continue;
		}
		if (r < 0)
			fail_msg("'%s': %s", m.text, e.text);
		assert_int_equal(formula_in_run(&f, s, &unsettled, &value), 0);
		if (isnan(wanted) ? value.known != KNOWN_NOT : value.value != wanted)
			fail_msg("'%s': %g instead of %g", m.text, value.value, wanted);
		known += value.known == KNOWN_EXACTLY;
		unknown += value.known == KNOWN_NOT;
	}
	/* there were enough of each kind to say something */
	assert_true(known > 10000);
	assert_true(unknown > 1000);
	assert_true(refused > 10);
}

static void nonsense_made_by_chance_is_refused_or_calculated(void **state)
{
	static const char *const pieces[] = {
	        "run.vcpus",
	        "run.interval_s",
	        "cpu.moves_needed",
	        "cpu.class",
	        "cpu.steal_pct",
	        "run",
	        "1",
	        "2.5",
	        "1e9",
	        "1e15",
	        "0",
	        ".",
	        "e",
	        "(",
	        ")",
	        "((",
	        "))",
	        "+",
	        "-",
	        "*",
	        "/",
	        "%",
	        " ",
	        "\t",
	        "x",
	        "0x1",
	        "nan",
	        "\xff",
	        "\x01",
	        "\"",
	};
	const struct series *s = small_run();
	size_t i, sound = 0;

	for (i = 0; i < 200000; i++) {
		struct formula f = {.nr = 77}, again;
		struct formula_value value;
		char text[256] = "";
		size_t length = 0;
		uint32_t left = chance(24);
		struct error e = {0};

		while (left-- && length < sizeof(text) - 32)
			if (chance(8))
				length += (size_t)sprintf(text + length, "%s",
				                          pieces[chance(NR(pieces))]);
			else
				text[length++] = (char)(1 + chance(255));
		text[length] = '\0';
		if (formula_parse(text, &f, &e) < 0) {
			assert_int_equal(f.nr, 77);
			assert_int_equal(e.code, EINVAL);
			assert_int_equal(e.text[0], '\'');
			continue;
		}
		sound++;
		assert_in_range(f.nr, 1, FORMULA_ITEMS);
		assert_int_equal(formula_in_run(&f, s, &unsettled, &value), 0);
		assert_int_equal(isfinite(value.value), value.known != KNOWN_NOT);
		assert_int_equal(!*value.why, value.known == KNOWN_EXACTLY);
		assert_int_equal(formula_parse(f.text, &again, &e), 0);
		assert_int_equal(again.nr, f.nr);
		while (again.nr--) {
			const struct formula_item *a = &again.item[again.nr],
			                          *b = &f.item[again.nr];

			assert_true(a->kind == b->kind && a->number == b->number &&
			            a->metric == b->metric);
		}
	}
	assert_true(sound > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_formula_has_its_value),
	        cmocka_unit_test(what_is_not_known_is_said),
	        cmocka_unit_test(a_bound_is_kept_as_far_as_it_goes),
	        cmocka_unit_test(what_is_wrong_is_named),
	        cmocka_unit_test(the_longest_formulas_have_room),
	        cmocka_unit_test(formulas_made_by_chance_have_their_values),
	        cmocka_unit_test(nonsense_made_by_chance_is_refused_or_calculated),
	};

	return check_all(tests);
}
