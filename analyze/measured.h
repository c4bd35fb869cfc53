/* measured - what one run came to, so much of it as a comparison needs */
#ifndef VMB_ANALYZE_MEASURED_H
#define VMB_ANALYZE_MEASURED_H

#include <sys/types.h>

#include "analyze/autocorrelation.h"
#include "analyze/criteria.h"
#include "analyze/operands.h"
#include "analyze/select.h"

/* Of one metric. mean.mean is the number of the run, as a report shows it; NAN: not known. */
struct measured_metric {
	struct mean_of mean; /* variance and effective of a metric with samples */
	bool bound;          /* some of its values are known to be so much at most */
};

struct measured {
	char *path;
	dev_t device; /* with the inode: which file that is, whatever it is called */
	ino_t inode;
	struct trace_run_row run;
	double seconds; /* from the first tick that was looked at to the last */
	size_t ticks, guests, vcpus, pcpus;
	bool not_whole;                  /* some of the trace could not be read */
	struct measured_metric *metrics; /* as metrics[] */
};

/*
 * Read a run and measure it. The settling of the run is found by the criteria's limit. As recording_open(), and -ENOMEM.
 * measured_done() is needed in every case.
 */
int measured_read(struct measured *m, const struct operand *what, const struct selection *selection,
                  const struct criteria *criteria, bool *not_there, struct error *e);
void measured_done(struct measured *m);

/*
 * The mean of observations by weight, and how sure it is. To the first order a mean by weight w is off by the mean of
 *
 *     w (x - mean) / mean of w
 *
 * and this series, summed over the observations of one moment (a tick has one of each guest), is what
 * autocorrelation_mean() is asked about. 0 or -ENOMEM.
 */
int measured_mean(const struct observations *o, struct mean_of *out);

#endif
