/* libvirt_xml - the few facts that libvirt tells only as XML */
#ifndef VMB_COLLECTOR_LIBVIRT_XML_H
#define VMB_COLLECTOR_LIBVIRT_XML_H

#include "collector/host.h"

/* Keep libxml2 from printing what libvirt tells as an error anyway. Before the first connection. */
void libvirt_xml_quiet(void);

/*
 * Read CPU model and topology (node, socket, core, last-level cache of each pCPU) from the
 * capabilities. What is not there stays as it is. Returns 0 or -EBADMSG.
 */
int libvirt_read_capabilities(const char *xml, struct host_facts *facts, struct error *e);

/* Whether a domain's configuration has <vcpupin> elements. Returns 0 or -EBADMSG. */
int libvirt_read_domain(const char *xml, bool *has_vcpupin, struct error *e);

/* What a running domain's XML tells of its memory. */
struct xml_memory {
	enum balloon balloon; /* whether it can be moved by a balloon */
	uint64_t period_s;    /* how often the balloon's driver reports; 0: it was never asked to */
	/*
	 * What its metadata ask of a balancer: the attributes of
	 *     <metadata><vmb:memory xmlns:vmb="urn:vmb" min="256M" share="2000"/></metadata>
	 * as words NAME=VALUE, blanks left out of the values; empty where there is no such element, "?" (which nobody can
	 * take for a bound) where there is no room.
	 */
	char bounds[GUEST_BOUNDS];
};

/* Returns 0 or -EBADMSG. */
int libvirt_read_memory(const char *xml, struct xml_memory *out, struct error *e);

#endif
