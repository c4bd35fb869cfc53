/* case - the case files: a good one has guests, and all of them can be asked for */
#include "collector/case.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct case_file c;
	char text[CASE_LOAD_TEXT];
	struct case_guest guest;
	struct error e = {0};
	unsigned i;

	if (case_read(fuzz_file(data, size), NULL, &c, &e) < 0) {
		PROMISE(*e.text && !strchr(e.text, '\n'));
		return 0;
	}
	PROMISE(c.duration_ns);
	for (i = 0; i < case_guests(&c); i++) {
		case_guest(&c, i, &guest);
		case_load_text(guest.load, text);
	}
	case_done(&c);
	return 0;
}
