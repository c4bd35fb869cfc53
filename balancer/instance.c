/* instance - one balancer of a kind on a host: its lock, and where its journal lies */
#include "balancer/instance.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "balancer/owned.h"

static int run_folder(char *path, size_t size, struct error *e)
{
	const char *own = getenv("VMB_RUN_DIR"), *service = getenv("RUNTIME_DIRECTORY");
	const char *user = getenv("XDG_RUNTIME_DIR");
	int n;

	if (own && *own)
		n = snprintf(path, size, "%s", own);
	else if (service && *service == '/')
		n = snprintf(path, size, "%.*s", (int)strcspn(service, ":"), service);
	else if (geteuid() == 0)
		n = snprintf(path, size, "/run/vmb");
	else if (user && *user)
		n = snprintf(path, size, "%s/vmb", user);
	else
		return fail(e, EACCES, "no run-time folder: neither root nor XDG_RUNTIME_DIR set");
	if ((size_t)n >= size)
		return fail(e, EACCES, "folder %.64s...: path too long", path);
	return owned_folder(path, e);
}

static int passing_folder(char *path, size_t size, struct error *e)
{
	const char *temporary = getenv("TMPDIR");
	int n = snprintf(path, size, "%s/vmb-sim-XXXXXX",
	                 temporary && *temporary ? temporary : "/tmp");

	if ((size_t)n >= size)
		return fail(e, EACCES, "folder %.64s...: path too long", path);
	if (!mkdtemp(path))
		return fail(e, EACCES, "folder %s: %s", path, strerror(errno));
	return 0;
}

/* "pid 123, since 2026-03-01 12:00:00", as the holder wrote it. */
static void read_holder(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* For the sentence of who comes second: the lock holds without it, also where a full disk has no room for the text. */
static void write_holder(int fd)
{
	char text[64], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&now, &tm));
	n = snprintf(text, sizeof(text), "pid %d, since %s\n", (int)getpid(), when);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return;
}

/* The file stays: removing it would let two processes lock two files of one name. Not so where no other comes. */
void instance_close(struct instance *i)
{
	if (i->lock_fd < 0)
		return;
	close(i->lock_fd);
	i->lock_fd = -1;
	if (!i->passing)
		return;
	unlink(i->lock_path);
	unlink(i->journal_path);
	rmdir(i->folder);
}

static int lock(struct instance *i, struct error *e)
{
	char holder[128];

	i->lock_fd = owned_open(i->lock_path, O_RDWR | O_CREAT, e);
	if (i->lock_fd < 0)
		return i->lock_fd;
	if (flock(i->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		read_holder(i->lock_fd, holder, sizeof(holder));
		instance_close(i);
		return fail(e, EBUSY, "another vmb-%s balances this host already (%s)", i->kind,
		            *holder ? holder : "it could not write its pid");
	}
	write_holder(i->lock_fd);
	return 0;
}

int instance_stay(struct instance *i, struct error *e)
{
	struct stat st;
	int r;

	if (i->passing || (i->lock_fd >= 0 && (fstat(i->lock_fd, &st) < 0 || st.st_nlink)))
		return 0;
	instance_close(i);
	r = owned_folder(i->folder, e);
	return r < 0 ? r : lock(i, e);
}

int instance_open(const char *kind, const struct host_facts *facts, struct instance *out,
                  struct error *e)
{
	int r;

	out->kind = kind;
	out->passing = facts->passing;
	r = (facts->passing ? passing_folder : run_folder)(out->folder, sizeof(out->folder), e);
	if (r < 0)
		return r;
	snprintf(out->lock_path, sizeof(out->lock_path), "%s/%s-%s.lock", out->folder, kind,
	         facts->identity);
	snprintf(out->journal_path, sizeof(out->journal_path), "%s/%s-%s.journal", out->folder,
	         kind, facts->identity);
	return lock(out, e);
}
