/* member - JSON put together so that what goes wrong anywhere inside comes out at the top */
#ifndef VMB_ANALYZE_MEMBER_H
#define VMB_ANALYZE_MEMBER_H

#include <jansson.h>

/* One member of an object; an array of them ends with an empty one. */
struct member {
	const char *key;
	json_t *value;
};

/* The object of these members, whose values it takes. NULL when one of them is or memory ran out. */
json_t *member_object(const struct member *m);

/* Append to a list, which takes the value; both may be NULL, which makes the list NULL. */
json_t *member_append(json_t *list, json_t *value);

/* Text of a stranger: what is not UTF-8 is replaced. */
json_t *member_text(const char *text);

/* null: not known, or for a bound of time: open. */
json_t *member_number(double value);

#endif
