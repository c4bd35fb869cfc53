/* sim_share - what a fair scheduler gives to those that want one pCPU */
#include "collector/sim_share.h"

#include <math.h>

/* Water filling. Each round serves at least one completely or ends; there are few on a pCPU. */
void sim_share(double time, struct sharer *sharers, size_t nr)
{
	double weight, left = time;
	size_t i, served = 1, open;

	for (i = 0; i < nr; i++)
		sharers[i].got = -1;
	while (served) {
		for (weight = 0, open = i = 0; i < nr; i++)
			if (sharers[i].got < 0) {
				weight += sharers[i].weight;
				open++;
			}
		if (!open)
			return;
		for (time = left, served = i = 0; i < nr; i++) {
			struct sharer *s = &sharers[i];

			if (s->got >= 0 || s->want > time * s->weight / weight)
				continue;
			s->got = s->want;
			left = fmax(0, left - s->want);
			served++;
		}
	}
	for (i = 0; i < nr; i++)
		if (sharers[i].got < 0)
			sharers[i].got = left * sharers[i].weight / weight;
}
