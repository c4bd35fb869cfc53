/* formula - formulas and moments of criteria: what is taken has items, and its text again */
#include "analyze/formula.h"
#include "analyze/moment.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct formula f, again;
	struct moment moment;
	struct error e = {0};

	if (formula_parse(text, &f, &e) == 0) {
		PROMISE(f.nr && f.nr <= FORMULA_ITEMS);
		PROMISE(formula_parse(f.text, &again, &e) == 0 && again.nr == f.nr);
		formula_is_number(&f);
	} else {
		PROMISE(*e.text);
	}
	moment_parse_from(text, &moment, &e);
	moment_parse_to(text, &moment, &e);
	moment_parse_within(text, &moment, &e);
	free(text);
	return 0;
}
