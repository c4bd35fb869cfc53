/* libvirt_job - jobs that hold a guest's memory still: a migration, a save, a dump, a snapshot */
#include "collector/libvirt_job.h"

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

/* virDomainGetControlInfo() would not do: of a guest that is being dumped it says that nothing holds it. */
int libvirt_job(virDomainPtr domain, const char **job, struct error *e)
{
	virTypedParameterPtr fields = NULL;
	int n = 0, r, type = VIR_DOMAIN_JOB_NONE, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	*job = NULL;
	if (virDomainGetJobStats(domain, &type, &fields, &n, 0) < 0) {
		r = libvirt_fail(e, "jobs of a guest");
		return r == -EOPNOTSUPP ? 0 : r;
	}
	virTypedParamsGetInt(fields, n, VIR_DOMAIN_JOB_OPERATION, &operation);
	virTypedParamsFree(fields, n);
	if (type != VIR_DOMAIN_JOB_NONE)
		*job = operation >= 0 && operation < HOLDING ? holding[operation] : "job";
	return 0;
}
