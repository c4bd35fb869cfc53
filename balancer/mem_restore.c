/* mem_restore - how far balloons can be put back: upwards only, and only into what the host has */
#include "balancer/mem_restore.h"

#include <string.h>

#include "balancer/mem_laws.h"

static bool is_balloon(const struct action *a)
{
	return a->kind == ACTION_BALLOON_RESTORE;
}

uint64_t mem_restore(const struct mem_policy *policy, const struct mem_view *view,
                     struct action *actions, size_t *nr, struct fill_share *shares, bool *by_pool)
{
	static const char partly[] = "as far as there is room";
	struct mem_plan_state state = {0};
	struct mem_choice host = {0};
	uint64_t missing = 0, room;
	size_t i, kept = 0;

	mem_plan_host(policy, view, &state, &host);
	if (by_pool)
		*by_pool = host.by_pool;
	for (i = 0; i < *nr; i++) {
		const struct action *a = &actions[i];
		uint64_t has = shares[i].has, wants = law_put_back(policy, has, a->to_kib);

		shares[i] = (struct fill_share){has, is_balloon(a) ? wants : has, 0, 1000};
		if (shares[i].wants < shares[i].has) /* the law is off */
			shares[i].has = shares[i].wants;
	}
	room = host.room_kib == INT64_MIN ? 0 : host.host.spare_kib;
	fill_shares(shares, *nr, policy->laws & LAW_UPWARD ? room : UNKNOWN);
	for (i = 0; i < *nr; i++) {
		struct action a = actions[i];

		if (is_balloon(&a)) {
			missing += shares[i].wants - shares[i].gets;
			if (shares[i].gets < shares[i].wants)
				memcpy(a.reason, partly, sizeof(partly));
			a.to_kib = shares[i].gets;
		}
		if (!is_balloon(&a) || a.to_kib > shares[i].has || a.to_kib < a.from_kib)
			actions[kept++] = a;
	}
	*nr = kept;
	return missing;
}
