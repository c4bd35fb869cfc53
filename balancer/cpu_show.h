/* cpu_show - what vmb-cpu says on the terminal: a line an action, a status line below */
#ifndef VMB_BALANCER_CPU_SHOW_H
#define VMB_BALANCER_CPU_SHOW_H

#include <stdio.h>

#include "balancer/cpu_options.h"
#include "collector/host.h"

/* Where to, and what has been said. Zero it and set `out`, `status` (out is a terminal) and `verbose`. */
struct cpu_show {
	FILE *out;
	bool status;
	bool verbose;
	bool status_shown;
	enum verdict said; /* the last verdict that was told */
	unsigned said_why;
	uint64_t wall_ns; /* the time that lines are stamped with */
	unsigned changes; /* done, or that a dry run would have done */
};

/* A line with the time before it, clear of the status line. */
void cpu_show_line(struct cpu_show *show, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* One line on stderr, clear of the status line. */
void cpu_show_error(struct cpu_show *show, const struct error *e);

void cpu_show_start(struct cpu_show *show, const struct cpu_options *o,
                    const struct host_facts *facts, uint64_t wall_ns);
void cpu_show_actions(struct cpu_show *show, const struct decision *d);

/* The actions of a tick, and, when it is news, why nothing is done; then the status line. */
void cpu_show_tick(struct cpu_show *show, const struct sample *s, const struct decision *d);

#endif
