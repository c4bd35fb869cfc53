/* measured - what one run came to, so much of it as a comparison needs */
#include "analyze/measured.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyze/recording.h"

/* Weight and weighted sum over all, and how many moments there are. */
static size_t weigh(const struct observations *o, double *weight, double *weighted)
{
	double last_s = NAN;
	size_t moments = 0, i;

	for (i = 0; i < o->nr; i++) {
		const struct observation x = observations_at(o, i);

		if (isnan(x.value))
			continue;
		*weight += x.weight;
		*weighted += x.weight * x.value;
		moments += x.t_s != last_s;
		last_s = x.t_s;
	}
	return moments;
}

/* The series that the header tells of, moment by moment. */
static int take_off(const struct observations *o, double mean, double moments, double weight,
                    struct spool **off)
{
	double last_s = NAN, sum = 0;
	bool begun = false;
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < o->nr; i++) {
		const struct observation x = observations_at(o, i);

		if (isnan(x.value))
			continue;
		if (begun && x.t_s != last_s) {
			r = spool_add(off, sizeof(sum), &sum);
			sum = 0;
		}
		begun = true;
		last_s = x.t_s;
		sum += x.weight * (x.value - mean) * moments / weight;
	}
	return r == 0 && begun ? spool_add(off, sizeof(sum), &sum) : r;
}

int measured_mean(const struct observations *o, struct mean_of *out)
{
	double weight = 0, weighted = 0, mean;
	size_t moments = weigh(o, &weight, &weighted);
	struct spool *off = NULL;
	int r;

	*out = (struct mean_of){NAN, NAN, 0};
	if (!moments)
		return 0;
	mean = weighted / weight;
	r = take_off(o, mean, (double)moments, weight, &off);
	if (r == 0) {
		*out = autocorrelation_mean(off);
		out->mean = mean;
	}
	spool_free(off);
	return r;
}

/* Whether the number of a run says something: that of a host without guests, or of changes that another program makes, is 0 of nothing. */
static bool applies(const struct metric *m, const struct series *s)
{
	/* what a run was told to keep to stands in its setup */
	if (!s->nr_ticks || !strncmp(m->id, "run.", 4))
		return false;
	return !(m->needs & NEEDS_GUESTS && !s->nr_guests) &&
	       !(m->needs & NEEDS_BALANCER && !select_makes(&s->run, m)) &&
	       !(m->needs & NEEDS_PCPUS && s->nr_pcpus < 2);
}

static int measure(const struct metric *metric, const struct series *s, const struct settling *x,
                   struct measured_metric *to)
{
	struct observations o = {0};
	size_t i;
	int r;

	to->mean = (struct mean_of){NAN, NAN, 0};
	if (!applies(metric, s))
		return 0;
	r = metric_observe(metric, s, x, WINDOW_ALL, &o);
	if (r == 0)
		r = select_observations(metric, s, &o);
	if (r == 0)
		r = measured_mean(&o, &to->mean);
	for (i = 0; i < o.nr; i++) {
		const struct observation one = observations_at(&o, i);

		to->bound |= one.bound && !isnan(one.value);
	}
	observations_done(&o);
	return r;
}

static int take_facts(struct measured *m, const struct series *s, const char *path)
{
	struct stat file;

	if (stat(path, &file) == 0) {
		m->device = file.st_dev;
		m->inode = file.st_ino;
	}
	m->run = s->run;
	m->ticks = s->nr_ticks;
	m->seconds = series_seconds(s);
	m->guests = s->nr_guests;
	m->vcpus = s->nr_vcpus;
	m->pcpus = series_nr_pcpus(s);
	m->not_whole = *s->note;
	m->path = strdup(path);
	m->metrics = calloc(nr_metrics, sizeof(*m->metrics));
	return m->path && m->metrics ? 0 : -ENOMEM;
}

int measured_read(struct measured *m, const struct operand *what, const struct selection *selection,
                  const struct criteria *criteria, bool *not_there, struct error *e)
{
	struct selection wanted = *selection;
	struct recording recording;
	struct settling settling;
	struct limit limit;
	const struct series *s = &recording.series;
	size_t i;
	int r;

	*m = (struct measured){0};
	*not_there = selection->run[1];
	if (*not_there)
		return fail(e, EINVAL, "--run N,M: a comparison takes one run of each trace");
	wanted.alone = true;
	select_one(&wanted, what->run);
	r = recording_open(&recording, what->path, &wanted, not_there, e);
	if (r == 0) {
		r = take_facts(m, s, what->path);
		if (r == 0)
			r = criteria_balance_limit(criteria, s, &limit);
		if (r == 0)
			r = settle_run(s, limit, &settling);
		for (i = 0; r == 0 && i < nr_metrics; i++)
			r = measure(&metrics[i], s, &settling, &m->metrics[i]);
		r = r < 0 ? spool_fail(e) : spool_check(e);
	}
	recording_close(&recording);
	return r;
}

void measured_done(struct measured *m)
{
	free(m->path);
	free(m->metrics);
	*m = (struct measured){0};
}
