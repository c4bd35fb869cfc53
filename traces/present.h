/* present - the name that a file which this process has open has now */
#ifndef VMB_TRACES_PRESENT_H
#define VMB_TRACES_PRESENT_H

#include <limits.h>
#include <sys/stat.h>

/*
 * Find it in /proc, without opening anything. Returns 0; -ENOENT when it was deleted under all its names; -ESRCH when it
 * has one that is not to be found: a hard link, another mount, no /proc, not open.
 */
int present_name(dev_t device, ino_t inode, char name[PATH_MAX]);

#endif
