/* journal_file - the journal's file: whole lines that are appended and synced, or a whole file that takes its place */
#include "balancer/journal_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balancer/journal_line.h"
#include "balancer/owned.h"

#define HEADER "vmb-journal 1\n"
#define KEPT   "kept\n"

int journal_file_init(struct journal_file *f, const char *path, struct error *e)
{
	f->fd = -1;
	f->path = strdup(path);
	f->beside = malloc(strlen(path) + sizeof(".new"));
	if (!f->path || !f->beside)
		return fail(e, ENOMEM, "no memory for the journal");
	sprintf(f->beside, "%s.new", path);
	return 0;
}

void journal_file_close(struct journal_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void journal_file_free(struct journal_file *f)
{
	journal_file_close(f);
	free(f->path);
	free(f->beside);
}

static int failed(const struct journal_file *f, struct error *e)
{
	return fail(e, EIO, "journal %s: %s", f->path, strerror(errno));
}

/* ---- reading ---- */

enum ending {
	WHOLE, /* by its newline */
	TORN,  /* by the end of the file: whoever wrote it died, or had no room */
	STRANGE
};

/* Read a line, its newline cut. */
static enum ending next_line(FILE *file, char line[JOURNAL_LINE])
{
	size_t n = 0;
	int c;

	for (c = getc(file); c != EOF && c != '\n'; c = getc(file)) {
		if (!c || n == JOURNAL_LINE - 1)
			return STRANGE;
		line[n++] = (char)c;
	}
	line[n] = '\0';
	return c == EOF ? TORN : WHOLE;
}

static bool is_header(const char *line, enum ending ending)
{
	const size_t length = strlen(HEADER) - 1;

	if (ending == TORN)
		return strlen(line) <= length && !strncmp(line, HEADER, strlen(line));
	return ending == WHOLE && strlen(line) == length && !strncmp(line, HEADER, length);
}

static int unlike(const struct journal_file *f, unsigned number, struct error *e)
{
	return fail(e, EBADMSG, "%s:%u: not a line of a journal", f->path, number);
}

/* A journal that ends because its disk fails has not ended: what follows would be lost with it. */
static int unread(const struct journal_file *f, FILE *file, struct error *e)
{
	return ferror(file) ? failed(f, e) : 0;
}

static int read_lines(const struct journal_file *f, FILE *file, journal_file_take *take, void *with,
                      struct error *e)
{
	static char line[JOURNAL_LINE];
	enum ending ending = next_line(file, line);
	struct action change;
	unsigned number = 1;
	int r = 0;

	if (!is_header(line, ending))
		return fail(e, EBADMSG, "%s: not a journal of vmb", f->path);
	/* A torn line, the header as well, is of a change that was never made. */
	while (!r && ending == WHOLE && (ending = next_line(file, line)) != TORN) {
		number++;
		if (ending == WHOLE && !strcmp(line, "kept"))
			r = take(with, NULL, e);
		else if (ending == WHOLE && journal_line_read(line, &change) == 0)
			r = take(with, &change, e);
		else
			r = unlike(f, number, e);
	}
	return r < 0 ? r : unread(f, file, e);
}

int journal_file_read(const struct journal_file *f, journal_file_take *take, void *with,
                      struct error *e)
{
	const int fd = owned_open(f->path, O_RDONLY, e);
	FILE *file;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return fail(e, ENOMEM, "no memory for the journal");
	}
	r = read_lines(f, file, take, with, e);
	fclose(file);
	return r;
}

/* ---- writing ---- */

/* A line may be torn now: the next one to write opens the file anew, which cuts it off. */
static int give_up(struct journal_file *f, struct error *e)
{
	const int r = failed(f, e);

	journal_file_close(f);
	return r;
}

