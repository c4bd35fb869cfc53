/* exact_host - whether a small host has a placement as good as wished: the reference that the plan is held against */
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tests/unit/exact_host.h"

#define ROUNDING 1e-6

struct dive {
	const struct exact_host *host;
	unsigned long nodes;
	double mean_pm;
	double limit; /* of the sum of squares */
	double highest_pm;
	unsigned moves;           /* of pinned vCPUs that are allowed */
	bool free;                /* any number of them is */
	size_t item[EXACT_VCPUS]; /* by falling load */
	size_t pcpu[EXACT_PCPUS]; /* in the order in which they are filled */
	int *to;
};

/* Where the dive stands: pCPUs pcpu[0 .. level) are filled. */
struct stand {
	size_t level;
	uint32_t placed; /* items, by place in `item` */
	double squares,
	        off; /* of the filled ones: sums of squares and of deviations from the mean */
	unsigned moved;
};

static bool dive(struct dive *d, const struct stand *s);

/* How far below and above the mean this pCPU may end, when the others make the best of the rest. */
static void range(const struct dive *d, const struct stand *s, double *low, double *high)
{
	double others = (double)(d->host->pcpus - s->level - 1);
	double left = d->limit + ROUNDING - s->squares, root;

	if (!isfinite(d->limit)) {
		*low = -INFINITY;
		*high = INFINITY;
	} else if (!others) {
		*low = -sqrt(fmax(0, left));
		*high = -*low;
	} else {
		/* x² + (off + x)² / others <= left */
		root = others * (left * (others + 1) - s->off * s->off);
		root = root < 0 ? NAN : sqrt(root);
		*low = (-s->off - root) / (others + 1);
		*high = (-s->off + root) / (others + 1);
	}
	*high = fmin(*high, d->highest_pm - d->mean_pm);
	/* What this one does not take, the others must. */
	if (isfinite(d->highest_pm))
		*low = fmax(*low, -s->off - others * (d->highest_pm - d->mean_pm));
}

/* Moves that the pCPUs still to fill cannot do without, on top of those made. */
static unsigned least_moves(const struct dive *d, const struct stand *s)
{
	const struct exact_host *h = d->host;
	double left = fmax(0, d->limit + ROUNDING - s->squares), far;
	double rest = (double)(h->pcpus - s->level), home, heaviest = 0;
	unsigned leave = 0, come = 0, waiting = 0, floating = 0;
	size_t k, b;

	/* Deviations x of one and -(off + x) of the others together. */
	far = rest > 1 ? sqrt(left * (rest - 1) / rest) : sqrt(left);
	for (k = 0; k < h->vcpus; k++) {
		size_t i = d->item[k];
		bool gone = true;

		if (s->placed >> k & 1)
			continue;
		heaviest = fmax(heaviest, h->load_pm[i]);
		for (b = s->level; b < h->pcpus; b++)
			gone &= h->from[i] != (int)d->pcpu[b];
		waiting += gone && h->from[i] >= 0;
		floating += h->from[i] < 0;
	}
	for (b = s->level; b < h->pcpus; b++) {
		double low = d->mean_pm - far - s->off / rest,
		       high = d->mean_pm + far - s->off / rest;

		high = fmin(high, d->highest_pm);
		home = h->base_pm[d->pcpu[b]];
		for (k = 0; k < h->vcpus; k++)
			if (!(s->placed >> k & 1) && h->from[d->item[k]] == (int)d->pcpu[b])
				home += h->load_pm[d->item[k]];
		if (home < low - ROUNDING && heaviest > 0)
			come += (unsigned)ceil((low - home - ROUNDING) / heaviest);
		for (k = 0; k < h->vcpus && home > high + ROUNDING; k++)
			if (!(s->placed >> k & 1) && h->from[d->item[k]] == (int)d->pcpu[b]) {
				home -= h->load_pm[d->item[k]];
				leave++;
			}
	}
	come = come > floating ? come - floating : 0;
	return waiting + leave > come ? waiting + leave : come;
}

/*
 * When only the highest counts, a pCPU that has room for one more, or for a heavier one instead of one that it has, is
 * no better than one that takes it: the others could do the same with less.
 */
