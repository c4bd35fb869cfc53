/* output - where a report or picture goes: standard output, or a file that is whole or as it was before */
#include "analyze/output.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool output_is_stream(const char *path)
{
	return !strcmp(path, "-");
}

/* By its first bytes. Not of one that this program has open, whose locks it would lose. 1, 0, or -errno. */
static int is_database(const char *path)
{
	static const char magic[] = "SQLite format 3";
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), is;
	char first[sizeof(magic)] = "";

	if (fd < 0)
		return -errno;
	is = read(fd, first, sizeof(first)) == sizeof(first) &&
	     !memcmp(first, magic, sizeof(magic));
	close(fd);
	return is;
}

/* What SQLite keeps beside a database, or would take for that. */
static bool is_beside_one(const char *path)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	size_t length = strlen(path), i, ending;
	char *base;
	bool is = false;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]) && !is; i++) {
		ending = strlen(endings[i]);
		if (length <= ending || strcmp(path + length - ending, endings[i]) != 0)
			continue;
		base = strndup(path, length - ending);
		is = !base || is_database(base) != 0;
		is = is && !(base && access(base, F_OK) < 0 && errno == ENOENT);
		free(base);
	}
	return is;
}

int output_check(const char *path, const char *source, struct error *e)
{
	struct stat at, from;
	int is;

	if (output_is_stream(path))
		return 0;
	if (is_beside_one(path))
		return fail(e, EINVAL,
		            "%s: is beside a trace or another database, and a part of it", path);
	if (lstat(path, &at) < 0)
		return errno == ENOENT ? 0 : fail(e, errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(at.st_mode))
		return fail(e, EINVAL, "%s: is a directory, a file is wanted", path);
	if (S_ISLNK(at.st_mode))
		return fail(e, EINVAL, "%s: is a symbolic link; name the file itself", path);
	if (!S_ISREG(at.st_mode))
		return fail(e, EINVAL, "%s: is not a file (- is standard output)", path);
	if (source && stat(source, &from) == 0 && from.st_dev == at.st_dev &&
	    from.st_ino == at.st_ino)
		return fail(e, EINVAL, "%s: is read here, and what is read is never written", path);
	is = is_database(path);
	if (is < 0)
		return fail(e, -is, "%s: %s", path, strerror(-is));
	if (is)
		return fail(e, EINVAL,
		            "%s: is a trace or another database, which is never replaced", path);
	return 0;
}

static int no_memory(struct error *e)
{
	return fail(e, ENOMEM, "out of memory");
}

static int bad_write(const struct output *o, struct error *e)
{
	return fail(e, errno ? errno : EIO, "%s: %s", o->path ? o->path : "standard output",
	            strerror(errno ? errno : EIO));
}

/* The file beside one that is being written; NULL: none. Whoever is ended by a signal takes it away. */
static const char *volatile unfinished;

static void take_away(int number)
{
	const char *path = unfinished;

	if (path)
		unlink(path);
	signal(number, SIG_DFL);
	raise(number);
}

static void leave_nothing(const char *path)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct sigaction now;
	size_t i;

	unfinished = path;
	for (i = 0; path && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!sigaction(numbers[i], NULL, &now) && now.sa_handler == SIG_DFL)
			signal(numbers[i], take_away);
}

static int open_beside(struct output *o, struct error *e)
{
	mode_t mask = umask(0);
	int fd = mkstemp(o->beside), r;

	umask(mask);
	if (fd >= 0 && fchmod(fd, 0666 & ~mask) == 0)
		o->out = fdopen(fd, "w");
	if (o->out) {
		leave_nothing(o->beside);
		return 0;
	}
	r = bad_write(o, e);
	if (fd >= 0) {
		unlink(o->beside);
		close(fd);
	}
	return r;
}

int output_begin(struct output *o, const char *path, struct error *e)
{
	int r = output_check(path, NULL, e);

	*o = (struct output){0};
	if (r < 0)
		return r;
	if (output_is_stream(path)) {
		o->out = stdout;
		return 0;
	}
	o->path = strdup(path);
	if (!o->path || asprintf(&o->beside, "%s.XXXXXX", path) < 0) {
		o->beside = NULL;
		r = no_memory(e);
	} else {
		r = open_beside(o, e);
	}
	if (r < 0) {
		free(o->path);
		free(o->beside);
		*o = (struct output){0};
	}
	return r;
}

int output_commit(struct output *o, struct error *e)
{
	int r = 0;

	errno = 0;
	if (ferror(o->out)) /* what it was is told again where it lasts */
		fputc('\n', o->out);
	if (fflush(o->out) || ferror(o->out))
		r = bad_write(o, e);
	if (!o->path) {
		*o = (struct output){0};
		return r;
	}
	if (fclose(take(o->out)) && r == 0)
		r = bad_write(o, e);
	if (r == 0 && rename(o->beside, o->path) < 0)
		r = bad_write(o, e);
	if (r == 0) {
		leave_nothing(NULL);
		free(o->beside);
		o->beside = NULL;
	}
	output_abandon(o);
	return r;
}

void output_abandon(struct output *o)
{
	if (o->path && o->out)
		fclose(o->out);
	if (o->beside)
		unlink(o->beside);
	leave_nothing(NULL);
	free(o->path);
	free(o->beside);
	*o = (struct output){0};
}

int output_write(const char *path, const char *bytes, size_t length, struct error *e)
{
	struct output o;
	int r = output_begin(&o, path, e);

	if (r < 0)
		return r;
	assert(o.out);
	fwrite(bytes, 1, length, o.out);
	return output_commit(&o, e);
}
