/* owned - the folder and the files that outlive us, opened so that nobody else can have put them there */
#include "balancer/owned.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/owner.h"

static int check(const char *path, const struct stat *st, struct error *e)
{
	if (!owner_is_ours(st->st_uid))
		return fail(e, EACCES, "%s: belongs to another user (%u)", path,
		            (unsigned)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return fail(e, EACCES, "%s: others may write there", path);
	return 0;
}

int owned_folder(const char *path, struct error *e)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail(e, EACCES, "folder %s: %s", path, strerror(errno));
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return fail(e, EACCES, "%s: not a folder", path);
	return check(path, &st, e);
}

/* What root makes in the services' folder the services must be able to open. */
static int hand_over(int fd, const char *path, const struct stat *file, struct error *e)
{
	char folder[512];
	struct stat st;

	snprintf(folder, sizeof(folder), "%.*s/", (int)(strrchr(path, '/') - path), path);
	if (geteuid() != 0 || stat(folder, &st) < 0 || st.st_uid == file->st_uid)
		return 0;
	if (fchown(fd, st.st_uid, st.st_gid) < 0)
		return fail(e, EACCES, "%s: %s", path, strerror(errno));
	return 0;
}

int owned_open(const char *path, int flags, struct error *e)
{
	/* Opening a FIFO would wait for its other end. */
	int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600), r = 0;
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return fail(e, EACCES, "%s: a symbolic link", path);
	if (fd < 0)
		return fail(e,
		            errno == ENOENT                                        ? ENOENT
		            : errno == EACCES || errno == EISDIR || errno == ENXIO ? EACCES
		                                                                   : EIO,
		            "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		r = fail(e, EACCES, "%s: no regular file", path);
	else if (st.st_nlink > 1)
		r = fail(e, EACCES, "%s: has other names as well", path);
	if (!r)
		r = check(path, &st, e);
	if (!r)
		r = hand_over(fd, path, &st, e);
	if (!r)
		return fd;
	close(fd);
	return r;
}
