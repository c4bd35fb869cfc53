/* replay - give files to a fuzz target, one after the other: the corpus as a test, without libFuzzer */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int main(int argc, char **argv)
{
	enum {
		MOST = 1 << 20
	};
	unsigned char *data;
	size_t size;
	FILE *f;
	int i;

	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "r");
		data = malloc(MOST);
		if (!f || !data)
			return perror(argv[i]), 1;
		size = fread(data, 1, MOST, f);
		fclose(f);
		/* no byte more than it has, so that a sanitizer sees who reads behind it */
		data = realloc(data, size + !size);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return argc < 2;
}
