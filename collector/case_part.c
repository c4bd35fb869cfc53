/* case_part - the sections of a case file while it is read, and which keys each may have */
#include "collector/case_part.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "common/clock.h"

#define DAY_S 86400

/* 64 MiB boot, too, but leave the balloon next to nothing to take. */
#define MEMORY_KIB (128 * 1024)

/* As cgroups count it. */
#define WEIGHT     100
#define WEIGHT_MAX 10000

/* A tick's mean of what changes much faster is no noise any more; what changes much slower is a step. */
#define NOISE_EVERY_NS NS_PER_S

/* Both threads of a core together do 1.2 to 1.35 times what one does alone on most loads. */
#define SMT_PM 1300

/* How late a sleep ends on a host that has work: 0.05 to 1 ms were seen. */
#define JITTER_NS NS_PER_MS

const struct section_kind case_sections[SECTIONS] = {
        [SECTION_CASE] = {"case", NAME_REFUSED, true, false},
        [SECTION_HOST] = {"host", NAME_REFUSED, true, false},
        [SECTION_BACKGROUND] = {"background", NAME_ALLOWED, false, true},
        [SECTION_GUESTS] = {"guests", NAME_ALLOWED, true, false},
        [SECTION_LOAD] = {"load", NAME_REQUIRED, false, false},
        [SECTION_MEMORY] = {"memory", NAME_REQUIRED, false, false},
        [SECTION_EVENT] = {"event", NAME_REQUIRED, false, true},
        [SECTION_CRITERION] = {"criterion", NAME_REQUIRED, false, false},
};

#define CASE(member)  false, offsetof(struct case_file, member)
#define HOST(member)  false, offsetof(struct case_file, host.member)
#define GROUP(member) true, offsetof(struct part, group.member)
#define LIFE(member)  true, offsetof(struct part, group.life.member)
#define LOAD(member)  true, offsetof(struct part, load.member)
#define FILL(member)  true, offsetof(struct part, memory.member)
#define PART(member)  true, offsetof(struct part, member)

#define UP_TO(number)           \
	{                       \
		.max = (number) \
	}
#define ONE_OF(list)            \
	{                       \
		.words = (list) \
	}
#define ANY       \
	{         \
		0 \
	}

#define WAVES  (1 << SHAPE_SQUARE | 1 << SHAPE_SINE)
#define SHARES (1 << SHAPE_SQUARE | 1 << SHAPE_BURSTY)
#define MOVES  (1 << SHAPE_STEP | 1 << SHAPE_RAMP | WAVES | 1 << SHAPE_BURSTY)
#define LEVELS (1 << SHAPE_CONSTANT | MOVES)

