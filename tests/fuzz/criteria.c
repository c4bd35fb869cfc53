/* criteria - the criteria files: each that is good has criteria of known metrics */
#include "analyze/criteria.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct criteria criteria;
	struct error e = {0};
	size_t i;

	if (criteria_parse("FILE", text, &criteria, &e) < 0) {
		PROMISE(!strncmp(e.text, "FILE", 4));
	} else {
		PROMISE(criteria.nr);
		for (i = 0; i < criteria.nr; i++)
			PROMISE(criteria.rows[i].metric && *criteria.rows[i].name);
		criteria_done(&criteria);
	}
	free(text);
	return 0;
}
