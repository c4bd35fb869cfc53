/* case_take - put the sections of a case file together: what only the whole of it tells */
#include <stdlib.h>
#include <string.h>

#include "collector/case_part.h"

static const struct case_range any = {0};

/* ---- what is to be otherwise ---- */

static struct part *only_guests(struct reading *r)
{
	struct part *found = NULL;
	size_t i;

	for (i = 0; i < r->nr_parts; i++) {
		if (r->parts[i].section != SECTION_GUESTS)
			continue;
		if (found)
			return NULL;
		found = &r->parts[i];
	}
	return found;
}

static int change(struct reading *r)
{
	const struct case_change *to = r->change;
	struct part *guests = only_guests(r);

	if (to->nr_guests && !guests) {
		r->result =
		        fail(r->e, EINVAL,
		             "%s: another number of guests needs one [guests] section, not more",
		             r->path);
		return r->result;
	}
	if (to->nr_guests)
		guests->group.count = to->nr_guests;
	if (to->nr_pcpus)
		r->c.host.nr_pcpus = to->nr_pcpus;
	if (to->memory_kib)
		r->c.host.memory_kib = to->memory_kib;
	if (to->duration_ns)
		r->c.duration_ns = to->duration_ns;
	if (to->has_seed)
		r->c.seed = to->seed;
	return 0;
}

/* ---- the host ---- */

static const struct part *part_of(const struct reading *r, enum section section)
{
	const struct part *p = r->parts;

	while (p->section != section)
		p++;
	return p;
}

static int check_pcpus(struct reading *r, const struct part *p, const char *key,
                       const struct cpuset *list)
{
	int pcpu;

	for (pcpu = cpuset_first(list); pcpu >= 0; pcpu = cpuset_next(list, pcpu))
		if ((unsigned)pcpu >= r->c.host.nr_pcpus)
			return case_wrong(r, case_key_line(p, key), p->header, key,
			                  "the host of this case has no pCPU %d", pcpu);
	return 0;
}

/* Each of these must divide the pCPUs evenly, and into whole cores. */
static int check_topology(struct reading *r, const struct part *p)
{
	const struct case_host *h = &r->c.host;
	const struct {
		const char *key;
		unsigned parts;
	} levels[] = {{"nodes", h->nodes}, {"sockets", h->sockets}, {"llcs", h->llcs}};
	size_t i;

	if (h->nr_pcpus % h->threads)
		return case_wrong(r, case_key_line(p, "threads"), p->header, "threads",
		                  "%u pCPUs are not cores of %u", h->nr_pcpus, h->threads);
	for (i = 0; i < ARRAY_SIZE(levels); i++)
		if (h->nr_pcpus / h->threads % levels[i].parts)
			return case_wrong(r, case_key_line(p, levels[i].key), p->header,
			                  levels[i].key, "%u cores do not divide evenly by %u",
			                  h->nr_pcpus / h->threads, levels[i].parts);
	if (h->smt_pm > 1000 * h->threads && case_key_line(p, "smt"))
		return case_wrong(r, case_key_line(p, "smt"), p->header, "smt",
		                  "more than a core's %u threads", h->threads);
	return 0;
}

static int take_host(struct reading *r)
{
	const struct part *p = part_of(r, SECTION_HOST);
	struct case_host *h = &r->c.host;

	if (!h->sockets)
		h->sockets = h->nodes;
	if (!h->llcs)
		h->llcs = h->sockets;
	if (check_topology(r, p) < 0 || check_pcpus(r, p, "offline", &h->offline) < 0 ||
	    check_pcpus(r, p, "isolated", &h->isolated) < 0)
		return r->result;
	if (h->memory_kib && h->used_kib >= h->memory_kib)
		return case_wrong(r, case_key_line(p, "used"), p->header, "used",
		                  "leaves nothing of the host's memory");
	if (cpuset_count(&h->offline) == h->nr_pcpus)
		return case_wrong(r, case_key_line(p, "offline"), p->header, "offline",
		                  "no pCPU is left");
	return 0;
}