/* Section, key, need, reader, where it goes, range; for loads which shapes need and take it; only simulated. */
const struct case_key case_keys[] = {
        {SECTION_CASE, "name", REQUIRED, case_value_name, CASE(name), ANY},
        {SECTION_CASE, "title", REQUIRED, case_value_text, CASE(title), ANY},
        {SECTION_CASE, "duration", REQUIRED, case_value_time, CASE(duration_ns), UP_TO(DAY_S)},
        {SECTION_CASE, "run", REQUIRED, case_value_word, CASE(run), ONE_OF(case_runs)},
        {SECTION_CASE, "seed", OPTIONAL, case_value_seed, CASE(seed), ANY},

        {SECTION_HOST, "pcpus", REQUIRED, case_value_count, HOST(nr_pcpus), UP_TO(PCPU_MAX)},
        {SECTION_HOST, "nodes", OPTIONAL, case_value_count, HOST(nodes), UP_TO(PCPU_MAX), 0, 0,
         true},
        {SECTION_HOST, "sockets", OPTIONAL, case_value_count, HOST(sockets), UP_TO(PCPU_MAX), 0, 0,
         true},
        {SECTION_HOST, "llcs", OPTIONAL, case_value_count, HOST(llcs), UP_TO(PCPU_MAX), 0, 0, true},
        {SECTION_HOST, "threads", OPTIONAL, case_value_count, HOST(threads), UP_TO(8), 0, 0, true},
        {SECTION_HOST, "smt", OPTIONAL, case_value_factor, HOST(smt_pm), UP_TO(8), 0, 0, true},
        {SECTION_HOST, "offline", OPTIONAL, case_value_list, HOST(offline), ANY, 0, 0, true},
        {SECTION_HOST, "isolated", OPTIONAL, case_value_list, HOST(isolated), ANY, 0, 0, true},
        {SECTION_HOST, "jitter", OPTIONAL, case_value_time, HOST(jitter_ns), UP_TO(10), 0, 0, true},
        {SECTION_HOST, "kernel", OPTIONAL, case_value_level, HOST(kernel_pm), ANY},
        {SECTION_HOST, "late", OPTIONAL, case_value_level, HOST(late_pm), ANY, 0, 0, true},

        {SECTION_HOST, "memory", OPTIONAL, case_value_memory, HOST(memory_kib), ANY, 0, 0, true},
        {SECTION_HOST, "used", OPTIONAL, case_value_memory, HOST(used_kib), ANY, 0, 0, true},

        {SECTION_BACKGROUND, "pcpus", REQUIRED, case_value_list, PART(background.pcpus), ANY},
        {SECTION_BACKGROUND, "load", REQUIRED, case_value_text, PART(dealt), ANY},

        {SECTION_GUESTS, "count", REQUIRED, case_value_count, GROUP(count), UP_TO(GUESTS_MAX)},
        {SECTION_GUESTS, "vcpus", OPTIONAL, case_value_count, GROUP(nr_vcpus), UP_TO(VCPUS_MAX)},
        {SECTION_GUESTS, "memory", OPTIONAL, case_value_memory, GROUP(memory_kib), ANY},
        {SECTION_GUESTS, "balloon", OPTIONAL, case_value_memory, GROUP(balloon_kib), ANY},
        {SECTION_GUESTS, "memory-load", OPTIONAL, case_value_text, PART(dealt_memory), ANY},
        {SECTION_GUESTS, "huge-pages", OPTIONAL, case_value_flag, GROUP(huge_pages), ANY},
        {SECTION_GUESTS, "swap", OPTIONAL, case_value_memory, GROUP(swap_kib), ANY, 0, 0, true},
        {SECTION_GUESTS, "kind", OPTIONAL, case_value_word, GROUP(kind), ONE_OF(case_kinds), 0, 0,
         true},
        {SECTION_GUESTS, "limit", OPTIONAL, case_value_memory, GROUP(limit_kib), ANY, 0, 0, true},
        {SECTION_GUESTS, "pins", REQUIRED, case_value_pins, GROUP(pins), ONE_OF(case_pin_rules)},
        {SECTION_GUESTS, "load", REQUIRED, case_value_text, PART(dealt), ANY},
        {SECTION_GUESTS, "user-pins", OPTIONAL, case_value_flag, GROUP(user_pins), ANY, 0, 0, true},
        {SECTION_GUESTS, "bounds", OPTIONAL, case_value_text, GROUP(bounds), ANY, 0, 0, true},
        {SECTION_GUESTS, "weight", OPTIONAL, case_value_count, GROUP(weight), UP_TO(WEIGHT_MAX), 0,
         0, true},
        {SECTION_GUESTS, "start", OPTIONAL, case_value_time, LIFE(start_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "every", OPTIONAL, case_value_time, LIFE(every_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "stop", OPTIONAL, case_value_time, LIFE(stop_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "stay", OPTIONAL, case_value_time, LIFE(stay_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "away", OPTIONAL, case_value_time, LIFE(away_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "pause", OPTIONAL, case_value_span, PART(pause), UP_TO(DAY_S), 0, 0, true},
        {SECTION_GUESTS, "reboot", OPTIONAL, case_value_time, LIFE(reboot_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "job", OPTIONAL, case_value_span, PART(job), UP_TO(DAY_S), 0, 0, true},
        {SECTION_GUESTS, "foreign", OPTIONAL, case_value_memory_at, PART(foreign), ANY, 0, 0, true},
        {SECTION_GUESTS, "reset", OPTIONAL, case_value_time, LIFE(reset_ns), UP_TO(DAY_S), 0, 0,
         true},
        {SECTION_GUESTS, "hotplug", OPTIONAL, case_value_at, PART(hotplug), UP_TO(VCPUS_MAX), 0, 0,
         true},

        {SECTION_LOAD, "shape", REQUIRED, case_value_word, LOAD(shape), ONE_OF(case_shapes)},
        {SECTION_LOAD, "level", BY_SHAPE, case_value_level, LOAD(level_pm), ANY, LEVELS, 0},
        {SECTION_LOAD, "to", BY_SHAPE, case_value_level, LOAD(to_pm), ANY, MOVES, 0},
        {SECTION_LOAD, "at", BY_SHAPE, case_value_time, LOAD(at_ns), UP_TO(DAY_S),
         1 << SHAPE_STEP | 1 << SHAPE_RAMP, WAVES},
        {SECTION_LOAD, "until", BY_SHAPE, case_value_time, LOAD(until_ns), UP_TO(DAY_S),
         1 << SHAPE_RAMP, 0},
        {SECTION_LOAD, "period", BY_SHAPE, case_value_time, LOAD(period_ns), UP_TO(DAY_S),
         WAVES | 1 << SHAPE_BURSTY, 0},
        {SECTION_LOAD, "share", BY_SHAPE, case_value_level, LOAD(share_pm), ANY, 0, SHARES},
        {SECTION_LOAD, "file", BY_SHAPE, case_value_text, PART(file), ANY, 1 << SHAPE_TRACE, 0},
        {SECTION_LOAD, "noise", OPTIONAL, case_value_level, LOAD(noise_pm), ANY, 0, 0, true},
        {SECTION_LOAD, "noise-every", OPTIONAL, case_value_time, LOAD(noise_every_ns), UP_TO(DAY_S),
         0, 0, true},
        {SECTION_LOAD, "noise-alike", OPTIONAL, case_value_flag, LOAD(noise_alike), ANY, 0, 0,
         true},

        {SECTION_MEMORY, "start", OPTIONAL, case_value_time, FILL(start_ns), UP_TO(DAY_S)},
        {SECTION_MEMORY, "rate", REQUIRED, case_value_rate, FILL(rate_kib_s), ANY},
        {SECTION_MEMORY, "until", REQUIRED, case_value_until, FILL(until_kib), ANY},
        {SECTION_MEMORY, "hold", OPTIONAL, case_value_hold, FILL(hold_ns), UP_TO(DAY_S)},
        {SECTION_MEMORY, "again", OPTIONAL, case_value_time, FILL(again_ns), UP_TO(DAY_S)},
        {SECTION_MEMORY, "stops", OPTIONAL, case_value_flag, FILL(stops), ANY, 0, 0, true},
        {SECTION_MEMORY, "what", OPTIONAL, case_value_word, FILL(pages), ONE_OF(case_pages)},

        {SECTION_EVENT, "at", REQUIRED, case_value_time, PART(event.at_ns), UP_TO(DAY_S)},
        {SECTION_EVENT, "offline", OPTIONAL, case_value_list, PART(event.offline), ANY},
        {SECTION_EVENT, "online", OPTIONAL, case_value_list, PART(event.online), ANY},
        {SECTION_EVENT, "used", OPTIONAL, case_value_memory, PART(event.used_kib), ANY},
};
const size_t nr_case_keys = ARRAY_SIZE(case_keys);
static_assert(GUEST_BOUNDS == CASE_TITLE, "case_value_text reads into both");
static_assert(ARRAY_SIZE(case_keys) <= KEYS_MAX, "key_line has room for each");

void case_part_init(struct part *p, unsigned line)
{
	*p = (struct part){
	        .line = line,
	        .group = {.nr_vcpus = 1,
	                  .memory_kib = MEMORY_KIB,
	                  .huge_pages = true,
	                  .weight = WEIGHT},
	        .memory = {.stops = true},
	        .load = {.share_pm = 500, .noise_every_ns = NOISE_EVERY_NS},
	};
}

void case_host_init(struct case_host *h)
{
	*h = (struct case_host){.nodes = 1, .threads = 1, .smt_pm = SMT_PM, .jitter_ns = JITTER_NS};
}

size_t case_key_find(enum section section, const char *name)
{
	size_t i;

	for (i = 0; i < nr_case_keys; i++)
		if (case_keys[i].section == section && !strcmp(case_keys[i].name, name))
			break;
	return i;
}

unsigned case_key_line(const struct part *p, const char *name)
{
	size_t i = case_key_find(p->section, name);

	return i < nr_case_keys ? p->key_line[i] : 0;
}

int case_wrong(struct reading *r, unsigned line, const char *header, const char *key,
               const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* a line before the first header has none */
	r->result = fail(r->e, EINVAL, "%s:%u: %s%s%s%s%s%s%s", r->path, line, *header ? "[" : "",
	                 header, *header ? "]" : "", *header && *key ? " " : "", key,
	                 *header || *key ? ": " : "", what);
	return r->result;
}

void case_simulated(struct reading *r, unsigned line, const char *header, const char *key)
{
	if (!*r->c.simulated)
		snprintf(r->c.simulated, sizeof(r->c.simulated), "%s:%u: [%s]%s%s", r->path, line,
		         header, *key ? " " : "", key);
}
