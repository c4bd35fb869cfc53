/* freedom - which vCPUs of a run may be placed, and where, as far as its trace tells */
#include "analyze/freedom.h"

#include <stdlib.h>

#include "analyze/metrics.h"
#include "analyze/settings.h"

struct freedom_vcpu {
	bool fixed, limited;
	struct cpuset limit;
};

int freedom_init(struct freedom *f, const struct series *s)
{
	struct cpuset cpus;
	bool some = settings_cpus(&s->run, &cpus), override = settings_override_pins(&s->run);
	size_t i;
	long at;

	f->vcpus = calloc(s->nr_vcpus + 1, sizeof(*f->vcpus));
	if (!f->vcpus)
		return -ENOMEM;
	for (i = 0; i < s->nr_vcpus; i++) {
		const struct series_vcpu *v = &s->vcpus[i];
		struct freedom_vcpu *to = &f->vcpus[i];

		to->fixed = (s->guests[v->guest].user_pins && !override) ||
		            !settings_choose(&s->run, s->guests[v->guest].name);
		to->limited = some || v->has_limit;
		if (to->limited)
			to->limit = !v->has_limit ? cpus
			            : some        ? cpuset_and(&cpus, &v->limit)
			                          : v->limit;
	}
	for (i = 0; i < s->nr_actions; i++) {
		at = metric_is_change(series_action(s, i))
		             ? series_vcpu_of(s, &series_action(s, i)->action)
		             : -1;
		if (at >= 0)
			f->vcpus[at].fixed = false;
	}
	return 0;
}

void freedom_done(struct freedom *f)
{
	free(f->vcpus);
	f->vcpus = NULL;
}

bool freedom_is_fixed(const struct freedom *f, size_t vcpu)
{
	return f->vcpus[vcpu].fixed;
}

const struct cpuset *freedom_of(const struct freedom *f, size_t vcpu)
{
	return f->vcpus[vcpu].limited ? &f->vcpus[vcpu].limit : NULL;
}