/* ---- loads ---- */

static int add_load(struct reading *r, const struct part *p, unsigned line,
                    const struct case_load *load)
{
	struct case_load *added;

	if (r->c.nr_loads == CASE_LOADS)
		return case_wrong(r, line, p->header, "load", "more than %d loads", CASE_LOADS);
	added = &r->c.loads[r->c.nr_loads++];
	*added = *load;
	if (r->change->has_noise)
		added->noise_pm = r->change->noise_pm;
	return 0;
}

static int take_load(struct reading *r, struct part *p)
{
	struct case_load load = p->load;
	struct error e;

	if (case_value_name(strchr(p->header, ' ') + 1, &any, load.name, &e) < 0)
		return case_wrong(r, p->line, p->header, "", "%s", e.text);
	if (load.shape > SHAPE_STEP)
		case_simulated(r, case_key_line(p, "shape"), p->header, "shape");
	if (load.at_ns >= r->c.duration_ns)
		return case_wrong(r, case_key_line(p, "at"), p->header, "at",
		                  "is not before the end");
	if (load.shape == SHAPE_RAMP && load.until_ns <= load.at_ns)
		return case_wrong(r, case_key_line(p, "until"), p->header, "until",
		                  "is not after at");
	if (load.shape == SHAPE_TRACE && case_points(r->path, p->file, &r->c, &load, &e) < 0)
		return case_wrong(r, case_key_line(p, "file"), p->header, "file", "%s", e.text);
	return add_load(r, p, p->line, &load);
}

/* One word of `load = `: the name of a section, or a level, which becomes a load without a name. */
static int find_load(struct reading *r, const struct part *p, const char *word, unsigned *found)
{
	unsigned line = case_key_line(p, "load"), i;
	struct case_load level;
	struct error e;
	struct part plain;

	for (i = 0; i < r->c.nr_loads; i++)
		if (*word && !strcmp(r->c.loads[i].name, word))
			break;
	*found = i;
	if (i < r->c.nr_loads)
		return 0;
	if (!strchr(word, '%'))
		return case_wrong(r, line, p->header, "load", "there is no [load %s]", word);
	case_part_init(&plain, line);
	level = plain.load;
	if (case_value_level(word, &any, &level.level_pm, &e) < 0)
		return case_wrong(r, line, p->header, "load", "%s", e.text);
	return add_load(r, p, line, &level);
}

/* ---- memory ---- */

static int take_memory(struct reading *r, struct part *p)
{
	struct case_memory *m = &p->memory;
	struct error e;

	if (case_value_name(strchr(p->header, ' ') + 1, &any, m->name, &e) < 0)
		return case_wrong(r, p->line, p->header, "", "%s", e.text);
	if (!strcmp(m->name, "none"))
		return case_wrong(r, p->line, p->header, "", "this name stands for nothing");
	if (m->again_ns && m->hold_ns == CASE_FOREVER)
		return case_wrong(r, case_key_line(p, "again"), p->header, "again",
		                  "comes after hold, which is forever");
	if (m->pages == PAGES_CACHE && m->until_kib == CASE_LIMIT)
		return case_wrong(r, case_key_line(p, "until"), p->header, "until",
		                  "cache has no limit");
	if (m->pages != PAGES_ANON)
		case_simulated(r, case_key_line(p, "what"), p->header, "what");
	if (r->c.nr_memories == CASE_MEMORIES)
		return case_wrong(r, p->line, p->header, "", "more than %d of them", CASE_MEMORIES);
	r->c.memories[r->c.nr_memories++] = *m;
	return 0;
}

/* One word of `memory-load = `. */
static int find_memory(struct reading *r, const struct part *p, const char *word, int *found)
{
	size_t i;

	*found = -1;
	for (i = 0; i < r->c.nr_memories; i++)
		if (!strcmp(r->c.memories[i].name, word))
			*found = (int)i;
	if (*found >= 0 || !strcmp(word, "none"))
		return 0;
	return case_wrong(r, case_key_line(p, "memory-load"), p->header, "memory-load",
	                  "there is no [memory %s]", word);
}

