/* owned_test - whose folder and files a balancer takes for its own: everything else is refused and left as it is */
#include "tests/unit/trace_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "balancer/instance.h"
#include "balancer/owned.h"
#include "common/owner.h"

static unsigned mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(name, &st), 0);
	return st.st_mode & 07777;
}

static void a_folder_is_made_for_its_owner_alone(void **state)
{
	struct error e = {0};

	umask(0);
	assert_int_equal(owned_folder(path("run"), &e), 0);
	assert_int_equal(mode_of(path("run")), 0700);
	assert_int_equal(owned_folder(path("run"), &e), 0);
	umask(022);
}

static void a_file_is_made_for_its_owner_alone(void **state)
{
	struct error e = {0};
	int fd;

	umask(0);
	fd = owned_open(path("lock"), O_RDWR | O_CREAT, &e);
	assert_true(fd >= 0);
	close(fd);
	umask(022);
	assert_int_equal(mode_of(path("lock")), 0600);
	assert_int_equal(owned_open(path("none"), O_RDONLY, &e), -ENOENT);
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void links_and_what_is_no_file_are_refused(void **state)
{
	static const struct {
		const char *name, *why;
	} rows[] = {
	        {"symlink", "a symbolic link"},  {"hardlink", "has other names"},
	        {"fifo", "no regular file"},     {"folder", ""},
	        {"dangling", "a symbolic link"}, {"group", "others may write"},
	        {"all", "others may write"},
	};
	struct error e = {0};
	size_t i;

	put("target", "keep");
	assert_int_equal(symlink(path("target"), path("symlink")), 0);
	assert_int_equal(symlink(path("nothing"), path("dangling")), 0);
	put("other", "keep");
	assert_int_equal(link(path("other"), path("hardlink")), 0);
	assert_int_equal(mkfifo(path("fifo"), 0600), 0);
	assert_int_equal(mkdir(path("folder"), 0700), 0);
	put("group", "");
	chmod(path("group"), 0660);
	put("all", "");
	chmod(path("all"), 0602);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (owned_open(path(rows[i].name), O_RDWR | O_CREAT, &e) != -EACCES ||
		    !strstr(e.text, rows[i].why))
			fail_msg("%s: %s", rows[i].name, e.text);
	}
	assert_false(exists(path("nothing")));
}

static void folders_that_others_can_change_are_refused(void **state)
{
	struct error e = {0};

	mkdir(path("group"), 0700);
	chmod(path("group"), 0770);
	assert_int_equal(owned_folder(path("group"), &e), -EACCES);
	assert_non_null(strstr(e.text, "others may write"));
	mkdir(path("real"), 0700);
	assert_int_equal(symlink(path("real"), path("link")), 0);
	assert_int_equal(owned_folder(path("link"), &e), -EACCES);
	assert_non_null(strstr(e.text, "not a folder"));
	put("file", "");
	assert_int_equal(owned_folder(path("file"), &e), -EACCES);
	/* Negative control: not everything is refused. */
	assert_int_equal(owned_folder(path("real"), &e), 0);
}

static void what_is_someone_elses_is_refused(void **state)
{
	struct error e = {0};

	NEEDS_ROOT();
	mkdir(path("run"), 0700);
	put("run/lock", "");
	assert_int_equal(chown(path("run/lock"), NOBODY, NOBODY), 0);
	assert_int_equal(owned_open(path("run/lock"), O_RDWR, &e), -EACCES);
	assert_non_null(strstr(e.text, "belongs to another user (65534)"));
	assert_int_equal(chown(path("run"), NOBODY, NOBODY), 0);
	assert_int_equal(owned_folder(path("run"), &e), -EACCES);
	assert_non_null(strstr(e.text, "belongs to another user (65534)"));
}

