/* csv_test - fields of CSV: quotes, formulas, numbers */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/csv.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void a_text_is_one_field_whatever_it_holds(void **state)
{
	static const struct {
		const char *name, *text, *field;
	} table[] = {
	        {"plain", "web2", "web2"},
	        {"empty", "", ""},
	        {"comma", "a,b", "\"a,b\""},
	        {"quotes", "say \"x\"", "\"say \"\"x\"\"\""},
	        {"line feed", "a\nb", "a\\x0ab"},
	        {"escape", "a\033[2J", "a\\x1b[2J"},
	        {"not UTF-8", "a\xff", "a\\xff"},
	        {"formula", "=1+1", "'=1+1"},
	        {"formula with quotes", "=A(\"x\",1)", "\"'=A(\"\"x\"\",1)\""},
	        {"plus", "+1", "'+1"},
	        {"minus", "-1", "'-1"},
	        {"at", "@sum", "'@sum"},
	        {"sign behind a tab", "\t=1", "\\x09=1"},
	        {"sign inside", "a=1", "a=1"},
	};
	size_t i, length;
	char *got;

	for (i = 0; i < NR(table); i++) {
		struct csv c = {open_memstream(&got, &length)};

		csv_text(&c, table[i].text);
		fclose(c.out);
		if (strcmp(got, table[i].field))
			fail_msg("%s: expected %s, seen %s", table[i].name, table[i].field, got);
		free(got);
	}
}

static void a_real_looks_like_one(void **state)
{
	static const struct {
		double value;
		const char *field;
	} table[] = {
	        {0, "0.0"},        {4, "4.0"},          {-2.5, "-2.5"},
	        {1e-5, "1.0e-05"}, {1e300, "1.0e+300"}, {1.000049099, "1.000049099"},
	        {NAN, ""},         {INFINITY, "inf"},
	};
	size_t i, length;
	char *got;

	for (i = 0; i < NR(table); i++) {
		struct csv c = {open_memstream(&got, &length)};

		csv_real(&c, table[i].value);
		fclose(c.out);
		if (strcmp(got, table[i].field))
			fail_msg("%g: expected %s, seen %s", table[i].value, table[i].field, got);
		free(got);
	}
}

static void fields_make_rows(void **state)
{
	size_t length;
	char *got;
	struct csv c = {open_memstream(&got, &length)};

	csv_head(&c, "a,b,c,d");
	csv_integer(&c, -3);
	csv_none(&c);
	csv_word(&c, "-");
	csv_number(&c, 1.0 / 3);
	csv_end(&c);
	csv_none(&c);
	csv_end(&c);
	fclose(c.out);
	assert_string_equal(got, "a,b,c,d\r\n-3,,-,0.3333333\r\n\r\n");
	free(got);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_text_is_one_field_whatever_it_holds),
	        cmocka_unit_test(a_real_looks_like_one),
	        cmocka_unit_test(fields_make_rows),
	};

	return check_all(tests);
}
