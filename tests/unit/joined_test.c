/* joined_test - which runs belong together, and which of two tells what */
#include "analyze/joined.h"

#include <math.h>

#include "analyze/select.h"
#include "common/clock.h"
#include "tests/unit/check.h"
#include "tests/unit/spooled.h"

#define NR(x) (sizeof(x) / sizeof((x)[0]))
#define OPEN  (-1) /* not closed: one tick a second since its start */

/* A run by the seconds of its clocks. */
struct given {
	const char *program, *host;
	int from_s, to_s;
	int boot_s; /* wall clock when the steady clock was 0 */
};

static struct trace_run_row run_of(const struct given *g, int64_t number)
{
	struct trace_run_row r = {.run = number, .interval_ns = NS_PER_S, .ticks = 100};

	snprintf(r.program, sizeof(r.program), "%s", g->program);
	snprintf(r.facts.name, sizeof(r.facts.name), "%s", g->host);
	r.start_mono_ns = (uint64_t)g->from_s * NS_PER_S;
	r.start_wall_ns = (uint64_t)(g->boot_s + g->from_s) * NS_PER_S;
	r.end_mono_ns = r.end_wall_ns = UNKNOWN;
	if (g->to_s != OPEN) {
		r.end_mono_ns = (uint64_t)g->to_s * NS_PER_S;
		r.end_wall_ns = (uint64_t)(g->boot_s + g->to_s) * NS_PER_S;
	}
	return r;
}

static void the_time_that_two_runs_share_is_found(void **state)
{
	static const struct {
		const char *name;
		struct given run, other;
		double part;
	} table[] = {
	        {"all", {"a", "h", 10, 20, 9000}, {"b", "h", 10, 20, 9000}, 1},
	        {"inside", {"a", "h", 10, 20, 9000}, {"b", "h", 0, 900, 9000}, 1},
	        {"around", {"a", "h", 0, 100, 9000}, {"b", "h", 10, 20, 9000}, 0.1},
	        {"a half", {"a", "h", 10, 20, 9000}, {"b", "h", 15, 25, 9000}, 0.5},
	        {"after", {"a", "h", 10, 20, 9000}, {"b", "h", 20, 30, 9000}, 0},
	        {"before", {"a", "h", 30, 40, 9000}, {"b", "h", 20, 30, 9000}, 0},
	        {"other host", {"a", "h", 10, 20, 9000}, {"b", "i", 10, 20, 9000}, 0},
	        {"other boot", {"a", "h", 10, 20, 9000}, {"b", "h", 10, 20, 9900}, 0},
	        {"set clock", {"a", "h", 10, 20, 9000}, {"b", "h", 10, 20, 9001}, 1},
	        {"open", {"a", "h", 10, OPEN, 9000}, {"b", "h", 10, 60, 9000}, 0.5},
	        {"by open", {"a", "h", 10, 210, 9000}, {"b", "h", 10, OPEN, 9000}, 0.5},
	        {"no time", {"a", "h", 10, 10, 9000}, {"b", "h", 0, 60, 9000}, 0},
	};
	struct trace_run_row a, b;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		a = run_of(&table[i].run, 1);
		b = run_of(&table[i].other, 2);
		if (fabs(select_overlap(&a, &b) - table[i].part) > 1e-9)
			fail_msg("%s: %g instead of %g", table[i].name, select_overlap(&a, &b),
			         table[i].part);
	}
}

static void a_run_is_found_beside_another(void **state)
{
	static const struct {
		const char *name;
		struct given runs[4];
		int64_t of, beside; /* 0: none */
	} table[] = {
	        {"the other balancer",
	         {{"vmb-cpu", "h", 0, 60, 0}, {"vmb-mem", "h", 1, 61, 0}},
	         2,
	         1},
	        {"the other way round",
	         {{"vmb-cpu", "h", 0, 60, 0}, {"vmb-mem", "h", 1, 61, 0}},
	         1,
	         2},
	        {"one after the other: none",
	         {{"vmb-cpu", "h", 0, 60, 0}, {"vmb-mem", "h", 61, 99, 0}},
	         2,
	         0},
	        {"less than half of its time: none",
	         {{"vmb-cpu", "h", 0, 40, 0}, {"vmb-mem", "h", 30, 60, 0}},
	         2,
	         0},
	        {"the last of several",
	         {{"vmb-cpu", "h", 0, 60, 0},
	          {"vmb-cpu", "h", 0, 60, 0},
	          {"vmb-mem", "h", 0, 60, 0}},
	         3,
	         2},
	        {"of several one of its time",
	         {{"vmb-cpu", "h", 0, 60, 0},
	          {"vmb-mem", "h", 0, 60, 0},
	          {"vmb-cpu", "h", 70, 90, 0}},
	         2,
	         1},
	        {"the same program: none",
	         {{"vmb-cpu", "h", 0, 60, 0}, {"vmb-cpu", "h", 0, 60, 0}},
	         2,
	         0},
	        {"who only watches has none",
	         {{"vmb-cpu", "h", 0, 60, 0}, {"vmb-collect", "h", 0, 60, 0}},
	         2,
	         0},
	        {"and is none", {{"vmb-cpu", "h", 0, 60, 0}, {"vmb-collect", "h", 0, 60, 0}}, 1, 0},
	        {"past who watches",
	         {{"vmb-cpu", "h", 0, 60, 0},
	          {"vmb-mem", "h", 0, 60, 0},
	          {"vmb-collect", "h", 0, 60, 0}},
	         2,
	         1},
	};
	struct trace_run_row runs[4];
	const struct trace_run_row *found;
	size_t i, nr;

	for (i = 0; i < NR(table); i++) {
		for (nr = 0; nr < 4 && table[i].runs[nr].program; nr++)
			runs[nr] = run_of(&table[i].runs[nr], (int64_t)nr + 1);
		found = select_beside(runs, nr, &runs[table[i].of - 1]);
		if ((found ? found->run : 0) != table[i].beside)
			fail_msg("%s: %lld instead of %lld", table[i].name,
			         (long long)(found ? found->run : 0), (long long)table[i].beside);
	}
}

