/* mem_options - the command line of vmb-mem, and the bounds that it and its file set for each guest */
#include "balancer/mem_options.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "common/option_rows.h"
#include "common/word.h"

static const char summary[] =
        "Keep free memory in the guests of a libvirt host, and in the host, by the\n"
        "guests' balloons: every INTERVAL (seconds; 0.5, 2, 500ms) give to guests that\n"
        "run out, at once and with a lead, and take from idle ones little by little.\n"
        "Balloons are live only; what was taken is given back when the program ends.";

static const char notes[] =
        "SIZE is 512M, 2GiB, or a percentage. A guest without a balloon, or without a\n"
        "driver for it, is named once and left alone.\n"
        "\n"
        "FILE of --config: sections [guest NAME], where NAME may be a pattern, with min,\n"
        "max, reserve and share, and [host] with reserve and pool. SIGHUP reads\n"
        "it again.\n"
        "\n"
        "Examples:\n"
        "  vmb-mem 2 --trace run.db           balance, and record what happens\n"
        "  vmb-mem 2 --dry-run                say what it would do, and do nothing\n"
        "  vmb-mem 2 --pool 16G --share db=3000 --only 'web*' --only db\n"
        "\n"
        "Exit status: 0 ended as asked, 1 could not start, show or put back all, 2 wrong\n"
        "usage. What the trace lacks, as its disk was full or failed, is told; balancing\n"
        "goes on, and the status stays 0.\n"
        "Signals: SIGTERM and SIGINT put back and end, a second one quits at once (130).\n"
        "Files: /run/vmb/ (or $XDG_RUNTIME_DIR/vmb) holds a lock and the journal of the\n"
        "original balloons; after a crash the next start, or --restore, gives back. While\n"
        "there is a file `stop` (see --kill-switch), nothing is changed.";

static bool is_set(const struct size *size)
{
	return size->kib != UNKNOWN;
}

static int choose(const char *what, const char *text, const char *first, const char *second,
                  bool *is_second, struct error *e)
{
	*is_second = !strcmp(text, second);
	if (!*is_second && strcmp(text, first) != 0)
		return fail(e, EINVAL, "%s '%s': must be %s or %s", what, text, first, second);
	return 0;
}

static int add_share(struct mem_config *config, const char *text, struct error *e)
{
	const char *equals = strrchr(text, '=');
	struct mem_rule *rule;
	char what[sizeof(rule->glob) + 16];

	if (!equals || equals == text)
		return fail(e, EINVAL, "--share '%s': must be GUEST=N", text);
	if (config->nr_rules == MEM_RULES_MAX)
		return fail(e, EINVAL, "--share '%s': too many rules", text);
	rule = &config->rules[config->nr_rules];
	*rule = (struct mem_rule){.has_share = true};
	if (equals - text >= (long)sizeof(rule->glob))
		return fail(e, EINVAL, "--share '%.100s': the name is too long", text);
	memcpy(rule->glob, text, (size_t)(equals - text));
	snprintf(what, sizeof(what), "--share %s", rule->glob);
	if (mem_config_share(what, equals + 1, &rule->share, e) < 0)
		return -EINVAL;
	config->nr_rules++;
	return 0;
}

/* The command line's bounds for all guests are the first rule, in front of the file's. */
static void begin_config(struct mem_config *config, const struct mem_raw *raw)
{
	struct mem_rule *all = &config->rules[config->nr_rules++];

	*all = (struct mem_rule){.glob = "*",
	                         .has_min = is_set(&raw->guest_min),
	                         .has_max = is_set(&raw->guest_max),
	                         .has_reserve = is_set(&raw->guest_reserve),
	                         .min = raw->guest_min,
	                         .max = raw->guest_max,
	                         .reserve = raw->guest_reserve};
}

/* A pool of nothing could be taken for none at all. */
static int check_pool(const struct mem_options *o, const struct mem_raw *raw, struct error *e)
{
	const struct size *pool = &o->policy.pool;
	bool given = is_set(&raw->pool) || o->config.has_pool;

	if (!given || pool->kib || pool->part > 0)
		return 0;
	return fail(e, EINVAL, "%s '0': must be above 0; without it there is no pool",
	            is_set(&raw->pool) ? "--pool" : "[host] pool");
}

/* One that can never be there would be found out when it is needed. */
static int check_kill_switch(const char *path, struct error *e)
{
	if (path && strlen(path) >= KILL_SWITCH_TEXT)
		return fail(e, EINVAL,
		            "--kill-switch '%.100s...': the path is longer than %d bytes", path,
		            KILL_SWITCH_TEXT - 1);
	return 0;
}

