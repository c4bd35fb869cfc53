/* trace_read_test - what was recorded comes back as it was, and no file from a stranger does harm */
#include "tests/unit/trace_fixture.h"

/* A small generator: the same seed, the same flips. */
static uint64_t seed;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void assert_counter(const char *what, uint64_t expected, uint64_t seen)
{
	if (expected != seen)
		fail_msg("%s: expected %llu, seen %llu", what, (unsigned long long)expected,
		         (unsigned long long)seen);
}

/* The actions of the first run, an array to be freed. */
struct actions {
	struct trace_action_row *rows;
	size_t nr;
};

static int add_action(void *with, const struct trace_action_row *row, struct error *e)
{
	struct actions *all = with;

	all->rows = realloc(all->rows, (all->nr + 1) * sizeof(*all->rows));
	assert_non_null(all->rows);
	all->rows[all->nr++] = *row;
	return 0;
}

static int read_actions(struct trace_reader *r, struct trace_action_row **rows, size_t *nr,
                        struct error *e)
{
	struct actions all = {0};
	int result = trace_read_actions(r, 1, add_action, &all, e);

	*rows = all.rows;
	*nr = all.nr;
	return result;
}

static int pass(void *with, const struct trace_action_row *row, struct error *e)
{
	return 0;
}

static void assert_same_memory(const struct guest_memory *a, const struct guest_memory *b)
{
	assert_counter("actual", a->actual_kib, b->actual_kib);
	assert_counter("maximum", a->maximum_kib, b->maximum_kib);
	assert_counter("unused", a->unused_kib, b->unused_kib);
	assert_counter("available", a->available_kib, b->available_kib);
	assert_counter("usable", a->usable_kib, b->usable_kib);
	assert_counter("disk caches", a->disk_caches_kib, b->disk_caches_kib);
	assert_counter("swap in", a->swap_in_kib, b->swap_in_kib);
	assert_counter("swap out", a->swap_out_kib, b->swap_out_kib);
	assert_counter("major faults", a->major_faults, b->major_faults);
	assert_counter("minor faults", a->minor_faults, b->minor_faults);
	assert_counter("rss", a->rss_kib, b->rss_kib);
	assert_counter("updated", a->updated_s, b->updated_s);
	assert_counter("period", a->period_s, b->period_s);
}

static void assert_same_guests(const struct sample *a, const struct sample *b)
{
	size_t i;

	assert_int_equal(a->nr_guests, b->nr_guests);
	for (i = 0; i < a->nr_guests; i++) {
		const struct sample_guest *x = &a->guests[i], *y = &b->guests[i];

		assert_memory_equal(x->uuid, y->uuid, UUID_BYTES);
		assert_string_equal(x->name, y->name);
		assert_int_equal(x->instance, y->instance);
		assert_int_equal(x->state, y->state);
		assert_int_equal(x->user_pins, y->user_pins);
		assert_int_equal(x->balloon, y->balloon);
		assert_int_equal(x->busy, y->busy);
		assert_int_equal(x->reboots, y->reboots);
		assert_int_equal(x->first_vcpu, y->first_vcpu);
		assert_int_equal(x->nr_vcpus, y->nr_vcpus);
		assert_same_memory(&x->memory, &y->memory);
	}
	assert_int_equal(a->nr_vcpus, b->nr_vcpus);
	for (i = 0; i < a->nr_vcpus; i++) {
		const struct sample_vcpu *x = &a->vcpus[i], *y = &b->vcpus[i];

		assert_int_equal(x->vcpu, y->vcpu);
		assert_int_equal(x->pcpu, y->pcpu);
		assert_counter("run", x->run_ns, y->run_ns);
		assert_counter("delay", x->delay_ns, y->delay_ns);
		assert_true(cpuset_equal(&x->affinity, &y->affinity));
	}
}

static void assert_same_sample(const struct sample *a, const struct sample *b)
{
	assert_counter("begin", a->begin_ns, b->begin_ns);
	assert_counter("end", a->end_ns, b->end_ns);
	assert_true(cpuset_equal(&a->usable, &b->usable));
	assert_int_equal(a->nr_pcpus, b->nr_pcpus);
	if (a->nr_pcpus)
		assert_memory_equal(a->pcpus, b->pcpus, a->nr_pcpus * sizeof(*a->pcpus));
	assert_same_guests(a, b);
	assert_memory_equal(&a->memory, &b->memory, sizeof(a->memory));
}

static void add_vcpu(struct sample *s, uint32_t number, int32_t pcpu, uint64_t run_ns,
                     uint64_t delay_ns, const char *affinity)
{
	struct sample_vcpu *v = sample_add_vcpu(s, number);

	v->pcpu = pcpu;
	v->run_ns = run_ns;
	v->delay_ns = delay_ns;
	assert_int_equal(cpuset_parse(affinity, &v->affinity), 0);
}

/* Every kind of value at once: edges, the unknown, sparse numbers, guests without vCPUs. */
static void odd_sample(struct sample *s)
{
	uint8_t uuid[UUID_BYTES] = {0};
	struct sample_guest *g;
	char every_second[6000] = "0";
	unsigned i;

	for (i = 2; i < PCPU_MAX; i += 2)
		sprintf(every_second + strlen(every_second), ",%u", i);
	sample_clear(s);
	s->begin_ns = 5000000001;
	s->end_ns = 5000400002;
	cpuset_parse("0-3,8,2047", &s->usable);
	s->online = s->usable;
	*sample_add_pcpu(s, 0) = (struct sample_pcpu){0, 0, 1, 2, 3};
	*sample_add_pcpu(s, 3) = (struct sample_pcpu){3, INT64_MAX, 1ULL << 47, 0, 1ULL << 40};
	*sample_add_pcpu(s, 2047) = (struct sample_pcpu){2047, 5, 6, 7, 8};
	g = sample_add_guest(s, uuid, "all unknown");
	add_vcpu(s, 0, -1, 0, UNKNOWN, "-");
	add_vcpu(s, 7, 2047, 10000000, 0, "0-2047");
	add_vcpu(s, UINT32_MAX, 0, INT64_MAX, 123456789, every_second);
	memset(uuid, 0xff, sizeof(uuid));
	g = sample_add_guest(s, uuid, "no vCPUs, 'quoted' \"twice\"\n\033[31m\xff");
	g->instance = UINT32_MAX;
	g->state = GUEST_CRASHED;
	g->user_pins = true;
	g->balloon = BALLOON_EXEMPT;
	g->busy = true;
	g->reboots = UINT32_MAX;
	g->memory = (struct guest_memory){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 12};
	s->memory = (struct host_memory){16000000, UNKNOWN, 0, 1};
}

