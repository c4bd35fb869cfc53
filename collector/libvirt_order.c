/* libvirt_order - orders that may wait for a guest: each waited for until its deadline, one at a time for a guest */
#include "collector/libvirt_order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "collector/libvirt_error.h"
#include "collector/libvirt_job.h"
#include "common/clock.h"

struct order {
	struct call call;
	struct libvirt_line line;
	uint8_t guest[UUID_BYTES];
	struct order_wish wish;
	uint64_t deadline_ns;
	int result;
	struct error error;
};

/* All of them live only: the persistent configuration is not touched. */
static int set_memory(virDomainPtr domain, struct order_wish *w)
{
	return virDomainSetMemory(domain, (unsigned long)w->value);
}

static int set_period(virDomainPtr domain, struct order_wish *w)
{
	return virDomainSetMemoryStatsPeriod(domain, (int)w->value, VIR_DOMAIN_AFFECT_LIVE);
}

/* The test driver knows no form with flags. */
static int pin(virDomainPtr domain, struct order_wish *w)
{
	return virDomainPinVcpu(domain, w->vcpu, w->map, w->maplen);
}

static const struct {
	const char *name;
	int (*give)(virDomainPtr domain, struct order_wish *w);
} kinds[] = {
        [ORDER_MEMORY] = {"set memory", set_memory},
        [ORDER_PERIOD] = {"set the period of reports", set_period},
        [ORDER_PIN] = {"pin", pin},
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == ORDERS, "each kind has its row");

/* An order that waited for a job's end, or behind a hung monitor, would be carried out on what was known before. */
static int give(virDomainPtr domain, struct order *o)
{
	const char *name = kinds[o->wish.kind].name, *job;
	int r = libvirt_job(domain, &job, &o->error);

	if (r < 0)
		return r;
	if (job)
		return fail(&o->error, EBUSY, "%s: a %s holds the guest", name, job);
	if (clock_mono_ns() > o->deadline_ns)
		return fail(&o->error, ETIMEDOUT, "%s: too late", name);
	return kinds[o->wish.kind].give(domain, &o->wish) < 0 ? libvirt_fail(&o->error, name) : 0;
}

static void order_run(struct call *call)
{
	struct order *o = (struct order *)call;
	virDomainPtr domain;

	o->result = libvirt_line_open(&o->line, &o->error);
	if (o->result < 0)
		return;
	domain = virDomainLookupByUUID(o->line.connection, o->guest);
	if (!domain) {
		o->result = libvirt_fail(&o->error, kinds[o->wish.kind].name);
		return;
	}
	o->result = give(domain, o);
	virDomainFree(domain);
}

static void order_free(struct call *call)
{
	struct order *o = (struct order *)call;

	libvirt_line_close(&o->line);
	free(o);
}

static struct order *order_new(const uint8_t guest[UUID_BYTES], const struct order_wish *wish,
                               uint64_t deadline_ns)
{
	struct order *o = call_new(sizeof(*o), order_run, order_free);

	if (!o)
		return NULL;
	memcpy(o->guest, guest, UUID_BYTES);
	o->wish = *wish;
	o->deadline_ns = deadline_ns;
	return o;
}

static void end(struct order *o, struct libvirt_link *link)
{
	libvirt_line_give_back(&link->lines, &o->line);
	call_let_go(&o->call);
}

static bool is_back(struct order *o)
{
	return calls_wait((struct call *[]){&o->call}, 1, 0) == 0;
}

static void forget_those_back(struct libvirt_orders *orders, struct libvirt_link *link)
{
	size_t i, kept = 0;

	for (i = 0; i < orders->nr_late; i++)
		if (is_back(orders->late[i]))
			end(orders->late[i], link);
		else
			orders->late[kept++] = orders->late[i];
	orders->nr_late = kept;
}

bool libvirt_orders_late(const struct libvirt_orders *orders, const uint8_t guest[UUID_BYTES])
{
	size_t i;

	for (i = 0; i < orders->nr_late; i++)
		if (!memcmp(orders->late[i]->guest, guest, UUID_BYTES) && !is_back(orders->late[i]))
			return true;
	return false;
}

int libvirt_order(struct libvirt_orders *orders, struct libvirt_link *link,
                  const uint8_t guest[UUID_BYTES], const struct order_wish *wish,
                  uint64_t deadline_ns, struct error *e)
{
	const char *name = kinds[wish->kind].name;
	struct order *o;
	int r;

	forget_those_back(orders, link);
	if (libvirt_orders_late(orders, guest))
		return fail(e, EBUSY, "%s: an earlier order has not come back", name);
	/* A place is free as soon as its call is back, a moment before it is forgotten here. */
	if (orders->nr_late == CALLS_MOST)
		return fail(e, EBUSY, "%s: as many orders as may wait have not come back", name);
	o = order_new(guest, wish, deadline_ns);
	if (!o)
		return fail(e, EAGAIN, "no memory for an order");
	libvirt_link_line(link, &o->line);
	r = call_start(&o->call, CALLS_MOST, e);
	if (r < 0)
		return r;
	if (calls_wait((struct call *[]){&o->call}, 1, deadline_ns) < 0) {
		orders->late[orders->nr_late++] = o;
		return fail(e, ETIMEDOUT, "%s: the guest does not answer in time", name);
	}
	r = o->result;
	if (r < 0)
		fail(e, -r, "%s", o->error.text);
	end(o, link);
	return r;
}

void libvirt_orders_await(struct libvirt_orders *orders, struct libvirt_link *link,
                          uint64_t deadline_ns)
{
	size_t i;

	for (i = 0; i < orders->nr_late; i++)
		calls_wait((struct call *[]){&orders->late[i]->call}, 1, deadline_ns);
	forget_those_back(orders, link);
}

void libvirt_orders_done(struct libvirt_orders *orders, struct libvirt_link *link)
{
	forget_those_back(orders, link);
	while (orders->nr_late)
		call_let_go(&orders->late[--orders->nr_late]->call);
}
