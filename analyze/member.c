/* member - JSON put together so that what goes wrong anywhere inside comes out at the top */
#include "analyze/member.h"

#include <math.h>
#include <stdbool.h>

#include "analyze/escape.h"

json_t *member_text(const char *text)
{
	char plain[ESCAPE_ROOM(2048)];

	return json_string(escape_utf8(text, plain, sizeof(plain)));
}

json_t *member_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *member_object(const struct member *m)
{
	json_t *all = json_object();
	bool good = all;

	for (; m->key; m++) {
		good = good && m->value;
		if (json_object_set_new(all, m->key, m->value) < 0)
			good = false;
	}
	if (good)
		return all;
	json_decref(all);
	return NULL;
}

json_t *member_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) == 0)
		return list;
	json_decref(list);
	return NULL;
}
