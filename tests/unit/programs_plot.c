/* programs_plot - vmb-plot as a function */
#include "tests/unit/programs.h"

#include <string.h>

int vmb_plot_main(int argc, char **argv);

#define main vmb_plot_main
#include "analyze/vmb-plot.c"

int program_plot(const char *const *words)
{
	static char fresh[sizeof(set)];
	static bool known;
	int argc = 0;

	memcpy(known ? (void *)&set : fresh, known ? fresh : (void *)&set, sizeof(set));
	known = true;
	while (words[argc])
		argc++;
	return vmb_plot_main(argc, (char **)words);
}
