/* sim_uri - sim:FILE?KEY=VALUE&...: the case that it names, with what shall be otherwise */
#ifndef VMB_COLLECTOR_SIM_URI_H
#define VMB_COLLECTOR_SIM_URI_H

#include "collector/case.h"

/*
 * Read the case of a URI:
 *
 *     sim:tests/cases/cpu-2.case
 *     sim:cpu-2.case?pcpus=8&guests=16&seed=3&noise=20%&duration=120
 *
 * pcpus, guests (of the only [guests] section), memory (of the host), seed, duration take the place of what the file says, noise that of every
 * load. '%' and two hex digits stand for a byte, as in any URI; a '%' without them for itself. Returns 0 with *out to be
 * ended by case_done(), or as case_read(); -EINVAL names the key that is wrong.
 */
int sim_uri_read(const char *uri, struct case_file *out, struct error *e);

#endif
