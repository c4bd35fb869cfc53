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
	int32_t home;                 /* NUMA node that its guest keeps to; -1: none */
	int32_t last;                 /* index of the pCPU where it ran last; -1: not known */
};

/* Where a pCPU sits. -1: not known. pCPUs of one core are SMT siblings. */
struct place_spot {
	int32_t node, llc, core;
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
	int32_t *other_to;     /* [item] the answer to another problem */
	uint32_t *order;       /* movable items by falling load */
	uint32_t *first_mate;  /* [item] it is kept apart from items first_mate .. last_mate */
	uint32_t *last_mate;
	int32_t *first_on; /* [pcpu] the first of a chain of its items */
	int32_t *next_on;  /* [item] the next in the chain; -1: none */
	int32_t *prev_on;
	double *load_pm;    /* [pcpu] */
	double *work_pm;    /* [pcpu] */
	double *fixed_pm;   /* [pcpu] load that the search cannot move */
	uint32_t *core_of;  /* [pcpu] cores are numbered from 0 */
	uint32_t *sibling;  /* [pcpu] the next one of its core, in a ring */
	uint32_t *threads;  /* [core] pCPUs that are ours */
	double *core_pm;    /* [core] their loads together */
	uint32_t *tree;     /* [2 * pcpu] a tournament of the emptiest */
	int32_t *tree_node; /* [2 * pcpu] the NUMA node of all below, -1: several */
	uint32_t *tried;    /* [pcpu] */
};

/* Room for so many; 0 or -ENOMEM. Never shrinks. Zero the struct before the first call. */
int place_reserve(struct place_scratch *s, size_t nr_pcpus, size_t nr_items, struct error *e);
void place_free(struct place_scratch *s);

/* What a scratch for so many takes. */
size_t place_bytes(size_t nr_pcpus, size_t nr_items);

struct place_problem {
	size_t nr_pcpus, nr_items;
	double band_pm;   /* the spread (population standard deviation over pCPUs) to come within */
	unsigned nodes;   /* how many steps the exact search may take */
	double over_pm;   /* limit of place_result's; 0: none */
	double uneven_pm; /* limit of place_result's; 0: none */
	const struct place_spot *spots; /* [pcpu]; NULL: not known */
	bool tidy;       /* of equal items those of a guest are put apart, and in one node */
	bool keep_nodes; /* items go to their home node and to the one where they are alone */
};

struct place_result {
	double spread_pm;
	double core_pm;    /* the spread over cores, of the mean loads of their pCPUs */
	double uneven_pm;  /* both as one, see uneven_of() */
	double highest_pm; /* load of the fullest pCPU */
	double over_pm;    /* of that, what is above the mean and above the heaviest item */
	unsigned changes;
	unsigned least_changes; /* no placement within the band has fewer, nodes kept or not */
	unsigned long steps;    /* what the search cost: all that it looked at */
	bool within;            /* the problem's limits are kept */
	bool fewest; /* no placement within the band has fewer changes; or, when not within: none is more even */
};

/* Standard deviation over the pCPUs (population) of loads[nr]. 0 for less than two. */
double spread_of(const double *loads, size_t nr);

/*
 * Raise the emptiest of loads[nr] to one level, so that `amount` is added in all: what a load comes to that may run
 * anywhere. work[nr] is overwritten.
 */
void pour(double *loads, size_t nr, double amount, double *work);

/*
 * The spreads over pCPUs and over cores as one: the root of their mean square. Without SMT all three are the same. Two
 * busy siblings beside an idle core raise it, where the spread over pCPUs is that of one busy pCPU on each core.
 */
double uneven_of(double spread_pm, double core_pm);

#endif
