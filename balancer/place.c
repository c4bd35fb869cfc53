/* place - a placement problem and the memory to solve it in: vCPUs with loads, pCPUs, where each may go */
#include "balancer/place.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The arrays of a scratch, and how many elements each has for a pCPU or for an item. */
#define PER_PCPU(name, n)                                                                         \
	{                                                                                         \
		offsetof(struct place_scratch, name), sizeof(*((struct place_scratch *)0)->name), \
		        n, 0                                                                      \
	}
#define PER_ITEM(name)                                                                            \
	{                                                                                         \
		offsetof(struct place_scratch, name), sizeof(*((struct place_scratch *)0)->name), \
		        0, 1                                                                      \
	}

static const struct {
	size_t offset, size;
	unsigned per_pcpu, per_item;
} arrays[] = {
        PER_ITEM(items),          PER_ITEM(to),
        PER_ITEM(best_to),        PER_ITEM(trial),
        PER_ITEM(other_to),       PER_ITEM(order),
        PER_ITEM(first_mate),     PER_ITEM(last_mate),
        PER_ITEM(next_on),        PER_ITEM(prev_on),
        PER_PCPU(pcpu_number, 1), PER_PCPU(base_pm, 1),
        PER_PCPU(first_on, 1),    PER_PCPU(load_pm, 1),
        PER_PCPU(work_pm, 1),     PER_PCPU(fixed_pm, 1),
        PER_PCPU(core_of, 1),     PER_PCPU(sibling, 1),
        PER_PCPU(threads, 1),     PER_PCPU(core_pm, 1),
        PER_PCPU(tree, 2),        PER_PCPU(tree_node, 2),
        PER_PCPU(tried, 1),
};

#define NR_ARRAYS (sizeof(arrays) / sizeof(arrays[0]))

static size_t bytes_of(size_t k, size_t nr_pcpus, size_t nr_items)
{
	/* One to spare: never of size 0. */
	return arrays[k].size *
	       (arrays[k].per_pcpu * (nr_pcpus + 1) + arrays[k].per_item * (nr_items + 1));
}

static void **array_of(struct place_scratch *s, size_t k)
{
	return (void **)((char *)s + arrays[k].offset);
}

size_t place_bytes(size_t nr_pcpus, size_t nr_items)
{
	size_t k, bytes = 0;

	for (k = 0; k < NR_ARRAYS; k++)
		bytes += bytes_of(k, nr_pcpus, nr_items);
	return bytes;
}

int place_reserve(struct place_scratch *s, size_t nr_pcpus, size_t nr_items, struct error *e)
{
	size_t k;

	if (nr_pcpus <= s->room_pcpus && nr_items <= s->room_items && s->items)
		return 0;
	if (nr_pcpus < s->room_pcpus)
		nr_pcpus = s->room_pcpus;
	if (nr_items < s->room_items)
		nr_items = s->room_items;
	for (k = 0; k < NR_ARRAYS; k++) {
		void **array = array_of(s, k);
		void *more = realloc(*array, bytes_of(k, nr_pcpus, nr_items));

		if (!more)
			return fail(e, ENOMEM, "no memory to plan %zu vCPUs", nr_items);
		*array = more;
	}
	s->room_pcpus = nr_pcpus;
	s->room_items = nr_items;
	return 0;
}

void place_free(struct place_scratch *s)
{
	size_t k;

	for (k = 0; k < NR_ARRAYS; k++)
		free(*array_of(s, k));
	*s = (struct place_scratch){0};
}

double spread_of(const double *loads, size_t nr)
{
	double sum = 0, squares = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		sum += loads[i];
	for (i = 0; i < nr; i++)
		squares += (loads[i] - sum / (double)nr) * (loads[i] - sum / (double)nr);
	return nr < 2 ? 0 : sqrt(squares / (double)nr);
}

double uneven_of(double spread_pm, double core_pm)
{
	return sqrt((spread_pm * spread_pm + core_pm * core_pm) / 2);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void pour(double *loads, size_t nr, double amount, double *work)
{
	double below = 0, level = 0;
	size_t i;

	memcpy(work, loads, nr * sizeof(*work));
	qsort(work, nr, sizeof(*work), ascending);
	for (i = 0; i < nr; i++) {
		below += work[i];
		level = (amount + below) / (double)(i + 1);
		if (i + 1 < nr && level <= work[i + 1])
			break;
	}
	for (i = 0; i < nr; i++)
		loads[i] = fmax(loads[i], level);
}
