/* report_html - a report as one page that needs nothing beside it; README.md describes it */
#include "analyze/html.h"
#include "analyze/html_page.h"
#include "common/version.h"

const char *html_class(enum outcome outcome)
{
	static const char *const class[] = {[OUTCOME_PASS] = "pass",
	                                    [OUTCOME_FAIL] = "fail",
	                                    [OUTCOME_UNDECIDED] = "undecided",
	                                    [OUTCOME_SKIP] = "skip"};

	return class[outcome];
}

void html_fold(FILE *out, size_t nr, const char *one, const char *many)
{
	if (nr > HTML_LIST)
		html(out, "<details class=\"%s\"><summary>%zu %s</summary>\n",
		     nr > HTML_LONG ? "long" : "short", nr, nr == 1 ? one : many);
}

void html_unfold(FILE *out, size_t nr)
{
	if (nr > HTML_LIST)
		html(out, "</details>\n");
}

/* Nothing may be loaded or run, whatever a name in the trace may have become. */
static void put_head(const struct report *r, FILE *out)
{
	html(out,
	     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
	     "data:; style-src 'unsafe-inline'\">\n"
	     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	     "<meta name=\"color-scheme\" content=\"light dark\">\n"
	     "<title>%s: %s, run %lld</title>\n<style>\n",
	     outcome_name[r->outcome], r->in.trace, (long long)r->chosen.series->run.run);
	fputs(html_style, out);
	html(out, "</style>\n</head>\n<body>\n<main>\n");
}

int report_html(const struct report *r, FILE *out, struct error *e)
{
	static void (*const sections[])(const struct report *r, FILE *out) = {
	        html_verdict, html_criteria, html_charts, html_metrics, html_actions, html_run};
	size_t i;

	put_head(r, out);
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](r, out);
	html(out,
	     "<footer>vmb-report %s. Moments are in seconds since the first tick. This page runs "
	     "no "
	     "script and loads nothing.</footer>\n</main>\n</body>\n</html>\n",
	     VMB_VERSION);
	return 0;
}
