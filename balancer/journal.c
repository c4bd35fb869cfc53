/* journal - what was there before we acted, on disk before we act, so that it can be put back whatever happens */
#include "balancer/journal.h"

#include <stdlib.h>
#include <string.h>

#include "balancer/journal_file.h"
#include "balancer/journal_index.h"
#include "balancer/journal_line.h"

/* Fewer are not worth a rewriting: 2,000 lines of pins have 120 kB. */
#define LINES_MIN 2000

struct journal {
	struct journal_file file;
	bool kept;
	bool former;            /* all of it was noted by a run before */
	struct action *changes; /* as they were noted: among them those that tell the originals */
	uint32_t *lives;        /* [room] of each the instance of its guest, or: */
	size_t nr, room;
	size_t fresh;             /* from this one on, those that were noted last: */
	bool kept_before;         /* what is above them */
	uint64_t seen;            /* who was there last, each in which life */
	size_t condense_at;       /* so many changes */
	size_t lines, rewrite_at; /* in the file */
	const struct sample *now; /* when the next are noted; NULL: not known */
};

#define LIFE_UNKNOWN UINT32_MAX       /* noted by a run before, and nobody was seen yet */
#define LIFE_BEFORE  (UINT32_MAX - 1) /* and not there when the others were seen first */

static void forget(struct journal *j)
{
	free(j->changes);
	free(j->lives);
	j->changes = NULL;
	j->lives = NULL;
	j->seen = 0;
	j->nr = j->room = j->fresh = j->lines = 0;
	j->condense_at = j->rewrite_at = LINES_MIN;
	j->kept = j->former = false;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	forget(j);
	journal_file_free(&j->file);
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

/* Forget the changes that tell nothing, of guests that are gone too if so said. Without the memory to find them out: later. */
static void condense(struct journal *j, bool of_gone)
{
	struct journal_role *roles;
	size_t i, n = 0;

	if (journal_index(j->changes, j->nr, &roles) == 0) {
		for (i = 0; i < j->nr; i++)
			journal_line_rebase(&j->changes[i], &j->changes[roles[i].original]);
		for (i = 0; i < j->nr; i++)
			if (roles[i].live && !(of_gone && is_gone(j, &j->changes[i]))) {
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

uint64_t journal_balloon_kib(const struct journal *j, const uint8_t guest[UUID_BYTES])
{
	struct action balloon = {.kind = ACTION_BALLOON};
	uint64_t kib = UNKNOWN;
	size_t i;

	memcpy(balloon.guest, guest, UUID_BYTES);
	for (i = 0; i < j->nr; i++)
		if (journal_line_same(&j->changes[i], &balloon) &&
		    (kib == UNKNOWN || journal_line_anew(&j->changes[i], true)))
			kib = j->changes[i].from_kib;
	return kib;
}

/* ---- the file ---- */

static struct journal_text all_of(const struct journal *j)
{
	return (struct journal_text){.changes = j->changes, .nr = j->nr, .kept = j->kept};
}

/* There is room. */
static void add(struct journal *j, const struct action *a, uint32_t life)
{
	j->lives[j->nr] = life;
	j->changes[j->nr++] = *a;
}

static int take_line(void *with, const struct action *change, struct error *e)
{
	struct journal *j = with;

	j->lines++;
	j->kept = !change;
	if (!change)
		return 0;
	if (reserve(j, 1) < 0)
		return fail(e, ENOMEM, "no memory for the journal");
	add(j, change, LIFE_UNKNOWN);
	if (j->nr >= j->condense_at)
		condense(j, false);
	return 0;
}

int journal_open(const char *path, struct journal **out, struct error *e)
{
	AUTO(journal_close) struct journal *j = calloc(1, sizeof(*j));
	int r;

	if (!j)
		return fail(e, ENOMEM, "no memory for the journal");
	forget(j);
	r = journal_file_init(&j->file, path, e);
	if (!r)
		r = journal_file_read(&j->file, take_line, j, e);
	if (r < 0)
		return r;
	j->former = true;
	*out = take(j);
	return 0;
}

static int start_writing(struct journal *j, struct error *e)
{
	const struct journal_text all = all_of(j);

	return journal_file_start(&j->file, &all, e);
}

static uint32_t life_of(const struct sample *now, const uint8_t uuid[UUID_BYTES])
{
	const struct sample_guest *g = now ? sample_find_guest(now, uuid) : NULL;

	return g ? g->instance : LIFE_UNKNOWN;
}

/* Have a file that has only what tells something, if there can be one. */
static int rewrite(struct journal *j, bool of_gone)
{
	struct journal_text all;
	int r;

	condense(j, of_gone);
	all = all_of(j);
	r = journal_file_replace(&j->file, &all, NULL);
	if (r == 0)
		j->lines = j->nr;
	j->fresh = j->nr; /* which are they, once some are thrown away */
	j->rewrite_at = next_at(j->lines);
	return r;
}

int journal_stay(struct journal *j, struct error *e)
{
	const struct journal_text all = all_of(j);

	return journal_file_stay(&j->file, &all, e);
}

/* Whether the thing of each first line is as one of its live lines has left it. */
static void find_ours(const struct journal *j, const struct sample *now, struct journal_role *roles)
{
	size_t i;

	for (i = 0; i < j->nr; i++)
		if (roles[i].live && journal_line_ours(&j->changes[i], now))
			roles[roles[i].first].ours = true;
}

/*
 * Whether what was noted in a life before may be there in this one: a guest that was saved and is restored brings it along, and pins
 * come with a configuration that was made from its live one. As long as nobody knows how it began, it may.
 */
static bool came_along(const struct sample_guest *g, const struct action *a, bool ours)
{
	return g->start == START_UNKNOWN ||
	       ((g->start == START_RESTORED || a->kind == ACTION_PIN) && ours);
}

/* Forget what was noted of guests in a life before: 1 when there was any, 0 or -ENOMEM. */
static int forget_lives(struct journal *j)
{
	struct journal_role *roles;
	size_t i, n = 0, before = j->nr;

	if (journal_index(j->changes, j->nr, &roles) < 0)
		return -ENOMEM;
	find_ours(j, j->now, roles);
	for (i = 0; i < before; i++) {
		const struct action *a = &j->changes[i];
		const struct sample_guest *g = sample_find_guest(j->now, a->guest);
		const uint32_t life = j->lives[i];
		const bool same = !g || life == LIFE_UNKNOWN || life == g->instance;

		if (!same && !came_along(g, a, roles[roles[i].first].ours))
			continue;
		j->lives[n] = life;
		if (g && (same || g->start != START_UNKNOWN))
			j->lives[n] = g->instance;
		else if (!g && !j->now->known_guests && life == LIFE_UNKNOWN)
			j->lives[n] = LIFE_BEFORE;
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
		hash = (hash ^ now->guests[i].start) * 0x100000001b3;
	}
	return hash;
}

/* A file that is kept, or cannot be written, tells of lives before as well: so it is after a kill, and no worse. */
void journal_sees(struct journal *j, const struct sample *now)
{
	uint64_t seen = now && j->nr ? who_is_there(now) : 0;
	int r;

	j->now = now;
	if (!seen || seen == j->seen)
		return;
	r = forget_lives(j);
	if (r >= 0)
		j->seen = seen;
	if (r <= 0 || j->kept)
		return;
	if (!j->nr)
		journal_remove(j, NULL);
	else if (start_writing(j, NULL) == 0)
		rewrite(j, false); /* who is gone now may be saved, and bring our pins along */
}

/* Whether it holds a change of the same thing, noted in this life. */
static bool is_noted(const struct journal *j, const struct action *a, uint32_t life)
{
	size_t i;

	for (i = 0; i < j->nr; i++)
		if (j->lives[i] == life && journal_line_same(&j->changes[i], a))
			return true;
	return false;
}

/*
 * What was noted in a life before may be forgotten yet, and tells no original then. After "kept" one line must say that there are
 * changes again; one that asks for what is there makes none.
 */
static bool needs_line(const struct journal *j, const struct action *a, uint32_t life, bool kept)
{
	return journal_line_repeats(a) || !is_noted(j, a, life) ||
	       (kept && !journal_line_anew(a, false));
}

static int note(struct journal *j, const struct action *actions, size_t nr, bool found,
                struct error *e)
{
	const size_t before = j->nr;
	bool kept = j->kept;
	size_t i;
	int r = journal_stay(j, e);

	if (r < 0)
		return r;
	j->fresh = before;
	j->kept_before = kept;
	/* Before a line is written: one of a change that is not made then would stay. */
	r = reserve(j, nr) < 0 ? fail(e, ENOMEM, "no memory for the journal") : start_writing(j, e);
	if (r < 0)
		return r;
	for (i = 0; i < nr; i++) {
		struct action a = actions[i];
		const uint32_t life = life_of(j->now, a.guest);

		if (j->now)
			journal_line_widen(&a, &j->now->online);
		if (!found && !needs_line(j, &a, life, kept))
			continue;
		add(j, &a, life);
		kept = false;
	}
	r = journal_file_append(&j->file, j->changes + before, j->nr - before, e);
	if (r < 0) {
		j->nr = before; /* who tries again must not find it noted */
		return r;
	}
	j->kept = kept;
	j->former = false;
	j->lines += j->nr - before;
	if (j->nr > before && j->lines > j->rewrite_at)
		rewrite(j, true);
	return 0;
}

int journal_note(struct journal *j, const struct action *actions, size_t nr, struct error *e)
{
	return note(j, actions, nr, false, e);
}

int journal_note_found(struct journal *j, const struct action *a, struct error *e)
{
	return note(j, a, 1, true, e);
}

/* One that may be heard later is none. */
static bool is_not_made(const struct action *a)
{
	return a->result == RESULT_NONE || a->result == RESULT_REFUSED;
}

static void take_out(struct journal *j, size_t i)
{
	j->nr--;
	memmove(&j->changes[i], &j->changes[i + 1], (j->nr - i) * sizeof(*j->changes));
	memmove(&j->lives[i], &j->lives[i + 1], (j->nr - i) * sizeof(*j->lives));
}

void journal_not_made(struct journal *j, const struct action *actions, size_t nr)
{
	const size_t before = j->nr;
	size_t i, k;

	for (k = 0; k < nr; k++)
		for (i = j->fresh; i < j->nr && is_not_made(&actions[k]); i++)
			if (journal_line_repeats(&actions[k]) &&
			    journal_line_same(&j->changes[i], &actions[k])) {
				take_out(j, i);
				break;
			}
	/* On disk too, where the file is still ours. */
	if (j->nr == before || journal_stay(j, NULL) < 0)
		return;
	if (!j->nr) {
		journal_remove(j, NULL);
		return;
	}
	j->kept = j->nr == j->fresh && j->kept_before;
	if (rewrite(j, false) < 0)
		j->kept = false;
}

int journal_keep(struct journal *j, struct error *e)
{
	int r;

	if (!j->nr || j->kept)
		return 0;
	r = journal_stay(j, e);
	if (!r)
		r = start_writing(j, e);
	if (!r)
		r = journal_file_keep(&j->file, e);
	j->kept = !r;
	return r;
}

int journal_remove(struct journal *j, struct error *e)
{
	int r = journal_file_remove(&j->file, e);

	if (!r)
		forget(j);
	return r;
}

/* ---- putting back ---- */

/*
 * Of a pin that is as it was: whether one that a run before asked for may come yet all the same, as nobody knows of its orders any more.
 * So it is asked for as it is, behind that; but where pCPUs that are offline would be left out. Of a balloon vmb-mem does it
 * (mem_loop_restore).
 */
static bool may_come(const struct action *original, const struct sample *now)
{
	struct action found;

	if (original->kind != ACTION_PIN || !(cpuset_covers(&now->online, &original->from) ||
	                                      cpuset_covers(&original->from, &now->online)))
		return false;
	journal_line_found(original, &found);
	found.to = cpuset_and(&found.to, &now->online);
	return journal_line_ours(&found, now);
}

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
	for (i = 0; i < j->nr; i++) {
		const struct action *original = &j->changes[roles[i].original];

		if (roles[i].first != i)
			continue;
		if (journal_line_restore(original, now, &list[n])
		            ? roles[i].ours
		            : j->former && may_come(original, now))
			n++;
	}
	free(roles);
	*actions = list;
	*nr = n;
	return 0;
}

static bool is_owed(const struct action *line, const struct action *actions, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (actions[i].result != RESULT_DONE && actions[i].result != RESULT_GONE &&
		    journal_line_restored_by(line, &actions[i]))
			return true;
	return false;
}

void journal_settle(struct journal *j, const struct sample *now, const struct action *actions,
                    size_t nr)
{
	size_t i, n = 0;

	if (now->nr_unread || now->known_guests)
		return; /* of those nobody knows what is owed */
	for (i = 0; i < j->nr; i++) {
		const struct sample_guest *g = sample_find_guest(now, j->changes[i].guest);

		if (g && !g->ordered && !is_owed(&j->changes[i], actions, nr))
			continue;
		j->lives[n] = j->lives[i];
		j->changes[n++] = j->changes[i];
	}
	if (n < j->nr) {
		j->nr = n;
		if (start_writing(j, NULL) == 0)
			rewrite(j, false);
	}
}
