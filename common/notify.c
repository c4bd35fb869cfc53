/* notify - what the service manager is told: started, alive, stopping. Nothing happens where there is none */
#include "common/notify.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* Connected to where sd_notify() will send: a manager that does not read, as PID 1 that stands still, would keep us there for ever. */
static int listener(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t length = name ? strlen(name) : 0;
	int fd;

	if (!length || length >= sizeof(at.sun_path))
		return -1;
	memcpy(at.sun_path, name, length + 1);
	if (at.sun_path[0] == '@')
		at.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at,
	                       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Where nobody is sd_notify() says so at once. */
static bool listens(void)
{
	struct pollfd room = {listener(), POLLOUT, 0};
	bool reads = room.fd < 0 || poll(&room, 1, 0) > 0;

	if (room.fd >= 0)
		close(room.fd);
	return reads;
}

/* What has begun is told until it was heard. */
static void tell(const char *status)
{
	static bool told_ready;

	if (!listens())
		return;
	sd_notifyf(0, "%sWATCHDOG=1%s%s", told_ready ? "" : "READY=1\n", status ? "\nSTATUS=" : "",
	           status ? status : "");
	told_ready = true;
}

void notify_ready(void)
{
	tell(NULL);
}

void notify_status(const char *text)
{
	tell(text);
}

void notify_alive(void)
{
	tell(NULL);
}

void notify_stopping(void)
{
	if (listens())
		sd_notify(0, "STOPPING=1");
}

uint64_t notify_every_ns(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? us * 1000 / 2 : UINT64_MAX;
}
