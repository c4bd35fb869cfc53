/* formula_test - limits that depend on the size of a run */
#include <math.h>
#include <string.h>

#include "analyze/formula.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const double names[FORMULA_NAMES] = {
        [FORMULA_VCPUS] = 8, [FORMULA_PCPUS] = 4, [FORMULA_INTERVAL] = 0.5};

static void a_formula_has_its_value(void **state)
{
	static const struct {
		const char *text;
		double value;
	} table[] = {
	        {"5", 5},
	        {"2.5", 2.5},
	        {"vcpus", 8},
	        {"vcpus - vcpus / pcpus", 6},
	        {"vcpus-2*vcpus/pcpus", 4},
	        {"3 * interval", 1.5},
	        {"1 + 2 * 3", 7},
	        {"2 * 3 + 1", 7},
	        {"8 / 4 / 2", 1},
	        {"8 - 4 - 2", 2},
	        {"8 - 4 + 2", 6},
	        {"\tvcpus /2 ", 4},
	        {"vcpus / 3 * 3", 8},
	        {"1 / 0", INFINITY},
	};
	struct formula f;
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		if (formula_parse(table[i].text, &f, &e) < 0)
			fail_msg("%s: %s", table[i].text, e.text);
		assert_string_equal(f.text, table[i].text);
		if (formula_value(&f, names) != table[i].value)
			fail_msg("%s: %g instead of %g", table[i].text, formula_value(&f, names),
			         table[i].value);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} table[] = {
	        {"", "'': needs a number, vcpus, pcpus or interval at ''"},
	        {"vcpus -", "'vcpus -': needs a number, vcpus, pcpus or interval at ''"},
	        {"vcpu", "'vcpu': needs a number, vcpus, pcpus or interval at 'vcpu'"},
	        {"-1", "'-1': needs a number, vcpus, pcpus or interval at '-1'"},
	        {"vcpus pcpus", "'vcpus pcpus': needs + - * or / at 'pcpus'"},
	        {"1 % 2", "'1 % 2': needs + - * or / at '% 2'"},
	        {"(1)", "'(1)': needs a number, vcpus, pcpus or interval at '(1)'"},
	        {"1+1+1+1+1+1+1+1+1+1+1+1+1+1", "'1+1+1+1+1+1+1+1+1+1+1+1+1+1': too long"},
	        {"vcpus + vcpus + vcpus + vcpus + vcpus + vcpus + vcpus + vcpus + v",
	         "'vcpus + vcpus + vcpu...': too long"},
	};
	struct formula f = {.nr = 77};
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		assert_int_equal(formula_parse(table[i].text, &f, &e), -EINVAL);
		assert_string_equal(e.text, table[i].says);
		assert_int_equal(f.nr, 77);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_formula_has_its_value),
	        cmocka_unit_test(what_is_wrong_is_named),
	};

	return check_all(tests);
}