static int take_raw(struct mem_options *o, const struct mem_raw *raw, struct error *e)
{
	struct mem_config *c = &o->config;
	bool pressure, unused;
	size_t i;
	int r;

	if (is_set(&raw->guest_min) && is_set(&raw->guest_max) && !raw->guest_max.part &&
	    raw->guest_min.kib > raw->guest_max.kib)
		return fail(e, EINVAL, "--guest-min is above --guest-max");
	begin_config(c, raw);
	r = raw->config ? mem_config_read(raw->config, c, e) : 0;
	for (i = 0; !r && i < raw->shares.nr; i++)
		r = add_share(c, raw->shares.text[i], e);
	if (!r)
		r = choose("--reclaim", raw->reclaim, "idle", "pressure", &pressure, e);
	o->planner = mem_planner_find(raw->planner);
	if (!r && !o->planner)
		r = fail(e, EINVAL, "--policy '%s': no such policy; --help lists them",
		         raw->planner);
	if (!r)
		r = choose("--need", raw->need, "usable", "unused", &unused, e);
	if (r < 0)
		return r;
	o->policy.reclaim = pressure ? RECLAIM_PRESSURE : RECLAIM_IDLE;
	o->policy.need = unused ? NEED_UNUSED : NEED_USABLE;
	o->policy.interval_ns = o->common.interval_ns;
	if (is_set(&raw->host_reserve) || c->has_host_reserve)
		o->policy.host_reserve = is_set(&raw->host_reserve) ? raw->host_reserve
		                                                    : c->host_reserve;
	if (is_set(&raw->pool) || c->has_pool)
		o->policy.pool = is_set(&raw->pool) ? raw->pool : c->pool;
	return check_pool(o, raw, e);
}

/* "200 MiB or 5 %": both where the larger one counts. */
static const char *bound_text(const struct size *size, char text[64])
{
	char kib[32];

	if (size->part > 0 && size->kib)
		snprintf(text, 64, "%s or %g %%", size_text(size->kib, kib), 100 * size->part);
	else if (size->part > 0)
		snprintf(text, 64, "%g %%", 100 * size->part);
	else
		size_text(size->kib, text);
	return text;
}

/* Whose weight is not the usual one, as analyze/settings.h reads it. */
static bool record_shares(const struct mem_config *c, char *settings, size_t size)
{
	char text[sizeof(c->rules[0].glob) + 16];
	size_t i;

	for (i = 0; i < c->nr_rules; i++) {
		const struct mem_rule *rule = &c->rules[i];

		snprintf(text, sizeof(text), "%s=%u", rule->glob, rule->share);
		if (rule->has_share && !word_append(settings, size, "share", text))
			return false;
	}
	return true;
}

static bool record_settings(struct mem_options *o, const struct mem_raw *raw)
{
	const struct mem_policy *p = &o->policy;
	char *settings = o->common.settings, text[64];
	size_t size = sizeof(o->common.settings);

	return word_append(settings, size, "policy", raw->planner) &&
	       word_append(settings, size, "host-reserve", bound_text(&p->host_reserve, text)) &&
	       word_append(settings, size, "pool",
	                   p->pool.kib || p->pool.part > 0 ? bound_text(&p->pool, text) : "none") &&
	       word_append(settings, size, "reclaim", raw->reclaim) &&
	       word_append(settings, size, "need", raw->need) &&
	       word_append(settings, size, "reboot-room", p->reboot_room ? "yes" : "no") &&
	       record_shares(&o->config, settings, size) && loop_options_record(&o->common);
}

/* The help of --policy, from the table. */
static void list_planners(char *text, size_t size)
{
	const struct mem_planner_row *row;
	int n = snprintf(text, size,
	                 "the rule that sets balloons. All but the first are experimental, to "
	                 "compare with, and do not keep guests safe.");

	for (row = mem_planners; row->name && n >= 0 && (size_t)n < size; row++)
		n += snprintf(text + n, size - (size_t)n, "%s %s: %s",
		              row == mem_planners ? "" : ";", row->name, row->help);
}

#define SIZE_ROW(name, place, help)                                             \
	{                                                                       \
		OPTION_SIZE, 0, name, "SIZE", place, 0, MEM_SIZE_MOST_KIB, help \
	}

