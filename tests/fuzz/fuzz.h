/* fuzz - what the fuzz targets share: their one function, and inputs as texts and files */
#ifndef VMB_TESTS_FUZZ_FUZZ_H
#define VMB_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libFuzzer's name for it. A target aborts where a promise of the function under test is broken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(what)                                           \
	do {                                                    \
		if (!(what)) {                                  \
			fprintf(stderr, "broken: %s\n", #what); \
			abort();                                \
		}                                               \
	} while (0)

/* The input as a text, to be freed: NUL ends it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	PROMISE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static char fuzz_path[64];

static inline void fuzz_remove(void)
{
	unlink(fuzz_path);
}

/* The input as a file, which the next one replaces. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	const char *folder = getenv("TMPDIR");
	FILE *f;

	if (!*fuzz_path) {
		snprintf(fuzz_path, sizeof(fuzz_path), "%.40s/vmb-fuzz.%d",
		         folder ? folder : "/tmp", (int)getpid());
		atexit(fuzz_remove);
	}
	f = fopen(fuzz_path, "w");
	PROMISE(f && fwrite(data, 1, size, f) == size && !fclose(f));
	return fuzz_path;
}

#endif
