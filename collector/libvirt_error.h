/* libvirt_error - what libvirt's last error means to us: one table by domain and code */
#ifndef VMB_COLLECTOR_LIBVIRT_ERROR_H
#define VMB_COLLECTOR_LIBVIRT_ERROR_H

#include "common/error.h"

/* The errno of common/error.h for an error of this domain and code. */
int libvirt_errno(int domain, int code);

/* Fill *e from this thread's last libvirt error: "WHAT: its message". Returns -errno. */
int libvirt_fail(struct error *e, const char *what);

#endif
