/* text_file - open a text file that a person named, without waiting for whoever might write it */
#include "common/text_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Only opening must not wait: reading from a pipe does, until its writer has written. */
static FILE *open_now(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), saved;
	struct stat st;
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (fcntl(fd, F_SETFL, O_RDONLY) == 0)
		file = fdopen(fd, "r");
	saved = errno;
	if (!file)
		close(fd);
	errno = saved;
	return file;
}

/* O_NONBLOCK stays: of what calls itself a file, as /proc/kmsg, reading must not wait either. */
int text_file_open_regular(const char *path, FILE **out, struct error *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;
	struct stat st;
	FILE *file = NULL;

	if (fd < 0)
		return fail(e, errno, "%s: %s", path, strerror(errno));
	if (!fstat(fd, &st) && !S_ISREG(st.st_mode))
		r = fail(e, EINVAL, "%s: not a regular file", path);
	else if ((file = fdopen(fd, "r")))
		r = 0;
	else
		r = fail(e, errno, "%s: %s", path, strerror(errno));
	if (file)
		*out = file;
	else
		close(fd);
	return r;
}

int text_file_open(const char *path, FILE **out, struct error *e)
{
	FILE *file = open_now(path);

	if (!file)
		return fail(e, errno, "%s: %s", path, strerror(errno));
	*out = file;
	return 0;
}
