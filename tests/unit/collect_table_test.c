/* collect_table_test - what of a sample is shown on terminals of every size, and that nothing is left out unsaid */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/collect_table.h"
#include "common/text.h"
#include "tests/unit/check.h"

/* So many pCPUs; guests whose names differ in their end. */
static void make(struct sample *s, struct rates *r, size_t pcpus, size_t guests, const char *name)
{
	uint8_t uuid[UUID_BYTES] = {1};
	char text[GUEST_NAME];
	size_t i;

	sample_init(s);
	for (i = 0; i < pcpus; i++) {
		sample_add_pcpu(s, (uint32_t)i);
		cpuset_add(&s->usable, (unsigned)i);
	}
	s->online = s->usable;
	for (i = 0; i < guests; i++) {
		uuid[1] = (uint8_t)i;
		snprintf(text, sizeof(text), "%s-%zu", name, i + 1);
		sample_add_guest(s, uuid, text);
		sample_add_vcpu(s, 0)->affinity = cpuset_one(0);
	}
	*r = (struct rates){.busy_pct = calloc(pcpus, sizeof(*r->busy_pct)),
	                    .vcpus = calloc(guests, sizeof(*r->vcpus))};
}

static char *show(unsigned width, unsigned height, size_t pcpus, size_t guests, const char *name)
{
	struct table_form form = {.host = "test:///", .width = width, .height = height};
	struct sample s;
	struct rates r;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	make(&s, &r, pcpus, guests, name);
	collect_table(&form, &s, &r, out);
	fclose(out);
	free(r.busy_pct);
	free(r.vcpus);
	sample_done(&s);
	return text;
}

static unsigned count(const char *text, const char *what)
{
	unsigned nr = 0;

	for (; (text = strstr(text, what)); text++)
		nr++;
	return nr;
}

static void names_that_differ_in_their_end_are_told_apart(void **state)
{
	static const char name[] = "a-rather-long-guest-name-for-a-web-server-42";
	char *text;

	text = show(80, 0, 1, 3, name);
	assert_int_equal(count(text, "a-rathe..er-42-1"), 1);
	assert_int_equal(count(text, "a-rathe..er-42-3"), 1);
	free(text);
	text = show(120, 0, 1, 3, name);
	assert_int_equal(count(text, "\na-rather-long-guest-name-for-a-web-server-42-2  "), 1);
	free(text);
	text = show(4000, 0, 1, 3, "db");
	assert_int_equal(count(text, "\ndb-2             "), 1);
	free(text);
}

static void a_line_that_is_cut_says_so(void **state)
{
	char *text = show(80, 0, 2, 9, "guest");

	assert_int_equal(count(text, "guest-1, guest-2"), 1);
	assert_int_equal(count(text, "..\n   1"), 1);
	free(text);
}

static void what_has_no_line_is_counted(void **state)
{
	static const struct {
		unsigned height;
		size_t pcpus, guests;
		unsigned guest_lines, lines;
		const char *more[2];
	} rows[] = {
	        {24, 4, 13, 13, 24, {NULL, NULL}},
	        {24, 4, 14, 12, 24, {"and 2 more guests", NULL}},
	        {24, 64, 2, 2, 24, {"and 50 more pCPUs", NULL}},
	        {24, 64, 100, 7, 24, {"and 56 more pCPUs", "and 93 more guests"}},
	        {24, 1, 1, 1, 9, {NULL, NULL}},
	        {0, 64, 100, 100, 171, {NULL, NULL}},
	};
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = show(80, rows[i].height, rows[i].pcpus, rows[i].guests, "vm");

		assert_int_equal(count(text, "\nvm-"), rows[i].guest_lines);
		assert_int_equal(count(text, "host (MiB)"), 1);
		for (k = 0; k < 2 && rows[i].more[k]; k++)
			if (!strstr(text, rows[i].more[k]))
				fail_msg("row %zu: %s", i, text);
		assert_int_equal(count(text, "... and"), k);
		/* Two at the end stand between tables that follow each other. */
		assert_int_equal(count(text, "\n") - 1, rows[i].lines);
		free(text);
	}
}

/* Of every height: all that fits is there, no page is higher than it may be, and nothing is left out unsaid. */
static void each_page_is_full_before_anything_is_left_out(void **state)
{
	const unsigned others = 7; /* lines besides those of pCPUs and guests */
	unsigned height, nr_lines, more_pcpus, more_guests;
	size_t pcpus, guests;

	for (height = others + 4; height < others + 12; height++)
		for (pcpus = 1; pcpus < 12; pcpus++)
			for (guests = 1; guests < 12; guests++) {
				char *text = show(80, height, pcpus, guests, "vm");

				nr_lines = count(text, "\n") - 1;
				more_pcpus = count(text, "more pCPU");
				more_guests = count(text, "more guest");
				if (nr_lines > height ||
				    (nr_lines < height && more_pcpus + more_guests) ||
				    (more_pcpus + more_guests == 0) !=
				            (pcpus + guests + others <= height))
					fail_msg("%u lines, %zu pCPUs, %zu guests:\n%s", height,
					         pcpus, guests, text);
				free(text);
			}
}

/* To the last column, and where there is room for all, whole. */
static void names_have_the_room_that_there_is(void **state)
{
	static const struct {
		unsigned width;
		const char *name, *shown;
	} rows[] = {
	        {80, "1234567890abcd", "\n1234567890abcd-1 "},
	        {80, "1234567890abcde", "\n1234567..abcde-1 "},
	        {100, "a-name-of-thirty-characters-", "\na-name-of-thirty-characters--1 "},
	        {99, "a-name-of-35-characters-in-a-row-", "\na-name-of-35-characters-in-a-row--1 "},
	        {99, "a-name-of-36-characters-in-a-row--",
	         "\na-name-of-36-char..ers-in-a-row---1 "},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = show(rows[i].width, 0, 1, 1, rows[i].name);

		if (count(text, rows[i].shown) != 1)
			fail_msg("%s in %u columns:\n%s", rows[i].name, rows[i].width, text);
		free(text);
	}
}

/* A terminal of a few columns shows what it can, and no line is broken. */
static void no_line_is_wider_than_the_terminal(void **state)
{
	unsigned width;

	for (width = 1; width <= 130; width++) {
		char *text = show(width, 0, 3, 9, "gäste"), *line, *rest = text;

		while ((line = strsep(&rest, "\n")))
			if (text_width(line) > width)
				fail_msg("%u columns: %s", width, line);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_that_differ_in_their_end_are_told_apart),
	        cmocka_unit_test(a_line_that_is_cut_says_so),
	        cmocka_unit_test(what_has_no_line_is_counted),
	        cmocka_unit_test(each_page_is_full_before_anything_is_left_out),
	        cmocka_unit_test(names_have_the_room_that_there_is),
	        cmocka_unit_test(no_line_is_wider_than_the_terminal),
	};

	return check_all(tests);
}