/* ---- guests ---- */

static int check_life(struct reading *r, const struct part *p, const struct case_life *life)
{
	if (life->stop_ns && life->stop_ns <= life->start_ns)
		return case_wrong(r, case_key_line(p, "stop"), p->header, "stop",
		                  "is not after start");
	if (life->away_ns && !life->stay_ns)
		return case_wrong(r, case_key_line(p, "away"), p->header, "away",
		                  "needs stay: how long they are there");
	return 0;
}

/* The first word of a list that commas divide, without the spaces around it; NULL when there is no more. */
static char *next_word(char **list)
{
	char *word = strsep(list, ",");

	if (!word)
		return NULL;
	word += strspn(word, " ");
	while (*word && word[strlen(word) - 1] == ' ')
		word[strlen(word) - 1] = '\0';
	return word;
}

static int deal_loads(struct reading *r, struct part *p, struct case_group *group)
{
	char *rest = p->dealt, *word;

	while ((word = next_word(&rest))) {
		if (group->nr_dealt == CASE_DEALT)
			return case_wrong(r, case_key_line(p, "load"), p->header, "load",
			                  "more than %d of them", CASE_DEALT);
		if (find_load(r, p, word, &group->dealt[group->nr_dealt++]) < 0)
			return r->result;
	}
	return 0;
}

static int deal_memories(struct reading *r, struct part *p, struct case_group *group)
{
	char *rest = *p->dealt_memory ? p->dealt_memory : NULL, *word;

	while ((word = next_word(&rest))) {
		if (group->nr_memories == CASE_DEALT)
			return case_wrong(r, case_key_line(p, "memory-load"), p->header,
			                  "memory-load", "more than %d of them", CASE_DEALT);
		if (find_memory(r, p, word, &group->memories[group->nr_memories++]) < 0)
			return r->result;
	}
	return 0;
}

static int check_balloon(struct reading *r, const struct part *p, struct case_group *group)
{
	bool limited = group->kind == KIND_LOWER || group->kind == KIND_UPPER;
	unsigned line = case_key_line(p, "limit");

	if (!group->balloon_kib)
		group->balloon_kib = group->memory_kib;
	if (group->balloon_kib > group->memory_kib)
		return case_wrong(r, case_key_line(p, "balloon"), p->header, "balloon",
		                  "is more than the guest's memory");
	if (group->life.foreign_kib > group->memory_kib)
		return case_wrong(r, case_key_line(p, "foreign"), p->header, "foreign",
		                  "is more than the guest's memory");
	if (limited != (line > 0))
		return case_wrong(r, limited ? case_key_line(p, "kind") : line, p->header, "limit",
		                  "%s kind = %s or %s", limited ? "is missing for" : "needs",
		                  case_kinds[KIND_LOWER], case_kinds[KIND_UPPER]);
	return 0;
}

static int take_guests(struct reading *r, struct part *p)
{
	struct case_group *group = &p->group;
	const char *name = strchr(p->header, ' ');
	struct error e;

	if (name && case_value_name(name + 1, &any, group->name, &e) < 0)
		return case_wrong(r, p->line, p->header, "", "%s", e.text);
	if (r->c.nr_groups == CASE_GROUPS)
		return case_wrong(r, p->line, p->header, "", "more than %d of them", CASE_GROUPS);
	group->life.pause_ns = p->pause.from_ns;
	group->life.resume_ns = p->pause.to_ns;
	group->life.job_ns = p->job.from_ns;
	group->life.job_end_ns = p->job.to_ns;
	group->life.foreign_ns = p->foreign.at_ns;
	group->life.foreign_kib = p->foreign.kib;
	group->life.hotplug_ns = p->hotplug.at_ns;
	group->life.hotplug_vcpus = p->hotplug.number;
	if (check_pcpus(r, p, "pins", &group->pins.list) < 0 ||
	    check_life(r, p, &group->life) < 0 || check_balloon(r, p, group) < 0 ||
	    deal_loads(r, p, group) < 0 || deal_memories(r, p, group) < 0)
		return r->result;
	r->c.groups[r->c.nr_groups++] = *group;
	if (case_guests(&r->c) > GUESTS_MAX)
		return case_wrong(r, case_key_line(p, "count"), p->header, "count",
		                  "more than %d guests in all", GUESTS_MAX);
	return 0;
}

