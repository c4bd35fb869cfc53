/* plan_bench - what a plan costs in CPU time, from small hosts to large ones: a table */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/cpu_plan.h"
#include "common/clock.h"

#define GUEST_VCPUS 4
#define REPEATS     5

static const struct {
	size_t pcpus, vcpus;
} sizes[] = {
        {8, 32}, {16, 64}, {32, 256}, {64, 640}, {128, 1280}, {256, 4096}, {512, 10000},
};

/* Where the vCPUs are, and so what there is to do. */
enum start {
	BALANCED,
	ANYWHERE,
	ALL_ON_ONE,
	ALL_FLOAT,
	STARTS
};

static const char *const start_name[STARTS] = {
        [BALANCED] = "balanced",
        [ANYWHERE] = "anywhere",
        [ALL_ON_ONE] = "crowded",
        [ALL_FLOAT] = "floating",
};

struct bench {
	struct cpu_view view;
	struct place_scratch scratch;
	struct cpu_move *moves;
	struct cpu_choice choice;
	double cpu_ms, highest_part;
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* A host loaded to two thirds; loads between 0.2 and 1.8 of their mean. */
static void make_host(struct bench *b, size_t pcpus, size_t vcpus)
{
	struct cpuset all = CPUSET_NONE;
	unsigned seed = 1;
	size_t i;

	*b = (struct bench){0};
	if (place_reserve(&b->scratch, pcpus, vcpus, NULL) < 0)
		abort();
	b->view.nr_pcpus = pcpus;
	b->view.nr_vcpus = vcpus;
	b->view.pcpus = must(calloc(pcpus, sizeof(*b->view.pcpus)));
	b->view.vcpus = must(calloc(vcpus, sizeof(*b->view.vcpus)));
	b->moves = must(calloc(vcpus, sizeof(*b->moves)));
	for (i = 0; i < pcpus; i++)
		cpuset_add(&all, (unsigned)i);
	for (i = 0; i < vcpus; i++) {
		double mean = 667.0 * (double)pcpus / (double)vcpus;

		b->view.vcpus[i] = (struct view_vcpu){
		        .load_pm = fmax(41, mean * (0.2 + 1.6 * rand_r(&seed) / RAND_MAX)),
		        .samples = 9,
		        .guest = (uint32_t)(i / GUEST_VCPUS),
		        .allowed = all,
		        .managed = true,
		        .rested_ticks = 1000,
		};
	}
}

static void free_host(struct bench *b)
{
	place_free(&b->scratch);
	free(b->view.pcpus);
	free(b->view.vcpus);
	free(b->moves);
}

static void apply(struct bench *b)
{
	size_t i;

	for (i = 0; i < b->choice.nr_moves; i++)
		b->view.vcpus[b->moves[i].vcpu].on = b->moves[i].to;
}

/* What the pCPUs show while vCPUs float: all the same. */
static void set_busy(struct bench *b)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < b->view.nr_vcpus; i++)
		sum += b->view.vcpus[i].load_pm;
	for (i = 0; i < b->view.nr_pcpus; i++)
		b->view.pcpus[i] = (struct view_pcpu){.pcpu = (uint32_t)i,
		                                      .busy_pm = sum / (double)b->view.nr_pcpus};
}

static void plan_once(struct bench *b)
{
	struct cpu_plan_state state = {.out_of_band = 10};

	cpu_plan(&cpu_policy_default, &b->view, &state, &b->scratch, b->moves, &b->choice);
}

static void place_vcpus(struct bench *b, enum start start)
{
	unsigned seed = 2;
	size_t i;

	for (i = 0; i < b->view.nr_vcpus; i++)
		b->view.vcpus[i].on = start == ALL_ON_ONE ? 0
		                      : start == ANYWHERE ? rand_r(&seed) % (int)b->view.nr_pcpus
		                                          : VIEW_FLOATS;
	set_busy(b);
	if (start == BALANCED) {
		plan_once(b);
		apply(b);
	}
}

/* The fullest pCPU after the moves, in terms of the least possible: the mean, or the heaviest vCPU. */
static double highest_part(struct bench *b)
{
	double *loads = must(calloc(b->view.nr_pcpus, sizeof(*loads)));
	double highest = 0, sum = 0, least = 0;
	size_t i;

	apply(b);
	cpu_plan_loads(&cpu_policy_default, &b->view, loads);
	for (i = 0; i < b->view.nr_pcpus; i++) {
		highest = fmax(highest, loads[i]);
		sum += loads[i];
	}
	for (i = 0; i < b->view.nr_vcpus; i++)
		least = fmax(least, b->view.vcpus[i].load_pm);
	free(loads);
	return highest / fmax(least, sum / (double)b->view.nr_pcpus);
}

static void measure(struct bench *b, enum start start)
{
	uint64_t begin;
	unsigned n;

	b->cpu_ms = INFINITY;
	place_vcpus(b, start);
	for (n = 0; n < REPEATS; n++) {
		begin = clock_self_cpu_ns();
		plan_once(b);
		b->cpu_ms = fmin(b->cpu_ms, (double)(clock_self_cpu_ns() - begin) / 1e6);
	}
	b->highest_part = highest_part(b);
}

int main(void)
{
	size_t k;
	int start;

	printf("# %5s %6s  %-9s %9s %9s %12s %9s %8s\n", "pCPUs", "vCPUs", "start", "CPU ms",
	       "steps", "per n log n", "changes", "highest");
	for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct bench b;

		make_host(&b, sizes[k].pcpus, sizes[k].vcpus);
		for (start = 0; start < STARTS; start++) {
			double n = (double)sizes[k].vcpus;

			measure(&b, (enum start)start);
			printf("  %5zu %6zu  %-9s %9.3f %9lu %9.1f ns %9zu %8.4f\n", sizes[k].pcpus,
			       sizes[k].vcpus, start_name[start], b.cpu_ms, b.choice.steps,
			       1e6 * b.cpu_ms / (n * log2(n)), b.choice.nr_moves, b.highest_part);
		}
		printf("# %zu x %zu: scratch %.2f MiB\n", sizes[k].pcpus, sizes[k].vcpus,
		       (double)place_bytes(sizes[k].pcpus, sizes[k].vcpus) / 1048576);
		free_host(&b);
	}
	return 0;
}
