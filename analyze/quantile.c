/* quantile - a value that a share of observations does not exceed, found without sorting or copying them */
#include "analyze/quantile.h"

#include <math.h>
#include <string.h>

enum {
	DIGIT_BITS = 8,
	DIGITS = 1 << DIGIT_BITS
};

const struct observation *picked_at(const struct picked *p, size_t i)
{
	return &p->at[p->which ? p->which[i] : i];
}

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

/* Of the keys that begin as *key does, above `shift` and a digit: what they weigh and how many they are, by that digit. */
static void tally(const struct picked *p, uint64_t key, int shift, double weight[DIGITS],
                  size_t nr[DIGITS])
{
	uint64_t begins = shift + DIGIT_BITS < 64 ? ~0ULL << (shift + DIGIT_BITS) : 0, k;
	size_t i;

	memset(weight, 0, DIGITS * sizeof(*weight));
	memset(nr, 0, DIGITS * sizeof(*nr));
	for (i = 0; i < p->nr; i++) {
		const struct observation *o = picked_at(p, i);

		if (isnan(o->value))
			continue;
		k = key_of(o->value);
		if ((k ^ key) & begins)
			continue;
		weight[k >> shift & (DIGITS - 1)] += o->weight;
		nr[k >> shift & (DIGITS - 1)]++;
	}
}

/*
 * Digit by digit from the highest: eight passes. To sort would take a copy of values and weights and as much again for the merge:
 * 200 MB of a trace with 10 million rows.
 */
double quantile(const struct picked *p, double weight, double share)
{
	double wanted = share * weight * (1 - 1e-9), below = 0, weights[DIGITS];
	size_t nr[DIGITS];
	uint64_t key = 0;
	int shift, digit, last;

	for (shift = 64 - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
		tally(p, key, shift, weights, nr);
		for (digit = 0, last = -1; digit < DIGITS; digit++) {
			if (!nr[digit])
				continue;
			if (last >= 0)
				below += weights[last];
			last = digit;
			if (below + weights[digit] >= wanted)
				break;
		}
		if (last < 0)
			return NAN;
		key |= (uint64_t)last << shift;
	}
	return value_of(key);
}
