/* sim_noise - chance that can be repeated: every draw of a simulation follows from its seed */
#include "collector/sim_noise.h"

/* SplitMix64's finish (Steele, Lea, Flood 2014): every bit of the input moves half of those of the output. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

double sim_draw(uint64_t seed, uint64_t stream, uint64_t number)
{
	uint64_t bits = mix(mix(mix(seed) ^ stream) ^ number);

	return (double)(bits >> 11) / 9007199254740992.0; /* 2^53: what a double holds */
}
