/* gnuplot - run gnuplot on scripts: without a shell, without the user's settings, within limits */
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED 127

/*
 * Between two scripts: a mark after the picture and after the complaints, written out at once (print flushes), so that
 * it is known of a gnuplot which was ended how far it came; then a session as at the start, which has no data, variables or
 * settings. All that is left of the picture before is the colour of its last line: SVG begins with an empty group of it.
 */
#define MARK "\036\n" /* RS */
static const char between[] =
        "\nunset multiplot\nprint \"\\036\"\nset print '-'\nprint \"\\036\"\nset print\n"
        "reset session\n";

const struct gnuplot_limits GNUPLOT_LIMITS = {
        .seconds = 30, .memory_bytes = 1UL << 30, .output_bytes = 64UL << 20};

/*
 * Scripts, pictures and complaints travel in files that only exist in memory: gnuplot reads and writes them at its own
 * pace, nothing can block on a full pipe, and nothing is left behind when either side is killed.
 */
enum {
	FILE_IN,
	FILE_OUT,
	FILE_SAID,
	FILES
};

/* What gnuplot wrote to a file, and how much of it has been taken. */
struct written {
	char *text;
	size_t length, taken;
};

struct run {
	struct drawing *drawings;
	size_t nr;
	const struct gnuplot_limits *limits;
	int fd[FILES];
	bool late;  /* its time was over */
	int status; /* as of waitpid() */
	struct written pictures, words;
};

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

static bool write_scripts(const struct run *r)
{
	bool written = true;
	size_t i;

	for (i = 0; written && i < r->nr; i++)
		written = (!i || write_all(r->fd[FILE_IN], between, strlen(between))) &&
		          write_all(r->fd[FILE_IN], r->drawings[i].script,
		                    r->drawings[i].script_length);
	return written;
}

