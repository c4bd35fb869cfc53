/* cpu_topology - where the view's pCPUs sit, from what the host tells of itself */
#include "balancer/cpu_topology.h"

void cpu_topology(const struct host_facts *facts, const struct cpu_view *view,
                  struct place_spot *spots)
{
	uint16_t row[PCPU_MAX] = {0}; /* of a pCPU in facts->places, + 1 */
	size_t i;

	for (i = 0; i < facts->nr_places; i++)
		if (facts->places[i].pcpu < PCPU_MAX)
			row[facts->places[i].pcpu] = (uint16_t)(i + 1);
	for (i = 0; i < view->nr_pcpus; i++) {
		uint32_t pcpu = view->pcpus[i].pcpu;
		const struct pcpu_place *place = NULL;

		if (pcpu < PCPU_MAX && row[pcpu])
			place = &facts->places[row[pcpu] - 1];
		spots[i] = place ? (struct place_spot){place->node, place->llc, place->core}
		                 : (struct place_spot){-1, -1, -1};
	}
}
