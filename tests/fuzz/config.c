/* config - the configuration files of vmb-mem: each rule of a good one can be applied to a guest */
#include "balancer/mem_config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mem_config config;
	struct mem_limits limits = {0};
	struct error e = {0};
	size_t i;

	config = (struct mem_config){0};
	if (mem_config_read(fuzz_file(data, size), &config, &e) < 0) {
		PROMISE(*e.text && !strchr(e.text, '\n'));
		return 0;
	}
	PROMISE(config.nr_rules <= MEM_RULES_MAX);
	for (i = 0; i < config.nr_rules; i++) {
		PROMISE(*config.rules[i].glob && config.rules[i].line);
		mem_config_limit(&config.rules[i], 1 << 20, &limits);
	}
	return 0;
}
