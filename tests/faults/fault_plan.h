/* fault_plan - which calls shall fail, how and for how long: read from a file, decided at each call, counted */
#ifndef VMB_TESTS_FAULT_PLAN_H
#define VMB_TESTS_FAULT_PLAN_H

#include <stddef.h>

/*
 * The file that VMB_FAULTS names has a line for each fault ("#" begins a comment):
 *
 *   virDomainGetVcpus domain=10 code=55 nth=3 for=250ms guest=victim delay=20ms
 *
 *   domain, code  libvirt's error (VIR_FROM_..., VIR_ERR_...)
 *   nth           the first call that fails, counted from 1 among those of this line; default 1
 *   for           once; always; or so long after the first one that failed
 *   guest         only calls for this guest; default every call
 *   delay         a pause before that
 *   do            fail (default); abort: the program dies; pretend: nothing is done and success returned; late: it is made then
 *
 * What cannot be understood ends the program with status FAULT_PLAN_WRONG and a line.
 */
#define FAULT_PLAN_WRONG 70

enum fault_kind {
	FAULT_NONE,
	FAULT_FAIL,
	FAULT_ABORT,
	FAULT_PRETEND,
	FAULT_LATE
};

struct fault {
	enum fault_kind kind;
	int domain, code;
	unsigned delay_ms;
};

/*
 * What becomes of this call, `call` being an index into `names` (NULL at its end); `guest` may be NULL. Counts the call,
 * and the fault when it is one. The plan is read at the first call.
 */
struct fault fault_plan_next(const char *const names[], size_t call, const char *guest);

/* How often `call` failed by the plan; how often it was made. */
unsigned fault_plan_injected(size_t call);
unsigned fault_plan_calls(size_t call);

#endif