static void samples_come_back_as_they_were(void **state)
{
	struct trace_tick tick = {.number = 3, .decide_ns = UNKNOWN, .self_cpu_ns = 77};
	struct trace *t = open_or_fail(path("run.db"), true);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	const struct trace_tick_row *row;
	struct error e = {0};
	struct sample s, empty;

	sample_init(&s);
	sample_init(&empty);
	odd_sample(&s);
	empty.begin_ns = empty.end_ns = 6000000000;
	assert_int_equal(trace_tick(t, &tick, &s, NULL, &e), 0);
	tick = (struct trace_tick){.number = 9, .decide_ns = 0, .self_cpu_ns = 99};
	assert_int_equal(trace_tick(t, &tick, &empty, NULL, &e), 0);
	close_or_fail(t);
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	assert_int_equal(trace_next_tick(r, &row, &e), 1);
	assert_same_sample(&s, &row->sample);
	assert_counter("wall", 1700000000000000001, row->sample.wall_ns);
	assert_counter("number", 3, row->number);
	assert_int_equal(row->tick, 1);
	assert_counter("decide", UNKNOWN, row->decide_ns);
	assert_counter("self", 77, row->self_cpu_ns);
	assert_false(row->has_decision);
	assert_int_equal(trace_next_tick(r, &row, &e), 1);
	assert_same_sample(&empty, &row->sample);
	assert_counter("number", 9, row->number);
	assert_int_equal(row->tick, 2);
	assert_counter("decide", 0, row->decide_ns);
	assert_true(row->has_decision);
	assert_int_equal(trace_next_tick(r, &row, &e), 0);
	assert_int_equal(trace_next_tick(r, &row, &e), 0);
	sample_done(&s);
	sample_done(&empty);
}

static void without_memory_states_come_back_and_memory_is_unknown(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct trace_tick tick = {0};
	const struct trace_tick_row *row;
	struct error e = {0};
	struct sample s[12];
	size_t i;

	for (i = 0; i < 12; i++) {
		sample_init(&s[i]);
		fixture_sample(&s[i], i, 3, 2);
		s[i].guests[0].state = i < 4 ? GUEST_RUNNING : GUEST_PAUSED;
		s[i].guests[1].instance = 1 + (uint32_t)i / 5;
		s[i].guests[2].user_pins = i % 2;
		s[i].guests[2].memory.actual_kib = 1000;
		s[i].memory.total_kib = 1000;
		tick.number = i;
		assert_int_equal(trace_tick(t, &tick, &s[i], NULL, &e), 0);
	}
	close_or_fail(t);
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	for (i = 0; i < 12; i++) {
		assert_int_equal(trace_next_tick(r, &row, &e), 1);
		s[i].guests[2].memory.actual_kib = UNKNOWN;
		s[i].memory.total_kib = UNKNOWN;
		assert_same_sample(&s[i], &row->sample);
		sample_done(&s[i]);
	}
}

/* Keep only the guests whose bit is set. */
static void leave_out(struct sample *s, unsigned keep)
{
	size_t i, n = 0;

	for (i = 0; i < s->nr_guests; i++)
		if (keep >> i & 1) {
			s->guests[n] = s->guests[i];
			s->guests[n].first_vcpu = (uint32_t)n;
			s->vcpus[n++] = s->vcpus[i];
		}
	s->nr_guests = s->nr_vcpus = n;
}

static void guests_that_come_go_and_are_renamed_stand_in_order_of_uuid(void **state)
{
	static const unsigned there[] = {0x28, 0x2a, 0xff, 0x01, 0x00, 0x80, 0xfe, 0x55};
	struct trace *t = open_or_fail(path("run.db"), false);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct trace_tick tick = {0};
	const struct trace_tick_row *row;
	struct error e = {0};
	struct sample s[8];
	size_t i, g;

	for (i = 0; i < 8; i++) {
		sample_init(&s[i]);
		fixture_sample(&s[i], i, 8, 2);
		for (g = 0; g < 8; g++) {
			s[i].guests[g].instance = (uint32_t)(g + i / 3);
			if (g == 2 && i > 5)
				strcpy(s[i].guests[g].name, "renamed");
		}
		leave_out(&s[i], there[i]);
		tick.number = i;
		assert_int_equal(trace_tick(t, &tick, &s[i], NULL, &e), 0);
	}
	close_or_fail(t);
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	for (i = 0; i < 8; i++) {
		assert_int_equal(trace_next_tick(r, &row, &e), 1);
		assert_same_sample(&s[i], &row->sample);
		sample_done(&s[i]);
	}
}

