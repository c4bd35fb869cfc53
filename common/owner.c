/* owner - whose files are as good as our own */
#include "common/owner.h"

#include <pwd.h>
#include <unistd.h>

static bool is_service(uid_t uid)
{
	const struct passwd *service = geteuid() == 0 ? getpwnam(SERVICE_USER) : NULL;

	return service && service->pw_uid == uid;
}

bool owner_is_ours(uid_t uid)
{
	return uid == geteuid() || is_service(uid);
}
