/* printed - has what was printed reached standard output? */
#include "common/printed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int printed_all(struct error *e)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	/* a failure before this call has left its mark, and mostly its errno */
	if (!errno)
		errno = EIO;
	return fail(e, errno, "standard output: %s", strerror(errno));
}
