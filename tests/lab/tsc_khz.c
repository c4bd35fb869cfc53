/* tsc_khz - print how fast this machine's time stamp counter runs, in kHz */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURE_NS 100000000
#define ATTEMPTS   20

/*
 * The counter and the clock at one moment: of several readings the one that the counter shows to be the
 * shortest, so that an interruption between the two cannot spoil it.
 */
static void read_both(uint64_t *tsc, uint64_t *ns)
{
	uint64_t shortest = UINT64_MAX;
	int i;

	for (i = 0; i < ATTEMPTS; i++) {
		struct timespec t;
		uint64_t before = __rdtsc(), took;

		clock_gettime(CLOCK_MONOTONIC, &t);
		took = __rdtsc() - before;
		if (took >= shortest)
			continue;
		shortest = took;
		*tsc = before + took / 2;
		*ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	}
}

int main(void)
{
	struct timespec pause = {.tv_nsec = MEASURE_NS};
	uint64_t tsc[2], ns[2];

	read_both(&tsc[0], &ns[0]);
	nanosleep(&pause, NULL);
	read_both(&tsc[1], &ns[1]);
	printf("%.0f\n", (double)(tsc[1] - tsc[0]) / (double)(ns[1] - ns[0]) * 1e6);
	return 0;
}