void mem_options_or_exit(int argc, char **argv, struct mem_options *o)
{
	const struct size unset = {.kib = UNKNOWN};
	struct mem_raw raw = {.guest_reserve = unset,
	                      .guest_min = unset,
	                      .guest_max = unset,
	                      .host_reserve = unset,
	                      .pool = unset,
	                      .reclaim = "pressure",
	                      .need = "usable",
	                      .planner = mem_planners[0].name};
	char planners[640];
	const struct option_row rows[] = {
	        {OPTION_HEADING, .help = "What to balance"},
	        LOOP_ROWS_SCOPE(&o->common),
	        {OPTION_TEXT, 0, "config", "FILE", &raw.config, 0, 0,
	         "bounds of single guests, and of the host"},
	        {OPTION_HEADING, .help = "Bounds"},
	        SIZE_ROW("guest-reserve", &raw.guest_reserve,
	                 "what a guest shall have left at least (default 100M, or 10% of its "
	                 "balloon where that is more)"),
	        SIZE_ROW("guest-min", &raw.guest_min, "no balloon below this (default 200M)"),
	        SIZE_ROW("guest-max", &raw.guest_max,
	                 "none above this (default: what the guest booted with)"),
	        {OPTION_TEXTS, 0, "share", "GUEST=N", &raw.shares, 0, 0,
	         "the guest's weight when there is not enough for all (default 1000); GUEST may "
	         "be a pattern; may be repeated"},
	        SIZE_ROW("host-reserve", &raw.host_reserve,
	                 "what the host shall have left at least (default 200M, or 5% of its "
	                 "memory where that is more)"),
	        SIZE_ROW("pool", &raw.pool,
	                 "what all guests together may hold, however much the host has"),
	        {OPTION_FLAG, 0, "reboot-room", NULL, &o->policy.reboot_room, 0, 0,
	         "keep room for the largest guest to reboot without its balloon"},
	        {OPTION_HEADING, .help = "How"},
	        {OPTION_TEXT, 0, "policy", "NAME", &raw.planner, 0, 0, planners},
	        {OPTION_TEXT, 0, "reclaim", "WHAT", &raw.reclaim, 0, 0,
	         "idle: take unused memory only; pressure (default): and page caches, while the "
	         "host is short"},
	        {OPTION_TEXT, 0, "need", "NUMBER", &raw.need, 0, 0,
	         "what a guest has left: usable (default, its MemAvailable) or unused (its "
	         "MemFree)"},
	        {OPTION_TEXT, 0, "kill-switch", "FILE", &o->kill_switch, 0, 0,
	         "while FILE exists, or cannot be looked for, nothing is changed (default: stop, "
	         "beside the lock)"},
	        LOOP_ROWS_HOW(&o->common, "balloons"),
	        {OPTION_HEADING, .help = "What to tell"},
	        LOOP_ROWS_TELL(&o->common),
	};
	const struct command command = {
	        "vmb-mem",
	        "[OPTION]... INTERVAL\n"
	        "       vmb-mem --restore [OPTION]...",
	        summary,
	        rows,
	        sizeof(rows) / sizeof(rows[0]),
	        notes,
	};
	struct error e;

	*o = (struct mem_options){.common.uri = DEFAULT_URI, .policy = mem_policy_default};
	list_planners(planners, sizeof(planners));
	loop_options_or_exit(&command, argc, argv, &o->common);
	/* To put back needs no configuration, and must not fail by one that has become wrong. */
	if (o->common.restore)
		raw.config = NULL;
	o->raw = raw;
	if (check_kill_switch(o->kill_switch, &e) < 0 || take_raw(o, &raw, &e) < 0)
		options_refuse(&command, e.text);
	if (!record_settings(o, &raw) && o->common.trace)
		options_refuse(&command, "--trace: the shares of --config and --share, --only and "
		                         "--exclude are too long to be recorded");
}

int mem_options_reload(const struct mem_options *o, struct mem_options *out, struct error *e)
{
	struct mem_options again = *o;
	int r;

	if (!o->raw.config)
		return fail(e, EINVAL, "there is no --config to read again");
	again.config = (struct mem_config){0};
	again.policy.host_reserve = mem_policy_default.host_reserve;
	again.policy.pool = mem_policy_default.pool;
	r = take_raw(&again, &o->raw, e);
	if (!r)
		*out = again;
	return r;
}

/*
 * The bounds that the host's side sets, and in front of all but the first rule what the guest's metadata ask. Returns whether
 * someone has set the minimum: one may well be that of the defaults.
 */
static bool find_limits(const struct mem_options *o, const struct sample_guest *guest,
                        const char *words, struct mem_limits *out)
{
	const struct mem_rule *rules = o->config.rules;
	struct mem_rule asked;
	bool said;
	size_t i;

	*out = mem_limits_default;
	out->min_kib = UNKNOWN;
	for (i = 0; i < o->config.nr_rules; i++) {
		if (!fnmatch(rules[i].glob, guest->name, 0))
			mem_config_limit(&rules[i], guest->memory.maximum_kib, out);
		if (!i && !mem_config_words(words, &asked, NULL))
			mem_config_limit(&asked, guest->memory.maximum_kib, out);
	}
	said = out->min_kib != UNKNOWN;
	if (!said)
		out->min_kib = mem_limits_default.min_kib;
	return said;
}

void mem_options_limits(const void *options, const struct sample_guest *guest,
                        struct mem_limits *out)
{
	find_limits(options, guest, guest->bounds, out);
}