static void decisions_and_actions_come_back_as_they_were(void **state)
{
	static struct action actions[3];
	struct decision d[] = {
	        {VERDICT_ACT, 123.456, 0.001, 7, true, 0, "two moves", actions, 2, 3},
	        {VERDICT_HOLD, 900, -1, -1, false, 0, "resting", NULL, 0, 0},
	        {VERDICT_QUIET, 1, 2, 3, false, 0, "", NULL, 0, 0},
	        {VERDICT_WATCH, 0, 0, 0.0 / 0.0, false, 0, "", NULL, 0, 0},
	};
	struct trace *t = open_or_fail(path("run.db"), false);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct trace_tick tick = {.decide_ns = 100};
	const struct trace_tick_row *row;
	struct trace_action_row *rows;
	struct error e = {0};
	struct sample s;
	size_t i, nr;

	sample_init(&s);
	for (i = 0; i < 3; i++) {
		struct action *a = &actions[i];

		a->kind = i == 2 ? ACTION_RESTORE : ACTION_PIN;
		memset(a->guest, (int)i + 1, UUID_BYTES);
		sprintf(a->name, "web%zu", i);
		a->vcpu = (uint32_t)i * 9;
		a->from = cpuset_one((unsigned)i);
		cpuset_parse("0-7", &a->to);
		sprintf(a->reason, "pCPU 0 100 %% -> %zu %%", i);
		a->result = i == 1 ? RESULT_REFUSED : RESULT_DONE;
		a->duration_ns = i == 1 ? UNKNOWN : 5000;
		strcpy(a->detail, i == 1 ? "no" : "");
	}
	for (i = 0; i < 4; i++) {
		fixture_sample(&s, i, 8, 2);
		tick.number = 10 + i;
		assert_int_equal(trace_tick(t, &tick, &s, &d[i], &e), 0);
	}
	assert_int_equal(trace_actions(t, 8888888888, &actions[2], 1, &e), 0);
	close_or_fail(t);
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	d[2].spread_pm = d[2].noise_pm = d[2].predicted_pm = -1; /* a quiet one has no row */
	d[3].predicted_pm = -1;                                  /* not a number: not known */
	for (i = 0; i < 4; i++) {
		assert_int_equal(trace_next_tick(r, &row, &e), 1);
		assert_true(row->has_decision);
		assert_int_equal(row->decision.verdict, d[i].verdict);
		assert_float_equal(row->decision.spread_pm, d[i].spread_pm, 1e-9);
		assert_float_equal(row->decision.noise_pm, d[i].noise_pm, 1e-9);
		assert_float_equal(row->decision.predicted_pm, d[i].predicted_pm, 1e-9);
		assert_int_equal(row->decision.exact, d[i].exact);
		assert_string_equal(row->decision.reason, d[i].reason);
		assert_int_equal(row->decision.nr_actions, 0);
	}
	assert_int_equal(read_actions(r, &rows, &nr, &e), 0);
	assert_int_equal(nr, 3);
	for (i = 0; i < 3; i++) {
		const struct action *a = &rows[i].action;

		assert_int_equal(rows[i].in_tick, i < 2);
		assert_int_equal(rows[i].tick_number, i < 2 ? 10 : 0);
		assert_int_equal(rows[i].tick, i < 2 ? 1 : 0);
		assert_counter("moment", i < 2 ? 5000250100 : 8888888888, rows[i].mono_ns);
		assert_int_equal(a->kind, actions[i].kind);
		assert_memory_equal(a->guest, actions[i].guest, UUID_BYTES);
		assert_string_equal(a->name, actions[i].name);
		assert_int_equal(a->vcpu, actions[i].vcpu);
		assert_true(cpuset_equal(&a->from, &actions[i].from));
		assert_true(cpuset_equal(&a->to, &actions[i].to));
		assert_string_equal(a->reason, actions[i].reason);
		assert_int_equal(a->result, actions[i].result);
		assert_counter("duration", actions[i].duration_ns, a->duration_ns);
		assert_string_equal(a->detail, actions[i].detail);
	}
	free(rows);
	sample_done(&s);
}

static const struct action memory_actions[] = {
        {.kind = ACTION_PERIOD, .from_s = 0, .to_s = 1, .name = "a", .reason = "to be told"},
        {.kind = ACTION_BALLOON,
         .from_kib = 524288,
         .to_kib = UINT32_MAX,
         .name = "a",
         .reason = "512 -> 4194303 MiB",
         .result = RESULT_FAILED,
         .detail = "no"},
        {.kind = ACTION_BALLOON_RESTORE, .from_kib = 1, .to_kib = 0, .name = "b"},
};

static void plans_of_memory_come_back_as_they_were(void **state)
{
	const size_t nr = sizeof(memory_actions) / sizeof(memory_actions[0]);
	static struct guest_plan plans[] = {
	        {.state = MEMORY_TIGHT, 102400, 204800, 300000, 1048576},
	        {.state = MEMORY_EXEMPT, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN},
	};
	struct decision d = {.verdict = VERDICT_ACT,
	                     .spread_pm = -1,
	                     .noise_pm = -1,
	                     .predicted_pm = -1,
	                     .actions = (struct action *)memory_actions,
	                     .nr_actions = nr,
	                     .host = {204800, UNKNOWN, 0, true},
	                     .guests = plans,
	                     .nr_guests = 2};
	struct trace_tick tick = {.number = 0, .decide_ns = 1, .self_cpu_ns = 1};
	struct trace *t = open_or_fail(path("run.db"), true);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct trace_action_row *actions;
	const struct trace_tick_row *row;
	struct error e = {0};
	struct sample s;
	size_t i, n;

	sample_init(&s);
	fixture_sample(&s, 0, 2, 2);
	s.guests[0].memory.actual_kib = 524288;
	for (i = 0; i < 2; i++)
		memcpy(plans[i].guest, s.guests[i].uuid, UUID_BYTES);
	assert_int_equal(trace_tick(t, &tick, &s, &d, &e), 0);
	close_or_fail(t);
	sample_done(&s);
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	assert_int_equal(trace_next_tick(r, &row, &e), 1);
	assert_memory_equal(&row->decision.host, &d.host, sizeof(d.host));
	assert_int_equal(row->decision.nr_guests, 2);
	assert_memory_equal(row->decision.guests, plans, sizeof(plans));
	assert_int_equal(read_actions(r, &actions, &n, &e), 0);
	assert_int_equal(n, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(actions[i].action.kind, memory_actions[i].kind);
		assert_int_equal(actions[i].action.from_kib, memory_actions[i].from_kib);
		assert_int_equal(actions[i].action.to_kib, memory_actions[i].to_kib);
		assert_int_equal(actions[i].action.to_s, memory_actions[i].to_s);
	}
	free(actions);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM v_actions WHERE old = "
	                                            "'512 MiB' OR new = '1 s'"),
	                 2);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM v_memory WHERE state = "
	                                            "'TIGHT' AND target_mib = 1024"),
	                 1);
}

static void actions_have_the_moment_at_which_they_were_made(void **state)
{
	static struct action pin = {.kind = ACTION_PIN, .name = "web", .reason = "x"};
	struct decision d = {VERDICT_ACT, 9, 1, 1, true, 0, "", &pin, 1, 1};
	struct trace *t = open_or_fail(path("run.db"), false);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct trace_tick tick = {.decide_ns = 100, .act_ns = 6000000000};
	struct trace_action_row *rows;
	struct error e = {0};
	struct sample s;
	size_t nr;

	sample_init(&s);
	fixture_sample(&s, 0, 8, 2);
	pin.to = cpuset_one(1);
	assert_int_equal(trace_tick(t, &tick, &s, &d, &e), 0);
	close_or_fail(t);
	r = read_or_fail(path("run.db"));
	assert_int_equal(read_actions(r, &rows, &nr, &e), 0);
	assert_int_equal(nr, 1);
	assert_counter("moment", 6000000000, rows[0].mono_ns);
	free(rows);
	sample_done(&s);
}

