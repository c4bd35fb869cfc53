/* comparing - the part of vmb-report that holds runs against each other */
#include "analyze/comparing.h"

#include "common/printed.h"

int comparing_print(const struct operands group[2], const struct selection *selection,
                    const struct criteria *criteria, bool json, bool *wrong, struct error *e)
{
	struct contrast contrast;
	int r;

	r = contrast_make(&contrast, group, selection, criteria, wrong, e);
	if (r == 0 && json)
		r = contrast_json(&contrast, stdout, e);
	else if (r == 0)
		contrast_text(&contrast, stdout);
	if (r == 0)
		r = printed_all(e);
	contrast_done(&contrast);
	return r;
}