static bool leaves_room(const struct dive *d, const struct stand *s, size_t pcpu, double room)
{
	const double *load = d->host->load_pm;
	size_t k, j;

	for (k = 0; k < d->host->vcpus; k++) {
		if (s->placed >> k & 1)
			continue;
		if (load[d->item[k]] <= room)
			return true;
		for (j = 0; j < d->host->vcpus; j++)
			if (s->placed >> j & 1 && d->to[d->item[j]] == (int)pcpu &&
			    load[d->item[k]] > load[d->item[j]] &&
			    load[d->item[k]] <= load[d->item[j]] + room)
				return true;
	}
	return false;
}

/* Decide on items[k ..] for the pCPU at hand, which holds `load` so far. `rest`: what they could add. */
static bool choose(struct dive *d, const struct stand *s, const size_t *order, size_t nr, size_t k,
                   double load, double rest, double low, double high)
{
	const struct exact_host *h = d->host;
	size_t p = d->pcpu[s->level];
	struct stand next;
	bool home, first_in;
	int turn;

	if (!d->nodes)
		return false;
	d->nodes--;
	if (load + rest < low - ROUNDING)
		return false;
	if (k == nr) {
		if (d->free && !isfinite(d->limit) && leaves_room(d, s, p, high - load))
			return false;
		next = *s;
		next.level++;
		next.squares += (load - d->mean_pm) * (load - d->mean_pm);
		next.off += load - d->mean_pm;
		return dive(d, &next);
	}
	home = h->from[d->item[order[k]]] == (int)p;
	first_in = d->free || home;
	for (turn = 0; turn < 2; turn++) {
		bool in = first_in == !turn;
		double more = in ? h->load_pm[d->item[order[k]]] : 0;

		if (load + more > high + ROUNDING)
			continue;
		next = *s;
		if (in) {
			next.placed |= 1u << order[k];
			next.moved += !home && h->from[d->item[order[k]]] >= 0;
			d->to[d->item[order[k]]] = (int)p;
		}
		if (next.moved > d->moves)
			continue;
		if (choose(d, &next, order, nr, k + 1, load + more,
		           rest - h->load_pm[d->item[order[k]]], low, high))
			return true;
	}
	return false;
}

static bool alike_from_here(const struct dive *d, size_t level)
{
	size_t b;

	for (b = level + 1; b < d->host->pcpus; b++)
		if (d->host->base_pm[d->pcpu[b]] != d->host->base_pm[d->pcpu[level]])
			return false;
	return true;
}

static bool dive(struct dive *d, const struct stand *s)
{
	const struct exact_host *h = d->host;
	size_t order[EXACT_VCPUS], nr = 0, k, p;
	double rest = 0, low, high, load;
	struct stand next = *s;
	int home;

	if (s->level == h->pcpus)
		return true;
	if (!d->free && s->moved + least_moves(d, s) > d->moves)
		return false;
	range(d, s, &low, &high);
	if (isnan(low) || isnan(high))
		return false;
	p = d->pcpu[s->level];
	load = h->base_pm[p];
	for (home = 1; home >= 0; home--)
		for (k = 0; k < h->vcpus; k++) {
			if (s->placed >> k & 1 ||
			    (d->free ? !home : (h->from[d->item[k]] == (int)p) != home))
				continue;
			order[nr++] = k;
			rest += h->load_pm[d->item[k]];
		}
	if (s->level + 1 == h->pcpus)
		low = fmax(low, load + rest - d->mean_pm);
	low += d->mean_pm;
	high += d->mean_pm;
	/* Of pCPUs that are alike one takes the heaviest that is left: let it be this one. */
	if (d->free && nr && alike_from_here(d, s->level)) {
		double heaviest = h->load_pm[d->item[order[0]]];

		if (load + heaviest > high + ROUNDING)
			return false;
		next.placed |= 1u << order[0];
		d->to[d->item[order[0]]] = (int)p;
		return choose(d, &next, order, nr, 1, load + heaviest, rest - heaviest, low, high);
	}
	return choose(d, &next, order, nr, 0, load, rest, low, high);
}

static void sort_down(size_t *index, size_t nr, const double *by)
{
	size_t i, j, t;

	for (i = 1; i < nr; i++)
		for (j = i; j && by[index[j]] > by[index[j - 1]]; j--) {
			t = index[j];
			index[j] = index[j - 1];
			index[j - 1] = t;
		}
}

