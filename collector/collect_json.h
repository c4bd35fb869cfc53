/* collect_json - a sample as a line of JSON for programs */
#ifndef VMB_COLLECTOR_COLLECT_JSON_H
#define VMB_COLLECTOR_COLLECT_JSON_H

#include <stdio.h>

#include "collector/rates.h"

/*
 * One line of JSON:
 *   {"time": 1761234567.123, "interval_s": 1.0,
 *    "pcpus": [{"pcpu": 0, "busy_pct": 71.9, "usable": true}],
 *    "guests": [{"name": "web", "uuid": "...", "state": "running", "actual_kib": 524288, "unused_kib": 310000, ...,
 *                "vcpus": [{"vcpu": 0, "pcpu": 1, "affinity": "0-1", "run_pct": 18.0, "delay_pct": 0.4}]}],
 *    "memory": {"total_kib": ..., "available_kib": ...}}
 * What is not known is left out. Returns 0 or -ENOMEM.
 */
int collect_json(const struct sample *s, const struct rates *r, double interval_s, FILE *out,
                 struct error *e);

#endif