static void each_number_has_its_run(void **state)
{
	static const struct {
		const char *chosen, *beside; /* NULL: none */
		const char *metric;
		bool is_beside;
	} table[] = {
	        {"vmb-mem", "vmb-cpu", "cpu.sd_pp", true},
	        {"vmb-mem", "vmb-cpu", "run.balance_pp", true},
	        {"vmb-mem", "vmb-cpu", "mem.calls", false},
	        {"vmb-mem", "vmb-cpu", "guest.oom", false},
	        {"vmb-mem", "vmb-cpu", "self.collect_ms", false},
	        {"vmb-cpu", "vmb-mem", "cpu.sd_pp", false},
	        {"vmb-cpu", "vmb-mem", "mem.calls", true},
	        {"vmb-cpu", "vmb-mem", "run.pool_mib", true},
	        {"vmb-cpu", "vmb-mem", "run.vcpus", false},
	        {"vmb-cpu", "vmb-collect", "mem.balloons", true},
	        {"vmb-collect", "vmb-mem", "cpu.sd_pp", false},
	        {"vmb-mem", "vmb-collect", "cpu.sd_pp", true},
	        {"vmb-collect", "vmb-cpu", "mem.balloons", false},
	        {"vmb-cpu", NULL, "mem.balloons", false},
	};
	struct series chosen = {0}, beside = {0};
	const struct series *s;
	struct joined j;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(chosen.run.program, sizeof(chosen.run.program), "%s", table[i].chosen);
		if (table[i].beside)
			snprintf(beside.run.program, sizeof(beside.run.program), "%s",
			         table[i].beside);
		assert_int_equal(joined_init(&j, &chosen, table[i].beside ? &beside : NULL), 0);
		s = joined_metric(&j, metric_find(table[i].metric));
		if (s != (table[i].is_beside ? &beside : &chosen))
			fail_msg("%s with %s: %s is of %s", table[i].chosen,
			         table[i].beside ? table[i].beside : "none", table[i].metric,
			         s->run.program);
		joined_done(&j);
	}
}

static uint64_t mono_ns_of(const struct joined *j, size_t i)
{
	return ((const struct trace_action_row *)spool_at(j->actions, i))->mono_ns;
}

static void each_chart_has_its_run_and_actions_are_in_one_list(void **state)
{
	struct trace_action_row pins[] = {{.mono_ns = 10}, {.mono_ns = 30}},
	                        orders[] = {{.mono_ns = 20}, {.mono_ns = 40}};
	struct series_tick short_ticks[] = {{.t_s = 0}, {.t_s = 9}},
	                   long_ticks[] = {{.t_s = 1}, {.t_s = 20}};
	struct series cpu = {.run.program = "vmb-cpu",
	                     .actions = spooled(pins, sizeof(pins[0]), 2),
	                     .nr_actions = 2,
	                     .ticks = spooled(long_ticks, sizeof(long_ticks[0]), 2),
	                     .nr_ticks = 2},
	              mem = {.run.program = "vmb-mem",
	                     .actions = spooled(orders, sizeof(orders[0]), 2),
	                     .nr_actions = 2,
	                     .ticks = spooled(short_ticks, sizeof(short_ticks[0]), 2),
	                     .nr_ticks = 2},
	              s;
	struct joined j;
	size_t i;

	assert_int_equal(joined_init(&j, &mem, &cpu), 0);
	assert_int_equal(j.nr_actions, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(mono_ns_of(&j, i), 10 * (i + 1));
	s = joined_chart(&j, chart_find("pcpu"));
	assert_ptr_equal(s.ticks, cpu.ticks);
	assert_int_equal(s.nr_actions, 2);
	s = joined_chart(&j, chart_find("memory"));
	assert_ptr_equal(s.ticks, mem.ticks);
	s = joined_chart(&j, chart_find("self"));
	assert_ptr_equal(s.ticks, mem.ticks);
	s = joined_chart(&j, chart_find("actions"));
	assert_ptr_equal(s.ticks, cpu.ticks);
	assert_int_equal(s.nr_actions, 4);
	joined_done(&j);
	assert_int_equal(joined_init(&j, &mem, NULL), 0);
	s = joined_chart(&j, chart_find("pcpu"));
	assert_ptr_equal(s.ticks, mem.ticks);
	assert_ptr_equal(j.actions, mem.actions);
	joined_done(&j);
	spool_free(cpu.actions);
	spool_free(mem.actions);
	spool_free(cpu.ticks);
	spool_free(mem.ticks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_time_that_two_runs_share_is_found),
	        cmocka_unit_test(a_run_is_found_beside_another),
	        cmocka_unit_test(each_number_has_its_run),
	        cmocka_unit_test(each_chart_has_its_run_and_actions_are_in_one_list),
	};

	return check_all(tests);
}
