/* libvirt_job - jobs that hold a guest's memory still: a migration, a save, a dump, a snapshot */
#ifndef VMB_COLLECTOR_LIBVIRT_JOB_H
#define VMB_COLLECTOR_LIBVIRT_JOB_H

#include <libvirt/libvirt.h>

#include "common/error.h"

/*
 * *job is the job that holds it, as a word; NULL: none, or none that this driver tells of. May wait for the guest's monitor
 * as an order does. Returns 0, or an error as libvirt_fail(). libvirt 9.0 takes orders during such a job, lets them wait for
 * its end, 30 s at most, and carries them out then.
 */
int libvirt_job(virDomainPtr domain, const char **job, struct error *e);

#endif
