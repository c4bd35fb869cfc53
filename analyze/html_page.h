/* html_page - the sections of the page that report_html() writes */
#ifndef VMB_ANALYZE_HTML_PAGE_H
#define VMB_ANALYZE_HTML_PAGE_H

#include "analyze/report.h"

/* The sheet, report.css compiled in. */
extern const char html_style[];

/* Each writes a whole <section>, or nothing where there is nothing to tell. */
void html_verdict(const struct report *r,
                  FILE *out); /* the outcome, and the few numbers behind it */
void html_criteria(const struct report *r, FILE *out); /* each verdict with its reason */
void html_charts(const struct report *r, FILE *out);   /* all that the run has data for */
void html_metrics(const struct report *r, FILE *out);  /* the numbers, and those of each guest */
void html_actions(const struct report *r,
                  FILE *out); /* what was done, and why; what befell the recorder */
void html_run(const struct report *r, FILE *out); /* configuration, host, recording, other runs */

/* "pass", "fail", ...: the class of an outcome in the sheet. */
const char *html_class(enum outcome outcome);

/* Rows above which a list is folded, and above which it stays so on paper. */
#define HTML_LIST 12
#define HTML_LONG 100

/* <details> around a list that is long; `what` is what it holds: "16 actions". */
void html_fold(FILE *out, size_t nr, const char *one, const char *many);
void html_unfold(FILE *out, size_t nr);

#endif