/* ---- background and events ---- */

static int take_background(struct reading *r, struct part *p)
{
	struct case_background *b = &p->background;

	if (r->c.nr_backgrounds == CASE_BACKGROUNDS)
		return case_wrong(r, p->line, p->header, "", "more than %d of them",
		                  CASE_BACKGROUNDS);
	if (check_pcpus(r, p, "pcpus", &b->pcpus) < 0 || find_load(r, p, p->dealt, &b->load) < 0)
		return r->result;
	r->c.backgrounds[r->c.nr_backgrounds++] = *b;
	return 0;
}

static int take_event(struct reading *r, struct part *p)
{
	const struct case_event *event = &p->event;
	size_t i = r->c.nr_events;

	if (i == CASE_EVENTS)
		return case_wrong(r, p->line, p->header, "", "more than %d of them", CASE_EVENTS);
	if (!case_key_line(p, "offline") && !case_key_line(p, "online") && !event->used_kib)
		return case_wrong(r, p->line, p->header, "",
		                  "has neither offline nor online nor used");
	if (check_pcpus(r, p, "offline", &event->offline) < 0 ||
	    check_pcpus(r, p, "online", &event->online) < 0)
		return r->result;
	for (; i && r->c.events[i - 1].at_ns > event->at_ns; i--)
		r->c.events[i] = r->c.events[i - 1];
	r->c.events[i] = *event;
	r->c.nr_events++;
	return 0;
}

/* The last pCPU of a host cannot go offline. */
static int check_events(struct reading *r)
{
	struct cpuset offline = r->c.host.offline;
	size_t i;
	int pcpu;

	for (i = 0; i < r->c.nr_events; i++) {
		const struct case_event *v = &r->c.events[i];

		for (pcpu = cpuset_first(&v->offline); pcpu >= 0;
		     pcpu = cpuset_next(&v->offline, pcpu))
			cpuset_add(&offline, (unsigned)pcpu);
		for (pcpu = cpuset_first(&v->online); pcpu >= 0;
		     pcpu = cpuset_next(&v->online, pcpu))
			cpuset_remove(&offline, (unsigned)pcpu);
		if (cpuset_count(&offline) == r->c.host.nr_pcpus) {
			const struct part *p = part_of(r, SECTION_EVENT);

			return case_wrong(r, p->line, p->header, "", "no pCPU is left after %g s",
			                  (double)v->at_ns / 1e9);
		}
	}
	return 0;
}

/* ---- all ---- */

static int take_each(struct reading *r, enum section section,
                     int (*take)(struct reading *r, struct part *p))
{
	size_t i;

	for (i = 0; i < r->nr_parts; i++)
		if (r->parts[i].section == section && take(r, &r->parts[i]) < 0)
			return r->result;
	return 0;
}

/* Loads and memories before guests: they are named there, wherever they stand in the file. */
int case_take(struct reading *r)
{
	if (change(r) < 0 || take_host(r) < 0 || take_each(r, SECTION_LOAD, take_load) < 0 ||
	    take_each(r, SECTION_MEMORY, take_memory) < 0 ||
	    take_each(r, SECTION_GUESTS, take_guests) < 0 ||
	    take_each(r, SECTION_BACKGROUND, take_background) < 0 ||
	    take_each(r, SECTION_EVENT, take_event) < 0)
		return r->result;
	return check_events(r);
}
