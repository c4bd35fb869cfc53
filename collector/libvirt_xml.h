/* libvirt_xml - the few facts that libvirt tells only as XML */
#ifndef VMB_COLLECTOR_LIBVIRT_XML_H
#define VMB_COLLECTOR_LIBVIRT_XML_H

#include "collector/host.h"

/*
 * Read CPU model and topology (node, socket, core, last-level cache of each pCPU) from the
 * capabilities. What is not there stays as it is. Returns 0 or -EBADMSG.
 */
int libvirt_read_capabilities(const char *xml, struct host_facts *facts, struct error *e);

/* Whether a domain's configuration has <vcpupin> elements. Returns 0 or -EBADMSG. */
int libvirt_read_domain(const char *xml, bool *has_vcpupin, struct error *e);

/*
 * Read from a running domain's XML whether its memory can be moved by a balloon, and how often the balloon's driver reports
 * (0: it was never asked to). Returns 0 or -EBADMSG.
 */
int libvirt_read_balloon(const char *xml, enum balloon *balloon, uint64_t *period_s,
                         struct error *e);

#endif
