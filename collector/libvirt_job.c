/* libvirt_job - jobs that hold a guest's memory still: a migration, a save, a dump, a snapshot */
#include "collector/libvirt_job.h"

#include <libvirt/virterror.h>
#include <stdlib.h>

#include "collector/libvirt_error.h"

/* By VIR_DOMAIN_JOB_OPERATION_*. A backup is none of them: during one a balloon is set as ever. */
static const char *const holding[] = {
        [VIR_DOMAIN_JOB_OPERATION_UNKNOWN] = "job",
        [VIR_DOMAIN_JOB_OPERATION_START] = "start",
        [VIR_DOMAIN_JOB_OPERATION_SAVE] = "save",
        [VIR_DOMAIN_JOB_OPERATION_RESTORE] = "restore",
        [VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN] = "migration",
        [VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT] = "migration",
        [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT] = "snapshot",
        [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT] = "snapshot",
        [VIR_DOMAIN_JOB_OPERATION_DUMP] = "dump",
        [VIR_DOMAIN_JOB_OPERATION_BACKUP] = NULL,
};
#define HOLDING ((int)(sizeof(holding) / sizeof(holding[0])))

/* Errors that tell of a job, or that there are none. */
static const struct {
	int code;
	const char *job;
} told[] = {
        {VIR_ERR_NO_SUPPORT, NULL},                   /* by this driver */
        {VIR_ERR_OPERATION_UNSUPPORTED, "migration"}, /* this host is its target */
        {VIR_ERR_INTERNAL_ERROR,
         "job"}, /* one without statistics: a snapshot is deleted, the watchdog dumps */
};

static int take_error(const char **job, struct error *e)
{
	int code = virGetLastErrorCode(), r = libvirt_fail(e, "whether a job holds the guest");
	size_t i;

	if (r == -ENOTCONN) /* which has the code of some, too */
		return r;
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i].code == code) {
			*job = told[i].job;
			return 0;
		}
	return r;
}

/* virDomainGetControlInfo() would not do: of a guest that is being dumped it says that nothing holds it. */
int libvirt_job(virDomainPtr domain, const char **job, struct error *e)
{
	virTypedParameterPtr fields = NULL;
	int n = 0, type = VIR_DOMAIN_JOB_NONE, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	*job = NULL;
	if (virDomainGetJobStats(domain, &type, &fields, &n, 0) < 0)
		return take_error(job, e);
	virTypedParamsGetInt(fields, n, VIR_DOMAIN_JOB_OPERATION, &operation);
	virTypedParamsFree(fields, n);
	if (type != VIR_DOMAIN_JOB_NONE)
		*job = operation >= 0 && operation < HOLDING ? holding[operation] : "job";
	return 0;
}