static void runs_stats_and_events_come_back_as_they_were(void **state)
{
	static struct host_facts facts = {.uri = "qemu:///system",
	                                  .name = "host",
	                                  .identity = "1234",
	                                  .hypervisor = "QEMU 7.2",
	                                  .library = "libvirt 9",
	                                  .kernel = "6.1",
	                                  .cpu_model = "EPYC",
	                                  .memory_kib = 16000000,
	                                  .nr_places = 2,
	                                  .places = {{0, 0, 0, 0, 0}, {2047, -1, 1, -1, 3}}};
	struct trace_run run = fixture_run(false);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct trace_run_row *runs;
	struct trace_stat_row *stats;
	struct trace_event_row *events;
	struct error e = {0};
	struct trace *t;
	size_t nr;

	run.label = "first";
	run.settings = "balance=5";
	assert_int_equal(trace_open(path("run.db"), &run, &facts, &t, &e), 0);
	record_ticks(t, 0, 5);
	trace_count(t, "late_ticks", "warning", 4);
	trace_event(t, 7000000000, "reconnect", "after 3 s");
	close_or_fail(t);
	facts = (struct host_facts){.uri = "test:///", .memory_kib = UNKNOWN};
	run.label = NULL;
	run.settings = NULL;
	assert_int_equal(trace_open(path("run.db"), &run, &facts, &t, &e), 0);
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_read_runs(r, &runs, &nr, &e), 0);
	assert_int_equal(nr, 2);
	assert_int_equal(runs[0].run, 1);
	assert_string_equal(runs[0].program, "vmb-test");
	assert_string_equal(runs[0].version, "1");
	assert_string_equal(runs[0].arguments, "vmb-test 1");
	assert_string_equal(runs[0].label, "first");
	assert_string_equal(runs[0].settings, "balance=5");
	assert_counter("interval", 1000000000, runs[0].interval_ns);
	assert_counter("start", 5000000000, runs[0].start_mono_ns);
	assert_counter("start wall", 1700000000000000000, runs[0].start_wall_ns);
	assert_counter("end", 9000000000, runs[0].end_mono_ns);
	assert_counter("end wall", 1700000004000000000, runs[0].end_wall_ns);
	assert_string_equal(runs[0].exit_reason, "done");
	assert_counter("ticks", 5, runs[0].ticks);
	assert_counter("actions", 0, runs[0].actions);
	assert_string_equal(runs[0].facts.uri, "qemu:///system");
	assert_string_equal(runs[0].facts.name, "host");
	assert_string_equal(runs[0].facts.identity, "1234");
	assert_string_equal(runs[0].facts.hypervisor, "QEMU 7.2");
	assert_string_equal(runs[0].facts.library, "libvirt 9");
	assert_string_equal(runs[0].facts.kernel, "6.1");
	assert_string_equal(runs[0].facts.cpu_model, "EPYC");
	assert_counter("memory", 16000000, runs[0].facts.memory_kib);
	assert_int_equal(runs[0].facts.nr_places, 2);
	assert_int_equal(runs[0].facts.places[1].pcpu, 2047);
	assert_int_equal(runs[0].facts.places[1].node, -1);
	assert_int_equal(runs[0].facts.places[1].llc, 3);
	assert_string_equal(runs[1].label, "");
	assert_counter("memory", UNKNOWN, runs[1].facts.memory_kib);
	assert_counter("end", UNKNOWN, runs[1].end_mono_ns);
	assert_string_equal(runs[1].exit_reason, "");
	free(runs);
	assert_int_equal(trace_read_stats(r, 1, &stats, &nr, &e), 0);
	assert_int_equal(nr, 1);
	assert_string_equal(stats[0].name, "late_ticks");
	assert_string_equal(stats[0].severity, "warning");
	assert_int_equal(stats[0].value, 4);
	free(stats);
	assert_int_equal(trace_read_events(r, 1, &events, &nr, &e), 0);
	assert_int_equal(nr, 1);
	assert_counter("moment", 7000000000, events[0].mono_ns);
	assert_string_equal(events[0].kind, "reconnect");
	assert_string_equal(events[0].text, "after 3 s");
	free(events);
	assert_int_equal(trace_read_events(r, 2, &events, &nr, &e), 0);
	assert_int_equal(nr, 0);
	assert_int_equal(trace_begin_ticks(r, 2, &e), 0);
	assert_int_equal(trace_next_tick(r, &(const struct trace_tick_row *){NULL}, &e), 0);
	assert_int_equal(trace_begin_ticks(r, 3, &e), -EINVAL);
	assert_non_null(strstr(e.text, "run.db: no run 3"));
	close_or_fail(t);
}

static void runs_written_at_the_same_time_are_read_apart(void **state)
{
	struct trace *a = open_or_fail(path("run.db"), false);
	struct trace *b = open_or_fail(path("run.db"), true);
	uint64_t n;

	for (n = 0; n < 30; n++) {
		record_ticks(a, n, n + 1);
		record_ticks(b, 2 * n, 2 * n + 2);
	}
	close_or_fail(a);
	close_or_fail(b);
	assert_int_equal(count_ticks(path("run.db"), 1), 30);
	assert_int_equal(count_ticks(path("run.db"), 2), 60);
}

static void a_trace_being_written_is_read_as_it_was_when_it_was_opened(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	uint64_t last;

	record_ticks(t, 0, 10);
	r = read_or_fail(path("run.db"));
	assert_string_equal(trace_reader_note(r), "");
	record_ticks(t, 10, 1500); /* beyond a checkpoint */
	assert_int_equal(count_whole_ticks(r, 1, &last), 10);
	assert_int_equal(count_ticks(path("run.db"), 1), 1500);
	assert_int_equal(count_whole_ticks(r, 1, &last), 10);
	close_or_fail(t);
}

