/* libvirt_xml - the few facts that libvirt tells only as XML */
#include "collector/libvirt_xml.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The namespace of our metadata in a guest's configuration. */
#define VMB_URN "urn:vmb"

DEFINE_AUTO(xmlDocPtr, xmlFreeDoc);
DEFINE_AUTO(xmlXPathContextPtr, xmlXPathFreeContext);
DEFINE_AUTO(xmlXPathObjectPtr, xmlXPathFreeObject);

/* Of a file that is not there libxml2 would speak to stderr, in libvirt's calls too. */
static void say_nothing(void *context, const char *format, ...)
{
}

void libvirt_xml_quiet(void)
{
	xmlInitParser();
	xmlThrDefSetGenericErrorFunc(NULL, say_nothing);
	xmlSetGenericErrorFunc(NULL, say_nothing);
}

static xmlDocPtr parse(const char *xml)
{
	return xmlReadMemory(xml, (int)strlen(xml), NULL, NULL,
	                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static xmlXPathObjectPtr find(xmlXPathContextPtr context, const char *path)
{
	return xmlXPathEvalExpression(BAD_CAST path, context);
}

static void copy_text(xmlXPathContextPtr context, const char *path, char *text, size_t size)
{
	AUTO(xmlXPathFreeObject) xmlXPathObjectPtr found = find(context, path);
	xmlChar *content;

	if (!found || !found->nodesetval || !found->nodesetval->nodeNr)
		return;
	content = xmlNodeGetContent(found->nodesetval->nodeTab[0]);
	if (content)
		snprintf(text, size, "%s", (const char *)content);
	xmlFree(content);
}

static int number(xmlNodePtr node, const char *attribute)
{
	xmlChar *text = xmlGetProp(node, BAD_CAST attribute);
	int n = text ? atoi((const char *)text) : -1;

	xmlFree(text);
	return n;
}

static struct pcpu_place *place_of(struct host_facts *facts, int pcpu)
{
	size_t i;

	for (i = 0; i < facts->nr_places; i++)
		if (facts->places[i].pcpu == (uint32_t)pcpu)
			return &facts->places[i];
	return NULL;
}

/* <cell id='0'><cpus><cpu id='0' socket_id='0' die_id='0' core_id='0' siblings='0-1'/> */
static void read_topology(xmlXPathContextPtr context, struct host_facts *facts)
{
	AUTO(xmlXPathFreeObject)
	xmlXPathObjectPtr cpus = find(context, "/capabilities/host/topology/cells/cell/cpus/cpu");
	int i;

	for (i = 0; cpus && cpus->nodesetval && i < cpus->nodesetval->nodeNr; i++) {
		xmlNodePtr cpu = cpus->nodesetval->nodeTab[i];
		xmlChar *siblings = xmlGetProp(cpu, BAD_CAST "siblings");
		int id = number(cpu, "id");
		struct cpuset core;

		if (id >= 0 && id < PCPU_MAX && facts->nr_places < PCPU_MAX)
			facts->places[facts->nr_places++] = (struct pcpu_place){
			        .pcpu = (uint32_t)id,
			        .node = number(cpu->parent->parent, "id"),
			        .socket = number(cpu, "socket_id"),
			        /* core_id repeats in each socket: a core is known by its first thread */
			        .core = siblings && !cpuset_parse((const char *)siblings, &core)
			                        ? cpuset_first(&core)
			                        : id,
			        .llc = -1,
			};
		xmlFree(siblings);
	}
}

/* <cache><bank id='0' level='3' type='both' size='16384' unit='KiB' cpus='0-7'/>: the highest level wins. */
static void read_caches(xmlXPathContextPtr context, struct host_facts *facts)
{
	AUTO(xmlXPathFreeObject)
	xmlXPathObjectPtr banks = find(context, "/capabilities/host/cache/bank");
	int i, pcpu, level, highest = 0;

	for (i = 0; banks && banks->nodesetval && i < banks->nodesetval->nodeNr; i++) {
		xmlChar *text = xmlGetProp(banks->nodesetval->nodeTab[i], BAD_CAST "cpus");
		struct cpuset cpus;

		level = number(banks->nodesetval->nodeTab[i], "level");
		if (text && level >= highest && !cpuset_parse((const char *)text, &cpus)) {
			highest = level;
			for (pcpu = cpuset_first(&cpus); pcpu >= 0;
			     pcpu = cpuset_next(&cpus, pcpu)) {
				struct pcpu_place *place = place_of(facts, pcpu);

				if (place)
					place->llc = cpuset_first(&cpus);
			}
		}
		xmlFree(text);
	}
}

int libvirt_read_capabilities(const char *xml, struct host_facts *facts, struct error *e)
{
	AUTO(xmlFreeDoc) xmlDocPtr doc = parse(xml);
	AUTO(xmlXPathFreeContext) xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;

	if (!context)
		return fail(e, EBADMSG, "the host's capabilities are not XML");
	copy_text(context, "/capabilities/host/cpu/model", facts->cpu_model,
	          sizeof(facts->cpu_model));
	read_topology(context, facts);
	read_caches(context, facts);
	return 0;
}

static bool has(xmlXPathContextPtr context, const char *path)
{
	AUTO(xmlXPathFreeObject) xmlXPathObjectPtr found = find(context, path);

	return found && found->nodesetval && found->nodesetval->nodeNr > 0;
}

int libvirt_read_domain(const char *xml, bool *has_vcpupin, struct error *e)
{
	AUTO(xmlFreeDoc) xmlDocPtr doc = parse(xml);
	AUTO(xmlXPathFreeContext) xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;

	if (!context)
		return fail(e, EBADMSG, "a guest's configuration is not XML");
	*has_vcpupin = has(context, "/domain/cputune/vcpupin");
	return 0;
}

/*
 * The first that is there decides. What pins a guest's pages on the host (devices handed through, locked or huge pages,
 * all of it allocated at the start, encrypted memory) keeps them from coming back when a balloon is filled. With memory of
 * another kind beside it, libvirt 9.0 tells of a balloon by other numbers than it is ordered by.
 */
static const struct {
	const char *path;
	enum balloon means;
} balloons[] = {
        {"/domain/devices/memballoon[@model='none']", BALLOON_NONE},
        {"/domain[not(devices/memballoon)]", BALLOON_NONE},
        {"/domain/memoryBacking/hugepages", BALLOON_EXEMPT},
        {"/domain/memoryBacking/locked", BALLOON_EXEMPT},
        {"/domain/memoryBacking/allocation[@mode='immediate']", BALLOON_EXEMPT},
        {"/domain/devices/hostdev[@type='pci' or @type='mdev']", BALLOON_EXEMPT},
        {"/domain/devices/interface[@type='hostdev' or @type='vdpa']", BALLOON_EXEMPT},
        {"/domain/devices/disk[@type='nvme']", BALLOON_EXEMPT},
        {"/domain/devices/memory[@model='virtio-mem' or @model='virtio-pmem' or @model='nvdimm' or "
         "@model='sgx-epc']",
         BALLOON_EXEMPT},
        {"/domain/launchSecurity", BALLOON_EXEMPT},
        {"/domain", BALLOON_READY},
};

/* Append NAME=VALUE; false when there is no room. What is no word becomes one: blanks go. */
static bool add_bound(char *bounds, const char *name, const char *value)
{
	size_t n = strlen(bounds);
	int wrote = snprintf(bounds + n, GUEST_BOUNDS - n, "%s%s=", n ? " " : "", name);

	if (wrote < 0 || (n += (size_t)wrote) >= GUEST_BOUNDS)
		return false;
	for (; *value && n < GUEST_BOUNDS - 1; value++)
		if (!isspace((unsigned char)*value))
			bounds[n++] = *value;
	bounds[n] = '\0';
	return !*value;
}

static void read_bounds(xmlXPathContextPtr context, char bounds[GUEST_BOUNDS])
{
	AUTO(xmlXPathFreeObject)
	xmlXPathObjectPtr found = find(context, "/domain/metadata/*[local-name() = 'memory' and "
	                                        "namespace-uri() = '" VMB_URN "']/@*");
	bool all = true;
	int i;

	*bounds = '\0';
	for (i = 0; all && found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
		xmlNodePtr attribute = found->nodesetval->nodeTab[i];
		xmlChar *value = xmlNodeGetContent(attribute);

		all = value &&
		      add_bound(bounds, (const char *)attribute->name, (const char *)value);
		xmlFree(value);
	}
	if (!all)
		strcpy(bounds, "?");
}

int libvirt_read_memory(const char *xml, struct xml_memory *out, struct error *e)
{
	AUTO(xmlFreeDoc) xmlDocPtr doc = parse(xml);
	AUTO(xmlXPathFreeContext) xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;
	char period[24] = "";
	size_t i = 0;

	if (!context || !has(context, "/domain"))
		return fail(e, EBADMSG, "a guest's configuration is not XML of a domain");
	while (!has(context, balloons[i].path))
		i++;
	copy_text(context, "/domain/devices/memballoon/stats/@period", period, sizeof(period));
	out->balloon = balloons[i].means;
	out->period_s = strtoull(period, NULL, 10);
	read_bounds(context, out->bounds);
	return 0;
}
