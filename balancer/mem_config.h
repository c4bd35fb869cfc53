/* mem_config - the file of --config: bounds of guests by name, and of the host */
#ifndef VMB_BALANCER_MEM_CONFIG_H
#define VMB_BALANCER_MEM_CONFIG_H

#include <stddef.h>

#include "balancer/mem_policy.h"
#include "collector/sample.h"
#include "common/error.h"

/*
 * [guest GLOB]        any number of them; a later one that fits a name adds to the earlier ones and wins over them
 * min = 256M          never below
 * max = 2GiB          never above
 * reserve = 10%       what shall be left in it at least: a size, or a part of its balloon
 * share = 2000        weight when there is not enough
 *
 * [host]
 * reserve = 1G
 * pool = 16G
 *
 * Percentages are of the guest's maximum (reserve: of its balloon) and of the host's memory. Lines that begin with ; or #
 * are comments; so is what follows a section after a blank and one of these. What the file says of a guest wins over --guest-min, --guest-max and --guest-reserve, which are for all;
 * --share, --host-reserve and --pool win over the file.
 */

#define MEM_RULES_MAX 128

/* What is said about the guests that a pattern fits. What is not said is unset. */
struct mem_rule {
	char glob[GUEST_NAME];
	bool has_min, has_max, has_reserve, has_share;
	struct size min, max, reserve;
	unsigned share; /* from 1 */
	unsigned line;  /* of the file; 0: the command line */
};

struct mem_config {
	struct mem_rule rules[MEM_RULES_MAX];
	size_t nr_rules;
	bool has_host_reserve, has_pool;
	struct size host_reserve, pool;
};

/* The sizes that can be meant: up to a pebibyte. */
#define MEM_SIZE_MOST_KIB (1ULL << 40)
#define MEM_SHARE_MOST    1000000

/*
 * Add what the file says; a regular file, as it is read again while vmb-mem works. Returns 0, -EINVAL with
 * "FILE:LINE: [section] key: what is wrong", -EIO, or what text_file_open_regular() returns.
 */
int mem_config_read(const char *path, struct mem_config *config, struct error *e);

/*
 * The rule that a guest's own metadata make: words KEY=VALUE with the keys above ("min=256M share=2000"; empty: a rule that
 * says nothing). Returns 0, or -EINVAL with a sentence that names the word; *rule is set on success only.
 */
int mem_config_words(const char *words, struct mem_rule *rule, struct error *e);

/* A weight from text: a whole number from 1 to MEM_SHARE_MOST. */
int mem_config_share(const char *what, const char *text, unsigned *share, struct error *e);

/* Set in `limits` what the rule says, percentages being of a guest with this maximum. */
void mem_config_limit(const struct mem_rule *rule, uint64_t maximum_kib, struct mem_limits *limits);

#endif
