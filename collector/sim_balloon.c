/* sim_balloon - a guest's balloon: device, driver, and what the driver reports */
#include "collector/sim_balloon.h"

#include <math.h>

#include "collector/sim_noise.h"
#include "common/clock.h"

#define MIB 1024.0

/* 1024 to 512 MiB took 2.4 s, 512 to 1024 MiB 0.9 s. */
#define INFLATE_KIB_S (512 * MIB / 2.4)
#define DEFLATE_KIB_S (512 * MIB / 0.9)

/* A driver that finds no page waits so long; one in such trouble was deaf to a larger target for 5 s. */
#define RETRY_NS (200 * NS_PER_MS)
#define DEAF_NS  (5 * NS_PER_S)

/* A sticky balloon moves for 1 to 4 s, then rests for 4 to 24 s. */
#define MOVES_NS (NS_PER_S)
#define RESTS_NS (4 * NS_PER_S)

/* Below this a guest of KIND_FROZEN reports nothing more. */
#define FROZEN_KIB (96 * MIB)

/* What caches count besides those that a load fills. */
#define FILES_KIB (8 * MIB)

/* Each of these in a third of a liar's reports. */
#define LIES_PART (1.0 / 3)

static bool has_driver(const struct sim_balloon *b)
{
	return b->group->kind != KIND_SILENT && b->group->kind != KIND_DEVICELESS;
}

static double chance(const struct sim_balloon *b, uint64_t stream, uint64_t number)
{
	return sim_draw(b->chance.seed, stream + b->chance.guest, number);
}

/* ---- device ---- */

static void tell(struct sim_balloon *b, const struct sim_pages *p)
{
	b->told = (double)b->group->memory_kib - p->balloon;
}

void sim_balloon_start(struct sim_balloon *b, const struct case_group *group,
                       struct sim_chance draws, const struct sim_pages *p)
{
	*b = (struct sim_balloon){
	        .group = group,
	        .chance = draws,
	        .ordered = (double)group->balloon_kib,
	        .obeyed = (double)group->balloon_kib,
	        .report = {.unused_kib = UNKNOWN,
	                   .available_kib = UNKNOWN,
	                   .usable_kib = UNKNOWN,
	                   .disk_caches_kib = UNKNOWN,
	                   .swap_in_kib = UNKNOWN,
	                   .swap_out_kib = UNKNOWN,
	                   .major_faults = UNKNOWN,
	                   .minor_faults = UNKNOWN},
	};
	tell(b, p);
}

void sim_balloon_order(struct sim_balloon *b, double kib)
{
	b->ordered = kib;
}

void sim_balloon_period(struct sim_balloon *b, uint32_t period_s, uint64_t now_ns)
{
	b->period_s = period_s;
	b->next_ns = now_ns + period_s * NS_PER_S;
}

/* ---- reports ---- */

/* The largest number of KiB that 64 bits of bytes hold: what a driver's -1 becomes. */
#define ABSURD_KIB (UINT64_MAX / 1024)

static void lie(const struct sim_balloon *b, struct guest_memory *r)
{
	double draw = chance(b, STREAM_REPORT, b->reports);

	if (draw >= LIES_PART)
		return;
	switch ((int)(draw / LIES_PART * 6)) {
	case 0:
		r->usable_kib = r->unused_kib = r->available_kib = ABSURD_KIB;
		break;
	case 1:
		r->usable_kib = r->available_kib + 100 * 1024;
		break;
	case 2:
		r->available_kib = r->usable_kib = 2 * b->group->memory_kib;
		break;
	case 3:
		r->available_kib = 0;
		break;
	case 4:
		r->unused_kib = r->available_kib + 1;
		break;
	default:
		r->usable_kib = ABSURD_KIB;
	}
}

