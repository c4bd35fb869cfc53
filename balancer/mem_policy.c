/* mem_policy - what the user can set about memory, the constants of the law, and the safety laws as switches */
#include "balancer/mem_policy.h"

const struct mem_policy mem_policy_default = {
        .laws = LAWS_ALL,
        .reclaim = RECLAIM_PRESSURE,
        .need = NEED_USABLE,
        .host_reserve = {200 * MIB, 0.05},
        .interval_ns = 1000000000,
};

const struct mem_limits mem_limits_default = {
        .min_kib = 200 * MIB,
        .max_kib = UINT64_MAX,
        .reserve = {100 * MIB, 0.10},
        .share = 1000,
};
