/* journal - what was there before we acted, on disk before we act, so that it can be put back whatever happens */
#include "balancer/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balancer/journal_index.h"
#include "balancer/journal_line.h"
#include "balancer/owned.h"

#define HEADER "vmb-journal 1\n"

/* Fewer are not worth a rewriting: 2,000 lines of pins have 120 kB. */
#define LINES_MIN 2000

struct journal {
	char *path, *beside; /* the file, and one that is to take its place */
	int fd;              /* -1 before the first note */
	bool kept;
	struct action *changes; /* as they were noted: among them those that tell the originals */
	uint32_t *lives;        /* [room] of each the instance of its guest, or: */
	size_t nr, room;
	uint64_t seen;            /* who was there last, each in which life */
	size_t condense_at;       /* so many changes */
	size_t lines, rewrite_at; /* in the file */
	const struct sample *now; /* when the next are noted; NULL: not known */
};

#define LIFE_UNKNOWN UINT32_MAX /* noted by a run before, and not seen yet */

static void forget(struct journal *j)
{
	free(j->changes);
	free(j->lives);
	j->changes = NULL;
	j->lives = NULL;
	j->seen = 0;
	j->nr = j->room = j->lines = 0;
	j->condense_at = j->rewrite_at = LINES_MIN;
	j->kept = false;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	forget(j);
	free(j->path);
	free(j->beside);
	free(j);
}

bool journal_holds(const struct journal *j)
{
	return j->nr > 0;
}

bool journal_kept(const struct journal *j)
{
	return j->kept;
}

