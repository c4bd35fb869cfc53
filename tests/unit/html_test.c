/* html_test - markup stays what it is, and no text becomes markup */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void a_text_is_never_markup(void **state)
{
	static const struct {
		const char *name, *text, *wanted;
	} table[] = {
	        {"plain", "web2", "<p title=\"web2\">web2</p>"},
	        {"element", "<script>", "<p title=\"&lt;script&gt;\">&lt;script&gt;</p>"},
	        {"attribute", "\" onload=", "<p title=\"&quot; onload=\">&quot; onload=</p>"},
	        {"apostrophe", "'", "<p title=\"&#39;\">&#39;</p>"},
	        {"entity", "&lt;", "<p title=\"&amp;lt;\">&amp;lt;</p>"},
	        {"control", "\033\n", "<p title=\"\\x1b\\x0a\">\\x1b\\x0a</p>"},
	        {"not UTF-8", "\xc0\xaf", "<p title=\"\\xc0\\xaf\">\\xc0\\xaf</p>"},
	        {"turned", "\xe2\x80\xae", "<p title=\"\\u{202e}\">\\u{202e}</p>"},
	        {"UTF-8", "\xc3\xa4", "<p title=\"\xc3\xa4\">\xc3\xa4</p>"},
	        {"format", "%s%n", "<p title=\"%s%n\">%s%n</p>"},
	};
	size_t i, length;
	char *got;
	FILE *out;

	for (i = 0; i < NR(table); i++) {
		out = open_memstream(&got, &length);
		html(out, "<p title=\"%s\">%s</p>", table[i].text, table[i].text);
		fclose(out);
		if (strcmp(got, table[i].wanted))
			fail_msg("%s: expected %s, seen %s", table[i].name, table[i].wanted, got);
		free(got);
	}
}

static void every_conversion_takes_its_argument(void **state)
{
	size_t length, size = (size_t)1 << 40;
	char *got;
	FILE *out = open_memstream(&got, &length);

	html(out, "%d %u %zu %lld %llu %ld %c %g %.1f %.*f %% %s.", -1, 4000000000u, size,
	     -5000000000LL, 18000000000000000000ULL, -7L, 'x', 0.5, 2.25, 3, 1.0, "end");
	fclose(out);
	assert_string_equal(got, "-1 4000000000 1099511627776 -5000000000 18000000000000000000 -7 "
	                         "x 0.5 2.2 1.000 % end.");
	free(got);
}

static void data_ends_no_attribute(void **state)
{
	static const char bytes[] = "<a b=\"c\" d='#e'>100%\n\0\xc3\xa4</a>";
	size_t length;
	char *got;
	FILE *out = open_memstream(&got, &length);

	html_data(out, bytes, sizeof(bytes) - 1);
	fclose(out);
	assert_string_equal(got, "%3Ca b=%22c%22 d=%27%23e%27%3E100%25%0A%00%C3%A4%3C/a%3E");
	free(got);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_text_is_never_markup),
	        cmocka_unit_test(every_conversion_takes_its_argument),
	        cmocka_unit_test(data_ends_no_attribute),
	};

	return check_all(tests);
}
