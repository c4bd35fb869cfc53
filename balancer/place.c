/* place - a placement problem and the memory to solve it in: vCPUs with loads, pCPUs, where each may go */
#include "balancer/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int grow(void *array, size_t nr, size_t size)
{
	void **base = array, *more = realloc(*base, nr * size);

	if (!more)
		return -ENOMEM;
	*base = more;
	return 0;
}

int place_reserve(struct place_scratch *s, size_t nr_pcpus, size_t nr_items, struct error *e)
{
	size_t i, p = nr_pcpus + 1, n = nr_items + 1; /* never of size 0 */
	struct {
		void *array;
		size_t nr, size;
	} arrays[] = {
	        {&s->items, n, sizeof(*s->items)},
	        {&s->to, n, sizeof(*s->to)},
	        {&s->best_to, n, sizeof(*s->best_to)},
	        {&s->trial, n, sizeof(*s->trial)},
	        {&s->other_to, n, sizeof(*s->other_to)},
	        {&s->order, n, sizeof(*s->order)},
	        {&s->first_mate, n, sizeof(*s->first_mate)},
	        {&s->last_mate, n, sizeof(*s->last_mate)},
	        {&s->next_on, n, sizeof(*s->next_on)},
	        {&s->prev_on, n, sizeof(*s->prev_on)},
	        {&s->pcpu_number, p, sizeof(*s->pcpu_number)},
	        {&s->base_pm, p, sizeof(*s->base_pm)},
	        {&s->first_on, p, sizeof(*s->first_on)},
	        {&s->load_pm, p, sizeof(*s->load_pm)},
	        {&s->work_pm, p, sizeof(*s->work_pm)},
	        {&s->fixed_pm, p, sizeof(*s->fixed_pm)},
	        {&s->core_of, p, sizeof(*s->core_of)},
	        {&s->sibling, p, sizeof(*s->sibling)},
	        {&s->threads, p, sizeof(*s->threads)},
	        {&s->core_pm, p, sizeof(*s->core_pm)},
	        {&s->tree_node, 2 * p, sizeof(*s->tree_node)},
	        {&s->tree, 2 * p, sizeof(*s->tree)},
	        {&s->tried, p, sizeof(*s->tried)},
	};

	if (nr_pcpus <= s->room_pcpus && nr_items <= s->room_items && s->items)
		return 0;
	for (i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (grow(arrays[i].array, arrays[i].nr, arrays[i].size) < 0)
			return fail(e, ENOMEM, "no memory to plan %zu vCPUs", nr_items);
	s->room_pcpus = nr_pcpus;
	s->room_items = nr_items;
	return 0;
}

void place_free(struct place_scratch *s)
{
	free(s->items);
	free(s->to);
	free(s->best_to);
	free(s->trial);
	free(s->other_to);
	free(s->order);
	free(s->first_mate);
	free(s->last_mate);
	free(s->next_on);
	free(s->prev_on);
	free(s->pcpu_number);
	free(s->base_pm);
	free(s->first_on);
	free(s->load_pm);
	free(s->work_pm);
	free(s->fixed_pm);
	free(s->core_of);
	free(s->sibling);
	free(s->threads);
	free(s->core_pm);
	free(s->tree);
	free(s->tree_node);
	free(s->tried);
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
