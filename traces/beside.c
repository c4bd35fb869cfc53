/* beside - the two files that SQLite keeps beside a trace while it is written: whose they are when the trace is moved */
#include "traces/beside.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static bool look(const struct db_place *place, const char *ending, struct stat *st)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "%s%s", place->path, ending);
	return !lstat(name, st);
}

void beside_note(const struct db_place *place, struct beside *out)
{
	struct stat st;

	*out = (struct beside){0};
	if (look(place, "-wal", &st)) {
		out->wal.device = st.st_dev;
		out->wal.inode = st.st_ino;
	}
	if (look(place, "-shm", &st)) {
		out->shm.device = st.st_dev;
		out->shm.inode = st.st_ino;
	}
}

static void remove_if(const struct db_place *place, const char *ending, dev_t device, ino_t inode)
{
	char name[PATH_MAX + 8];
	struct stat st;

	if (!look(place, ending, &st) || st.st_dev != device || st.st_ino != inode)
		return;
	snprintf(name, sizeof(name), "%s%s", place->path, ending);
	unlink(name);
}

void beside_remove(const struct db_place *place, const struct beside *noted)
{
	remove_if(place, "-wal", noted->wal.device, noted->wal.inode);
	remove_if(place, "-shm", noted->shm.device, noted->shm.inode);
}

bool beside_left(const struct db_place *place, char name[PATH_MAX])
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (look(place, endings[i], &st) && st.st_size) {
			snprintf(name, PATH_MAX, "%.*s%s", PATH_MAX - 16, place->name, endings[i]);
			return true;
		}
	return false;
}

int beside_lock(const struct db_place *place)
{
	char folder[PATH_MAX];
	int fd;

	snprintf(folder, sizeof(folder), "%.*s/", (int)(strrchr(place->path, '/') - place->path),
	         place->path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -EACCES;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -EBUSY;
}
