/* sim_life - when a guest is there, paused, or begins anew: a pure function of its case and time */
#include "collector/sim_life.h"

static bool over(uint64_t moment_ns, uint64_t t_ns)
{
	return moment_ns && t_ns >= moment_ns;
}

/* Since its first start, of which there are more when it comes back. */
static struct sim_life stay(const struct case_life *life, uint64_t since_ns)
{
	uint64_t cycle_ns = life->stay_ns + life->away_ns;

	if (!life->stay_ns)
		return (struct sim_life){.alive = true, .starts = 1};
	if (!life->away_ns)
		return (struct sim_life){.alive = since_ns < life->stay_ns, .starts = 1};
	return (struct sim_life){.alive = since_ns % cycle_ns < life->stay_ns,
	                         .starts = (unsigned)(since_ns / cycle_ns) + 1};
}

struct sim_life sim_life_at(const struct case_guest *guest, uint64_t t_ns)
{
	const struct case_life *life = &guest->group->life;
	uint64_t first_ns = life->start_ns + guest->place * life->every_ns;
	struct sim_life now = {0};

	if (t_ns < first_ns)
		return now;
	now = stay(life, t_ns - first_ns);
	if (over(life->stop_ns, t_ns))
		now.alive = false;
	/* Of one that is not there at that moment the next start is another one anyway. */
	if (over(life->reboot_ns, t_ns) && life->reboot_ns > first_ns)
		now.starts++;
	now.resets = over(life->reset_ns, t_ns) && life->reset_ns > first_ns;
	now.foreign = over(life->foreign_ns, t_ns);
	now.busy = over(life->job_ns, t_ns) && !over(life->job_end_ns, t_ns);
	now.paused = over(life->pause_ns, t_ns) && !over(life->resume_ns, t_ns);
	now.nr_vcpus = over(life->hotplug_ns, t_ns) ? life->hotplug_vcpus : guest->group->nr_vcpus;
	return now;
}
