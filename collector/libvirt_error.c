/* libvirt_error - what libvirt's last error means to us: one table by domain and code */
#include "collector/libvirt_error.h"

#include <libvirt/virterror.h>
#include <stddef.h>
#include <string.h>

#define ANY -1

/*
 * The first row that fits decides. A code alone is not enough: 1 (internal error) is a lost connection when the
 * RPC layer says it and a guest without a balloon when QEMU's driver does; 38 (system error) is a refused
 * connection in the RPC layer and a bad pin elsewhere.
 */
static const struct {
	int domain;
	int code;
	int number;
} meanings[] = {
        {VIR_FROM_RPC, VIR_ERR_INTERNAL_ERROR, ENOTCONN},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ENOTCONN},
        {VIR_FROM_RPC, VIR_ERR_RPC, ENOTCONN},
        {ANY, VIR_ERR_INVALID_CONN, ENOTCONN},
        {ANY, VIR_ERR_NO_CONNECT, EINVAL},
        {ANY, VIR_ERR_NO_DOMAIN, ESRCH},
        {VIR_FROM_QEMU, VIR_ERR_INTERNAL_ERROR, EOPNOTSUPP},
        {ANY, VIR_ERR_OPERATION_INVALID, ESRCH},
        {ANY, VIR_ERR_OPERATION_TIMEOUT, EBUSY},
        {ANY, VIR_ERR_RESOURCE_BUSY, EBUSY},
        {ANY, VIR_ERR_OPERATION_DENIED, EACCES},
        {ANY, VIR_ERR_ACCESS_DENIED, EACCES},
        {ANY, VIR_ERR_AUTH_FAILED, EACCES},
        {ANY, VIR_ERR_AUTH_CANCELLED, EACCES},
        {ANY, VIR_ERR_AUTH_UNAVAILABLE, EACCES},
        {ANY, VIR_ERR_NO_SUPPORT, EOPNOTSUPP},
        {ANY, VIR_ERR_ARGUMENT_UNSUPPORTED, EOPNOTSUPP},
        {ANY, VIR_ERR_OPERATION_UNSUPPORTED, EOPNOTSUPP},
        {ANY, VIR_ERR_CONFIG_UNSUPPORTED, EOPNOTSUPP},
        {ANY, VIR_ERR_INVALID_ARG, EINVAL},
        {ANY, VIR_ERR_NO_MEMORY, ENOMEM},
};

int libvirt_errno(int domain, int code)
{
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].code == code &&
		    (meanings[i].domain == ANY || meanings[i].domain == domain))
			return meanings[i].number;
	return EIO;
}

int libvirt_fail(struct error *e, const char *what)
{
	virErrorPtr error = virGetLastError();
	const char *text = error && error->message ? error->message : "no reason given";

	return fail(e, error ? libvirt_errno(error->domain, error->code) : EIO, "%s: %.*s", what,
	            (int)strcspn(text, "\n"), text);
}
