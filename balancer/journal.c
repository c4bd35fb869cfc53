/* journal - what was there before we acted, on disk before we act, so that it can be put back whatever happens */
#include "balancer/journal.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "vmb-journal 1\n"

/* Every other one of PCPU_MAX pCPUs, with its comma. */
#define LIST_TEXT (PCPU_MAX / 2 * 5 + 1)
#define LINE_TEXT (2 * LIST_TEXT + UUID_TEXT + GUEST_NAME + 32)

/* A change as it was noted. The original affinity of its vCPU is among them. */
struct change {
	uint8_t guest[UUID_BYTES];
	char name[GUEST_NAME];
	uint32_t vcpu;
	struct cpuset from, to;
};

struct journal {
	char *path;
	int fd; /* -1 before the first note */
	bool kept;
	struct change *changes;
	size_t nr;
	struct cpuset online; /* when the next changes are noted; empty: not known */
};

static void forget(struct journal *j)
{
	free(j->changes);
	j->changes = NULL;
	j->nr = 0;
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

void journal_online(struct journal *j, const struct cpuset *online)
{
	j->online = *online;
}

static struct cpuset everything(void)
{
	struct cpuset all;

	memset(&all, 0xff, sizeof(all));
	return all;
}

/* One that may run on all pCPUs that are online may run on all that there will be. */
static struct cpuset original_of(const struct journal *j, const struct cpuset *from)
{
	bool floats = cpuset_first(&j->online) >= 0 && cpuset_covers(from, &j->online);

	return floats ? everything() : *from;
}

static int remember(struct journal *j, const struct action *a)
{
	struct change *more = realloc(j->changes, (j->nr + 1) * sizeof(*more)), *change;

	if (!more)
		return -ENOMEM;
	j->changes = more;
	change = &more[j->nr++];
	*change = (struct change){.vcpu = a->vcpu, .from = a->from, .to = a->to};
	memcpy(change->guest, a->guest, UUID_BYTES);
	snprintf(change->name, sizeof(change->name), "%s", a->name);
	return 0;
}

/* ---- the file ---- */

static int read_line(struct journal *j, char *line, unsigned number, struct error *e)
{
	char *word[5] = {NULL}, *rest = line;
	struct action a = {0};
	size_t i;
	char *end;

	if (!strcmp(line, "kept")) {
		j->kept = true;
		return 0;
	}
	for (i = 0; i < 5; i++)
		word[i] = strsep(&rest, " ");
	a.vcpu = word[2] ? (uint32_t)strtoul(word[2], &end, 10) : 0;
	if (!rest || strcmp(word[0], "pin") != 0 || uuid_parse(word[1], a.guest) < 0 || *end ||
	    cpuset_parse(word[3], &a.from) < 0 || cpuset_parse(word[4], &a.to) < 0)
		return fail(e, EBADMSG, "%s:%u: not a line of a journal", j->path, number);
	snprintf(a.name, sizeof(a.name), "%s", rest);
	j->kept = false;
	return remember(j, &a) < 0 ? fail(e, ENOMEM, "no memory for the journal") : 0;
}

/* A journal that ends because its disk fails has not ended: what follows would be lost with it. */
static int unread(const struct journal *j, FILE *file, struct error *e)
{
	return ferror(file) ? fail(e, EIO, "journal %s: %s", j->path, strerror(errno)) : 0;
}

static int read_file(struct journal *j, FILE *file, struct error *e)
{
	static char line[LINE_TEXT];
	unsigned number = 1;
	int r = 0;

	if (!fgets(line, sizeof(line), file) || !strchr(line, '\n'))
		return unread(j, file, e); /* died before the header was whole: nothing was done */
	if (strcmp(line, HEADER) != 0)
		return fail(e, EBADMSG, "%s: not a journal of vmb", j->path);
	while (!r && fgets(line, sizeof(line), file)) {
		number++;
		if (!strchr(line, '\n'))
			break;
		line[strcspn(line, "\n")] = '\0';
		r = read_line(j, line, number, e);
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
	j->path = strdup(path);
	if (!j->path)
		return fail(e, ENOMEM, "no memory for the journal");
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return fail(e, errno == EACCES ? EACCES : EIO, "journal %s: %s", path,
		            strerror(errno));
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

/* Where the file's last whole line ends: a torn one is cut off before more is appended. */
static off_t whole_lines(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char c;

	while (size > 0 && pread(fd, &c, 1, size - 1) == 1 && c != '\n')
		size--;
	return size;
}

static int start_writing(struct journal *j, struct error *e)
{
	off_t size;

	if (j->fd >= 0)
		return 0;
	j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return fail(e, errno == EACCES ? EACCES : EIO, "journal %s: %s", j->path,
		            strerror(errno));
	size = whole_lines(j->fd);
	if (ftruncate(j->fd, size) < 0)
		return give_up(j, e);
	return size ? 0 : append(j, HEADER, strlen(HEADER), e);
}

static int sync_file(struct journal *j, struct error *e)
{
	return fdatasync(j->fd) < 0 ? fail(e, EIO, "journal %s: %s", j->path, strerror(errno)) : 0;
}

static int append_action(struct journal *j, const struct action *a, struct error *e)
{
	static char line[LINE_TEXT], from[LIST_TEXT], to[LIST_TEXT];
	char uuid[UUID_TEXT];
	int n, i;

	n = snprintf(line, sizeof(line), "pin %s %u %s %s %s", uuid_text(a->guest, uuid), a->vcpu,
	             cpuset_text(&a->from, from, sizeof(from)), cpuset_text(&a->to, to, sizeof(to)),
	             a->name);
	for (i = 0; i < n; i++)
		if (iscntrl((unsigned char)line[i]))
			line[i] = '?'; /* in the name, where a newline would forge a line */
	line[n++] = '\n';
	return append(j, line, (size_t)n, e);
}

int journal_note(struct journal *j, const struct action *actions, size_t nr, struct error *e)
{
	size_t i;
	int r;

	r = start_writing(j, e);
	for (i = 0; !r && i < nr; i++) {
		struct action a = actions[i];

		a.from = original_of(j, &a.from);
		r = append_action(j, &a, e);
		if (!r && remember(j, &a) < 0)
			r = fail(e, ENOMEM, "no memory for the journal");
	}
	j->kept = false;
	return r < 0 ? r : sync_file(j, e);
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
	forget(j);
	return 0;
}

/* ---- putting back ---- */

static bool same_vcpu(const struct change *a, const struct change *b)
{
	return a->vcpu == b->vcpu && !memcmp(a->guest, b->guest, UUID_BYTES);
}

/* Whether an earlier change of this vCPU gave it what this one found. */
static bool found_ours(const struct journal *j, const struct change *change)
{
	const struct change *c;

	for (c = j->changes; c < change; c++)
		if (same_vcpu(c, change) && cpuset_equal(&c->to, &change->from))
			return true;
	return false;
}

/*
 * The change that found what is to be put back: the first, or the last that found pCPUs which someone else had given the
 * vCPU meanwhile. All pCPUs are what the kernel gives one whose own went offline: those are nobody's wish.
 */
static bool tells_original(const struct journal *j, const struct change *change)
{
	const struct cpuset all = everything();
	const struct change *c, *original = NULL, *end = j->changes + j->nr;

	for (c = j->changes; c < end; c++)
		if (same_vcpu(c, change) &&
		    (!original || (!cpuset_equal(&c->from, &all) && !found_ours(j, c))))
			original = c;
	return original == change;
}

/* Whether the affinity is one that we gave this vCPU. */
static bool is_ours(const struct journal *j, const struct change *change,
                    const struct cpuset *affinity)
{
	size_t i;

	for (i = 0; i < j->nr; i++)
		if (same_vcpu(&j->changes[i], change) && cpuset_equal(&j->changes[i].to, affinity))
			return true;
	return false;
}

static const struct sample_vcpu *find_vcpu(const struct sample *s, const struct change *change)
{
	const struct sample_guest *guest = sample_find_guest(s, change->guest);
	size_t i;

	for (i = 0; guest && i < guest->nr_vcpus; i++)
		if (s->vcpus[guest->first_vcpu + i].vcpu == change->vcpu)
			return &s->vcpus[guest->first_vcpu + i];
	return NULL;
}

int journal_restores(const struct journal *j, const struct sample *now, struct action **actions,
                     size_t *nr, struct error *e)
{
	struct action *list = calloc(j->nr + 1, sizeof(*list));
	size_t i, n = 0;

	if (!list)
		return fail(e, ENOMEM, "no memory to restore %zu vCPUs", j->nr);
	for (i = 0; i < j->nr; i++) {
		const struct change *change = &j->changes[i];
		const struct sample_vcpu *v = find_vcpu(now, change);
		struct action *a = &list[n];

		if (!v || !tells_original(j, change) || !is_ours(j, change, &v->affinity))
			continue;
		*a = (struct action){.kind = ACTION_RESTORE,
		                     .vcpu = change->vcpu,
		                     .from = v->affinity,
		                     .to = cpuset_and(&change->from, &now->online),
		                     .result = RESULT_NONE,
		                     .reason = "as it was before"};
		if (cpuset_first(&a->to) < 0)
			a->to = now->usable;
		if (cpuset_equal(&a->to, &a->from))
			continue;
		memcpy(a->guest, change->guest, UUID_BYTES);
		snprintf(a->name, sizeof(a->name), "%s", change->name);
		n++;
	}
	*actions = list;
	*nr = n;
	return 0;
}
