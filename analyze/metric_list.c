/* metric_list - the table of metrics as text */
#include "analyze/metric_list.h"

#include "analyze/line.h"
#include "analyze/metrics.h"

#define INDENT 4

void metric_list(FILE *out)
{
	size_t i;

	fprintf(out, "%-24s%-8s%-8s%s\n", "id", "unit", "per", "better");
	for (i = 0; i < nr_metrics; i++) {
		const struct metric *m = &metrics[i];
		struct line l = {out, INDENT, INDENT};

		fprintf(out, "%-24s%-8s%-8s%s\n%*s", m->id, *m->unit ? m->unit : "-",
		        dimension_name[m->dimension], better_name[m->better], INDENT, "");
		line_say(&l, m->help);
		line_end(&l);
	}
}
