/* mem_mix - random scenarios of memory: hosts and guests of all kinds, as case files */
#ifndef VMB_TESTS_UNIT_MEM_MIX_H
#define VMB_TESTS_UNIT_MEM_MIX_H

#include <stdint.h>
#include <stdio.h>

/*
 * Write the case that a number stands for; the same number gives the same case, and all that is random in its
 * world. The host has room for what its guests have at the start and its reserve, and, as it falls, for up to more than all
 * that they may have. `interval_s` is the interval at which it is meant to be sampled.
 */
void mem_mix_write(uint64_t number, FILE *file, double *interval_s);

#endif