static int append_text(struct journal_file *f, const char *text, size_t length, struct error *e)
{
	ssize_t n;

	while (length) {
		n = write(f->fd, text, length);
		if (n < 0)
			return give_up(f, e);
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int journal_file_append(struct journal_file *f, const struct action *change, struct error *e)
{
	static char line[JOURNAL_LINE];

	if (!change)
		return append_text(f, KEPT, strlen(KEPT), e);
	return append_text(f, line, journal_line_write(change, line), e);
}

int journal_file_sync(struct journal_file *f, struct error *e)
{
	return fdatasync(f->fd) < 0 ? failed(f, e) : 0;
}

/* All that it is to tell, to a file that has nothing; a header alone need not be on disk. */
static int write_all(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	int r = append_text(f, HEADER, strlen(HEADER), e);
	size_t i;

	for (i = 0; !r && i < text->nr; i++)
		r = journal_file_append(f, &text->changes[i], e);
	if (!r && text->kept)
		r = journal_file_append(f, NULL, e);
	return !r && text->nr && fsync(f->fd) < 0 ? failed(f, e) : r;
}

static bool begins_as_ours(int fd)
{
	char head[sizeof(HEADER) - 1];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n >= 0 && !memcmp(head, HEADER, (size_t)n);
}

/*
 * Where the file's last whole line ends, so that a torn one behind it is cut off before more is appended. What we would
 * not have taken when it was read is not cut: -1.
 */
static off_t whole_lines(int fd)
{
	static char tail[JOURNAL_LINE];
	const off_t size = lseek(fd, 0, SEEK_END);
	const off_t start = size > JOURNAL_LINE ? size - JOURNAL_LINE : 0;
	ssize_t n = pread(fd, tail, sizeof(tail), start);
	const char *newline, *torn = tail;

	if (size < 0 || n != size - start || !begins_as_ours(fd))
		return -1;
	newline = memrchr(tail, '\n', (size_t)n);
	if (!newline && start)
		return -1;
	if (newline)
		torn = newline + 1;
	return memchr(torn, '\0', (size_t)(tail + n - torn)) ? -1 : start + (torn - tail);
}

int journal_file_start(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	off_t size;
	int r;

	if (f->fd >= 0)
		return 0;
	r = owned_open(f->path, O_RDWR | O_CREAT | O_APPEND, e);
	if (r < 0)
		return r;
	f->fd = r;
	size = whole_lines(f->fd);
	if (size < 0) {
		errno = EBADMSG;
		return give_up(f, e);
	}
	if (ftruncate(f->fd, size) < 0)
		return give_up(f, e);
	return size ? 0 : write_all(f, text, e);
}

/* ---- its place ---- */

/* Against a loss of power alone, which ends the guests with their pins: a failure is none of the journal. */
static void sync_folder(const char *path)
{
	const char *end = strrchr(path, '/');
	char folder[512];
	int fd;

	snprintf(folder, sizeof(folder), "%.*s/", end ? (int)(end - path) : 1, end ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* Write a file at `path`, where there is none; f->fd is its descriptor from then on, if it could be made. */
static int write_anew(struct journal_file *f, const char *path, const struct journal_text *text,
                      struct error *e)
{
	const int fd = owned_open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, e);

	if (fd < 0)
		return fd;
	f->fd = fd;
	return write_all(f, text, e);
}

/* Go on with what was written at `path`, or, where that has failed, with the old one as if nothing had been. */
static int settle(struct journal_file *f, int old, const char *path, int r)
{
	if (r == 0) {
		close(old);
		sync_folder(f->path);
	} else if (f->fd != old) {
		journal_file_close(f);
		unlink(path);
		f->fd = old;
	}
	return r;
}

int journal_file_replace(struct journal_file *f, const struct journal_text *text)
{
	const int old = f->fd;
	int r;

	unlink(f->beside); /* of one that was killed */
	r = write_anew(f, f->beside, text, NULL);
	if (!r && rename(f->beside, f->path) < 0)
		r = failed(f, NULL);
	return settle(f, old, f->beside, r);
}

static bool is_removed(const struct journal_file *f)
{
	struct stat st = {.st_nlink = 1}; /* where nobody can tell */

	if (f->fd >= 0)
		fstat(f->fd, &st);
	return !st.st_nlink;
}

int journal_file_stay(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	const int old = f->fd;
	struct error why;
	int r;

	if (!is_removed(f))
		return 0;
	r = settle(f, old, f->path, write_anew(f, f->path, text, &why));
	return r < 0 ? fail(e, why.code, "%s; it was removed meanwhile", why.text) : 0;
}

int journal_file_remove(struct journal_file *f, struct error *e)
{
	if (unlink(f->path) < 0 && errno != ENOENT)
		return failed(f, e);
	unlink(f->beside);
	journal_file_close(f);
	return 0;
}
