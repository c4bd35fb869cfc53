/* cpus - lists of pCPUs: what was read is written and read again as the same set */
#include "collector/sample.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), again[8 * PCPU_MAX];
	struct cpuset set, same;

	if (cpuset_parse(text, &set) == 0) {
		cpuset_text(&set, again, sizeof(again));
		PROMISE(cpuset_parse(again, &same) == 0 && cpuset_equal(&set, &same));
	}
	free(text);
	return 0;
}