static void set_up(struct dive *d, const struct exact_host *h, const struct exact_wish *wish)
{
	double off[EXACT_PCPUS];
	unsigned floating = 0;
	size_t i;

	d->host = h;
	for (i = 0; i < h->pcpus; i++)
		d->mean_pm += h->base_pm[i];
	for (i = 0; i < h->vcpus; i++) {
		d->item[i] = i;
		d->mean_pm += h->load_pm[i];
		floating += h->from[i] < 0;
	}
	d->mean_pm /= (double)h->pcpus;
	d->limit = wish->spread_pm * wish->spread_pm * (double)h->pcpus;
	d->highest_pm = wish->highest_pm;
	d->free = wish->changes >= h->vcpus;
	d->moves = wish->changes - floating;
	for (i = 0; i < h->pcpus; i++) {
		d->pcpu[i] = i;
		off[i] = h->base_pm[i] - (d->free ? 0 : d->mean_pm);
	}
	for (i = 0; i < h->vcpus && !d->free; i++)
		if (h->from[i] >= 0)
			off[h->from[i]] += h->load_pm[i];
	for (i = 0; i < h->pcpus; i++)
		off[i] = fabs(off[i]);
	sort_down(d->item, h->vcpus, h->load_pm);
	sort_down(d->pcpu, h->pcpus, off);
}

static unsigned count_floating(const struct exact_host *h)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < h->vcpus; i++)
		n += h->from[i] < 0;
	return n;
}

enum exact_answer exact_exists(const struct exact_host *h, const struct exact_wish *wish,
                               unsigned long nodes, int *to)
{
	struct dive d = {.nodes = nodes, .to = to};
	struct stand start = {0};

	if (wish->changes < count_floating(h))
		return EXACT_NO;
	set_up(&d, h, wish);
	if (dive(&d, &start))
		return EXACT_YES;
	return d.nodes ? EXACT_NO : EXACT_UNKNOWN;
}

static double highest_of(const struct exact_host *h, const int *to)
{
	double load[EXACT_PCPUS], highest = 0;
	size_t i;

	memcpy(load, h->base_pm, sizeof(load));
	for (i = 0; i < h->vcpus; i++)
		load[to[i]] += h->load_pm[i];
	for (i = 0; i < h->pcpus; i++)
		highest = fmax(highest, load[i]);
	return highest;
}

double exact_highest(const struct exact_host *h, unsigned long nodes, bool *proven)
{
	struct exact_wish wish = {INFINITY, INFINITY, UINT_MAX};
	double low = 0, high = 0, sum = 0, lightest = INFINITY;
	size_t order[EXACT_VCPUS], i, k;
	int to[EXACT_VCPUS];

	for (i = 0; i < h->pcpus; i++) {
		sum += h->base_pm[i];
		low = fmax(low, h->base_pm[i]);
		lightest = fmin(lightest, h->base_pm[i]);
	}
	for (i = 0; i < h->vcpus; i++) {
		order[i] = i;
		sum += h->load_pm[i];
		low = fmax(low, lightest + h->load_pm[i]);
	}
	low = fmax(low, ceil(sum / (double)h->pcpus - ROUNDING));
	/* Of the k p + 1 heaviest, k + 1 meet on one of p pCPUs. */
	sort_down(order, h->vcpus, h->load_pm);
	for (k = 1; k * h->pcpus < h->vcpus; k++) {
		double meet = lightest;

		for (i = k * h->pcpus - k; i <= k * h->pcpus; i++)
			meet += h->load_pm[order[i]];
		low = fmax(low, meet);
	}
	high = sum;
	*proven = true;
	/* Halve what is left between the bound and the best; loads are whole numbers. */
	while (low < high - 0.5) {
		wish.highest_pm = floor((low + high) / 2);
		switch (exact_exists(h, &wish, nodes, to)) {
		case EXACT_YES:
			high = highest_of(h, to);
			break;
		case EXACT_NO:
			low = wish.highest_pm + 1;
			break;
		case EXACT_UNKNOWN:
			*proven = false;
			return low;
		}
	}
	return high;
}

unsigned exact_least_changes(const struct exact_host *h, const struct exact_wish *wish)
{
	struct dive d = {0};
	struct stand start = {0};

	set_up(&d, h, wish);
	return count_floating(h) + least_moves(&d, &start);
}
