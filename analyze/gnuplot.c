/* gnuplot - run gnuplot on a script: without a shell, without the user's settings, within limits */
#include "analyze/gnuplot.h"

#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED 127

const struct gnuplot_limits GNUPLOT_LIMITS = {
        .seconds = 30, .memory_bytes = 1UL << 30, .output_bytes = 64UL << 20};

/*
 * Script, picture and complaints travel in files that only exist in memory: gnuplot reads and writes them at its own
 * pace, nothing can block on a full pipe, and nothing is left behind when either side is killed.
 */
enum {
	FILE_IN,
	FILE_OUT,
	FILE_SAID,
	FILES
};

static void close_files(int fd[FILES])
{
	int i;

	for (i = 0; i < FILES; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

static bool write_all(int fd, const char *text, size_t length)
{
	ssize_t n;

	for (; length; text += n, length -= (size_t)n) {
		n = write(fd, text, length);
		if (n < 0)
			return false;
	}
	return true;
}

static int open_files(int fd[FILES], const char *script, size_t length, struct error *e)
{
	static const char *const name[FILES] = {"gnuplot script", "gnuplot output",
	                                        "gnuplot messages"};
	int i;

	for (i = 0; i < FILES; i++)
		fd[i] = -1;
	for (i = 0; i < FILES; i++) {
		fd[i] = memfd_create(name[i], MFD_CLOEXEC);
		if (fd[i] < 0)
			return fail(e, errno, "%s: %s", name[i], strerror(errno));
	}
	if (!write_all(fd[FILE_IN], script, length) || lseek(fd[FILE_IN], 0, SEEK_SET) < 0)
		return fail(e, ENOMEM, "%s: %s", name[FILE_IN], strerror(errno));
	return 0;
}

/* A hard limit above the soft one, so that a child over it dies of the signal which says so, not of SIGKILL. */
static void limit(int resource, rlim_t value)
{
	const struct rlimit to = {value, value + 1};

	setrlimit(resource, &to);
}

/*
 * In the child. The environment is empty but for the path: GNUTERM, GNUPLOT_LIB, HOME and the like change what
 * gnuplot does even with -d, and a locale would write decimal commas. The script is opened by name, as "-" is read byte by
 * byte: 179,000 calls, 35 of 61 ms, for the 8 pictures of a page. Where /proc is not mounted it has no name.
 */
static void become_gnuplot(const int fd[FILES], const struct gnuplot_limits *limits)
{
	char *arguments[] = {"gnuplot", "-d", "/dev/stdin", NULL}, path[4096];
	char *const environment[] = {path, "LC_ALL=C", NULL};
	const char *from = getenv("PATH");
	int i;

	snprintf(path, sizeof(path), "PATH=%s", from ? from : "/usr/local/bin:/usr/bin:/bin");
	for (i = 0; i < FILES; i++)
		if (dup2(fd[i], i) < 0)
			_exit(NOT_STARTED);
	if (access(arguments[2], R_OK) < 0)
		arguments[2] = "-";
	signal(SIGPIPE, SIG_DFL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	limit(RLIMIT_CPU, limits->seconds);
	limit(RLIMIT_AS, limits->memory_bytes);
	limit(RLIMIT_FSIZE, limits->output_bytes);
	execvpe(arguments[0], arguments, environment);
	_exit(NOT_STARTED);
}

/* Wait for the child to end, and end it when its time is over. */
static int await(pid_t child, unsigned seconds, int *status, struct error *e)
{
	struct pollfd ended = {.fd = pidfd_open(child, 0), .events = POLLIN};
	int n = 0;

	if (ended.fd >= 0) {
		do
			n = poll(&ended, 1, (int)seconds * 1000);
		while (n < 0 && errno == EINTR);
		close(ended.fd);
	}
	if (n <= 0)
		kill(child, SIGKILL);
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return n > 0 ? 0 : fail(e, ETIMEDOUT, "gnuplot took longer than %u s", seconds);
}

/* The whole of a file as text; NULL when memory ran out. */
static char *contents(int fd, size_t *length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 ? NULL : malloc((size_t)size + 1);
	ssize_t n = text ? pread(fd, text, (size_t)size, 0) : -1;

	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = (size_t)n;
	return text;
}

/*
 * What went wrong in a line: gnuplot echoes the script with a mark below, and then says "line N: why".
 */
static void first_words(const char *text, char said[GNUPLOT_SAID])
{
	const char *line = strstr(text, "line ");
	size_t i;

	if (!line)
		line = text + strspn(text, " \n");
	snprintf(said, GNUPLOT_SAID, "%.*s", (int)strcspn(line, "\n"), line);
	for (i = strlen(said); i && isspace((unsigned char)said[i - 1]);)
		said[--i] = '\0';
}

static int judge_end(int status, const char *said, size_t length,
                     const struct gnuplot_limits *limits, struct error *e)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED)
		return fail(e, ENOENT, "gnuplot: not found (it is in the package gnuplot-nox)");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return fail(e, ETIMEDOUT, "gnuplot took longer than %u s of CPU time",
		            limits->seconds);
	if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) || length >= limits->output_bytes)
		return fail(e, EFBIG, "the picture is larger than %zu MiB",
		            limits->output_bytes >> 20);
	if (WIFSIGNALED(status))
		return fail(e, EIO, "gnuplot died of signal %d (%s)", WTERMSIG(status),
		            strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return fail(e, EIO, "gnuplot failed: %s", *said ? said : "it does not say why");
	if (!length)
		return fail(e, EIO, "gnuplot drew nothing%s%s", *said ? ": " : "", said);
	return 0;
}

static int collect(const int fd[FILES], int status, const struct gnuplot_limits *limits,
                   char **output, size_t *length, char said[GNUPLOT_SAID], struct error *e)
{
	size_t picture_length = 0, words_length;
	char *picture = contents(fd[FILE_OUT], &picture_length);
	char *words = contents(fd[FILE_SAID], &words_length);
	int r;

	said[0] = '\0';
	if (words)
		first_words(words, said);
	free(words);
	if (!picture)
		return fail(e, ENOMEM, "out of memory");
	r = judge_end(status, said, picture_length, limits, e);
	if (r < 0) {
		free(picture);
		return r;
	}
	*output = picture;
	*length = picture_length;
	return 0;
}

int gnuplot_run(const char *script, size_t length, const struct gnuplot_limits *limits,
                char **output, size_t *output_length, char said[GNUPLOT_SAID], struct error *e)
{
	int fd[FILES], status = 0, r;
	pid_t child;

	r = open_files(fd, script, length, e);
	if (r == 0) {
		fflush(NULL);
		child = fork();
		if (child == 0)
			become_gnuplot(fd, limits);
		r = child < 0 ? fail(e, errno, "gnuplot: %s", strerror(errno))
		              : await(child, limits->seconds, &status, e);
	}
	if (r == 0)
		r = collect(fd, status, limits, output, output_length, said, e);
	close_files(fd);
	return r;
}
