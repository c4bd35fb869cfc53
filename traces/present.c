/* present - the name that a file which this process has open has now */
#include "traces/present.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The kernel follows a file through renames; behind the name of a deleted one it writes words, so the name is tried. */
static int name_of(int folder, const char *entry, const struct stat *file, char name[PATH_MAX])
{
	ssize_t n = readlinkat(folder, entry, name, PATH_MAX - 1);
	struct stat st;

	if (!file->st_nlink)
		return -ENOENT;
	if (n < 0)
		return -ESRCH;
	name[n] = '\0';
	return !lstat(name, &st) && st.st_dev == file->st_dev && st.st_ino == file->st_ino ? 0
	                                                                                   : -ESRCH;
}

int present_name(dev_t device, ino_t inode, char name[PATH_MAX])
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	struct stat st;
	int r = -ESRCH;

	if (!dir)
		return r;
	while (r == -ESRCH && (entry = readdir(dir)))
		if (!fstatat(dirfd(dir), entry->d_name, &st, 0) && st.st_dev == device &&
		    st.st_ino == inode)
			r = name_of(dirfd(dir), entry->d_name, &st, name);
	closedir(dir);
	return r;
}
