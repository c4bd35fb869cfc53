/* journal_index - which lines of a journal are of the same thing, and which of them tell something */
#include "balancer/journal_index.h"

#include <errno.h>
#include <stdlib.h>

#include "balancer/journal_line.h"

typedef const struct action *line_at;

static int compare(line_at a, line_at b)
{
	int order = journal_line_order(a, b);

	return order ? order : journal_line_left(a, b);
}

/* By thing, by what they leave, by number: all are of one array. */
static int by_leaving(const void *left, const void *right)
{
	line_at a = *(const line_at *)left, b = *(const line_at *)right;
	int order = compare(a, b);

	return order ? order : (a > b) - (a < b);
}

/* Whether a line before this one has left the thing as this one found it. */
static bool found_as_left(const line_at *sorted, size_t nr, line_at line)
{
	struct action found;
	size_t low = 0, high = nr, middle;

	journal_line_found(line, &found);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(sorted[middle], &found) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < nr && sorted[low] < line && compare(sorted[low], &found) == 0;
}

/* The lines of one thing. */
static void judge(const struct action *lines, const line_at *sorted, size_t nr,
                  struct journal_role *roles)
{
	size_t i, n, first = (size_t)(sorted[0] - lines), original;

	for (i = 1; i < nr; i++)
		if ((size_t)(sorted[i] - lines) < first)
			first = (size_t)(sorted[i] - lines);
	for (i = 0, original = first; i < nr; i++) {
		n = (size_t)(sorted[i] - lines);
		if (n > original &&
		    journal_line_anew(sorted[i], found_as_left(sorted, nr, sorted[i])))
			original = n;
	}
	for (i = 0; i < nr; i++)
		roles[sorted[i] - lines] = (struct journal_role){
		        .first = first,
		        .original = original,
		        .leaves = !i || compare(sorted[i - 1], sorted[i]) != 0,
		};
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
	qsort(sorted, nr, sizeof(line_at), by_leaving);
	for (i = 0; i < nr; i = end) {
		for (end = i + 1; end < nr && !journal_line_order(sorted[i], sorted[end]); end++)
			;
		judge(lines, &sorted[i], end - i, list);
	}
	free(sorted);
	*roles = list;
	return 0;
}
