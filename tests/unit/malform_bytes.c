/* malform_bytes - bad traces by their bytes: flips, cuts, spliced pages, sizes of GiB, trees with knots */
#include <string.h>

#include "tests/unit/malform_kinds.h"

static unsigned char *any_page(const struct bytes *b)
{
	return b->data + chance(b->size / MALFORM_PAGE) * MALFORM_PAGE;
}

void flip_anywhere(struct bytes *b)
{
	uint64_t n = 1 + chance(8);

	while (n--)
		b->data[chance(b->size)] ^= (unsigned char)(1U << chance(8));
}

static void flip_page_heads(struct bytes *b)
{
	uint64_t n = 1 + chance(4);

	while (n--)
		any_page(b)[chance(16)] ^= (unsigned char)(1U << chance(8));
}

static void flip_header(struct bytes *b)
{
	uint64_t n = 1 + chance(3);

	while (n--)
		b->data[16 + chance(84)] ^= (unsigned char)(1U << chance(8));
}

static void cut(struct bytes *b)
{
	b->size = chance(4) ? chance(b->size) : chance(b->size / MALFORM_PAGE) * MALFORM_PAGE;
}

static void splice(struct bytes *b)
{
	uint64_t n = 1 + chance(4);

	while (n--)
		memmove(any_page(b), any_page(b), MALFORM_PAGE);
}

static void splice_other(struct bytes *b)
{
	uint64_t n = 1 + chance(4);
	size_t page;

	while (n--) {
		page = chance(malform_base.other.size / MALFORM_PAGE) * MALFORM_PAGE;
		if (page < b->size)
			memcpy(b->data + page, malform_base.other.data + page, MALFORM_PAGE);
	}
}

static void blot(struct bytes *b)
{
	unsigned char *page = any_page(b);

	if (chance(2))
		memset(page, chance(2) ? 0 : 0xff, MALFORM_PAGE);
	else
		make_noise(page, MALFORM_PAGE);
}

/* Fields of the file's header: where, how many bytes, and a value that no honest file has there. */
static void set_header(struct bytes *b)
{
	static const struct {
		unsigned at, size;
		uint32_t value;
	} fields[] = {
	        {16, 2, 0},          {16, 2, 1},          {16, 2, 3},          {16, 2, 256},
	        {16, 2, 512},        {16, 2, 4096},       {16, 2, 32768},      {16, 2, 65535},
	        {18, 2, 0x0202},     {18, 2, 0x0302},     {18, 2, 0},          {19, 1, 255},
	        {20, 1, 1},          {20, 1, 255},        {21, 1, 0},          {28, 4, 0},
	        {28, 4, 1},          {28, 4, 0x7fffffff}, {28, 4, UINT32_MAX}, {32, 4, 1},
	        {32, 4, 2},          {32, 4, UINT32_MAX}, {36, 4, UINT32_MAX}, {44, 4, 0},
	        {44, 4, 5},          {44, 4, UINT32_MAX}, {48, 4, UINT32_MAX}, {52, 4, 3},
	        {52, 4, UINT32_MAX}, {56, 4, 0},          {56, 4, 2},          {56, 4, 3},
	        {56, 4, 99},         {60, 4, 0},          {60, 4, UINT32_MAX}, {64, 4, 1},
	        {68, 4, 0},          {68, 4, 0x564d4255}, {92, 4, 0},
	};
	unsigned which = (unsigned)chance(sizeof(fields) / sizeof(fields[0])), i;

	for (i = 0; i < fields[which].size; i++)
		b->data[fields[which].at + i] = (unsigned char)(fields[which].value >>
		                                                8 * (fields[which].size - 1 - i));
}

/* A leaf of a table or index with cells, and the start of one of them; NULL when chance finds none. */
static unsigned char *any_cell(struct bytes *b, unsigned char **page)
{
	unsigned tries, head, cells, at;

	for (tries = 0; tries < 100; tries++) {
		*page = any_page(b);
		head = *page == b->data ? 100 : 0;
		cells = (*page)[head + 3] * 256U + (*page)[head + 4];
		if (((*page)[head] != 13 && (*page)[head] != 10) || !cells ||
		    cells > MALFORM_PAGE / 4)
			continue;
		at = head + 8 + 2 * (unsigned)chance(cells);
		at = (*page)[at] * 256U + (*page)[at + 1];
		if (at && at < MALFORM_PAGE - 16)
			return *page + at;
	}
	return NULL;
}

/* Sizes of 2 GiB and far beyond, as the file format writes them. */
static const unsigned char huge_sizes[][9] = {
        {0x87, 0xff, 0xff, 0xff, 0x7f}, {0x88, 0x80, 0x80, 0x80, 0x0c},
        {0x8f, 0xff, 0xff, 0xff, 0x7f}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0x84, 0x80, 0x80, 0x00},
};

static void declare_huge_cell(struct bytes *b)
{
	unsigned char *page, *cell = any_cell(b, &page);

	if (cell)
		memcpy(cell, ANY(huge_sizes), chance(2) ? 5 : 9);
}

/* A value's type behind the cell's own head: a blob of 2 GiB, a text longer than the row, reserved types. */
static void declare_huge_value(struct bytes *b)
{
	unsigned char *page, *cell = any_cell(b, &page);

	if (!cell)
		return;
	if (chance(2))
		memcpy(cell + 2 + chance(6), ANY(huge_sizes), 5);
	else
		cell[2 + chance(10)] = (unsigned char)(8 + chance(120));
}

static void point_cells_anywhere(struct bytes *b)
{
	unsigned char *page;

	if (!any_cell(b, &page))
		return;
	page += page == b->data ? 100 : 0;
	if (chance(2))
		make_noise(page + 8 + 2 * chance(8), 2 + chance(8));
	else
		make_noise(page + 3, 2);
}

/* Inner pages of trees that point to themselves, to the root, to nowhere. */
static void tie_knots(struct bytes *b)
{
	unsigned tries;
	unsigned char *page;

	for (tries = 0; tries < 1000; tries++) {
		page = any_page(b);
		if (page == b->data || (*page != 5 && *page != 2))
			continue;
		memset(page + 8, 0, 3);
		page[11] = (unsigned char)(chance(2) ? (size_t)(page - b->data) / MALFORM_PAGE + 1
		                                     : chance(b->size / MALFORM_PAGE + 4));
		return;
	}
}

static const struct malform_kind rows[] = {
        {"flipped bits", flip_anywhere},
        {"flipped bits in the heads of pages", flip_page_heads},
        {"flipped bits in the header", flip_header},
        {"cut", cut},
        {"pages in each other's place", splice},
        {"pages of another trace", splice_other},
        {"a page of noise", blot},
        {"an absurd header", set_header},
        {"a cell of declared GiB", declare_huge_cell},
        {"a value of declared GiB", declare_huge_value},
        {"cells that overlap", point_cells_anywhere},
        {"trees with knots", tie_knots},
};

const struct malform_kinds malform_byte_kinds = {rows, NR_OF(rows)};
