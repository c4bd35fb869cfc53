/* format - the formats of a report: which were asked for, and writing each to its place */
#ifndef VMB_ANALYZE_FORMAT_H
#define VMB_ANALYZE_FORMAT_H

#include "analyze/report.h"

/*
 * What a command line asks for. Text is written too, unless another format goes to standard output.
 */
struct formats {
	bool json, tap;           /* to standard output */
	const char *csv;          /* the name of a view, to standard output */
	const char *junit, *html; /* to a file; "-": standard output */
};

/* The rows of an option table (common/options.h) that fill a struct formats. */
#define FORMAT_OPTION_ROWS(f)                                                                      \
	{OPTION_FLAG, 0, "json", NULL, &(f)->json, 0, 0, "print JSON instead of text"},            \
	        {OPTION_TEXT,                                                                      \
	         0,                                                                                \
	         "csv",                                                                            \
	         "VIEW",                                                                           \
	         &(f)->csv,                                                                        \
	         0,                                                                                \
	         0,                                                                                \
	         "print a table as CSV instead of text: metrics, verdicts, or a view of the run "  \
	         "(v_actions, v_memory, v_pcpu_util, v_runs, v_vcpu_util)"},                       \
	        {OPTION_FLAG, 0,                                                                   \
	         "tap",       NULL,                                                                \
	         &(f)->tap,   0,                                                                   \
	         0,           "print the verdicts in the Test Anything Protocol instead of text"}, \
	        {OPTION_TEXT,                                                                      \
	         0,                                                                                \
	         "junit",                                                                          \
	         "FILE",                                                                           \
	         &(f)->junit,                                                                      \
	         0,                                                                                \
	         0,                                                                                \
	         "write the verdicts to FILE as JUnit XML; - is standard output, instead of "      \
	         "text"},                                                                          \
	{                                                                                          \
		OPTION_TEXT, 0, "html", "FILE", &(f)->html, 0, 0,                                  \
		        "write a page with verdicts, charts and numbers to FILE, which needs "     \
		        "nothing beside it; - is standard output, instead of text"                 \
	}

/*
 * Can it be done: only one format on standard output, a view that there is, files in places where a file can be, no two in one
 * place, none in that of a trace or of the criteria (NULL: none). 0, or an error whose sentence names the option or the path.
 */
int formats_check(const struct formats *f, const char *trace, const char *criteria,
                  struct error *e);

/* Write them all. 0, or the error of the first that could not be written; a file is whole or as it was. */
int formats_write(const struct formats *f, const struct report *r, struct error *e);

#endif
