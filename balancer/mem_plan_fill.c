/* mem_plan_fill - share out what there is: water is filled in where the level is lowest */
#include "balancer/mem_plan_fill.h"

static uint64_t at_level(const struct fill_share *s, double level)
{
	double kib = level * (double)s->share;

	if (kib <= (double)s->has)
		return s->has;
	return kib >= (double)s->wants ? s->wants : (uint64_t)kib;
}

/* What a level costs in all; as the answer, too. */
static uint64_t fill(struct fill_share *shares, size_t nr, double level)
{
	uint64_t used = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		shares[i].gets = at_level(&shares[i], level);
		used += shares[i].gets - shares[i].has;
	}
	return used;
}

uint64_t fill_shares(struct fill_share *shares, size_t nr, uint64_t room)
{
	double low = 0, high = 0;
	size_t i;
	int step;

	for (i = 0; i < nr; i++)
		if ((double)shares[i].wants > high * shares[i].share)
			high = (double)shares[i].wants / shares[i].share + 1;
	if (fill(shares, nr, high) <= room)
		return fill(shares, nr, high);
	for (step = 0; step < 64; step++) {
		double middle = (low + high) / 2;

		if (fill(shares, nr, middle) <= room)
			low = middle;
		else
			high = middle;
	}
	return fill(shares, nr, low);
}
