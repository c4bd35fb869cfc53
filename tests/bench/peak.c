/* peak - run a command and tell the most memory that it held, in KiB; what it writes is dropped */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage used;
	int status;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "Usage: peak COMMAND [ARGUMENT]...\n");
		return 2;
	}
	child = fork();
	if (child == 0) {
		if (dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO) >= 0)
			execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0) {
		perror("peak");
		return 1;
	}
	printf("%ld\n", used.ru_maxrss);
	return WIFEXITED(status) && WEXITSTATUS(status) == 127;
}
