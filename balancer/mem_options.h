/* mem_options - the command line of vmb-mem, and the bounds that it and its file set for each guest */
#ifndef VMB_BALANCER_MEM_OPTIONS_H
#define VMB_BALANCER_MEM_OPTIONS_H

#include "balancer/loop.h"
#include "balancer/mem_config.h"
#include "balancer/mem_estimate.h"
#include "balancer/mem_planners.h"

/* What the options say as text; sizes are read by the table. An unset size is UNKNOWN. */
struct mem_raw {
	struct size guest_reserve, guest_min, guest_max, host_reserve, pool;
	struct texts shares;
	const char *reclaim, *need, *config, *planner;
};

#define KILL_SWITCH_TEXT 512

struct mem_options {
	struct mem_raw raw;
	struct loop_options common;
	struct mem_policy policy;
	const struct mem_planner_row *planner;
	struct mem_config config; /* of the file; then of the command line, which wins */
	const char *kill_switch;  /* NULL: "stop" in the run-time folder */
};

/* Read command line and file, or answer --help, --version and mistakes and exit. */
void mem_options_or_exit(int argc, char **argv, struct mem_options *out);

/*
 * The same options with what the file of --config says now. Returns 0 with *out; -EINVAL, -ENOENT, -EACCES as
 * mem_config_read(), also when there is no such option.
 */
int mem_options_reload(const struct mem_options *o, struct mem_options *out, struct error *e);

/*
 * Whether what is asked for a guest, by its metadata too, can be done: 0, or -EINVAL with a sentence that names the word, or the
 * bounds that exclude each other. A guest that comes later can be asked what cannot be as well.
 */
int mem_options_asked(const struct mem_options *o, const struct sample_guest *guest,
                      struct error *e);

/*
 * Whether these options make a guest ours, and its bounds; both fit struct mem_scope. Of two that say something about the same
 * bound this one wins: --share before the file's [guest NAME] before the guest's metadata before --guest-min, -max, -reserve.
 * A guest whose metadata cannot be done is not ours: what its owner wanted is not known.
 */
bool mem_options_manage(const void *options, const struct sample_guest *guest);
void mem_options_limits(const void *options, const struct sample_guest *guest,
                        struct mem_limits *out);

/* What a guest weighs by the options alone, whatever its metadata ask. */
unsigned mem_options_share(const struct mem_options *o, const struct sample_guest *guest);

/*
 * Whether the bounds can be kept on this host, with these guests: no minimum above a maximum, no reserve above the
 * memory there is, a pool that holds all minimums. Returns 0, or -EINVAL with a sentence that names the culprit.
 */
int mem_options_check(const struct mem_options *o, const struct sample *s, struct error *e);

/* The first rule from `from` on whose guest, named in full, is not on the host; NULL when there is none. */
const struct mem_rule *mem_options_absent(const struct mem_options *o, const struct sample *s,
                                          size_t *from);

#endif
