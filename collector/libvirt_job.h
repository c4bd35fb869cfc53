/* libvirt_job - jobs that hold a guest's memory still: a migration, a save, a dump, a snapshot */
#ifndef VMB_COLLECTOR_LIBVIRT_JOB_H
#define VMB_COLLECTOR_LIBVIRT_JOB_H

#include <libvirt/libvirt.h>

/*
 * The job that holds it, as a word; NULL: none, or none that libvirt tells of. May wait for the guest's monitor as an order
 * does. libvirt 9.0 takes orders during such a job, lets them wait for its end, 30 s at most, and carries them out then.
 */
const char *libvirt_job(virDomainPtr domain);

#endif
