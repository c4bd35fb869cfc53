/* sample_test - sets of pCPUs, UUIDs, the order of a sample, rates between two */
#include <stdlib.h>
#include <string.h>

#include "collector/rates.h"
#include "tests/unit/check.h"

static const struct {
	const char *text;
	unsigned count;
	const char *again; /* as it is written; NULL: refused */
} lists[] = {
        {"0", 1, "0"},         {"0-3", 4, "0-3"},        {"0-3,8", 5, "0-3,8"},
        {"8,0,1", 3, "0-1,8"}, {"0-7,^3", 7, "0-2,4-7"}, {"2047", 1, "2047"},
        {"-", 0, "-"},         {"2048", 0, NULL},        {"99999999999999999999", 0, NULL},
        {"", 0, NULL},         {",", 0, NULL},           {"1,", 0, NULL},
        {"3-1", 0, NULL},      {"a", 0, NULL},           {"1 2", 0, NULL},
        {"-1", 0, NULL},       {"1-", 0, NULL},
};

static void lists_of_pcpus_are_read_and_written(void **state)
{
	char text[CPUSET_TEXT];
	struct cpuset set;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		int r = cpuset_parse(lists[i].text, &set);

		if (r != (lists[i].again ? 0 : -EINVAL))
			fail_msg("'%s': %d", lists[i].text, r);
		if (r < 0)
			continue;
		assert_int_equal(cpuset_count(&set), lists[i].count);
		assert_string_equal(cpuset_text(&set, text, sizeof(text)), lists[i].again);
	}
}

static void a_list_that_does_not_fit_says_so(void **state)
{
	struct cpuset set;
	char text[16];

	cpuset_parse("0,2,4,6,8,10,12,14", &set);
	assert_string_equal(cpuset_text(&set, text, sizeof(text)), "0,2,4,6,8,10...");
}

static void members_beyond_the_limit_are_not_there(void **state)
{
	struct cpuset set = CPUSET_NONE;

	cpuset_add(&set, PCPU_MAX);
	cpuset_add(&set, 4000000000u);
	assert_int_equal(cpuset_count(&set), 0);
	assert_false(cpuset_has(&set, PCPU_MAX));
	cpuset_add(&set, 63);
	cpuset_add(&set, 64);
	cpuset_add(&set, PCPU_MAX - 1);
	assert_int_equal(cpuset_first(&set), 63);
	assert_int_equal(cpuset_next(&set, 63), 64);
	assert_int_equal(cpuset_next(&set, 64), PCPU_MAX - 1);
	assert_int_equal(cpuset_next(&set, PCPU_MAX - 1), -1);
}

static void uuids_are_read_and_written(void **state)
{
	uint8_t uuid[UUID_BYTES];
	char text[UUID_TEXT];

	assert_int_equal(uuid_parse("c7a5fdbd-edaf-9455-926a-d65c16db1809", uuid), 0);
	assert_string_equal(uuid_text(uuid, text), "c7a5fdbd-edaf-9455-926a-d65c16db1809");
	assert_int_equal(uuid_parse("c7a5fdbd", uuid), -EINVAL);
	assert_int_equal(uuid_parse("c7a5fdbd-edaf-9455-926a-d65c16db18090", uuid), -EINVAL);
	assert_int_equal(uuid_parse("g7a5fdbd-edaf-9455-926a-d65c16db1809", uuid), -EINVAL);
}

/* Guests are added in falling order of UUID, vCPUs in falling number. */
static void fill(struct sample *s, unsigned guests, unsigned vcpus, uint64_t run_ns)
{
	uint8_t uuid[UUID_BYTES] = {0};
	unsigned g, v;

	sample_clear(s);
	sample_add_pcpu(s, 0);
	for (g = guests; g-- > 0;) {
		uuid[0] = (uint8_t)g;
		sample_add_guest(s, uuid, "guest")->instance = 1;
		for (v = vcpus; v-- > 0;)
			sample_add_vcpu(s, v)->run_ns = run_ns + 100 * g + v;
	}
	assert_int_equal(sample_sort(s), 0);
}

static void a_sorted_sample_keeps_its_guests_together(void **state)
{
	struct sample s;
	unsigned g, v;

	sample_init(&s);
	fill(&s, 40, 3, 0);
	for (g = 0; g < 40; g++) {
		assert_int_equal(s.guests[g].uuid[0], g);
		for (v = 0; v < 3; v++) {
			assert_int_equal(s.vcpus[s.guests[g].first_vcpu + v].run_ns, 100 * g + v);
			assert_ptr_equal(sample_guest_of(&s, s.guests[g].first_vcpu + v),
			                 &s.guests[g]);
		}
		assert_ptr_equal(sample_find_guest(&s, s.guests[g].uuid), &s.guests[g]);
	}
	sample_done(&s);
}

static void rates_take_the_measured_time(void **state)
{
	struct sample before, now;
	struct rates r = {0};

	sample_init(&before);
	sample_init(&now);
	fill(&before, 2, 1, 0);
	fill(&now, 2, 1, 500000000);
	before.begin_ns = 1000000000;
	before.end_ns = 1200000000;
	now.begin_ns = now.end_ns = 3100000000; /* 2 s between the middles */
	before.pcpus[0] = (struct sample_pcpu){0, 100, 100, 50, 750};
	now.pcpus[0] = (struct sample_pcpu){0, 400, 200, 50, 1350};
	assert_int_equal(rates_between(&before, &now, &r, NULL), 0);
	assert_true(r.busy_pct[0] == 40);
	assert_true(r.vcpus[0].run_pct == 25);
	assert_true(r.vcpus[0].delay_pct == RATE_UNKNOWN);
	now.guests[1].instance = 2; /* it was started anew */
	now.vcpus[0].run_ns = 0;    /* a counter that went back */
	before.vcpus[0].run_ns = 10;
	assert_int_equal(rates_between(&before, &now, &r, NULL), 0);
	assert_true(r.vcpus[0].run_pct == RATE_UNKNOWN);
	assert_true(r.vcpus[1].run_pct == RATE_UNKNOWN);
	sample_done(&before);
	sample_done(&now);
	rates_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lists_of_pcpus_are_read_and_written),
	        cmocka_unit_test(a_list_that_does_not_fit_says_so),
	        cmocka_unit_test(members_beyond_the_limit_are_not_there),
	        cmocka_unit_test(uuids_are_read_and_written),
	        cmocka_unit_test(a_sorted_sample_keeps_its_guests_together),
	        cmocka_unit_test(rates_take_the_measured_time),
	};

	return check_all(tests);
}