/* Room for so many more changes; 0 or -ENOMEM. */
static int reserve(struct journal *j, size_t nr)
{
	const size_t room = j->nr + nr + j->nr / 2;
	struct action *more;
	uint32_t *lives;

	if (j->changes && j->nr + nr <= j->room)
		return 0;
	more = realloc(j->changes, room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	j->changes = more;
	lives = realloc(j->lives, room * sizeof(*lives));
	if (!lives)
		return -ENOMEM;
	j->lives = lives;
	j->room = room;
	return 0;
}

/* When it has doubled: what that costs is then a part of what the lines have cost. */
static size_t next_at(size_t nr)
{
	return 2 * nr > LINES_MIN ? 2 * nr : LINES_MIN;
}

/* Who ended has nothing to put back, and starts anew without what we did. Who was not read, or perhaps not listed, may be there. */
static bool is_gone(const struct journal *j, const struct action *a)
{
	return j->now && !j->now->known_guests && !j->now->nr_unread &&
	       !sample_find_guest(j->now, a->guest);
}

/* Forget the changes that tell nothing. Without the memory to find them out: later. */
static void condense(struct journal *j)
{
	struct journal_role *roles;
	size_t i, n = 0;

	if (journal_index(j->changes, j->nr, &roles) == 0) {
		for (i = 0; i < j->nr; i++)
			if ((roles[i].leaves || roles[i].original == i) &&
			    !is_gone(j, &j->changes[i])) {
				j->changes[n] = j->changes[i];
				j->lives[n++] = j->lives[i];
			}
		j->nr = n;
		free(roles);
	}
	j->condense_at = next_at(j->nr);
}

bool journal_knows(const struct journal *j, const struct action *a)
{
	size_t i;

	for (i = 0; i < j->nr; i++)
		if (journal_line_same(&j->changes[i], a))
			return true;
	return false;
}

/* ---- the file ---- */

static int unlike(const struct journal *j, unsigned number, struct error *e)
{
	return fail(e, EBADMSG, "%s:%u: not a line of a journal", j->path, number);
}

static int read_line(struct journal *j, char *line, unsigned number, struct error *e)
{
	struct action a;

	j->lines++;
	if (!strcmp(line, "kept")) {
		j->kept = true;
		return 0;
	}
	if (journal_line_read(line, &a) < 0)
		return unlike(j, number, e);
	if (reserve(j, 1) < 0)
		return fail(e, ENOMEM, "no memory for the journal");
	j->kept = false;
	j->lives[j->nr] = LIFE_UNKNOWN;
	j->changes[j->nr++] = a;
	if (j->nr >= j->condense_at)
		condense(j);
	return 0;
}

/* A journal that ends because its disk fails has not ended: what follows would be lost with it. */
static int unread(const struct journal *j, FILE *file, struct error *e)
{
	return ferror(file) ? fail(e, EIO, "journal %s: %s", j->path, strerror(errno)) : 0;
}

enum ending {
	WHOLE, /* by its newline */
	TORN,  /* by the end of the file: whoever wrote it died, or had no room */
	STRANGE
};

/* Read a line, its newline cut. We write no NUL and none that is longer: what has them did not come from us. */
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

static int read_file(struct journal *j, FILE *file, struct error *e)
{
	static char line[JOURNAL_LINE];
	enum ending ending = next_line(file, line);
	unsigned number = 1;
	int r = 0;

	if (!is_header(line, ending))
		return fail(e, EBADMSG, "%s: not a journal of vmb", j->path);
	/* A torn line, the header as well, is of a change that was never made. */
	while (!r && ending == WHOLE && (ending = next_line(file, line)) != TORN) {
		number++;
		r = ending == WHOLE ? read_line(j, line, number, e) : unlike(j, number, e);
	}
	return r < 0 ? r : unread(j, file, e);
}

int journal_open(const char *path, struct journal **out, struct error *e)
{
	AUTO(journal_close) struct journal *j = calloc(1, sizeof(*j));
	FILE *file;
	int fd, r;

	if (!j)
		return fail(e, ENOMEM, "no memory for the journal");
	j->fd = -1;
	forget(j);
	j->path = strdup(path);
	j->beside = malloc(strlen(path) + sizeof(".new"));
	if (!j->path || !j->beside)
		return fail(e, ENOMEM, "no memory for the journal");
	sprintf(j->beside, "%s.new", path);
	fd = owned_open(path, O_RDONLY, e);
	if (fd < 0 && fd != -ENOENT)
		return fd;
	if (fd >= 0) {
		file = fdopen(fd, "r");
		r = file ? read_file(j, file, e) : fail(e, ENOMEM, "no memory for the journal");
		if (file)
			fclose(file);
		else
			close(fd);
		if (r < 0)
			return r;
	}
	*out = take(j);
	return 0;
}

/* A line may be torn now: the next one to write opens the file anew, which cuts it off. */
static int give_up(struct journal *j, struct error *e)
{
	int r = fail(e, EIO, "journal %s: %s", j->path, strerror(errno));

	close(j->fd);
	j->fd = -1;
	return r;
}

static int append(struct journal *j, const char *text, size_t length, struct error *e)
{
	ssize_t n;

	while (length) {
		n = write(j->fd, text, length);
		if (n < 0)
			return give_up(j, e);
		text += n;
		length -= (size_t)n;
	}
	return 0;
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

/* All that the journal holds, to a file that has nothing. */
static int write_all(struct journal *j)
{
	static char line[JOURNAL_LINE];
	int r = append(j, HEADER, strlen(HEADER), NULL);
	size_t i;

	for (i = 0; !r && i < j->nr; i++)
		r = append(j, line, journal_line_write(&j->changes[i], line), NULL);
	if (!r)
		r = fsync(j->fd);
	return r;
}

static bool is_removed(const struct journal *j)
{
	struct stat st = {.st_nlink = 1}; /* where nobody can tell */

	if (j->fd >= 0)
		fstat(j->fd, &st);
	return !st.st_nlink;
}

static int start_writing(struct journal *j, struct error *e)
{
	off_t size;
	int r;

	if (j->fd >= 0)
		return 0;
	r = owned_open(j->path, O_RDWR | O_CREAT | O_APPEND, e);
	if (r < 0)
		return r;
	j->fd = r;
	size = whole_lines(j->fd);
	if (size < 0) {
		errno = EBADMSG;
		return give_up(j, e);
	}
	if (ftruncate(j->fd, size) < 0)
		return give_up(j, e);
	if (size)
		return 0;
	return j->nr ? write_all(j) : append(j, HEADER, strlen(HEADER), e);
}

static int sync_file(struct journal *j, struct error *e)
{
	return fdatasync(j->fd) < 0 ? fail(e, EIO, "journal %s: %s", j->path, strerror(errno)) : 0;
}

static uint32_t life_of(const struct sample *now, const uint8_t uuid[UUID_BYTES])
{
	const struct sample_guest *g = now ? sample_find_guest(now, uuid) : NULL;

	return g ? g->instance : LIFE_UNKNOWN;
}

static int note(struct journal *j, const struct action *a, struct error *e)
{
	static char line[JOURNAL_LINE];
	int r;

	r = append(j, line, journal_line_write(a, line), e);
	if (!r) {
		j->lives[j->nr] = life_of(j->now, a->guest);
		j->changes[j->nr++] = *a;
	}
	j->lines++;
	return r;
}

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

/*
 * Put a file in the journal's place that has only what tells something. Whoever is killed meanwhile leaves the one or the
 * other, both whole. What fails leaves the old one, to append to.
 */
static void rewrite(struct journal *j)
{
	const int old = j->fd;

	condense(j);
	j->rewrite_at = next_at(j->lines);
	unlink(j->beside); /* of one that was killed */
	j->fd = owned_open(j->beside, O_RDWR | O_CREAT | O_EXCL | O_APPEND, NULL);
	if (j->fd >= 0 && write_all(j) == 0 && rename(j->beside, j->path) == 0) {
		close(old);
		j->lines = j->nr;
		j->rewrite_at = next_at(j->lines);
		sync_folder(j->path);
		return;
	}
	if (j->fd >= 0)
		close(j->fd);
	unlink(j->beside);
	j->fd = old;
}

int journal_stay(struct journal *j, struct error *e)
{
	const int old = j->fd;
	int r;

	if (!is_removed(j))
		return 0;
	r = owned_open(j->path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, e);
	if (r < 0)
		return r;
	j->fd = r;
	r = write_all(j);
	if (!r && j->kept)
		r = append(j, "kept\n", strlen("kept\n"), NULL);
	if (!r) {
		close(old);
		sync_folder(j->path);
		return 0;
	}
	r = fail(e, EIO, "journal %s: was removed, and cannot be written: %s", j->path,
	         strerror(errno));
	if (j->fd >= 0)
		close(j->fd);
	unlink(j->path);
	j->fd = old;
	return r;
}

/* Whether the thing of each first line is as one of its lines has left it. */
static void find_ours(const struct journal *j, const struct sample *now, struct journal_role *roles)
{
	size_t i;

	for (i = 0; i < j->nr; i++)
		if (journal_line_ours(&j->changes[i], now))
			roles[roles[i].first].ours = true;
}

/* Whether a pin that was made in a life before is there in this one: a guest that was saved and is restored brings it along. */
static bool came_along(const struct journal_role *roles, size_t i, const struct action *a)
{
	return a->kind == ACTION_PIN && roles[roles[i].first].ours;
}

/* Forget what was noted of guests in a life before; whether there was any. Without the memory to find it out: at another change. */
static bool forget_lives(struct journal *j)
{
	struct journal_role *roles;
	size_t i, n = 0, before = j->nr;

	if (journal_index(j->changes, j->nr, &roles) < 0)
		return false;
	find_ours(j, j->now, roles);
	for (i = 0; i < before; i++) {
		const struct action *a = &j->changes[i];
		uint32_t life = life_of(j->now, a->guest);

		if (life != LIFE_UNKNOWN && j->lives[i] != LIFE_UNKNOWN && life != j->lives[i] &&
		    !came_along(roles, i, a))
			continue;
		j->lives[n] = life != LIFE_UNKNOWN ? life : j->lives[i];
		j->changes[n++] = *a;
	}
	j->nr = n;
	free(roles);
	return n < before;
}

static uint64_t who_is_there(const struct sample *now)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
	size_t i, b;

	for (i = 0; i < now->nr_guests; i++) {
		for (b = 0; b < UUID_BYTES; b++)
			hash = (hash ^ now->guests[i].uuid[b]) * 0x100000001b3;
		hash = (hash ^ now->guests[i].instance) * 0x100000001b3;
	}
	return hash;
}

/* A file that is kept, or cannot be written, tells of lives before as well: so it is after a kill, and no worse. */
void journal_sees(struct journal *j, const struct sample *now)
{
	uint64_t seen = now && j->nr ? who_is_there(now) : 0;

	j->now = now;
	if (!seen || seen == j->seen)
		return;
	j->seen = seen;
	if (!forget_lives(j) || j->kept)
		return;
	if (!j->nr)
		journal_remove(j, NULL);
	else if (start_writing(j, NULL) == 0)
		rewrite(j);
}

int journal_note(struct journal *j, const struct action *actions, size_t nr, struct error *e)
{
	bool written = j->kept;
	size_t before = j->nr, i;
	int r = journal_stay(j, e);

	if (r < 0)
		return r;
	/* Before a line is written: one of a change that is not made then would stay. */
	r = reserve(j, nr) < 0 ? fail(e, ENOMEM, "no memory for the journal") : start_writing(j, e);
	for (i = 0; !r && i < nr; i++) {
		struct action a = actions[i];

		if (j->now)
			journal_line_widen(&a, &j->now->online);
		/* After "kept" one line must say that there are changes again. */
		if (!j->kept && !journal_line_repeats(&a) && !journal_line_anew(&a, false) &&
		    journal_knows(j, &a))
			continue;
		r = note(j, &a, e);
		written = true;
		j->kept &= r < 0;
	}
	if (!r && written)
		r = sync_file(j, e);
	if (r < 0)
		j->nr = before; /* who tries again must not find it noted: it may not be on disk */
	else if (written && !j->kept && j->lines > j->rewrite_at)
		rewrite(j);
	return r;
}

int journal_keep(struct journal *j, struct error *e)
{
	int r;

	if (!j->nr || j->kept)
		return 0;
	r = start_writing(j, e);
	if (!r)
		r = append(j, "kept\n", strlen("kept\n"), e);
	j->kept = !r;
	return r < 0 ? r : sync_file(j, e);
}

int journal_remove(struct journal *j, struct error *e)
{
	if (unlink(j->path) < 0 && errno != ENOENT)
		return fail(e, EIO, "journal %s: %s", j->path, strerror(errno));
	unlink(j->beside);
	forget(j);
	return 0;
}

/* ---- putting back ---- */

int journal_restores(const struct journal *j, const struct sample *now, struct action **actions,
                     size_t *nr, struct error *e)
{
	struct action *list = calloc(j->nr + 1, sizeof(*list));
	struct journal_role *roles = NULL;
	size_t i, n = 0;

	if (!list || journal_index(j->changes, j->nr, &roles) < 0) {
		free(list);
		return fail(e, ENOMEM, "no memory to put back %zu changes", j->nr);
	}
	find_ours(j, now, roles);
	for (i = 0; i < j->nr; i++)
		if (roles[i].first == i && roles[i].ours &&
		    journal_line_restore(&j->changes[roles[i].original], now, &list[n]))
			n++;
	free(roles);
	*actions = list;
	*nr = n;
	return 0;
}
