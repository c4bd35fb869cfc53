/* malform_beside - bad traces by what stands beside them: a -wal, -shm, -journal of a crash, of noise, or no file at all */
#include "tests/unit/malform_kinds.h"
#include "tests/unit/trace_fixture.h"

/* A checkpoint that was cut: each page is from before or from after it. */
static void cut_checkpoint(const char *file)
{
	struct bytes b = copy_of(&malform_base.after);
	size_t at;

	for (at = 0; at < malform_base.before.size; at += MALFORM_PAGE)
		if (chance(2))
			memcpy(b.data + at, malform_base.before.data + at, MALFORM_PAGE);
	write_file(file, "", b.data, chance(2) ? b.size : malform_base.before.size);
	free(b.data);
}

static void write_shm(const char *file)
{
	unsigned char noise[32768];
	uint64_t which = chance(5);

	if (which == 0)
		write_file(file, "-shm", malform_base.shm.data, malform_base.shm.size);
	make_noise(noise, sizeof(noise));
	if (which == 1)
		write_file(file, "-shm", noise, sizeof(noise));
	if (which == 2)
		write_file(file, "-shm", noise, chance(200));
}

static void sound_wal(const char *file)
{
	cut_checkpoint(file);
	write_file(file, "-wal", malform_base.wal.data, malform_base.wal.size);
	write_shm(file);
}

static void bad_wal(const char *file)
{
	struct bytes wal = copy_of(&malform_base.wal);

	cut_checkpoint(file);
	switch (chance(5)) {
	case 0:
		flip_anywhere(&wal);
		break;
	case 1:
		wal.size = chance(wal.size);
		break;
	case 2:
		make_noise(wal.data + chance(64), 1 + chance(wal.size - 64));
		break;
	case 3:
		wal.data[chance(32)] ^= (unsigned char)(1U << chance(8));
		break;
	default: /* the first frame only: its page without those it belongs to */
		wal.size = 32 + (24 + MALFORM_PAGE) * (1 + chance(3));
	}
	write_file(file, "-wal", wal.data, wal.size);
	write_shm(file);
	free(wal.data);
}

static void bad_journal(const char *file)
{
	unsigned char noise[4096] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

	write_file(file, "", malform_base.good.data, malform_base.good.size);
	make_noise(noise + 8, sizeof(noise) - 8);
	write_file(file, "-journal", noise, chance(sizeof(noise)));
}

static void no_files_beside(const char *file)
{
	static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
	char name[PATH_MAX];

	cut_checkpoint(file);
	snprintf(name, sizeof(name), "%s%s", file, ANY(suffixes));
	switch (chance(3)) {
	case 0:
		assert_int_equal(mkfifo(name, 0644), 0);
		break;
	case 1:
		assert_int_equal(symlink("/etc/passwd", name), 0);
		break;
	default:
		assert_int_equal(mkdir(name, 0755), 0);
	}
}

static const struct malform_kind rows[] = {
        {"a cut checkpoint", NULL, NULL, sound_wal},
        {"a cut checkpoint without its -wal", NULL, NULL, cut_checkpoint},
        {"a damaged -wal", NULL, NULL, bad_wal},
        {"a -journal of noise", NULL, NULL, bad_journal},
        {"no files beside it", NULL, NULL, no_files_beside},
};

const struct malform_kinds malform_beside_kinds = {rows, NR_OF(rows)};
