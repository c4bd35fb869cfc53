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

/* ---- lines ---- */

static int append_text(struct journal_file *f, const char *text, size_t length, struct error *e)
{
	ssize_t n;

	while (length) {
		n = write(f->fd, text, length);
		if (n < 0)
			return failed(f, e);
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int append_lines(struct journal_file *f, const struct action *changes, size_t nr,
                        struct error *e)
{
	static char line[JOURNAL_LINE];
	size_t i;
	int r = 0;

	for (i = 0; !r && i < nr; i++)
		r = append_text(f, line, journal_line_write(&changes[i], line), e);
	return r;
}

/* All on disk, or nothing behind `before`: who starts next would put back what was never changed. */
static int commit(struct journal_file *f, off_t before, int r, struct error *e)
{
	if (!r && fdatasync(f->fd) < 0)
		r = failed(f, e);
	if (!r)
		return 0;
	if (ftruncate(f->fd, before) < 0)
		fail(e, EIO, "journal %s: %s: it may tell of what was not done", f->path,
		     strerror(errno));
	journal_file_close(f);
	return r;
}

int journal_file_append(struct journal_file *f, const struct action *changes, size_t nr,
                        struct error *e)
{
	const off_t before = lseek(f->fd, 0, SEEK_END);

	return commit(f, before, append_lines(f, changes, nr, e), e);
}

int journal_file_keep(struct journal_file *f, struct error *e)
{
	const off_t before = lseek(f->fd, 0, SEEK_END);

	return commit(f, before, append_text(f, KEPT, strlen(KEPT), e), e);
}

/* To a file that has nothing. */
static int write_all(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	int r = append_text(f, HEADER, strlen(HEADER), e);

	if (!r)
		r = append_lines(f, text->changes, text->nr, e);
	if (!r && text->kept)
		r = append_text(f, KEPT, strlen(KEPT), e);
	if (!r && fsync(f->fd) < 0)
		r = failed(f, e);
	return r;
}

/* ---- in its place ---- */

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

int journal_file_replace(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	const int old = f->fd;
	int r;

	unlink(f->beside); /* of one that was killed */
	r = owned_open(f->beside, O_RDWR | O_CREAT | O_EXCL | O_APPEND, e);
	if (r >= 0) {
		f->fd = r;
		r = write_all(f, text, e);
	}
	if (!r && rename(f->beside, f->path) < 0)
		r = failed(f, e);
	if (r < 0) {
		if (f->fd != old)
			close(f->fd);
		f->fd = old;
		unlink(f->beside);
		return r;
	}
	if (old >= 0)
		close(old);
	sync_folder(f->path);
	return 0;
}

/* ---- going on with one ---- */

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

/* Cut off what is torn; returns how much is left. */
static off_t cut(struct journal_file *f, struct error *e)
{
	const off_t size = whole_lines(f->fd);

	if (size < 0)
		return fail(e, EBADMSG, "%s: not a journal of vmb, or cannot be read", f->path);
	return ftruncate(f->fd, size) < 0 ? failed(f, e) : size;
}

int journal_file_start(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	off_t left;
	int r;

	if (f->fd >= 0)
		return 0;
	r = owned_open(f->path, O_RDWR | O_APPEND, e);
	if (r == -ENOENT)
		return journal_file_replace(f, text, e);
	if (r < 0)
		return r;
	f->fd = r;
	left = cut(f, e);
	if (left > 0)
		return 0;
	r = left < 0 ? (int)left : journal_file_replace(f, text, e);
	if (r < 0)
		journal_file_close(f); /* it is not begun */
	return r;
}

int journal_file_stay(struct journal_file *f, const struct journal_text *text, struct error *e)
{
	struct stat st = {.st_nlink = 1, .st_size = 1}; /* where nobody can tell */
	struct error why;
	int r;

	if (f->fd >= 0)
		fstat(f->fd, &st);
	if (st.st_nlink && st.st_size)
		return 0;
	if (!st.st_nlink && access(f->path, F_OK) == 0)
		return fail(e, EBUSY, "journal %s: was removed, and another stands there", f->path);
	r = journal_file_replace(f, text, &why);
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