enum {
	KILLED_AT = 60 /* ticks: tables of more than a page */
};

static int record_and_die(void *file)
{
	struct trace_run run = fixture_run(false);
	struct error e;
	struct trace *t;
	uint64_t n;

	if (trace_open(file, &run, fixture_facts(), &t, &e) < 0)
		return 1;
	for (n = 0; n < KILLED_AT; n++)
		record_tick(t, n, &e);
	_exit(0);
}

/* What a child that reads as nobody saw: the number of ticks, and whether there was a note. */
static int read_as_nobody(void *file)
{
	struct trace_reader *r;
	struct error e = {0};
	int nr;

	if (!become_nobody())
		return 99;
	if (trace_reader_open(file, &r, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 98;
	}
	nr = (int)count_whole_ticks(r, 1, &(uint64_t){0}) + (*trace_reader_note(r) ? 100 : 0);
	trace_reader_close(r);
	return nr;
}

static size_t read_bytes(const char *file, unsigned char **data)
{
	FILE *f = fopen(file, "r");
	struct stat s;
	size_t n;

	stat(file, &s);
	*data = malloc((size_t)s.st_size);
	n = fread(*data, 1, (size_t)s.st_size, f);
	fclose(f);
	return n;
}

/* The -shm holds locks and an index that SQLite makes anew from the -wal; it is no data. */
static void reading_what_a_killed_recorder_left_changes_no_data(void **state)
{
	unsigned char *data[4];
	size_t size[4];

	assert_int_equal(child_result(start_child(record_and_die, path("run.db"))), 0);
	size[0] = read_bytes(path("run.db"), &data[0]);
	size[1] = read_bytes(path("run.db-wal"), &data[1]);
	assert_int_equal(count_ticks(path("run.db"), 1), KILLED_AT);
	assert_int_equal(count_ticks(path("run.db"), 1), KILLED_AT);
	size[2] = read_bytes(path("run.db"), &data[2]);
	size[3] = read_bytes(path("run.db-wal"), &data[3]);
	assert_int_equal(size[0], size[2]);
	assert_memory_equal(data[0], data[2], size[0]);
	assert_int_equal(size[1], size[3]);
	assert_memory_equal(data[1], data[3], size[1]);
	free(data[0]);
	free(data[1]);
	free(data[2]);
	free(data[3]);
}

static void another_user_reads_what_a_killed_recorder_left(void **state)
{
	NEEDS_ROOT();
	assert_int_equal(child_result(start_child(record_and_die, path("run.db"))), 0);
	assert_int_equal(child_result(start_child(read_as_nobody, path("run.db"))), KILLED_AT);
}

static void write_bytes(const char *file, const unsigned char *data, size_t size)
{
	FILE *f = fopen(file, "w");

	fwrite(data, 1, size, f);
	fclose(f);
}

/* Read all that a file has. 0, or the first error with its sentence checked to be one. */
static int read_everything(const char *file, struct error *e)
{
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	const struct trace_tick_row *row;
	struct trace_run_row *runs = NULL;
	struct trace_stat_row *stats = NULL;
	struct trace_event_row *events = NULL;
	size_t nr, nr_runs = 0, i;
	int result, first = 0;

	*e = (struct error){0};
	result = trace_reader_open(file, &r, e);
	if (result < 0)
		return result;
	first = trace_read_runs(r, &runs, &nr_runs, e);
	for (i = 0; i < nr_runs && !first; i++) {
		first = trace_read_stats(r, runs[i].run, &stats, &nr, e);
		if (!first)
			first = trace_read_events(r, runs[i].run, &events, &nr, e);
		if (!first)
			first = trace_read_actions(r, runs[i].run, pass, NULL, e);
		if (!first)
			first = trace_begin_ticks(r, runs[i].run, e);
		while (!first && (result = trace_next_tick(r, &row, e)) != 0)
			first = result < 0 ? result : 0;
		free(stats);
		free(events);
		stats = NULL;
		events = NULL;
	}
	free(runs);
	return first;
}

/* What a kill in a checkpoint leaves, copied without its -shm: `copied` pages of the -wal are in the file, the rest is not. */
struct checkpoint {
	unsigned char *before, *after, *wal;
	size_t before_size, after_size, wal_size;
};

static struct checkpoint begin_checkpoint(void)
{
	struct checkpoint c;

	close_or_fail(open_or_fail(path("run.db"), false));
	assert_int_equal(child_result(start_child(record_and_die, path("run.db"))), 0);
	c.before_size = read_bytes(path("run.db"), &c.before);
	c.wal_size = read_bytes(path("run.db-wal"), &c.wal);
	sql(path("run.db"), "SELECT count(*) FROM tick"); /* the last to close copies all */
	assert_true(stands_alone(path("run.db")));
	c.after_size = read_bytes(path("run.db"), &c.after);
	assert_true(c.after_size > c.before_size);
	return c;
}

static void cut_checkpoint(const struct checkpoint *c, size_t copied, bool with_wal)
{
	unsigned char *bytes = malloc(c->after_size);
	size_t size = copied * 2048;

	memcpy(bytes, c->before, c->before_size);
	memcpy(bytes, c->after, size);
	write_bytes(path("run.db"), bytes, size > c->before_size ? size : c->before_size);
	if (with_wal)
		write_bytes(path("run.db-wal"), c->wal, c->wal_size);
	free(bytes);
}

static void end_checkpoint(struct checkpoint *c)
{
	free(c->before);
	free(c->after);
	free(c->wal);
}

static void a_copy_without_its_shm_is_read_whole_and_stays_as_it_was(void **state)
{
	struct checkpoint c = begin_checkpoint();
	size_t copied;
	char *before, *after;

	for (copied = 0; copied <= c.after_size / 2048; copied++) {
		AUTO(trace_reader_close) struct trace_reader *r = NULL;
		uint64_t last;

		cut_checkpoint(&c, copied, true);
		before = folder_text(fixture_folder);
		r = read_or_fail(path("run.db"));
		assert_string_equal(trace_reader_note(r), "");
		assert_int_equal(count_whole_ticks(r, 2, &last), KILLED_AT);
		trace_reader_close(take(r));
		after = folder_text(fixture_folder);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
	end_checkpoint(&c);
}

static void a_copy_without_its_wal_says_so_where_it_is_not_whole(void **state)
{
	struct checkpoint c = begin_checkpoint();
	size_t copied, told = 0;
	struct error e;

	for (copied = 0; copied < c.after_size / 2048; copied++) {
		cut_checkpoint(&c, copied, false);
		if (read_everything(path("run.db"), &e) == 0)
			continue;
		if (!strstr(e.text, "(copied without its -wal?)"))
			fail_msg("%zu pages: %s", copied, e.text);
		told++;
	}
	assert_true(told > 0);
	end_checkpoint(&c);
}

static int wal_is_missed(void *file)
{
	struct trace_reader *r;
	struct error e = {0};
	int good;

	if (!become_nobody())
		return 99;
	if (trace_reader_open(file, &r, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 98;
	}
	good = strstr(trace_reader_note(r), "the last ticks are missing") != NULL;
	trace_reader_close(r);
	return !good;
}

static void a_wal_that_one_may_not_read_is_told_as_missing(void **state)
{
	struct checkpoint c;

	NEEDS_ROOT();
	c = begin_checkpoint();
	cut_checkpoint(&c, 0, true);
	chmod(path("run.db-wal"), 0600);
	assert_int_equal(child_result(start_child(wal_is_missed, path("run.db"))), 0);
	end_checkpoint(&c);
}

static void what_stands_beside_a_trace_must_be_files(void **state)
{
	static const char *const beside[] = {"run.db-wal", "run.db-shm", "run.db-journal"};
	struct trace_reader *r = NULL;
	struct error e;
	size_t i;

	close_or_fail(open_or_fail(path("run.db"), false));
	for (i = 0; i < 3; i++) {
		assert_int_equal(mkfifo(path(beside[i]), 0644), 0);
		assert_int_equal(trace_reader_open(path("run.db"), &r, &e), -EINVAL);
		assert_non_null(strstr(e.text, beside[i]));
		unlink(path(beside[i]));
	}
}

static void a_trace_in_wal_mode_that_stands_alone_is_read_and_stays_alone(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);

	record_ticks(t, 0, 5);
	close_or_fail(t);
	sql(path("run.db"), "PRAGMA journal_mode=WAL");
	assert_true(stands_alone(path("run.db")));
	assert_int_equal(count_ticks(path("run.db"), 1), 5);
	assert_true(stands_alone(path("run.db")));
	if (geteuid() == 0)
		assert_int_equal(child_result(start_child(read_as_nobody, path("run.db"))), 5);
}

static void a_file_written_to_while_it_is_read_without_locks_is_named_as_such(void **state)
{
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	const struct trace_tick_row *row;
	struct error e = {0};
	struct trace *t = open_or_fail(path("run.db"), false);
	int more;

	record_ticks(t, 0, 500);
	close_or_fail(t);
	sql(path("run.db"), "PRAGMA journal_mode=WAL");
	r = read_or_fail(path("run.db"));
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	sql(path("run.db"), "DELETE FROM vcpu_sample; VACUUM");
	while ((more = trace_next_tick(r, &row, &e)) > 0)
		;
	assert_int_equal(more, -EBADMSG);
	assert_non_null(strstr(e.text, "was written to while it was read"));
}

static int cannot_be_alone(void *file)
{
	sqlite3 *db;
	int rc;

	sqlite3_open(file, &db);
	rc = sqlite3_exec(db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	sqlite3_close(db);
	return rc == SQLITE_BUSY ? 0 : 1;
}

/* POSIX drops all of a process's locks on a file when it closes any descriptor of it. */
static void reading_in_the_writers_process_leaves_the_writer_its_locks(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);

	record_ticks(t, 0, 3);
	assert_int_equal(count_ticks(path("run.db"), 1), 3);
	assert_int_equal(child_result(start_child(cannot_be_alone, path("run.db"))), 0);
	record_ticks(t, 3, 6);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 1), 6);
}

