/* duration - durations and numbers as people type them: what is taken is within the bounds */
#include "common/parse.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), shown[32];
	struct error e = {0};
	uint64_t ns = 0;
	double number = 0;

	if (parse_duration("x", text, 1000000, 3600000000000, &ns, &e) == 0)
		PROMISE(ns >= 1000000 && ns <= 3600000000000 && *duration_text(ns, shown));
	else
		PROMISE(!ns && *e.text);
	if (parse_number("x", text, -5, 5, &number, &e) == 0)
		PROMISE(number >= -5 && number <= 5);
	free(text);
	return 0;
}
