/* spool - an array that grows at its end: what does not fit into a bound of memory is in a temporary file */
#include "analyze/spool.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One for all: a file each would be thousands of descriptors. Its end only grows; what was freed is given back to the disk. */
static struct {
	int fd; /* 0: none yet */
	off_t end;
	size_t runs;      /* that are in it */
	struct error why; /* the first that went wrong */
} file;

static size_t held_bytes; /* by runs in memory that are not small */

static const char *folder(void)
{
	const char *named = getenv("TMPDIR");

	if (named && *named)
		return named;
	return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

static int broke(int code)
{
	if (!file.why.code)
		fail(&file.why, code, "temporary file in %s (TMPDIR): %s", folder(),
		     strerror(code));
	return -ENOMEM;
}

static int open_file(void)
{
	char path[4096];
	int fd;

	if (file.fd)
		return 0;
	if (snprintf(path, sizeof(path), "%s/vmb-XXXXXX", folder()) >= (int)sizeof(path))
		return broke(ENAMETOOLONG);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return broke(errno);
	unlink(path);
	file.fd = fd;
	return 0;
}

static size_t run_of(size_t i)
{
	return 63 - (size_t)__builtin_clzll(i / SPOOL_FIRST + 1);
}

static size_t run_length(size_t run)
{
	return (size_t)SPOOL_FIRST << run;
}

/* The element that a run begins with: all before it are one less than itself. */
static size_t run_first(size_t run)
{
	return run_length(run) - SPOOL_FIRST;
}

/* Where in the file the window's block is. */
static off_t place_of(const struct spool *s)
{
	size_t run = run_of(s->first);

	return s->runs[run].place + (off_t)((s->first - run_first(run)) * s->size);
}

/* Write the window's block, or read it. 0 or -ENOMEM. */
static int transfer(const struct spool *s, bool out)
{
	size_t bytes = s->held * s->size, done = 0;
	ssize_t n;

	while (done < bytes) {
		off_t place = place_of(s) + (off_t)done;

		n = out ? pwrite(file.fd, s->block + done, bytes - done, place)
		        : pread(file.fd, s->block + done, bytes - done, place);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return broke(n < 0 ? errno : EIO);
		done += (size_t)n;
	}
	return 0;
}

/* Show an element that is there, or is to be the next. */
static int show(struct spool *s, size_t i)
{
	size_t run = run_of(i);
	int r = s->changed ? transfer(s, true) : 0;

	s->changed = false;
	s->first = run_first(run);
	s->room = run_length(run);
	s->window = s->runs[run].at;
	if (!s->window) {
		s->first += (i - s->first) / s->block_nr * s->block_nr;
		s->room = s->block_nr;
		s->window = s->block;
	}
	s->held = s->nr - s->first < s->room ? s->nr - s->first : s->room;
	if (s->window == s->block && transfer(s, false) < 0)
		memset(s->block, 0, s->held * s->size);
	return r;
}

void spool_move(struct spool *s, size_t i)
{
	assert(i < s->nr);
	show(s, i);
}

/* Give a run its place in the file, and the spool a block to see it by. */
static int begin_in_file(struct spool *s, struct spool_run *run, size_t bytes)
{
	int r = open_file();

	if (r == 0 && !s->block) {
		s->block = malloc(s->block_nr * s->size);
		r = s->block ? 0 : -ENOMEM;
	}
	if (r < 0)
		return r;
	run->place = file.end;
	file.end += (off_t)bytes;
	file.runs++;
	return 0;
}

static int begin_in_memory(struct spool_run *run, size_t bytes)
{
	run->at = malloc(bytes);
	return run->at ? 0 : -ENOMEM;
}

static int add_run(struct spool *s)
{
	size_t length = run_length(s->nr_runs), bytes = length * s->size;
	bool small = length < s->block_nr, in_file = !small && held_bytes + bytes > SPOOL_MEMORY;
	struct spool_run *more, run = {0};
	int r;

	more = realloc(s->runs, (s->nr_runs + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->runs = more;
	r = in_file ? begin_in_file(s, &run, bytes) : begin_in_memory(&run, bytes);
	if (r < 0)
		return r;
	held_bytes += small || in_file ? 0 : bytes;
	s->runs[s->nr_runs++] = run;
	return 0;
}

static struct spool *new_spool(size_t size)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->size = size;
	s->block_nr = SPOOL_BLOCK;
	while (s->block_nr > SPOOL_FIRST && s->block_nr * size > SPOOL_BLOCK_BYTES)
		s->block_nr /= 2;
	return s;
}

int spool_add(struct spool **to, size_t size, const void *element)
{
	struct spool *s;
	int r = 0;

	if (!*to)
		*to = new_spool(size);
	s = *to;
	if (!s)
		return -ENOMEM;
	if (s->nr - s->first >= s->room) {
		if (run_of(s->nr) == s->nr_runs)
			r = add_run(s);
		if (r == 0)
			r = show(s, s->nr);
		if (r < 0)
			return r;
	}
	memcpy(s->window + (s->nr - s->first) * size, element, size);
	s->changed = s->window == s->block;
	s->held++;
	s->nr++;
	return 0;
}

/* Give back the room of a run, and with the last one the whole file: its places are not used again. */
static void leave_file(off_t place, size_t bytes)
{
	if (--file.runs)
		fallocate(file.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place, (off_t)bytes);
	else if (ftruncate(file.fd, 0) == 0)
		file.end = 0;
}

void spool_free(struct spool *s)
{
	size_t i, bytes;

	if (!s)
		return;
	for (i = 0; i < s->nr_runs; i++) {
		bytes = run_length(i) * s->size;
		if (!s->runs[i].at)
			leave_file(s->runs[i].place, bytes);
		else if (run_length(i) >= s->block_nr)
			held_bytes -= bytes;
		free(s->runs[i].at);
	}
	free(s->runs);
	free(s->block);
	free(s);
}

int spool_check(struct error *e)
{
	return file.why.code ? fail(e, file.why.code, "%s", file.why.text) : 0;
}

int spool_fail(struct error *e)
{
	int r = spool_check(e);

	return r < 0 ? r : fail(e, ENOMEM, "out of memory");
}
