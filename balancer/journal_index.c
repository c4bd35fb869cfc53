/* journal_index - which lines of a journal are of the same thing, and which of them tell something */
#include "balancer/journal_index.h"

#include <errno.h>
#include <stdlib.h>

#include "balancer/journal_line.h"

typedef const struct action *line_at;

/* By thing, by number: all are of one array. */
static int by_number(const void *left, const void *right)
{
	line_at a = *(const line_at *)left, b = *(const line_at *)right;
	int order = journal_line_order(a, b);

	return order ? order : (a > b) - (a < b);
}

/* Of one thing: by what they leave, by number. */
static int by_leaving(const void *left, const void *right)
{
	line_at a = *(const line_at *)left, b = *(const line_at *)right;
	int order = journal_line_left(a, b);

	return order ? order : (a > b) - (a < b);
}

static bool found_alike(line_at a, line_at b)
{
	struct action x, y;

	journal_line_found(a, &x);
	journal_line_found(b, &y);
	return !journal_line_left(&x, &y);
}

/* The last of these lines from `low` to `end` that has left the thing as `line` found it; end: none has. */
static size_t who_left(const line_at *lines, size_t low, size_t end, line_at line)
{
	struct action found;
	size_t i = end;

	journal_line_found(line, &found);
	while (i > low)
		if (!journal_line_left(lines[--i], &found))
			return i;
	return end;
}

/* The lines of one thing, by number; they are in another order afterwards. */
static void judge(const struct action *lines, line_at *these, size_t nr, struct journal_role *roles)
{
	const size_t first = (size_t)(these[0] - lines);
	size_t i, left, low = 0;
	line_at original = these[0];

	for (i = 1; i < nr; i++) {
		/* As it was at first: none was heard yet, or it was put back. Who did the latter does not tell. */
		bool as_before = found_alike(these[i], original);

		left = as_before ? low : who_left(these, low, i, these[i]);
		if (journal_line_anew(these[i], left < i)) {
			original = these[i];
			low = i;
		} else if (left < i) {
			low = left;
		}
	}
	for (i = 0; i < nr; i++)
		roles[these[i] - lines] = (struct journal_role){
		        .first = first, .original = (size_t)(original - lines)};
	qsort(&these[low], nr - low, sizeof(*these), by_leaving);
	for (i = low; i < nr; i++)
		roles[these[i] - lines].live = i == nr - 1 ||
		                               journal_line_left(these[i], these[i + 1]);
}

int journal_index(const struct action *lines, size_t nr, struct journal_role **roles)
{
	line_at *sorted = malloc((nr + 1) * sizeof(line_at));
	struct journal_role *list = malloc((nr + 1) * sizeof(*list));
	size_t i, end;

	if (!sorted || !list) {
		free(sorted);
		free(list);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		sorted[i] = &lines[i];
	qsort(sorted, nr, sizeof(line_at), by_number);
	for (i = 0; i < nr; i = end) {
		for (end = i + 1; end < nr && !journal_line_order(sorted[i], sorted[end]); end++)
			;
		judge(lines, &sorted[i], end - i, list);
	}
	free(sorted);
	*roles = list;
	return 0;
}