static void a_path_may_hold_any_character(void **state)
{
	static const char *const names[] = {"a?b#c%20d e.db", "'quoted\" \xff\n.db",
	                                    "file:x?mode=ro", "-wal", ":memory:"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct trace *t = open_or_fail(path(names[i]), false);

		record_ticks(t, 0, 2);
		close_or_fail(t);
		assert_true(exists(path(names[i])));
		assert_int_equal(count_ticks(path(names[i]), 1), 2);
	}
}

static const char *refusal(const char *file, int code)
{
	static struct error e;
	struct trace_reader *r = NULL;
	int seen = trace_reader_open(file, &r, &e);

	trace_reader_close(r);
	if (seen != -code)
		fail_msg("%s: expected %d, seen %d: %s", file, -code, seen, seen ? e.text : "");
	return e.text;
}

static void what_is_no_trace_is_refused_by_the_reader_too(void **state)
{
	FILE *f = fopen(path("text"), "w");

	fputs("Some text.\n", f);
	fclose(f);
	assert_int_equal(mkfifo(path("fifo"), 0644), 0);
	assert_int_equal(symlink("text", path("link")), 0);
	sql(path("foreign"), "CREATE TABLE mine(x)");
	close_or_fail(open_or_fail(path("newer"), false));
	sql(path("newer"), "PRAGMA user_version=2");
	assert_non_null(strstr(refusal(path("nothing"), ENOENT), "nothing: no such file"));
	assert_non_null(strstr(refusal(fixture_folder, EINVAL), "a directory"));
	assert_non_null(strstr(refusal(path("fifo"), EINVAL), "a FIFO"));
	assert_non_null(strstr(refusal(path("link"), EINVAL), "a symbolic link"));
	assert_non_null(strstr(refusal(path("text"), EBADMSG), "another kind of file"));
	assert_non_null(strstr(refusal(path("foreign"), EBADMSG), "of another program"));
	assert_non_null(strstr(refusal(path("newer"), EBADMSG), "version 2, from a newer vmb"));
}

static int unreadable_as_nobody(void *file)
{
	struct trace_reader *r;
	struct error e = {0};

	if (!become_nobody())
		return 99;
	return trace_reader_open(file, &r, &e) == -EACCES && strstr(e.text, "Permission denied")
	               ? 0
	               : 1;
}

