/* libvirt_node - the host itself: its pCPUs and its memory, by its kernel where that is ours to ask, else by libvirt */
#ifndef VMB_COLLECTOR_LIBVIRT_NODE_H
#define VMB_COLLECTOR_LIBVIRT_NODE_H

#include "collector/libvirt_link.h"
#include "collector/sample.h"

/* Set `local`, and after connecting anew clear no_memory; the rest zeroed. */
struct libvirt_node {
	bool local;           /* its kernel is that of this machine */
	int maplen;           /* of libvirt's maps of pCPUs, in bytes; 0: not asked yet */
	int nr_cpu_fields;    /* of the host's CPU statistics; 0: not asked yet */
	bool no_memory;       /* this connection's driver does not tell of the host's memory */
	struct cpuset online; /* as of the last reading */
};

/* Read the pCPUs into a cleared sample. Returns 0, or -ENOTCONN, -ENOMEM and the like. */
int libvirt_node_pcpus(struct libvirt_node *node, struct libvirt_link *link, struct sample *s,
                       struct error *e);

/* Read the host's memory; what is not told stays as it is. */
void libvirt_node_memory(struct libvirt_node *node, struct libvirt_link *link,
                         struct host_memory *memory);

/* libvirt's map of maplen bytes as a set. */
void libvirt_cpuset(const unsigned char *map, int maplen, struct cpuset *set);

#endif
