/* doubt_test - a guest that libvirt does not tell about is neither moved nor forgotten */
#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balancer/apply.h"
#include "balancer/cpu_loop.h"
#include "tests/unit/check.h"

/* The program's own functions come before those of the library, which are asked unless a test wants a failure. */
static bool vcpus_fail, xml_fails, persistence_fails;

int virDomainGetVcpus(virDomainPtr domain, virVcpuInfoPtr info, int maxinfo, unsigned char *maps,
                      int maplen)
{
	int (*real)(virDomainPtr, virVcpuInfoPtr, int, unsigned char *,
	            int) = (int (*)(virDomainPtr, virVcpuInfoPtr, int, unsigned char *,
	                            int))dlsym(RTLD_NEXT, "virDomainGetVcpus");

	return vcpus_fail ? -1 : real(domain, info, maxinfo, maps, maplen);
}

char *virDomainGetXMLDesc(virDomainPtr domain, unsigned flags)
{
	char *(*real)(virDomainPtr, unsigned) =
	        (char *(*)(virDomainPtr, unsigned))dlsym(RTLD_NEXT, "virDomainGetXMLDesc");

	return xml_fails ? NULL : real(domain, flags);
}

int virDomainIsPersistent(virDomainPtr domain)
{
	int (*real)(virDomainPtr) = (int (*)(virDomainPtr))dlsym(RTLD_NEXT,
	                                                         "virDomainIsPersistent");

	return persistence_fails ? -1 : real(domain);
}

static bool seen_as_the_owners(void)
{
	struct host *h = NULL;
	struct sample s;
	struct error e;
	bool pins;

	if (host_open("test:///default", HOST_READ_ONLY, &h, &e) < 0)
		fail_msg("%s", e.text);
	sample_init(&s);
	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_int_equal(s.nr_guests, 1);
	pins = s.guests[0].user_pins;
	sample_done(&s);
	host_close(h);
	return pins;
}

static void a_guest_whose_configuration_cannot_be_read_is_its_owners(void **state)
{
	assert_false(seen_as_the_owners());
	xml_fails = true;
	assert_true(seen_as_the_owners());
	xml_fails = false;
	persistence_fails = true;
	assert_true(seen_as_the_owners());
	persistence_fails = false;
}

static void set_up_folder(char *folder)
{
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("VMB_RUN_DIR", folder, 1), 0);
}

static void a_guest_that_cannot_be_read_keeps_its_line_in_the_journal(void **state)
{
	struct cpu_options options = {.uri = "test:///default", .policy = cpu_policy_default};
	char folder[] = "/tmp/vmb-doubt-XXXXXX";
	struct action a = {.kind = ACTION_PIN};
	struct cpu_loop l;
	struct error e;

	set_up_folder(folder);
	if (cpu_loop_open(&l, &options, &e) < 0 || cpu_loop_sense(&l, &e) < 0)
		fail_msg("%s", e.text);
	memcpy(a.guest, l.sample.guests[0].uuid, UUID_BYTES);
	a.from = l.sample.vcpus[0].affinity;
	a.to = cpuset_one((unsigned)cpuset_first(&a.from));
	assert_int_equal(apply_actions(l.host, l.journal, &a, 1, &e), 0);

	vcpus_fail = true;
	assert_int_equal(cpu_loop_restore(&l, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "--restore"));
	assert_true(journal_holds(l.journal));
	vcpus_fail = false;
	assert_int_equal(cpu_loop_restore(&l, &e), 0);
	assert_int_equal(l.decision.nr_actions, 1);
	assert_int_equal(l.decision.actions[0].result, RESULT_DONE);
	assert_int_equal(access(l.instance.journal_path, F_OK), -1);

	unlink(l.instance.lock_path);
	rmdir(folder);
	cpu_loop_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_guest_whose_configuration_cannot_be_read_is_its_owners),
	        cmocka_unit_test(a_guest_that_cannot_be_read_keeps_its_line_in_the_journal),
	};

	return check_all(tests);
}