static void what_one_may_not_read_is_refused_with_the_reason(void **state)
{
	NEEDS_ROOT();
	close_or_fail(open_or_fail(path("run.db"), false));
	chmod(path("run.db"), 0600);
	assert_int_equal(child_result(start_child(unreadable_as_nobody, path("run.db"))), 0);
}

static void any_change_of_the_schema_is_refused(void **state)
{
	static const char *const changes[] = {
	        "CREATE TABLE more (x)",
	        "CREATE INDEX more ON tick (run)",
	        "CREATE TRIGGER more AFTER INSERT ON tick BEGIN SELECT 1; END",
	        "DROP VIEW v_runs",
	        "DROP VIEW v_runs; CREATE VIEW v_runs AS WITH RECURSIVE n(x) AS (SELECT 1 UNION "
	        "ALL "
	        "SELECT x + 1 FROM n) SELECT x FROM n",
	        "ALTER TABLE stat RENAME COLUMN value TO amount",
	        "DROP TABLE tick; CREATE VIEW tick AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL "
	        "SELECT x + 1 FROM n) SELECT x AS tick, 1 AS run FROM n",
	        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT "
	        "NULL', '')",
	        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE tick(' || "
	        "replace(hex(zeroblob(30000)), '0', '(') WHERE name = 'tick'",
	        "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = 'run'",
	        "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema",
	        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = 999999 "
	        "WHERE name = 'tick'",
	};
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		unlink(path("run.db"));
		close_or_fail(open_or_fail(path("run.db"), false));
		sql(path("run.db"), changes[i]);
		refusal(path("run.db"), EBADMSG);
		assert_true(stands_alone(path("run.db")));
	}
}

/* A trace with everything in it, as a target. */
static void make_full_trace(const char *file, unsigned ticks)
{
	static struct action action = {.name = "guest-1", .reason = "because"};
	struct decision d = {VERDICT_ACT, 100, 1, 2, true, 0, "one move", &action, 1, 1};
	struct trace *t = open_or_fail(file, true);
	struct trace_tick tick = {0};
	struct error e = {0};
	struct sample s;

	sample_init(&s);
	trace_event(t, 1, "start", "x");
	trace_count(t, "late_ticks", "info", 1);
	for (tick.number = 0; tick.number < ticks; tick.number++) {
		fixture_sample(&s, tick.number, 8, 2);
		assert_int_equal(trace_tick(t, &tick, &s, &d, &e), 0);
	}
	sample_done(&s);
	close_or_fail(t);
}

static void impossible_values_are_named_by_their_table(void **state)
{
	static const struct {
		const char *sql, *table;
	} rows[] = {
	        {"UPDATE run SET start_mono_ns = -1", "run"},
	        {"UPDATE run SET interval_ns = -5", "run"},
	        {"UPDATE tick SET number = -1 WHERE tick = 3", "an impossible value"},
	        {"UPDATE tick SET begin_ns = -1 WHERE tick = 3", "tick"},
	        {"UPDATE tick SET usable = 99 WHERE tick = 3", "tick"},
	        {"UPDATE pcpu_sample SET pcpu = 2048 WHERE tick = 3 AND pcpu = 1", "pcpu_sample"},
	        {"UPDATE pcpu_sample SET pcpu = -1 WHERE tick = 3 AND pcpu = 1", "pcpu_sample"},
	        {"UPDATE pcpu_sample SET idle_ns = -1 WHERE tick = 3", "pcpu_sample"},
	        {"UPDATE vcpu_sample SET run_ns = -1 WHERE tick = 3", "vcpu_sample"},
	        {"UPDATE vcpu_sample SET delay_ns = -1 WHERE tick = 3", "vcpu_sample"},
	        {"UPDATE vcpu_sample SET pcpu = 2048 WHERE tick = 3", "vcpu_sample"},
	        {"UPDATE vcpu_sample SET affinity = 0 WHERE tick = 3", "vcpu_sample"},
	        {"UPDATE vcpu_sample SET vcpu = 99 WHERE tick = 3 AND vcpu = 2", "vcpu_sample"},
	        {"UPDATE guest_sample SET guest = 99 WHERE tick = 3 AND guest = 2", "guest_sample"},
	        {"UPDATE guest_sample SET state = 4 WHERE tick = 3", "guest_sample"},
	        {"UPDATE guest_sample SET instance = 4294967296 WHERE tick = 3", "guest_sample"},
	        {"UPDATE guest_sample SET user_pins = 2 WHERE tick = 3", "guest_sample"},
	        {"UPDATE guest_sample SET usable_kib = -1 WHERE tick = 3", "guest_sample"},
	        {"UPDATE host_sample SET free_kib = -1 WHERE tick = 3", "host_sample"},
	        {"UPDATE decision SET verdict = 9 WHERE tick = 3", "decision"},
	        {"UPDATE decision SET spread_ppm = -1 WHERE tick = 3", "decision"},
	        {"UPDATE action SET kind = 9", "action"},
	        {"UPDATE action SET result = -1", "action"},
	        {"UPDATE action SET vcpu = NULL", "action"},
	        {"UPDATE action SET guest = 99", "action"},
	        {"UPDATE action SET old = 99", "action"},
	        {"UPDATE guest SET uuid = 'none' WHERE guest = 1", "guest"},
	        {"UPDATE guest SET uuid = (SELECT uuid FROM guest WHERE guest = 2) WHERE guest = 1",
	         "a guest twice"},
	        {"UPDATE vcpu SET number = -1 WHERE vcpu = 1", "vcpu"},
	        {"UPDATE vcpu SET guest = 99 WHERE vcpu = 1", "vcpu"},
	        {"UPDATE vcpu SET guest = 2, number = 1 WHERE vcpu = 1", NULL},
	        {"UPDATE cpus SET list = '0-2048' WHERE cpus = 1", "cpus"},
	        {"UPDATE cpus SET list = 'all' WHERE cpus = 1", "cpus"},
	        {"DELETE FROM cpus", "damaged"},
	        {"DELETE FROM tick WHERE tick = 4", NULL},
	        {"DELETE FROM vcpu_sample", NULL},
	        {"DELETE FROM vcpu_sample; DELETE FROM guest_sample", NULL},
	};
	struct error e;
	size_t i;
	int seen;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unlink(path("run.db"));
		make_full_trace(path("run.db"), 5);
		sql(path("run.db"), rows[i].sql);
		seen = read_everything(path("run.db"), &e);
		if (seen != (rows[i].table ? -EBADMSG : 0) ||
		    (rows[i].table && !strstr(e.text, rows[i].table)))
			fail_msg("%s: seen %d '%s'", rows[i].sql, seen, e.text);
	}
}

