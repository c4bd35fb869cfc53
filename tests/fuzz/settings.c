/* settings - what a run was told, from a trace: limits, pCPUs, globs of guests; and words, written and read again */
#include "analyze/settings.h"
#include "common/word.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trace_run_row run;
	char *text = fuzz_text(data, size), again[8192], line[8192] = "a=1";
	const char *at = line;
	struct cpuset cpus;
	double pp;

	snprintf(run.settings, sizeof(run.settings), "%s", text);
	pp = settings_balance_pp(&run);
	PROMISE(pp >= 0.5 && pp <= 50);
	if (settings_cpus(&run, &cpus))
		PROMISE(cpuset_first(&cpus) >= 0);
	settings_choose(&run, "a-guest-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	settings_override_pins(&run);
	if (word_append(line, sizeof(line), "b", text))
		PROMISE(word_next(&at, "b", again, sizeof(again)) && !strcmp(again, text));
	free(text);
	return 0;
}
