/* beside - the two files that SQLite keeps beside a trace while it is written: whose they are when the trace is moved */
#include "traces/beside.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "traces/present.h"

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
	if (look(place, "", &st))
		out->trace = (struct beside_file){st.st_dev, st.st_ino};
	if (look(place, "-wal", &st))
		out->wal = (struct beside_file){st.st_dev, st.st_ino};
	if (look(place, "-shm", &st))
		out->shm = (struct beside_file){st.st_dev, st.st_ino};
}

/* NAME with the ending, and whether that is the file which was noted. */
static bool find_noted(const char *name, const char *ending, const struct beside_file *noted,
                       char path[PATH_MAX], struct stat *st)
{
	if ((size_t)snprintf(path, PATH_MAX, "%s%s", name, ending) >= PATH_MAX)
		return false;
	return !lstat(path, st) && st->st_dev == noted->device && st->st_ino == noted->inode;
}

static bool is_noted(const char *name, const char *ending, const struct beside_file *noted,
                     char path[PATH_MAX])
{
	struct stat st;

	return find_noted(name, ending, noted, path, &st);
}

uint64_t beside_wal_bytes(const struct db_place *place, const struct beside *noted)
{
	char path[PATH_MAX];
	struct stat st;

	return find_noted(place->path, "-wal", &noted->wal, path, &st) ? (uint64_t)st.st_size : 0;
}

static void remove_if(const struct db_place *place, const char *ending,
                      const struct beside_file *noted)
{
	char path[PATH_MAX];

	if (is_noted(place->path, ending, noted, path))
		unlink(path);
}

void beside_remove(const struct db_place *place, const struct beside *noted)
{
	remove_if(place, "-wal", &noted->wal);
	remove_if(place, "-shm", &noted->shm);
}

/* Who opened the moved trace meanwhile has made a -wal with nothing in it: that may go. */
static int rename_wal(const char *from, const char *to)
{
	struct stat st;

	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno == EEXIST && !lstat(to, &st) && S_ISREG(st.st_mode) && !st.st_size &&
	    !rename(from, to))
		return 0;
	return -errno;
}

/* -wal first: whoever opens the trace in between makes a -shm from it anew, but a -shm without its -wal is an error. */
static int bring(const struct db_place *place, const struct beside *noted, const char *trace,
                 char wal[PATH_MAX])
{
	char from[PATH_MAX], to[PATH_MAX];
	int r;

	if (strlen(trace) + sizeof("-wal") > PATH_MAX)
		return -ENAMETOOLONG;
	if (is_noted(trace, "-wal", &noted->wal, wal))
		return 0; /* the folder was renamed, or both files were */
	if (!is_noted(place->path, "-wal", &noted->wal, from))
		return -ENOENT;
	r = rename_wal(from, wal);
	if (r < 0)
		return r;
	if (is_noted(place->path, "-shm", &noted->shm, from) &&
	    !is_noted(trace, "-shm", &noted->shm, to))
		rename(from, to);
	return 0;
}

/* Its name becomes free for the next trace, if that can be. */
static void set_aside(const struct db_place *place, const struct beside *noted, char wal[PATH_MAX])
{
	char left[PATH_MAX];

	if (!is_noted(place->path, "-wal", &noted->wal, wal)) {
		*wal = '\0';
		return;
	}
	if ((size_t)snprintf(left, sizeof(left), "%s-wal.left", place->path) < sizeof(left) &&
	    !renameat2(AT_FDCWD, wal, AT_FDCWD, left, RENAME_NOREPLACE))
		strcpy(wal, left);
	remove_if(place, "-shm", &noted->shm);
}

int beside_follow(const struct db_place *place, const struct beside *noted, char wal[PATH_MAX])
{
	char trace[PATH_MAX];
	int r = present_name(noted->trace.device, noted->trace.inode, trace);

	if (r == -ENOENT) {
		beside_remove(place, noted);
		*wal = '\0';
		return 0;
	}
	if (!r)
		r = bring(place, noted, trace, wal);
	if (r < 0)
		set_aside(place, noted, wal);
	return r;
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