/* With an account of the services: in a mount namespace of its own, where /etc/passwd has it. */
static int meet_the_service(void *folder)
{
	struct error e = {0};
	struct stat st;
	char name[128];
	FILE *f;
	int fd;

	snprintf(name, sizeof(name), "%s/passwd", (char *)folder);
	f = fopen(name, "w");
	fputs("root:x:0:0::/:/bin/sh\n" SERVICE_USER ":x:12345:12345::/:/bin/false\n", f);
	fclose(f);
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(name, "/etc/passwd", "none", MS_BIND, NULL) < 0)
		return 77;
	snprintf(name, sizeof(name), "%s/run", (char *)folder);
	if (mkdir(name, 0700) < 0 || chown(name, 12345, 12345) < 0)
		return 1;
	if (owned_folder(name, &e) < 0)
		return 2;
	strcat(name, "/lock");
	fd = owned_open(name, O_RDWR | O_CREAT, &e);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != 12345 || (st.st_mode & 07777) != 0600)
		return 3;
	close(fd);
	/* The service itself opens what root has made; and another user's is not its own. */
	if (setgid(12345) < 0 || setuid(12345) < 0 || (fd = owned_open(name, O_RDWR, &e)) < 0)
		return 4;
	close(fd);
	return owned_folder((char *)folder, &e) == -EACCES ? 0 : 5;
}

static void root_joins_the_services_and_leaves_them_its_files(void **state)
{
	int result;

	NEEDS_ROOT();
	result = child_result(start_child(meet_the_service, fixture_folder));
	if (result == 77) {
		print_message("SKIPPED %s: cannot have an /etc/passwd of its own\n", __func__);
		skip();
	}
	assert_int_equal(result, 0);
}

/* Where lock and journal lie, by what the surroundings say. */
static void the_place_follows_the_environment(void **state)
{
	static const char *const names[] = {"VMB_RUN_DIR", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"};
	static struct host_facts facts = {.identity = "here"};
	struct instance i = {.lock_fd = -1};
	struct error e = {0};
	char folder[128], two[300];
	size_t n;

	for (n = 0; n < 3; n++)
		unsetenv(names[n]);
	snprintf(two, sizeof(two), "%s:/elsewhere", path("service"));
	setenv("RUNTIME_DIRECTORY", two, 1);
	setenv("XDG_RUNTIME_DIR", fixture_folder, 1);
	assert_int_equal(instance_open("cpu", &facts, &i, &e), 0);
	assert_string_equal(i.folder, path("service"));
	assert_string_equal(i.lock_path, path("service/cpu-here.lock"));
	assert_int_equal(mode_of(i.lock_path), 0600);
	instance_close(&i);
	setenv("VMB_RUN_DIR", path("mine"), 1);
	assert_int_equal(instance_open("cpu", &facts, &i, &e), 0);
	assert_string_equal(i.folder, path("mine"));
	instance_close(&i);
	unsetenv("VMB_RUN_DIR");
	unsetenv("RUNTIME_DIRECTORY");
	snprintf(folder, sizeof(folder), "%s/vmb", fixture_folder);
	if (geteuid() != 0) {
		assert_int_equal(instance_open("cpu", &facts, &i, &e), 0);
		assert_string_equal(i.folder, folder);
		instance_close(&i);
	}
}

static int open_as_user(void *with)
{
	static struct host_facts facts = {.identity = "here"};
	struct instance i = {.lock_fd = -1};
	struct error e = {0};
	char folder[128];

	if (!become_nobody())
		return 1;
	setenv("XDG_RUNTIME_DIR", with, 1);
	if (instance_open("cpu", &facts, &i, &e) < 0)
		return 2;
	snprintf(folder, sizeof(folder), "%s/vmb", (char *)with);
	if (strcmp(i.folder, folder) != 0)
		return 3;
	instance_close(&i);
	unsetenv("XDG_RUNTIME_DIR");
	return instance_open("cpu", &facts, &i, &e) == -EACCES &&
	                       strstr(e.text, "neither root nor XDG_RUNTIME_DIR")
	               ? 0
	               : 4;
}

static void a_users_place_is_in_his_run_time_folder(void **state)
{
	NEEDS_ROOT();
	assert_int_equal(chown(fixture_folder, NOBODY, NOBODY), 0);
	assert_int_equal(child_result(start_child(open_as_user, fixture_folder)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_folder_is_made_for_its_owner_alone),
	        TEST(a_file_is_made_for_its_owner_alone),
	        TEST(links_and_what_is_no_file_are_refused),
	        TEST(folders_that_others_can_change_are_refused),
	        TEST(what_is_someone_elses_is_refused),
	        TEST(root_joins_the_services_and_leaves_them_its_files),
	        TEST(the_place_follows_the_environment),
	        TEST(a_users_place_is_in_his_run_time_folder),
	};

	unsetenv("VMB_RUN_DIR");
	unsetenv("RUNTIME_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
