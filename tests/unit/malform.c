/* malform - traces that no recorder wrote: each number is another one, and always the same */
#include "tests/unit/malform.h"

#include "tests/unit/malform_kinds.h"
#include "tests/unit/trace_fixture.h"

struct malform_base malform_base;

/* Good traces, as vmb-cpu and vmb-mem record them: tables without rows are few. */
static struct {
	char path[128];
	struct bytes bytes;
} good[2];

/* ---- chance ---- */

static uint64_t seed;

uint64_t chance(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

/* ---- files ---- */

struct bytes read_file(const char *file)
{
	struct bytes b = {0};
	struct stat s;
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	assert_false(fstat(fileno(f), &s));
	b.data = malloc((size_t)s.st_size);
	assert_non_null(b.data);
	b.size = fread(b.data, 1, (size_t)s.st_size, f);
	fclose(f);
	return b;
}

void write_file(const char *file, const char *suffix, const void *data, size_t size)
{
	char name[PATH_MAX];
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", file, suffix);
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	fclose(f);
}

struct bytes copy_of(const struct bytes *b)
{
	struct bytes copy = {malloc(b->size + MALFORM_PAGE), b->size};

	assert_non_null(copy.data);
	memcpy(copy.data, b->data, b->size);
	return copy;
}

void make_noise(unsigned char *at, size_t size)
{
	while (size--)
		*at++ = (unsigned char)chance(256);
}

/* ---- one trace ---- */

static const struct malform_kind *kind_of(unsigned number)
{
	static const struct malform_kinds *const all[] = {&malform_byte_kinds, &malform_sql_kinds,
	                                                  &malform_beside_kinds};
	unsigned nr = 0;
	size_t i;

	for (i = 0; i < NR_OF(all); i++)
		nr += all[i]->nr;
	number %= nr;
	for (i = 0; number >= all[i]->nr; i++)
		number -= all[i]->nr;
	return &all[i]->rows[number];
}

const char *malform(unsigned number, const char *file)
{
	const struct malform_kind *k = kind_of(number);
	struct bytes b;
	unsigned which;

	seed = (number + 1) * 0x9e3779b97f4a7c15ULL;
	which = chance(2) != 0;
	malform_base.good_path = good[which].path;
	malform_base.good = good[which].bytes;
	malform_base.other = good[!which].bytes;
	if (k->files) {
		k->files(file);
		return k->name;
	}
	b = copy_of(&malform_base.good);
	if (k->bytes)
		k->bytes(&b);
	write_file(file, "", b.data, b.size);
	free(b.data);
	if (k->sql)
		k->sql(file);
	return k->name;
}

/* ---- the good ones ---- */

static void record(const char *program, const char *host, const char *file)
{
	const char *b = getenv("B");
	char command[PATH_MAX];

	snprintf(command, sizeof(command),
	         "VMB_RUN_DIR='%s.run' '%s/%s' 1 -c 'sim:tests/cases/%s' --trace '%s' >/dev/null",
	         file, b ? b : "build", program, host, file);
	assert_int_equal(system(command), 0);
}

static int record_and_die(void *file)
{
	struct trace *t = open_or_fail(file, true);

	record_ticks(t, 0, 30);
	_exit(0);
}

void malform_begin(const char *folder)
{
	char file[128], beside[160];

	snprintf(good[0].path, sizeof(good[0].path), "%s/cpu.db", folder);
	record("vmb-cpu", "life.case?duration=20s", good[0].path);
	good[0].bytes = read_file(good[0].path);
	snprintf(good[1].path, sizeof(good[1].path), "%s/mem.db", folder);
	record("vmb-mem", "mem-race.case?duration=20s", good[1].path);
	good[1].bytes = read_file(good[1].path);
	malform_sql_begin(good[1].path);
	snprintf(file, sizeof(file), "%s/killed.db", folder);
	write_file(file, "", good[0].bytes.data, good[0].bytes.size);
	assert_int_equal(child_result(start_child(record_and_die, file)), 0);
	malform_base.before = read_file(file);
	snprintf(beside, sizeof(beside), "%s-wal", file);
	malform_base.wal = read_file(beside);
	snprintf(beside, sizeof(beside), "%s-shm", file);
	malform_base.shm = read_file(beside);
	sql(file, "SELECT count(*) FROM tick"); /* the last to close brings the -wal in */
	malform_base.after = read_file(file);
}

void malform_end(void)
{
	free(good[0].bytes.data);
	free(good[1].bytes.data);
	free(malform_base.before.data);
	free(malform_base.after.data);
	free(malform_base.wal.data);
	free(malform_base.shm.data);
}
