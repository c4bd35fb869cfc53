/* instance - one balancer of a kind on a host: its lock, and where its journal lies */
#ifndef VMB_BALANCER_INSTANCE_H
#define VMB_BALANCER_INSTANCE_H

#include "collector/host.h"
#include "common/cleanup.h"
#include "common/error.h"

/*
 * Both lie in the run-time folder, the first of: $VMB_RUN_DIR, $RUNTIME_DIRECTORY (set by systemd), /run/vmb for root,
 * $XDG_RUNTIME_DIR/vmb for others. It is emptied at boot, and so is what the journal speaks of: pins and balloons are live
 * only and end with their guest. A place that outlives the boot would keep nothing but stale lines. Those of a host that
 * passes with this process (host_facts.passing) lie in a folder of their own in $TMPDIR, or /tmp, and go when the instance
 * is closed. The folder has mode 0700, files 0600 (balancer/owned.h).
 */
struct instance {
	int lock_fd;
	const char *kind;
	bool passing;
	char folder[300];
	char lock_path[512];
	char journal_path[512];
};

/*
 * Become the one `kind` ("cpu") on this host: facts->identity names it. Makes the folder (mode 0700).
 * Returns 0; -EBUSY with a sentence that names the process that is it; -EACCES, -EIO.
 */
int instance_open(const char *kind, const struct host_facts *facts, struct instance *out,
                  struct error *e);

/*
 * See to it that the lock is where another one looks for it: a folder that was removed, as a user's is when he logs out, takes it along.
 * Returns 0, or as instance_open(): then it is not held (lock_fd -1), and another call tries again.
 */
int instance_stay(struct instance *i, struct error *e);

void instance_close(struct instance *i); /* also of one that was not opened, with lock_fd -1 */

#endif
