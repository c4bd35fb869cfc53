/* programs_report - vmb-report as a function */
#include "tests/unit/programs.h"

#include <string.h>

int vmb_report_main(int argc, char **argv);

#define main vmb_report_main
#include "analyze/vmb-report.c"

int program_report(const char *const *words)
{
	static char fresh[sizeof(set)];
	static bool known;
	int argc = 0;

	memcpy(known ? (void *)&set : fresh, known ? fresh : (void *)&set, sizeof(set));
	known = true;
	while (words[argc])
		argc++;
	return vmb_report_main(argc, (char **)words);
}
