/* reaper - start a daemon, and collect what it leaves: not every init does so at once */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the daemon's first process, which ends when the daemon is up. */
static int start(char **command)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

/* Becomes the parent of whatever loses its own below here, until nothing of it is left. */
static void collect(char **command, int answer)
{
	int null = open("/dev/null", O_RDWR), status, fd;

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	status = start(command);
	if (write(answer, &status, sizeof(status)) < 0)
		perror("reaper");
	close(answer);
	for (fd = 0; fd < 3; fd++)
		dup2(null, fd);
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	int answer[2], status = 1;

	if (argc < 2) {
		fputs("usage: reaper DAEMON [ARGUMENT]...\n", stderr);
		return 2;
	}
	if (pipe2(answer, O_CLOEXEC) < 0) {
		perror("reaper");
		return 1;
	}
	switch (fork()) {
	case -1:
		perror("reaper");
		return 1;
	case 0:
		close(answer[0]);
		collect(argv + 1, answer[1]);
		return 0;
	default:
		close(answer[1]);
		return read(answer[0], &status, sizeof(status)) == sizeof(status) ? status : 1;
	}
}
