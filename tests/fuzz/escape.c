/* escape - texts of strangers: nothing that acts stays in them */
#include "analyze/escape.h"
#include "common/text.h"
#include "tests/fuzz/fuzz.h"

static void promise_plain(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p; p++)
		PROMISE(*p >= ' ' && *p != 0x7f && !(p[0] == 0xc2 && p[1] < 0xa0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *to = malloc(ESCAPE_ROOM(size));
	size_t room = ESCAPE_ROOM(size), small = 1 + (size ? data[0] % 16 : 0);

	PROMISE(to);
	promise_plain(escape_terminal(text, to, room));
	promise_plain(escape_terminal(text, to, small));
	promise_plain(text_plain(text, to, room));
	promise_plain(text_plain(text, to, small));
	escape_gnuplot(text, to, room, 24);
	PROMISE(strlen(to) <= 24 && !strpbrk(to, "'\"`$@\\{}^&\n%<>|"));
	escape_utf8(text, to, room);
	escape_utf8(text, to, small);
	free(text);
	free(to);
	return 0;
}
