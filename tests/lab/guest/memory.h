/* memory - fill this guest's memory at a rate, keep it for a while, free it at once */
#ifndef VMB_GUEST_MEMORY_H
#define VMB_GUEST_MEMORY_H

#include <stdint.h>

#define MEMORY_TEXT 128

/* What until_mib and hold_ns are for `limit` and `forever`. */
#define MEMORY_ALL UINT64_MAX

/* What to do, times counted from the start. rate_kib_s 0: nothing. */
struct memory_plan {
	uint64_t rate_kib_s;
	uint64_t until_mib; /* MEMORY_ALL: as much as there is */
	uint64_t start_ns;
	uint64_t hold_ns;  /* MEMORY_ALL: never freed */
	uint64_t again_ns; /* after that pause once more; 0: no more */
};

/* Read "RATE_KIB_S:UNTIL_MIB|limit:START_S:HOLD_S|forever[:AGAIN_S]" or "none". Returns 0, or -1 with *plan untouched. */
int memory_parse(const char *text, struct memory_plan *plan);

/* Start the thread; it sleeps until memory_start(). Returns 0, or -1 with errno. */
int memory_init(void);

/*
 * Follow the plan from now on; its clock starts delay_ns from now. Filling ends by itself where MemAvailable is 64 MiB or less:
 * a kernel that has nothing left does not fail the allocation, it kills.
 */
void memory_start(const struct memory_plan *plan, uint64_t delay_ns);

/* Free all and sleep until the next memory_start(). */
void memory_stop(void);

/*
 * Print where it is: "vmb: memory peak_mib=1837 state=holds size_mib=1837 available_mib=63"; nothing when there is nothing to do.
 * Printed by itself at each change of the state, which is one of none, waits, fills, holds, freed.
 */
void memory_tell(void);

#endif