static void report(struct sim_balloon *b, const struct sim_pages *p, uint64_t now_ns)
{
	struct guest_memory *r = &b->report;
	/* A driver that gives back when memory runs out does not take its pages out of MemTotal. */
	double gone = b->group->kind == KIND_DEFLATE ? 0 : p->balloon;

	r->unused_kib = (uint64_t)sim_pages_free(p);
	r->available_kib = (uint64_t)(p->total - gone);
	r->usable_kib = (uint64_t)sim_pages_available(p);
	r->disk_caches_kib = (uint64_t)(p->cache + p->tmpfs + FILES_KIB);
	r->swap_in_kib = (uint64_t)p->swap_in;
	r->swap_out_kib = (uint64_t)p->swap_out;
	r->major_faults = (uint64_t)p->major_faults;
	r->minor_faults = (uint64_t)p->minor_faults;
	if (b->group->kind == KIND_WINDOWS)
		r->usable_kib = r->disk_caches_kib = UNKNOWN;
	if (b->group->kind == KIND_LIAR)
		lie(b, r);
	b->reported_ns = now_ns;
	b->reports++;
}

static bool is_frozen(const struct sim_balloon *b, const struct sim_pages *p, uint64_t now_ns)
{
	return now_ns < b->deaf_ns ||
	       (b->group->kind == KIND_FROZEN && sim_pages_available(p) < FROZEN_KIB);
}

static void report_when_due(struct sim_balloon *b, const struct sim_pages *p, uint64_t now_ns)
{
	if (!b->period_s || now_ns < b->next_ns)
		return;
	while (b->next_ns <= now_ns)
		b->next_ns += b->period_s * NS_PER_S;
	if (!is_frozen(b, p, now_ns))
		report(b, p, now_ns);
}

void sim_balloon_driver(struct sim_balloon *b, const struct sim_pages *p, uint64_t now_ns)
{
	if (!has_driver(b))
		return;
	b->driver = true;
	tell(b, p);
	report(b, p, now_ns);
}

void sim_balloon_gone(struct sim_balloon *b)
{
	b->driver = b->is_short = b->rests = false;
	b->retry_ns = b->deaf_ns = b->turn_ns = 0;
}

/* ---- pages ---- */

/* What this driver goes for, in KiB that the guest has. */
static double goal(const struct sim_balloon *b)
{
	switch (b->group->kind) {
	case KIND_STUCK:
		return b->told;
	case KIND_LOWER:
		return fmax(b->obeyed, fmin(b->told, (double)b->group->limit_kib));
	case KIND_UPPER:
		return fmin(b->obeyed, fmax(b->told, (double)b->group->limit_kib));
	default:
		return b->rests ? b->told : b->obeyed;
	}
}

static void turn(struct sim_balloon *b, uint64_t now_ns)
{
	double draw = chance(b, STREAM_STICKY, b->turns), from;

	if (b->group->kind != KIND_STICKY || now_ns < b->turn_ns)
		return;
	b->rests = !b->rests;
	b->turns++;
	from = (double)(b->rests ? RESTS_NS : MOVES_NS);
	b->turn_ns = now_ns + (uint64_t)(from * (1 + (b->rests ? 5 : 3) * draw));
}

static void inflate(struct sim_balloon *b, struct sim_pages *p, double kib, uint64_t now_ns)
{
	double got;

	if (now_ns < b->retry_ns)
		return;
	got = sim_pages_inflate(p, kib);
	if (got >= kib) {
		b->is_short = false;
		return;
	}
	/* One that gives back on need is never in the way of others. */
	if (!b->is_short && b->group->kind != KIND_DEFLATE)
		b->deaf_ns = now_ns + DEAF_NS;
	b->is_short = b->group->kind != KIND_DEFLATE;
	b->retry_ns = now_ns + RETRY_NS;
}

void sim_balloon_step(struct sim_balloon *b, struct sim_pages *p, uint64_t now_ns, uint64_t step_ns)
{
	double step_s = (double)step_ns / NS_PER_S, more;

	if (!b->driver)
		return;
	turn(b, now_ns);
	if (now_ns >= b->deaf_ns)
		b->obeyed = b->ordered;
	tell(b, p);
	more = goal(b) - b->told;
	if (more < 0)
		inflate(b, p, fmin(-more, INFLATE_KIB_S * step_s), now_ns);
	else
		b->is_short = false;
	if (more > 0)
		sim_pages_deflate(p, fmin(more, DEFLATE_KIB_S * step_s));
	tell(b, p);
	report_when_due(b, p, now_ns);
}