static int open_files(struct run *r, struct error *e)
{
	static const char *const name[FILES] = {"gnuplot script", "gnuplot output",
	                                        "gnuplot messages"};
	int i;

	for (i = 0; i < FILES; i++)
		r->fd[i] = -1;
	for (i = 0; i < FILES; i++) {
		r->fd[i] = memfd_create(name[i], MFD_CLOEXEC);
		if (r->fd[i] < 0)
			return fail(e, errno, "%s: %s", name[i], strerror(errno));
	}
	if (!write_scripts(r) || lseek(r->fd[FILE_IN], 0, SEEK_SET) < 0)
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
 * gnuplot does even with -d, and a locale would write decimal commas. The script is opened by a name: what "-" names is read
 * byte by byte (179,000 calls, 35 of 61 ms, for the 8 pictures of a page), and goes on behind a mistake.
 */
static void become_gnuplot(const struct run *r)
{
	static char script[] = "/proc/self/fd/0";
	char *arguments[] = {"gnuplot", "-d", script, NULL};
	char path[4096];
	char *const environment[] = {path, "LC_ALL=C.UTF-8", NULL};
	const char *from = getenv("PATH");
	int i;

	snprintf(path, sizeof(path), "PATH=%s", from ? from : "/usr/local/bin:/usr/bin:/bin");
	for (i = 0; i < FILES; i++)
		if (dup2(r->fd[i], i) < 0)
			_exit(NOT_STARTED);
	if (access(script, R_OK))
		strcpy(script, "-"); /* without /proc it is slower */
	/* It ends with us, and with all that it started when its time is over. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	limit(RLIMIT_CPU, r->limits->seconds);
	limit(RLIMIT_AS, r->limits->memory_bytes);
	limit(RLIMIT_FSIZE, r->limits->output_bytes);
	execvpe(arguments[0], arguments, environment);
	_exit(NOT_STARTED);
}

/* Wait for the child to end, and end it when its time is over. */
static void await(struct run *r, pid_t child)
{
	struct pollfd ended = {.fd = pidfd_open(child, 0), .events = POLLIN};
	int n = 0;

	if (ended.fd >= 0) {
		do
			n = poll(&ended, 1, (int)r->limits->seconds * 1000);
		while (n < 0 && errno == EINTR);
		close(ended.fd);
	}
	r->late = n <= 0;
	if (r->late)
		kill(-child, SIGKILL);
	while (waitpid(child, &r->status, 0) < 0 && errno == EINTR)
		;
}

/* The whole of a file. Returns 0 or -ENOMEM. */
static int read_written(struct written *w, int fd, struct error *e)
{
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n;

	w->text = size < 0 ? NULL : malloc((size_t)size + 1);
	n = w->text ? pread(fd, w->text, (size_t)size, 0) : -1;
	if (n < 0)
		return fail(e, ENOMEM, "out of memory");
	w->length = (size_t)n;
	return 0;
}

/*
 * Take the next part, which ends before a mark, or with all that is left where it is the last one or no mark was
 * written any more (*marked). Returns it as text.
 */
static const char *take_part(struct written *w, bool last, size_t *length, bool *marked)
{
	char *part = w->text + w->taken, *mark = NULL;

	if (!last)
		mark = memmem(part, w->length - w->taken, MARK, strlen(MARK));
	*marked = mark;
	*length = mark ? (size_t)(mark - part) : w->length - w->taken;
	w->taken += *length + (mark ? strlen(MARK) : 0);
	part[*length] = '\0';
	return part;
}

/* Where it says "line N: why"; NULL. What is only a warning stops nothing. */
static const char *complaint(const char *text)
{
	const char *line = text, *warning;

	while ((line = strstr(line, "line ")) != NULL) {
		warning = strstr(line, "warning:");
		if (!warning || warning > line + strcspn(line, "\n"))
			return line;
		line += strcspn(line, "\n");
	}
	return NULL;
}

/* What went wrong in a line: gnuplot echoes the script with a mark below, and then says "line N: why". */
static void first_words(const char *text, char said[GNUPLOT_SAID])
{
	const char *line = complaint(text);
	size_t i;

	if (!line)
		line = text + strspn(text, " \n");
	snprintf(said, GNUPLOT_SAID, "%.*s", (int)strcspn(line, "\n"), line);
	for (i = strlen(said); i && isspace((unsigned char)said[i - 1]);)
		said[--i] = '\0';
}

/* How gnuplot ended, whose last words were these. */
static int judge_end(const struct run *r, const char *said, struct error *e)
{
	const struct gnuplot_limits *limits = r->limits;
	int status = r->status, by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	struct rlimit files;

	if (r->late)
		return fail(e, ETIMEDOUT, "gnuplot took longer than %u s", limits->seconds);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED)
		return fail(e, ENOENT, "gnuplot: not found (it is in the package gnuplot-nox)");
	if (by == SIGXCPU)
		return fail(e, ETIMEDOUT, "gnuplot took longer than %u s of CPU time",
		            limits->seconds);
	if (by == SIGXFSZ && getrlimit(RLIMIT_FSIZE, &files) == 0 &&
	    files.rlim_cur < limits->output_bytes)
		return fail(e, EFBIG,
		            "the picture is larger than files may be (ulimit -f): %zu KiB",
		            (size_t)files.rlim_cur >> 10);
	if (by == SIGXFSZ || r->pictures.length >= limits->output_bytes)
		return fail(e, EFBIG, "the picture is larger than %zu MiB",
		            limits->output_bytes >> 20);
	if (by)
		return fail(e, EIO, "gnuplot died of signal %d (%s)", by, strsignal(by));
	if (WEXITSTATUS(status))
		return fail(e, EIO, "gnuplot failed: %s", *said ? said : "it does not say why");
	return 0;
}

static int keep_picture(struct drawing *d, const char *picture, size_t length, struct error *e)
{
	if (!length)
		return fail(e, EIO, "gnuplot drew nothing%s%s", *d->said ? ": " : "", d->said);
	d->picture = malloc(length + 1);
	if (!d->picture)
		return fail(e, ENOMEM, "out of memory");
	d->length = length;
	memcpy(d->picture, picture, length + 1);
	return 0;
}

/* Take the next picture. One without a mark behind it is the last, or that at which gnuplot ended. */
static int take_picture(struct run *r, struct drawing *d, bool last, struct error *e)
{
	bool marked;
	const char *picture;
	size_t length;
	int end = 0;

	first_words(take_part(&r->words, last, &length, &marked), d->said);
	picture = take_part(&r->pictures, last, &length, &marked);
	if (!marked)
		end = judge_end(r, d->said, e);
	if (end == 0 && !marked && !last)
		end = fail(e, EIO, "gnuplot ended before the last picture");
	return end < 0 ? end : keep_picture(d, picture, length, e);
}

static int collect(struct run *r, size_t *drawn, struct error *e)
{
	int end = read_written(&r->pictures, r->fd[FILE_OUT], e);
	size_t i;

	if (end == 0)
		end = read_written(&r->words, r->fd[FILE_SAID], e);
	for (i = 0; end == 0 && i < r->nr; i += end == 0)
		end = take_picture(r, &r->drawings[i], i + 1 == r->nr, e);
	*drawn = i;
	return end;
}

static void run_done(struct run *r)
{
	int i;

	for (i = 0; i < FILES; i++)
		if (r->fd[i] >= 0)
			close(r->fd[i]);
	free(r->pictures.text);
	free(r->words.text);
}

int gnuplot_run(struct drawing *drawings, size_t nr, const struct gnuplot_limits *limits,
                size_t *drawn, struct error *e)
{
	struct run r = {.drawings = drawings, .nr = nr, .limits = limits};
	int end = open_files(&r, e);
	pid_t child;

	*drawn = 0;
	if (end == 0) {
		fflush(NULL);
		child = fork();
		if (child == 0)
			become_gnuplot(&r);
		setpgid(child, child); /* whoever of the two comes first */
		if (child < 0)
			end = fail(e, errno, "gnuplot: %s", strerror(errno));
		else
			await(&r, child);
	}
	if (end == 0)
		end = collect(&r, drawn, e);
	run_done(&r);
	return end;
}