static void check_damaged(const char *file, const char *what, uint64_t where)
{
	struct error e;
	int result = read_everything(file, &e);

	if (result > 0 || (result < 0 && (!*e.text || strchr(e.text, '\n') || e.code != -result)))
		fail_msg("%s at %llu: %d '%s'", what, (unsigned long long)where, result, e.text);
	assert_true(stands_alone(file));
}

static void flipped_bits_never_do_harm(void **state)
{
	unsigned char *data;
	size_t size, at, i, flips;
	int round;

	make_full_trace(path("run.db"), 20);
	size = read_bytes(path("run.db"), &data);
	seed = 20260101;
	for (round = 0; round < 400; round++) {
		unsigned char *bad = malloc(size);

		memcpy(bad, data, size);
		flips = 1 + random_number() % 8;
		for (i = 0; i < flips; i++) {
			at = random_number() % size;
			if (round % 4 == 0)
				at = at / 2048 * 2048 + at % 16; /* the heads of pages */
			bad[at] ^= (unsigned char)(1U << random_number() % 8);
		}
		write_bytes(path("bad.db"), bad, size);
		check_damaged(path("bad.db"), "flips, round", (uint64_t)round);
		free(bad);
	}
	free(data);
}

static void cut_and_spliced_files_never_do_harm(void **state)
{
	unsigned char *data, *bad;
	size_t size, n, from, to;
	int round;

	make_full_trace(path("run.db"), 20);
	size = read_bytes(path("run.db"), &data);
	bad = malloc(size);
	seed = 4711;
	for (n = 1; n < size; n += size / 60) {
		write_bytes(path("bad.db"), data, n);
		check_damaged(path("bad.db"), "cut", n);
	}
	for (round = 0; round < 60; round++) {
		memcpy(bad, data, size);
		from = random_number() % (size / 2048) * 2048;
		to = random_number() % (size / 2048) * 2048;
		memcpy(bad + to, data + from, 2048);
		write_bytes(path("bad.db"), bad, size);
		check_damaged(path("bad.db"), "splice, round", (uint64_t)round);
	}
	free(data);
	free(bad);
}

static void the_queries_of_the_readme_give_rows(void **state)
{
	char line[1024], *query, *end;
	FILE *readme = fopen("traces/README.md", "r");
	int nr = 0;

	assert_non_null(readme);
	make_full_trace(path("run.db"), 20);
	while (fgets(line, sizeof(line), readme)) {
		query = strstr(line, "sqlite3 ");
		query = query && line[0] == ' ' ? strchr(query, '"') : NULL;
		end = query ? strrchr(query, '"') : NULL;
		if (!end || end == query)
			continue;
		*end = '\0';
		sql_number(path("run.db"), query + 1);
		nr++;
	}
	fclose(readme);
	assert_true(nr >= 3);
}

static void the_views_give_rates_between_the_middles_of_readings(void **state)
{
	char *file = path("run.db");

	make_full_trace(file, 20);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM v_runs WHERE ticks = 20"), 1);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM v_vcpu_util WHERE run_pct = 1"),
	                 19 * 8);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM v_pcpu_util"), 19 * 2);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM v_actions"), 20);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM v_memory"), 0);
}

/* One that was closed needs none. As another kind of file may lie there, it is as a copy's: nothing is made for it. */
static void noise_beside_a_closed_trace_is_no_reason_to_make_a_shm(void **state)
{
	char command[PATH_MAX + 64], *before, *after;
	struct trace *t = open_or_fail(path("run.db"), false);

	record_ticks(t, 0, 5);
	close_or_fail(t);
	snprintf(command, sizeof(command), "head -c 100000 /dev/urandom >'%s'", path("run.db-wal"));
	assert_int_equal(system(command), 0);
	before = folder_text(fixture_folder);
	assert_int_equal(count_ticks(path("run.db"), 1), 5);
	after = folder_text(fixture_folder);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(noise_beside_a_closed_trace_is_no_reason_to_make_a_shm),
	        TEST(samples_come_back_as_they_were),
	        TEST(without_memory_states_come_back_and_memory_is_unknown),
	        TEST(guests_that_come_go_and_are_renamed_stand_in_order_of_uuid),
	        TEST(decisions_and_actions_come_back_as_they_were),
	        TEST(plans_of_memory_come_back_as_they_were),
	        TEST(actions_have_the_moment_at_which_they_were_made),
	        TEST(runs_stats_and_events_come_back_as_they_were),
	        TEST(runs_written_at_the_same_time_are_read_apart),
	        TEST(a_trace_being_written_is_read_as_it_was_when_it_was_opened),
	        TEST(reading_what_a_killed_recorder_left_changes_no_data),
	        TEST(another_user_reads_what_a_killed_recorder_left),
	        TEST(a_copy_without_its_shm_is_read_whole_and_stays_as_it_was),
	        TEST(a_copy_without_its_wal_says_so_where_it_is_not_whole),
	        TEST(a_wal_that_one_may_not_read_is_told_as_missing),
	        TEST(what_stands_beside_a_trace_must_be_files),
	        TEST(a_trace_in_wal_mode_that_stands_alone_is_read_and_stays_alone),
	        TEST(a_file_written_to_while_it_is_read_without_locks_is_named_as_such),
	        TEST(reading_in_the_writers_process_leaves_the_writer_its_locks),
	        TEST(a_path_may_hold_any_character),
	        TEST(what_is_no_trace_is_refused_by_the_reader_too),
	        TEST(what_one_may_not_read_is_refused_with_the_reason),
	        TEST(any_change_of_the_schema_is_refused),
	        TEST(impossible_values_are_named_by_their_table),
	        TEST(flipped_bits_never_do_harm),
	        TEST(cut_and_spliced_files_never_do_harm),
	        TEST(the_queries_of_the_readme_give_rows),
	        TEST(the_views_give_rates_between_the_middles_of_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
