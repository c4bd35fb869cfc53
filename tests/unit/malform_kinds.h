/* malform_kinds - what the files of malform share: chance, bytes, and the good traces that the others are made from */
#ifndef VMB_TESTS_UNIT_MALFORM_KINDS_H
#define VMB_TESTS_UNIT_MALFORM_KINDS_H

#include <stddef.h>
#include <stdint.h>

#define MALFORM_PAGE 2048 /* the page size of a trace */

struct bytes {
	unsigned char *data;
	size_t size;
};

/* One way to make a good trace a bad one: exactly one of the three. */
struct malform_kind {
	const char *name;
	void (*bytes)(struct bytes *b);  /* change its bytes */
	void (*sql)(const char *file);   /* change it by SQL */
	void (*files)(const char *file); /* write it, and what stands beside it */
};

struct malform_kinds {
	const struct malform_kind *rows;
	unsigned nr;
};

extern const struct malform_kinds malform_byte_kinds, malform_sql_kinds, malform_beside_kinds;

/* Two closed traces, the one of this number first, and what a killed recorder left, before and after its checkpoint. */
struct malform_base {
	const char *good_path; /* of `good` */
	struct bytes good, other, before, after, wal, shm;
};

extern struct malform_base malform_base;

/* A number below this one. */
uint64_t chance(uint64_t below);

#define NR_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ANY(array)   ((array)[chance(NR_OF(array))])

void make_noise(unsigned char *at, size_t size);
void flip_anywhere(struct bytes *b);

/* To be freed by free(copy.data); has room for a page more. */
struct bytes copy_of(const struct bytes *b);
struct bytes read_file(const char *file);
void write_file(const char *file, const char *suffix, const void *data, size_t size);

/* Read the names of all columns of a good trace, for the kinds that change it by SQL. */
void malform_sql_begin(const char *file);

#endif
