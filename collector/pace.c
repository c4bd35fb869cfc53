/* pace - the wait for the next tick, in which the service manager hears that the program lives and may ask it to reload */
#include "collector/pace.h"

#include "common/notify.h"
#include "common/stop.h"

static int wait_alive(struct host *h, uint64_t deadline_ns, const sigset_t *stop)
{
	uint64_t every_ns = notify_every_ns(), now_ns = host_now_ns(h);
	int end = 0;

	for (; !end && now_ns < deadline_ns && deadline_ns - now_ns > every_ns;
	     now_ns = host_now_ns(h)) {
		notify_alive();
		end = host_wait(h, now_ns + every_ns, stop);
	}
	if (end)
		return end;
	notify_alive();
	return host_wait(h, deadline_ns, stop);
}

int pace_wait(struct host *h, uint64_t deadline_ns, const sigset_t *stop,
              void (*reload)(void *with), void *with)
{
	int end;

	while (stop_is_reload(end = wait_alive(h, deadline_ns, stop)))
		if (reload)
			reload(with);
	return end;
}
