/* collect_json - a sample as a line of JSON for programs */
#include "collector/collect_json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "common/text.h"

/* jansson refuses what is not UTF-8. */
static json_t *text_json(const char *text)
{
	char plain[GUEST_NAME];

	return json_string(text_plain(text, plain, sizeof(plain)));
}

static void set_rate(json_t *object, const char *key, double value)
{
	if (value >= 0)
		json_object_set_new(object, key, json_real(round(value * 100) / 100));
}

static void set_value(json_t *object, const char *key, uint64_t value)
{
	if (value != UNKNOWN)
		json_object_set_new(object, key, json_integer((json_int_t)value));
}

static const struct {
	const char *key;
	size_t offset;
} memory_keys[] = {
        {"actual_kib", offsetof(struct guest_memory, actual_kib)},
        {"maximum_kib", offsetof(struct guest_memory, maximum_kib)},
        {"unused_kib", offsetof(struct guest_memory, unused_kib)},
        {"available_kib", offsetof(struct guest_memory, available_kib)},
        {"usable_kib", offsetof(struct guest_memory, usable_kib)},
        {"disk_caches_kib", offsetof(struct guest_memory, disk_caches_kib)},
        {"swap_in_kib", offsetof(struct guest_memory, swap_in_kib)},
        {"swap_out_kib", offsetof(struct guest_memory, swap_out_kib)},
        {"major_faults", offsetof(struct guest_memory, major_faults)},
        {"minor_faults", offsetof(struct guest_memory, minor_faults)},
        {"rss_kib", offsetof(struct guest_memory, rss_kib)},
        {"updated_s", offsetof(struct guest_memory, updated_s)},
        {"period_s", offsetof(struct guest_memory, period_s)},
};

static json_t *vcpu_json(const struct sample_vcpu *v, const struct vcpu_rate *rate)
{
	json_t *object = json_object();
	char list[CPUSET_TEXT];

	json_object_set_new(object, "vcpu", json_integer(v->vcpu));
	if (v->pcpu >= 0)
		json_object_set_new(object, "pcpu", json_integer(v->pcpu));
	json_object_set_new(object, "affinity",
	                    json_string(cpuset_text(&v->affinity, list, sizeof(list))));
	set_rate(object, "run_pct", rate->run_pct);
	set_rate(object, "delay_pct", rate->delay_pct);
	return object;
}

static json_t *guest_json(const struct sample *s, const struct sample_guest *g,
                          const struct rates *r)
{
	json_t *object = json_object(), *vcpus = json_array();
	char uuid[UUID_TEXT];
	size_t i;

	json_object_set_new(object, "name", text_json(g->name));
	json_object_set_new(object, "uuid", json_string(uuid_text(g->uuid, uuid)));
	json_object_set_new(object, "state", json_string(guest_state_name[g->state]));
	json_object_set_new(object, "user_pins", json_boolean(g->user_pins));
	if (g->balloon != BALLOON_UNKNOWN)
		json_object_set_new(object, "balloon", json_string(balloon_name[g->balloon]));
	for (i = 0; i < sizeof(memory_keys) / sizeof(memory_keys[0]); i++)
		set_value(object, memory_keys[i].key,
		          *(const uint64_t *)((const char *)&g->memory + memory_keys[i].offset));
	for (i = g->first_vcpu; i < g->first_vcpu + g->nr_vcpus; i++)
		json_array_append_new(vcpus, vcpu_json(&s->vcpus[i], &r->vcpus[i]));
	json_object_set_new(object, "vcpus", vcpus);
	return object;
}

static json_t *pcpu_json(const struct sample *s, size_t i, double busy_pct)
{
	json_t *object = json_object();

	json_object_set_new(object, "pcpu", json_integer(s->pcpus[i].pcpu));
	set_rate(object, "busy_pct", busy_pct);
	json_object_set_new(object, "usable",
	                    json_boolean(cpuset_has(&s->usable, s->pcpus[i].pcpu)));
	return object;
}

int collect_json(const struct sample *s, const struct rates *r, double interval_s, FILE *out,
                 struct error *e)
{
	json_t *root = json_object(), *pcpus = json_array(), *guests = json_array(),
	       *memory = json_object();
	char *text;
	size_t i;

	json_object_set_new(root, "time", json_real((double)(s->wall_ns / 1000000) / 1e3));
	if (interval_s > 0)
		json_object_set_new(root, "interval_s", json_real(interval_s));
	for (i = 0; i < s->nr_pcpus; i++)
		json_array_append_new(pcpus, pcpu_json(s, i, r->busy_pct[i]));
	for (i = 0; i < s->nr_guests; i++)
		json_array_append_new(guests, guest_json(s, &s->guests[i], r));
	set_value(memory, "total_kib", s->memory.total_kib);
	set_value(memory, "free_kib", s->memory.free_kib);
	set_value(memory, "available_kib", s->memory.available_kib);
	set_value(memory, "cached_kib", s->memory.cached_kib);
	json_object_set_new(root, "pcpus", pcpus);
	json_object_set_new(root, "guests", guests);
	json_object_set_new(root, "memory", memory);
	text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	json_decref(root);
	if (!text)
		return fail(e, ENOMEM, "no memory for a line of JSON");
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}
