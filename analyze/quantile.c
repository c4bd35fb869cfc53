/* quantile - a value that a share of observations does not exceed, found without sorting or copying them */
#include "analyze/quantile.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define DIGIT_BITS 8

static_assert(QUANTILE_DIGITS == 1 << DIGIT_BITS, "a place for each digit");

/* The bits of a double as a number of the same order: IEEE 754 has sign and magnitude. Both zeroes are one. */
static uint64_t key_of(double value)
{
	uint64_t key;

	value += 0.0;
	memcpy(&key, &value, sizeof(key));
	return key >> 63 ? ~key : key | 1ULL << 63;
}

static double value_of(uint64_t key)
{
	double value;

	key = key >> 63 ? key & ~(1ULL << 63) : ~key;
	memcpy(&value, &key, sizeof(value));
	return value;
}

/* Those of one subject that look for the same begin share the tables of the first of them. */
static bool is_shared(const struct quantile *q, size_t i)
{
	return i && q[i].key == q[i - 1].key;
}

/* Of the keys that begin as the quantile's does, above `shift` and a digit: what they weigh and how many they are, by that digit. */
static void tally(const struct observations *o, size_t nr_subjects, struct quantile *q, size_t each,
                  int shift)
{
	uint64_t begins = shift + DIGIT_BITS < 64 ? ~0ULL << (shift + DIGIT_BITS) : 0, key;
	size_t i, n, digit;

	for (i = 0; i < o->nr; i++) {
		const struct observation x = observations_at(o, i);
		struct quantile *of = q + (nr_subjects ? (size_t)x.subject * each : 0);

		if (isnan(x.value))
			continue;
		key = key_of(x.value);
		digit = key >> shift & (QUANTILE_DIGITS - 1);
		for (n = 0; n < each; n++) {
			if ((key ^ of[n].key) & begins || is_shared(of, n))
				continue;
			of[n].weights[digit] += x.weight;
			of[n].nr[digit]++;
		}
	}
}

/* The next digit, by the tables of its own or of another that is asked the same so far. */
static void find_digit(struct quantile *q, const struct quantile *tables, int shift)
{
	double wanted = q->share * q->weight * (1 - 1e-9);
	int digit, last = -1;

	for (digit = 0; digit < QUANTILE_DIGITS; digit++) {
		if (!tables->nr[digit])
			continue;
		if (last >= 0)
			q->below += tables->weights[last];
		last = digit;
		if (q->below + tables->weights[digit] >= wanted)
			break;
	}
	if (last < 0)
		q->value = NAN;
	else
		q->key |= (uint64_t)last << shift;
}

/* Of one subject: from the last on, as what is shared is looked up by the keys as they were. */
static void find_digits(struct quantile *q, size_t each, int shift)
{
	size_t i, first;

	for (i = each; i--;) {
		for (first = i; is_shared(q, first);)
			first--;
		find_digit(&q[i], &q[first], shift);
	}
}

/*
 * Digit by digit from the highest: eight walks. To sort would take a copy of values and weights and as much again for the merge:
 * 200 MB of a trace with 10 million rows.
 */
void quantiles(const struct observations *o, size_t nr_subjects, struct quantile *q, size_t each)
{
	size_t nr = (nr_subjects ? nr_subjects : 1) * each, i;
	int shift;

	for (i = 0; i < nr; i++) {
		q[i].key = 0;
		q[i].below = q[i].value = 0;
	}
	for (shift = 64 - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
		for (i = 0; i < nr; i++) {
			memset(q[i].weights, 0, sizeof(q[i].weights));
			memset(q[i].nr, 0, sizeof(q[i].nr));
		}
		tally(o, nr_subjects, q, each, shift);
		for (i = 0; i < nr; i += each)
			find_digits(q + i, each, shift);
	}
	for (i = 0; i < nr; i++)
		if (!isnan(q[i].value))
			q[i].value = value_of(q[i].key);
}
