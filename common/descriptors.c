/* descriptors - standard input, output and error are there, whatever a program was started with */
#include "common/descriptors.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void descriptors_fill(void)
{
	int fd;

	/* open() gives out the lowest number that is free, and those below are not. */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			abort();
}
