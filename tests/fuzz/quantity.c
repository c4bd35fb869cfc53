/* quantity - durations, numbers and sizes as people type them: what is taken is within the bounds */
#include "common/parse.h"
#include "tests/fuzz/fuzz.h"

static void promise_duration(const char *text)
{
	struct error e = {0};
	char shown[32];
	uint64_t ns = 0;

	if (parse_duration("x", text, 1000000, 3600000000000, &ns, &e) == 0)
		PROMISE(ns >= 1000000 && ns <= 3600000000000 && *duration_text(ns, shown));
	else
		PROMISE(!ns && *e.text);
}

static void promise_size(const char *text)
{
	struct size size = {0};
	struct error e = {0};
	char shown[32];

	if (parse_size("x", text, 1024, 1 << 30, &size, &e) < 0)
		PROMISE(!size.kib && !(size.part > 0) && *e.text);
	else if (size.part > 0)
		PROMISE(!size.kib && size.part <= 1 && size_kib(&size, 1 << 20) <= 1 << 20);
	else
		PROMISE(size.kib <= 1 << 30 && *size_text(size.kib, shown));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct error e = {0};
	double number = 0;

	promise_duration(text);
	promise_size(text);
	if (parse_number("x", text, -5, 5, &number, &e) == 0)
		PROMISE(number >= -5 && number <= 5);
	free(text);
	return 0;
}
