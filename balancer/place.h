/* place - a placement problem and the memory to solve it in: vCPUs with loads, pCPUs, where each may go */
#ifndef VMB_BALANCER_PLACE_H
#define VMB_BALANCER_PLACE_H

#include "collector/sample.h"
#include "common/cleanup.h"
#include "common/error.h"

/* One vCPU of the problem. Items of one guest stand together. */
struct place_item {
	double load_pm;
	int32_t from; /* index of its pCPU; -1: it floats and must be placed (when movable) */
	uint32_t guest;
	bool movable;
	const struct cpuset *allowed; /* by pCPU number; borrowed */
};

/*
 * The working memory of a search, made once for the largest host seen and then used again, because plans do not
 * allocate. All arrays belong to it.
 */
struct place_scratch {
	size_t room_pcpus, room_items;
	struct place_item *items;
	uint32_t *pcpu_number; /* [pcpu] */
	double *base_pm;       /* [pcpu] load that stays where it is and is no item */
	int32_t *to;           /* [item] the answer: an index of pCPU, -1: left floating */
	int32_t *best_to;      /* [item] */
	int32_t *trial;        /* [item] */
	uint32_t *order;       /* movable items by falling load */
	uint32_t *first_mate;  /* [item] the vCPUs of its guest are items first_mate .. last_mate */
	uint32_t *last_mate;
	double *top_sum_pm;  /* [n] load of the n heaviest movable items */
	double *floating_pm; /* [n] load of the floating ones from order[n] on */
	double *load_pm;     /* [pcpu] */
	double *work_pm;     /* [pcpu] */
};

/* Room for so many; 0 or -ENOMEM. Never shrinks. Zero the struct before the first call. */
int place_reserve(struct place_scratch *s, size_t nr_pcpus, size_t nr_items, struct error *e);
void place_free(struct place_scratch *s);

struct place_problem {
	size_t nr_pcpus, nr_items;
	double band_pm; /* the spread (population standard deviation over pCPUs) to come within */
	unsigned nodes; /* how many steps the exact search may take */
};

struct place_result {
	double spread_pm;
	double highest_pm; /* load of the fullest pCPU */
	unsigned changes;
	bool within; /* spread_pm <= band_pm */
	bool fewest; /* no placement within the band has fewer changes; or, when not within: none is more even */
};

/* Standard deviation over the pCPUs (population) of loads[nr]. 0 for less than two. */
double spread_of(const double *loads, size_t nr);

#endif