unsigned mem_options_share(const struct mem_options *o, const struct sample_guest *guest)
{
	struct mem_limits limits;

	find_limits(o, guest, "", &limits);
	return limits.share;
}

/* Those of the defaults alone have both a size and a part. */
static bool is_default(const struct size *size)
{
	return size->kib && size->part > 0;
}

/* A default that a small guest or host cannot have is nobody's mistake; the same number that someone has set is. */
static int check_limits(const struct mem_limits *limits, bool min_said, uint64_t maximum,
                        struct error *e)
{
	char a[32], b[32];

	if (limits->min_kib > limits->max_kib)
		return fail(e, EINVAL, "minimum %s is above its maximum %s",
		            size_text(limits->min_kib, a), size_text(limits->max_kib, b));
	if (maximum == UNKNOWN)
		return 0;
	if (min_said && limits->min_kib > maximum)
		return fail(e, EINVAL, "minimum %s is above what it booted with, %s",
		            size_text(limits->min_kib, a), size_text(maximum, b));
	if (!is_default(&limits->reserve) && size_kib(&limits->reserve, maximum) >= maximum)
		return fail(e, EINVAL, "reserve %s leaves nothing of its %s",
		            size_text(size_kib(&limits->reserve, maximum), a),
		            size_text(maximum, b));
	return 0;
}

int mem_options_asked(const struct mem_options *o, const struct sample_guest *guest,
                      struct error *e)
{
	struct mem_limits limits;
	struct mem_rule asked;
	bool min_said;

	if (*guest->bounds && mem_config_words(guest->bounds, &asked, e) < 0)
		return -EINVAL;
	min_said = find_limits(o, guest, guest->bounds, &limits);
	return check_limits(&limits, min_said, guest->memory.maximum_kib, e);
}

bool mem_options_manage(const void *options, const struct sample_guest *guest)
{
	const struct mem_options *o = options;

	return loop_options_choose(&o->common, guest) && !mem_options_asked(o, guest, NULL);
}

/* ---- what cannot be ---- */

/* By the host's side alone: what a guest's owner asks must not keep vmb-mem from starting. */
static int check_guest(const struct mem_options *o, const struct sample_guest *g, uint64_t *min_kib,
                       struct error *e)
{
	uint64_t maximum = g->memory.maximum_kib;
	struct mem_limits limits;
	struct error why;
	bool min_said = find_limits(o, g, "", &limits);

	if (check_limits(&limits, min_said, maximum, &why) < 0)
		return fail(e, EINVAL, "%.64s: %s", g->name, why.text);
	if (maximum != UNKNOWN)
		*min_kib += limits.min_kib < maximum ? limits.min_kib : maximum;
	return 0;
}

/* A part of the host that comes to nothing is a pool all the same: planned with, it would be none. */
static int check_pool_holds(const struct size *pool, uint64_t total, uint64_t min_kib,
                            struct error *e)
{
	bool none = !pool->kib && !(pool->part > 0);
	uint64_t kib = size_kib(pool, total);
	char a[32], b[32];

	if (none || (pool->part > 0 && total == UNKNOWN) || (kib && kib >= min_kib))
		return 0;
	if (!kib)
		return fail(e, EINVAL, "pool of %g %% is nothing of the host's %s",
		            100 * pool->part, size_text(total, a));
	return fail(e, EINVAL, "pool %s is less than the sum of all minimums, %s",
	            size_text(kib, a), size_text(min_kib, b));
}

int mem_options_check(const struct mem_options *o, const struct sample *s, struct error *e)
{
	uint64_t total = s->memory.total_kib, min_kib = 0, reserve;
	char a[32], b[32];
	size_t i;
	int r = 0;

	for (i = 0; !r && i < s->nr_guests; i++)
		if (loop_options_choose(&o->common, &s->guests[i]))
			r = check_guest(o, &s->guests[i], &min_kib, e);
	if (r < 0)
		return r;
	if (check_pool_holds(&o->policy.pool, total, min_kib, e) < 0)
		return -EINVAL;
	reserve = size_kib(&o->policy.host_reserve, total);
	if (total != UNKNOWN && !is_default(&o->policy.host_reserve) && reserve >= total)
		return fail(e, EINVAL, "host reserve %s leaves nothing of its %s",
		            size_text(reserve, a), size_text(total, b));
	return 0;
}

const struct mem_rule *mem_options_absent(const struct mem_options *o, const struct sample *s,
                                          size_t *from)
{
	const struct mem_config *c = &o->config;

	for (; *from < c->nr_rules; (*from)++) {
		const struct mem_rule *rule = &c->rules[*from];
		bool found = strpbrk(rule->glob, "*?[");
		size_t i;

		for (i = 0; i < s->nr_guests && !found; i++)
			found = !strcmp(s->guests[i].name, rule->glob);
		if (!found)
			return &c->rules[(*from)++];
	}
	return NULL;
}
