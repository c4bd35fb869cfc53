/* criteria_test - criteria are read strictly, and a run passes only when its data can tell */
#include "tests/unit/fake_run.h"

#include "analyze/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const char whole_file[] = "; a case\n"
                                 "[case]\n"
                                 "name = whatever it says\n"
                                 "[host]\n"
                                 "[guests heavy]\n"
                                 "count=4\n"
                                 "[load a b]\n"
                                 "shape: square\n"
                                 "[background]\n"
                                 "[event x]\n"
                                 "[criterion balanced]\n"
                                 "    metric = cpu.sd_pp\n"
                                 "    limit  = <= 5\n"
                                 "    hold   = 97.5 %   ; of samples\n"
                                 "    from   = load + 3 ticks\n"
                                 "    to     = 90 s\n"
                                 "\n"
                                 "# and the others\r\n"
                                 "[criterion quiet-2]\r\n"
                                 "metric = cpu.pin_changes\r\n"
                                 "limit = == run.vcpus - (run.pcpus + 1) * 2\r\n"
                                 "from = settle\r\n"
                                 "within = 4 ticks\r\n"
                                 "[criterion late]\n"
                                 "metric=self.late_ticks\n"
                                 "limit=<1\n"
                                 "from=500ms\n"
                                 "to=end";

static void every_key_is_read(void **state)
{
	static const struct series bare;
	struct criteria c;
	struct limit limit;
	struct error e;
	char text[MOMENT_TEXT];

	assert_int_equal(criteria_parse("x", whole_file, &c, &e), 0);
	assert_int_equal(c.nr, 3);
	assert_string_equal(c.rows[0].name, "balanced");
	assert_ptr_equal(c.rows[0].metric, metric_find("cpu.sd_pp"));
	assert_int_equal(c.rows[0].rule.op, LIMIT_AT_MOST);
	assert_string_equal(c.rows[0].rule.formula.text, "5");
	assert_true(c.rows[0].hold_pct == 97.5);
	assert_string_equal(moment_text(&c.rows[0].from, text), "load + 3 ticks");
	assert_string_equal(moment_text(&c.rows[0].to, text), "90 s");
	assert_int_equal(c.rows[0].line, 11);
	assert_string_equal(c.rows[1].name, "quiet-2");
	assert_int_equal(c.rows[1].rule.op, LIMIT_IS);
	assert_true(c.rows[1].hold_pct == 100);
	assert_int_equal(c.rows[1].from.kind, MOMENT_SETTLE);
	assert_true(isnan(c.rows[1].from.seconds));
	assert_int_equal(c.rows[1].from.ticks, 4);
	assert_int_equal(c.rows[1].to.kind, MOMENT_END);
	assert_int_equal(c.rows[1].line, 19);
	assert_int_equal(c.rows[2].rule.op, LIMIT_BELOW);
	assert_true(c.rows[2].from.seconds == 0.5);
	assert_int_equal(criteria_balance_limit(&c, &bare, &limit), 0);
	assert_true(limit.value == 5);
	criteria_done(&c);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
	struct criteria c;
	struct error e;

	assert_int_equal(criteria_parse("x",
	                                "\xef\xbb\xbf[criterion a]\nmetric=self.late_ticks\n"
	                                "limit = >= 0\n",
	                                &c, &e),
	                 0);
	criteria_done(&c);
}

static void the_built_in_set_is_sound(void **state)
{
	struct criteria c;
	struct error e;

	assert_int_equal(criteria_builtin(NULL, NULL, &c, &e), 0);
	assert_int_equal(c.nr, 3);
	criteria_done(&c);
}

static void a_run_settles_by_the_limit_of_its_criteria_or_its_own(void **state)
{
	static const struct {
		const char *limit; /* of cpu.sd_pp; NULL: no such criterion */
		const char *settings;
		enum limit_op op;
		double value;
	} table[] = {
	        {"<= 5", "balance=9", LIMIT_AT_MOST, 5},
	        {"< 3", "", LIMIT_BELOW, 3},
	        {"<= run.balance_pp", "balance=9", LIMIT_AT_MOST, 9},
	        {"<= run.balance_pp", "", LIMIT_AT_MOST, 5},
	        {"< run.balance_pp + 1", "balance=9", LIMIT_BELOW, 10},
	        {"< 2 * run.balance_pp / 3", "balance=9", LIMIT_BELOW, 6},
	        {"< run.balance_pp / 0", "balance=9", LIMIT_BELOW, 9},
	        {NULL, "balance=9", LIMIT_AT_MOST, 9},
	        {NULL, "", LIMIT_AT_MOST, 5},
	};
	static struct series s;
	struct criteria c;
	struct limit limit;
	struct error e;
	char text[256];
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(text, sizeof(text), "[criterion a]\nmetric=%s\nlimit=%s\n",
		         table[i].limit ? "cpu.sd_pp" : "cpu.jain",
		         table[i].limit ? table[i].limit : ">= 0.9");
		snprintf(s.run.settings, sizeof(s.run.settings), "%s", table[i].settings);
		assert_int_equal(criteria_parse("f", text, &c, &e), 0);
		assert_int_equal(criteria_balance_limit(&c, &s, &limit), 0);
		if (limit.op != table[i].op || limit.value != table[i].value || limit.known)
			fail_msg("row %zu: %s %g", i, limit_sign[limit.op], limit.value);
		criteria_done(&c);
	}
}

static void limits_are_written_as_they_are_read(void **state)
{
	static const struct {
		const char *metric, *limit, *again;
	} table[] = {
	        {"cpu.sd_pp", "<=5", "5"},
	        {"cpu.sd_pp", "<= run.balance_pp", "run.balance_pp"},
	        {"cpu.sd_pp", "<=\t5 ", "5"},
	        {"cpu.pin_changes", "== cpu.reversals", "cpu.reversals"},
	        {"cpu.pin_changes", "<cpu.reversals+1.5", "cpu.reversals+1.5"},
	        {"cpu.pin_changes", ">   - (run.vcpus -  2)", "- (run.vcpus -  2)"},
	        {"cpu.class", "flat", "flat"},
	        {"cpu.class", "settles,flat", "flat, settles"},
	        {"cpu.class", "  never ,  drifts , oscillates", "drifts, oscillates, never"},
	};
	char text[LIMIT_TEXT];
	struct rule rule;
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		const struct metric *m = metric_find(table[i].metric);

		if (rule_parse(table[i].limit, m, &rule, &e) < 0)
			fail_msg("%s: %s", table[i].limit, e.text);
		assert_string_equal(rule_text(&rule, m, text), table[i].again);
	}
}

#define HEAD  "[criterion a]\nmetric = cpu.sd_pp\n"
#define CLASS "[criterion a]\nmetric = cpu.class\n"
#define GOOD  HEAD "limit = <= 5\n"
#define LONG  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} table[] = {
	        {"", "has no [criterion NAME]"},
	        {"[case]\nname = x\n", "has no [criterion NAME]"},
	        {"metric = cpu.sd_pp\n", "f:1: metric: stands before the first section"},
	        {"[criterion a]\nmetric = cpu.sd\n", "f:2: metric 'cpu.sd': there is no such"},
	        {HEAD "limit = 5\n", "f:3: limit '5': needs <=, <, ==, >= or >"},
	        {HEAD "limit = <=\n", "f:3: limit '': needs a number, a metric or ( at its end"},
	        {HEAD "limit = =< 5\n", "f:3: limit '=< 5': needs <="},
	        {HEAD "limit = <= 5 points\n",
	         "f:3: limit '5 points': needs + - * or / at 'points'"},
	        {HEAD "limit = <= 5 %\n", "f:3: limit '5 %': needs + - * or / at '%'"},
	        {HEAD "limit = <= nan\n", "f:3: limit 'nan': there is no metric 'nan'"},
	        {HEAD "limit = <= vcpus\n", "f:3: limit 'vcpus': there is no metric 'vcpus'"},
	        {HEAD "limit = <= cpu.steal_pct\n",
	         "f:3: limit 'cpu.steal_pct': cpu.steal_pct is a number a guest, not one a run"},
	        {HEAD "limit = <= 2 * cpu.jain\n",
	         "f:3: limit '2 * cpu.jain': cpu.jain is a number "
	         "a tick, not one a run"},
	        {HEAD "limit = <= cpu.class\n", "f:3: limit 'cpu.class': cpu.class is a word"},
	        {HEAD "limit = <= 3 * run.interval_s\nhold = 9 %\n",
	         "f:3: limit '3 * run.interval_s': it comes to s, cpu.sd_pp to points"},
	        {HEAD "limit = <= 2 * run.vcpus\n",
	         "f:3: limit '2 * run.vcpus': it comes to a bare number, cpu.sd_pp to points"},
	        {HEAD "limit = <= run.balance_pp * cpu.moves_needed\n",
	         "f:3: limit 'run.balance_pp * cpu.moves_needed': depends on how cpu.sd_pp keeps"},
	        {HEAD "limit = flat\n", "f:3: limit 'flat': needs <=, <, ==, >= or >"},
	        {CLASS "limit = <= 5\n", "f:3: limit '<= 5': '<=' is no value of cpu.class"},
	        {CLASS "limit = flat settles\n", "f:3: limit 'flat settles': needs commas"},
	        {CLASS "limit = flat, settle\n", "f:3: limit 'flat, settle': 'settle' is no value"},
	        {CLASS "limit = flat,\n", "f:3: limit 'flat,': '' is no value of cpu.class"},
	        {CLASS "limit =\n", "f:3: limit '': '' is no value of cpu.class"},
	        {CLASS "limit = flat\nhold = 9 %\n",
	         "f:1: criterion a: cpu.class is one number: hold does not apply"},
	        {"[criterion a]\nlimit = flat\nmetric = cpu.sd_pp\n", "f:2: limit 'flat': needs"},
	        {HEAD, "f:1: criterion a: has no limit"},
	        {GOOD GOOD, "f:4: [criterion a]: was already given in line 1"},
	        {"[criterion a]\nlimit = < 1\n[case]\n", "f:1: criterion a: has no metric"},
	        {"[criterion a]\n", "f:1: criterion a: has no metric"},
	        {GOOD "limit = <= 6\n", "f:4: limit: is given twice"},
	        {GOOD "unit = s\n", "f:4: unit: no such key"},
	        {GOOD "Hold = 5 %\n", "f:4: Hold: no such key"},
	        {GOOD "hold = 95\n", "f:4: hold '95': needs a percentage"},
	        {GOOD "hold = x %\n", "f:4: hold 'x': not a number"},
	        {GOOD "hold = 101 %\n", "f:4: hold '101': must be from 0 to 100"},
	        {GOOD "hold = 0 %\n", "f:4: hold '0 %': must be above 0"},
	        {GOOD "hold = %\n", "f:4: hold '': not a number"},
	        {GOOD "from = soon\n", "f:4: from 'soon': not a number of seconds"},
	        {GOOD "from = 3 weeks\n", "f:4: from '3 weeks': 'weeks' is not a unit"},
	        {GOOD "from = -1 s\n", "f:4: from '-1 s': must be from"},
	        {GOOD "from = 3 s + 2\n", "f:4: from '3 s + 2': needs a time, or a time + N"},
	        {GOOD "to = x + 2 ticks\n", "f:4: to 'x': not a number of seconds"},
	        {GOOD "from = load3\n", "f:4: from 'load3': needs load+N ticks"},
	        {GOOD "from = load+x ticks\n", "f:4: from 'load+x ticks': needs load+N"},
	        {GOOD "from = load+3 s\n", "f:4: from 'load+3 s': needs load+N ticks"},
	        {GOOD "from = load+3 ticks more\n", "f:4: from 'load+3 ticks more'"},
	        {GOOD "to = settle\n", "f:4: to 'settle': not a number of seconds"},
	        {GOOD "within = 3 ticks\n", "f:1: criterion a: within needs from = settle"},
	        {GOOD "from = settle\nwithin = x\n", "f:5: within 'x': not a number"},
	        {GOOD "from = 9 s\nto = 8 s\n", "f:1: criterion a: ends before it starts"},
	        {GOOD "nonsense\n", "f:4: neither [SECTION] nor KEY = VALUE"},
	        {GOOD "[criterion\n", "f:4: neither [SECTION] nor KEY = VALUE"},
	        {GOOD "[criteria b]\n", "f:4: [criteria b]: not a section that is known"},
	        {GOOD "[guest x]\n", "f:4: [guest x]: not a section that is known"},
	        {GOOD "[loads]\n", "f:4: [loads]: not a section that is known"},
	        {GOOD "[case x]\n", "f:4: [case x]: not a section that is known"},
	        {"[criterion]\n", "f:1: [criterion]: not a section that is known"},
	        {"[criterion ]\n", "f:1: [criterion ]: a name has 1 to 47"},
	        {"[criterion a b]\n", "f:1: [criterion a b]: a name has 1 to 47"},
	        {"[criterion " LONG "]\n", "f:1: [criterion xxx"},
	        {"; " LONG LONG LONG "\n" GOOD, "f:1: line is longer than"},
	        {"[criterion a]\nmetric = cpu.pin_changes\nlimit = == 0\nhold = 90 %\n",
	         "f:1: criterion a: cpu.pin_changes is one number: hold does not apply"},
	        {"[criterion a]\nmetric = cpu.settle_s\nlimit = < 9\nfrom = settle\n",
	         "f:1: criterion a: cpu.settle_s cannot start at settle"},
	};
	struct criteria c;
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		if (criteria_parse("f", table[i].text, &c, &e) != -EINVAL)
			fail_msg("accepted: %s", table[i].text);
		if (!strstr(e.text, table[i].says))
			fail_msg("says '%s' instead of '%s'", e.text, table[i].says);
	}
}

static uint32_t chance(uint32_t below)
{
	static uint64_t seed = 20240229;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

/* A few bytes of a sound file are changed, left out, or taken from elsewhere in it. */
static void spoil_text(char *text)
{
	size_t length = strlen(text), at, from, n;
	uint32_t times = 1 + chance(4);

	while (times--) {
		at = chance((uint32_t)length);
		n = 1 + chance((uint32_t)(length - at < 12 ? length - at : 12));
		switch (chance(3)) {
		case 0:
			text[at] = (char)(1 + chance(255));
			break;
		case 1:
			memmove(text + at, text + at + n, length - at - n + 1);
			length -= n;
			break;
		default:
			from = chance((uint32_t)(length - n + 1));
			memmove(text + at, text + from, n);
		}
		if (!length)
			return;
	}
}

static void a_spoiled_file_is_refused_with_its_line_or_is_sound(void **state)
{
	char text[sizeof(whole_file) + 1];
	size_t i, sound = 0, refused = 0;
	struct criteria c;
	struct error e;
	int line, end, r;

	for (i = 0; i < 50000; i++) {
		memcpy(text, whole_file, sizeof(whole_file));
		spoil_text(text);
		c = (struct criteria){.nr = 77};
		r = criteria_parse("f", text, &c, &e);
		if (r == 0) {
			assert_in_range(c.nr, 1, 4);
			criteria_done(&c);
			sound++;
			continue;
		}
		assert_int_equal(r, -EINVAL);
		assert_int_equal(c.nr, 77);
		if (sscanf(e.text, "f:%d: %n", &line, &end) != 1 || line < 1 || line > 40)
			fail_msg("says '%s' of:\n%s", e.text, text);
		refused++;
	}
	assert_true(sound > 1000);
	assert_true(refused > 1000);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	char path[] = "/tmp/vmb-criteria-XXXXXX";
	struct criteria c;
	struct error e;
	int fd;

	assert_int_equal(criteria_read("/nonexistent/x.case", &c, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/x.case"));
	assert_int_equal(criteria_read("/tmp", &c, &e), -EISDIR);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, GOOD "\0", sizeof(GOOD)), sizeof(GOOD));
	assert_int_equal(criteria_read(path, &c, &e), -EINVAL);
	assert_non_null(strstr(e.text, "not a text file"));
	assert_int_equal(ftruncate(fd, sizeof(GOOD) - 1), 0);
	assert_int_equal(criteria_read(path, &c, &e), 0);
	assert_int_equal(c.nr, 1);
	criteria_done(&c);
	close(fd);
	unlink(path);
}

/* What a run is made of; then it is judged by one criterion. */
struct scene {
	const char *what;
	void (*play)(struct fake *f);
	const char *criterion; /* its keys */
	enum outcome outcome;
	const char *why; /* part of the reason; NULL: passes */
};

static void crowd(struct fake *f, double demand_pct, int pcpu)
{
	unsigned i;

	for (i = 0; i < f->nr_guests; i++) {
		f->demand_pct[i] = demand_pct;
		f->pinned[i] = pcpu;
	}
}

static void move_half(struct fake *f)
{
	unsigned i;

	fake_sense(f);
	for (i = 0; i < f->nr_guests / 2; i++)
		fake_pin(f, i, 1);
	fake_record(f);
}

/* All on pCPU 0; half of them moved in tick 3; then quiet. */
static void play_good(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 3);
	move_half(f);
	fake_ticks(f, 37);
}

static void play_never_balanced(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 40);
}

static void play_balanced_in_the_last_sample(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 38);
	move_half(f);
	fake_ticks(f, 1);
}

static void play_balanced_late(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 30);
	move_half(f);
	fake_ticks(f, 40);
}

/* Whoever is on pCPU 1 asks for so many points more. */
static void ask_more(struct fake *f, double points)
{
	unsigned i;

	for (i = 0; i < f->nr_guests; i++)
		if (f->pinned[i] == 1)
			f->demand_pct[i] += points;
}

static void play_one_bad_sample(struct fake *f)
{
	play_good(f);
	ask_more(f, 5);
	fake_ticks(f, 2);
	ask_more(f, -5);
	fake_ticks(f, 18);
}

static void play_other_work(struct fake *f)
{
	play_good(f);
	f->foreign_pct[1] = 20;
	fake_ticks(f, 2);
	f->foreign_pct[1] = 0;
	fake_ticks(f, 18);
}

static void play_other_work_always(struct fake *f)
{
	f->foreign_pct[1] = 20;
	play_good(f);
}

static void play_full(struct fake *f)
{
	crowd(f, 60, 0);
	move_half(f);
	fake_ticks(f, 40);
}

static void play_late_change(struct fake *f)
{
	play_good(f);
	fake_sense(f);
	fake_pin(f, 0, 0);
	fake_pin(f, 7, 1);
	fake_record(f);
	fake_ticks(f, 20);
}

static void play_flapping(struct fake *f)
{
	unsigned i;

	crowd(f, 18, 0);
	fake_ticks(f, 3);
	move_half(f);
	for (i = 0; i < 10; i++) {
		fake_ticks(f, 3);
		fake_sense(f);
		fake_pin(f, 0, i % 2);
		fake_pin(f, 7, !(i % 2));
		fake_record(f);
	}
	fake_ticks(f, 3);
}

/* The kernel spreads floating vCPUs well from the start; the balancer pins each in its first ticks. */
static void play_floating(struct fake *f)
{
	unsigned i;

	crowd(f, 18, FAKE_ALL);
	fake_ticks(f, 2);
	fake_sense(f);
	for (i = 0; i < f->nr_guests; i++)
		fake_pin(f, i, (int)i % 2);
	fake_record(f);
	fake_ticks(f, 38);
}

static void play_no_guests(struct fake *f)
{
	f->nr_guests = 0;
	fake_ticks(f, 40);
}

static void play_guests_die(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 3);
	move_half(f);
	fake_ticks(f, 8);
	memset(f->gone, true, sizeof(f->gone));
	fake_ticks(f, 40);
}

static void play_load_dies(struct fake *f)
{
	unsigned i;

	crowd(f, 18, 0);
	fake_ticks(f, 3);
	move_half(f);
	fake_ticks(f, 12);
	for (i = 0; i < f->nr_guests; i++)
		f->demand_pct[i] = 1;
	fake_ticks(f, 40);
}

static void play_idle(struct fake *f)
{
	crowd(f, 2, 0);
	fake_ticks(f, 40);
}

static void play_idle_and_changed(struct fake *f)
{
	crowd(f, 2, 0);
	fake_ticks(f, 20);
	move_half(f);
	fake_ticks(f, 20);
}

static void play_one_lost(struct fake *f)
{
	play_good(f);
	fake_miss(f, 1);
	fake_ticks(f, 20);
}

static void play_many_lost(struct fake *f)
{
	play_good(f);
	fake_miss(f, 30);
	fake_ticks(f, 20);
}

static void play_bad_and_lost(struct fake *f)
{
	play_one_bad_sample(f);
	fake_miss(f, 1);
	fake_ticks(f, 20);
}

static void play_short(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 3);
	move_half(f);
	fake_ticks(f, 4);
}

static void play_two_ticks(struct fake *f)
{
	crowd(f, 18, 0);
	fake_ticks(f, 2);
}

static void play_one_tick(struct fake *f)
{
	fake_ticks(f, 1);
}

static void play_nothing(struct fake *f)
{
}

static void play_load_from_tick_20(struct fake *f)
{
	crowd(f, 2, 0);
	fake_ticks(f, 20);
	crowd(f, 18, 0);
	fake_ticks(f, 3);
	move_half(f);
	fake_ticks(f, 30);
}

static void play_crowded(struct fake *f)
{
	crowd(f, 50, FAKE_ALL);
	fake_ticks(f, 40);
}

/* 48 guests on 7 of 16 pCPUs: too many to prove how few changes even them out. */
static void play_wide(struct fake *f)
{
	unsigned i;

	f->nr_pcpus = 16;
	f->nr_guests = 48;
	for (i = 0; i < f->nr_pcpus; i++)
		cpuset_add(&f->usable, i);
	for (i = 0; i < f->nr_guests; i++) {
		f->demand_pct[i] = 8 + i * 7 % 23;
		f->pinned[i] = (int)(i % 7);
	}
	f->noise = 0;
	fake_ticks(f, 30);
}

static void play_wide_shuffled(struct fake *f)
{
	unsigned i;

	play_wide(f);
	fake_sense(f);
	for (i = 0; i < f->nr_guests; i++)
		fake_pin(f, i, (int)((i + 1) % 7));
	fake_record(f);
	fake_ticks(f, 12);
}

/* 60 % on pCPU 0, of which two floating vCPUs are 40: 40 at best, if the rest is where it seems to be. */
static void play_floating_beside_others(struct fake *f)
{
	crowd(f, 0, 0);
	f->demand_pct[0] = f->demand_pct[1] = 20;
	f->pinned[0] = f->pinned[1] = FAKE_ALL;
	f->foreign_pct[0] = 40;
	f->noise = 0;
	fake_ticks(f, 30);
}

static void play_without_delay(struct fake *f)
{
	f->knows_delay = false;
	play_crowded(f);
}

static void play_one_pcpu(struct fake *f)
{
	f->usable = cpuset_one(0);
	crowd(f, 18, 0);
	fake_ticks(f, 40);
}

#define BALANCED "metric=cpu.sd_pp\nlimit=<=5\nfrom=load+3 ticks\n"
#define SETTLES  "metric=cpu.sd_pp\nlimit=<=5\nfrom=settle\n"
#define QUIET    "metric=cpu.pin_changes\nlimit===0\nfrom=settle\n"
#define NEVER    "metric=cpu.pin_changes\nlimit===0\n"
#define STEADY   "metric=cpu.reversals\nlimit===0\n"
#define ON_TIME  "metric=self.late_ticks\nlimit===0\n"

static void judge_whole(const struct criterion *c, const struct series *s, const struct settling *x,
                        struct judgement *out)
{
	struct observations whole = {0};

	assert_int_equal(metric_observe(c->metric, s, x, WINDOW_ALL, &whole), 0);
	assert_int_equal(judge(c, s, x, &whole, out), 0);
	observations_done(&whole);
}

static void runs_are_judged(void **state)
{
	static const struct scene table[] = {
	        {"balanced in time", play_good, BALANCED, OUTCOME_PASS, NULL},
	        {"quiet once balanced", play_good, QUIET, OUTCOME_PASS, NULL},
	        {"nothing taken back", play_good, STEADY, OUTCOME_PASS, NULL},
	        {"settles", play_good, SETTLES, OUTCOME_PASS, NULL},
	        {"settles in three ticks", play_good, SETTLES "within=3 ticks\n", OUTCOME_PASS,
	         NULL},
	        {"no more changes than another number", play_good,
	         "metric=cpu.pin_changes\nlimit=<=cpu.reversals + 4\n", OUTCOME_PASS, NULL},
	        {"one more than that", play_good,
	         "metric=cpu.pin_changes\nlimit=<=cpu.reversals + 3\n", OUTCOME_FAIL,
	         "4 instead of <= 3, the first at 3.0 s: g0"},
	        {"no more changes than needed", play_good,
	         "metric=cpu.pin_changes\nlimit=<=cpu.moves_needed\n", OUTCOME_PASS, NULL},
	        {"more changes than needed", play_flapping,
	         "metric=cpu.pin_changes\nlimit=<=cpu.moves_needed + 1\n", OUTCOME_FAIL,
	         " instead of <= 5, the first at"},
	        {"idle: none is needed", play_idle,
	         "metric=cpu.pin_changes\nlimit=<=cpu.moves_needed\n", OUTCOME_PASS, NULL},
	        {"idle, and changed", play_idle_and_changed,
	         "metric=cpu.pin_changes\nlimit=<=cpu.moves_needed\n", OUTCOME_FAIL,
	         "4 instead of <= 0"},
	        {"too short to tell what is needed", play_two_ticks,
	         "metric=cpu.pin_changes\nlimit=>=cpu.moves_needed\n", OUTCOME_UNDECIDED,
	         "the limit is not known: cpu.moves_needed is not"},
	        {"perhaps fewer are needed", play_wide,
	         "metric=cpu.pin_changes\nlimit=<=cpu.moves_needed\n", OUTCOME_UNDECIDED,
	         "the limit is not known exactly: cpu.moves_needed is only known to be at most"},
	        {"perhaps fewer are needed: not below them", play_wide,
	         "metric=cpu.pin_changes\nlimit=>=cpu.moves_needed\n", OUTCOME_UNDECIDED,
	         "the limit is not known exactly: cpu.moves_needed is only known to be at most"},
	        {"more than certainly do", play_wide_shuffled,
	         "metric=cpu.pin_changes\nlimit=<=cpu.moves_needed\n", OUTCOME_FAIL,
	         "48 instead of <="},
	        {"as many as certainly do", play_wide_shuffled,
	         "metric=cpu.pin_changes\nlimit=>=cpu.moves_needed\n", OUTCOME_PASS, NULL},
	        {"more than half of a bound is not too few", play_wide_shuffled,
	         "metric=cpu.pin_changes\nlimit=>=100 - cpu.moves_needed\n", OUTCOME_FAIL,
	         "48 instead of >="},
	        {"at least so many, and that is enough", play_wide_shuffled,
	         "metric=cpu.pin_changes\nlimit=<=100 - cpu.moves_needed\n", OUTCOME_PASS, NULL},
	        {"a sample is not below what is known at most", play_wide,
	         "metric=cpu.jain\nlimit=>=cpu.moves_needed\n", OUTCOME_UNDECIDED,
	         "the limit is not known exactly"},
	        {"samples below what is known at least", play_wide,
	         "metric=cpu.jain\nlimit=<= 200 - cpu.moves_needed\n", OUTCOME_PASS, NULL},
	        {"settled, against what is known at most", play_wide,
	         "metric=cpu.jain\nlimit=<= cpu.moves_needed\nfrom=settle\n", OUTCOME_UNDECIDED,
	         "the limit is not known exactly"},
	        {"fewer than the vCPUs", play_good, "metric=cpu.pin_changes\nlimit=< run.vcpus\n",
	         OUTCOME_PASS, NULL},
	        {"a quarter of the vCPUs", play_good,
	         "metric=cpu.pin_changes\nlimit=<= run.vcpus / run.pcpus / 2\n", OUTCOME_FAIL,
	         "4 instead of <= 2, the first at 3.0 s: g0"},
	        {"not that soon", play_balanced_late,
	         "metric=cpu.settle_s\nlimit=<= 3 * run.interval_s\n", OUTCOME_FAIL,
	         " instead of <= 3"},
	        {"samples within a formula", play_good,
	         "metric=cpu.sd_pp\nlimit=<= 2 * run.balance_pp / 2\nfrom=load+3 ticks\n",
	         OUTCOME_PASS, NULL},
	        {"needed at most: below", play_wide, "metric=cpu.moves_needed\nlimit=<=48\n",
	         OUTCOME_PASS, NULL},
	        {"needed at most: not below", play_wide, "metric=cpu.moves_needed\nlimit=<=1\n",
	         OUTCOME_UNDECIDED, "cpu.moves_needed is not known"},
	        {"regret at most 1.5: above", play_floating_beside_others,
	         "metric=cpu.regret\nlimit=<=1.2\n", OUTCOME_UNDECIDED, "too few samples: 0 are"},
	        {"regret at most 1.5: below", play_floating_beside_others,
	         "metric=cpu.regret\nlimit=<=1.6\n", OUTCOME_PASS, NULL},
	        {"regret at most 1.5: no lower limit", play_floating_beside_others,
	         "metric=cpu.regret\nlimit=>=1.1\n", OUTCOME_UNDECIDED, "too few samples: 0"},
	        {"regret", play_good, "metric=cpu.regret\nlimit=<=1.1\nfrom=load+3 ticks\n",
	         OUTCOME_PASS, NULL},
	        {"regret while a pCPU is full", play_good, "metric=cpu.regret\nlimit=<=1.1\n",
	         OUTCOME_UNDECIDED, "samples are lost or not known"},
	        {"regret of a full pCPU is not judged", play_never_balanced,
	         "metric=cpu.regret\nlimit=<=1.1\nfrom=load+3 ticks\n", OUTCOME_UNDECIDED,
	         "too few samples: 0 are known"},
	        {"another number that is not known", play_never_balanced,
	         "metric=cpu.dwell_s\nlimit=>=cpu.settle_s\n", OUTCOME_UNDECIDED,
	         "the limit is not known: cpu.settle_s is not"},
	        {"within the limit that it was given", play_good,
	         "metric=cpu.sd_pp\nlimit=<=run.balance_pp\nfrom=load+3 ticks\n", OUTCOME_PASS,
	         NULL},
	        {"out of the limit that it was given", play_never_balanced,
	         "metric=cpu.sd_pp\nlimit=<=run.balance_pp\nfrom=load+3 ticks\n", OUTCOME_FAIL,
	         "36 of 36 samples"},
	        {"settles in class", play_good, "metric=cpu.class\nlimit=flat, settles\n",
	         OUTCOME_PASS, NULL},
	        {"settles, where flat is asked", play_good, "metric=cpu.class\nlimit=flat\n",
	         OUTCOME_FAIL, "settles instead of one of flat"},
	        {"never, where it is asked", play_never_balanced, "metric=cpu.class\nlimit=never\n",
	         OUTCOME_PASS, NULL},
	        {"no class without load", play_idle, "metric=cpu.class\nlimit=flat\n",
	         OUTCOME_UNDECIDED, "no load"},
	        {"not in two", play_good, SETTLES "within=2 ticks\n", OUTCOME_FAIL,
	         "settled 3.0 s after the first load, 2.0 s (within) is the latest"},
	        {"not in 2.5 s", play_good, SETTLES "within=2.5 s\n", OUTCOME_FAIL,
	         "2.5 s (within)"},
	        {"settling time as a number", play_good, "metric=cpu.settle_s\nlimit=<=3\n",
	         OUTCOME_PASS, NULL},
	        {"changes as a number", play_good, "metric=cpu.pin_changes\nlimit=<=4\n",
	         OUTCOME_PASS, NULL},
	        {"one fewer than needed", play_good, "metric=cpu.pin_changes\nlimit=<=3\n",
	         OUTCOME_FAIL, "4 instead of <= 3, the first at 3.0 s: g0"},
	        {"some change", play_good, "metric=cpu.pin_changes\nlimit=>=1\n", OUTCOME_PASS,
	         NULL},
	        {"none from 4 s on", play_good, NEVER "from=4 s\n", OUTCOME_PASS, NULL},
	        {"none to 2.5 s", play_good, NEVER "to=2.5 s\n", OUTCOME_UNDECIDED,
	         "too few samples: 2,"},
	        {"no vCPU changed twice", play_good, "metric=cpu.dwell_s\nlimit=>=3\n",
	         OUTCOME_PASS, NULL},

	        {"never balanced", play_never_balanced, BALANCED, OUTCOME_FAIL,
	         "36 of 36 samples are out of the limit"},
	        {"never settled", play_never_balanced, SETTLES, OUTCOME_FAIL, "never settled"},
	        {"never settled: not quiet", play_never_balanced, QUIET, OUTCOME_FAIL,
	         "cpu.sd_pp never settled"},
	        {"no settling time", play_never_balanced, "metric=cpu.settle_s\nlimit=<=20\n",
	         OUTCOME_FAIL, "never settled"},
	        {"good in the last sample", play_balanced_in_the_last_sample, SETTLES, OUTCOME_FAIL,
	         "held only in the last 1 of 39 samples"},
	        {"quiet after the last sample", play_balanced_in_the_last_sample, QUIET,
	         OUTCOME_FAIL, "held only in the last 1 of 39 samples"},
	        {"settled late", play_balanced_late, SETTLES, OUTCOME_FAIL,
	         "settled 30.0 s after the first load, 20.0 s (within) is the latest"},
	        {"settled late, with more patience", play_balanced_late, SETTLES "within=30 s\n",
	         OUTCOME_PASS, NULL},
	        {"a bad sample later", play_one_bad_sample, BALANCED, OUTCOME_FAIL,
	         "2 of 57 samples are out of the limit"},
	        {"a bad sample by other work", play_other_work, BALANCED, OUTCOME_UNDECIDED,
	         "2 of 57 samples are out of the limit, and other work took up to 10 % of all pCPU "
	         "time"},
	        {"other work that is always there", play_other_work_always, BALANCED, OUTCOME_FAIL,
	         "samples are out of the limit"},
	        {"every pCPU full", play_full, BALANCED, OUTCOME_UNDECIDED,
	         "every pCPU was full: any placement looks balanced"},
	        {"a bad sample in a hundred", play_one_bad_sample, BALANCED "hold=95 %\n",
	         OUTCOME_PASS, NULL},
	        {"as many changes as the size of the host asks for", play_good,
	         "metric=cpu.pin_changes\nlimit= == run.vcpus - run.vcpus / run.pcpus\n",
	         OUTCOME_PASS, NULL},
	        {"one more than that", play_good,
	         "metric=cpu.pin_changes\nlimit= == run.vcpus - run.vcpus / run.pcpus - 1\n",
	         OUTCOME_FAIL, "4 instead of == 3, the first at 3.0 s"},
	        {"so many intervals to settle", play_good,
	         "metric=cpu.settle_s\nlimit= <= 3 * run.interval_s\n", OUTCOME_PASS, NULL},
	        {"a limit that is no number", play_good,
	         "metric=cpu.pin_changes\nlimit= == 1 / 0 * run.pcpus\n", OUTCOME_UNDECIDED,
	         "the limit is not known: it divides by 0"},
	        {"ticks after a time: a change before", play_late_change,
	         "metric=cpu.pin_changes\nlimit= == 0\nfrom=40.5 s + 1 tick\n", OUTCOME_PASS, NULL},
	        {"ticks after a time: a change in them", play_late_change,
	         "metric=cpu.pin_changes\nlimit= == 0\nfrom=39.5 s + 1 tick\n", OUTCOME_FAIL,
	         "2 instead of == 0, the first at 41.0 s"},
	        {"ticks after a time, beyond the end", play_good,
	         "metric=cpu.sd_pp\nlimit=<=5\nfrom=30 s + 99 ticks\n", OUTCOME_UNDECIDED,
	         "too few samples"},
	        {"a change after settling", play_late_change, QUIET, OUTCOME_FAIL,
	         "2 instead of == 0, the first at 41.0 s: g0"},
	        {"taken back, but later", play_late_change, STEADY, OUTCOME_PASS, NULL},
	        {"flapping", play_flapping, STEADY, OUTCOME_FAIL, "instead of == 0"},
	        {"no rest after a change", play_flapping, "metric=cpu.dwell_s\nlimit=>=5\n",
	         OUTCOME_FAIL, "samples are out"},
	        {"the balancer's first ticks are its own", play_floating, QUIET, OUTCOME_PASS,
	         NULL},
	        {"but not all of them", play_floating, NEVER, OUTCOME_FAIL, "8 instead of == 0"},

	        {"no guests: balance", play_no_guests, BALANCED, OUTCOME_UNDECIDED, "no guests"},
	        {"no guests: changes", play_no_guests, NEVER, OUTCOME_UNDECIDED, "no guests"},
	        {"no guests: reversals", play_no_guests, STEADY, OUTCOME_UNDECIDED, "no guests"},
	        {"no guests: the recorder was on time", play_no_guests, ON_TIME, OUTCOME_PASS,
	         NULL},
	        {"guests died", play_guests_die, NEVER "from=5 s\n", OUTCOME_UNDECIDED,
	         "guests in only 12 of 52 ticks"},
	        {"load died", play_load_dies, BALANCED, OUTCOME_UNDECIDED,
	         "load in only 13 of 52 samples"},
	        {"load died: quiet", play_load_dies, QUIET, OUTCOME_UNDECIDED, "load in only"},
	        {"idle: balance", play_idle, BALANCED, OUTCOME_UNDECIDED,
	         "no load: busy vCPUs took 0 % of a pCPU at most (at 0.0 s), 20 % are needed"},
	        {"idle: quiet", play_idle, QUIET, OUTCOME_UNDECIDED, "no load"},
	        {"idle: no change", play_idle, NEVER, OUTCOME_PASS, NULL},
	        {"idle: changed all the same", play_idle_and_changed, NEVER, OUTCOME_FAIL,
	         "4 instead of == 0, the first at 20.0 s"},
	        {"load that starts late", play_load_from_tick_20, BALANCED, OUTCOME_PASS, NULL},
	        {"judged from the start", play_load_from_tick_20, "metric=cpu.sd_pp\nlimit=<=5\n",
	         OUTCOME_FAIL, "3 of 33 samples"},

	        {"a lost tick", play_one_lost, BALANCED, OUTCOME_UNDECIDED,
	         "1 sample is lost or not known"},
	        {"a lost tick of many", play_one_lost, BALANCED "hold=98 %\n", OUTCOME_PASS, NULL},
	        {"a lost tick: changes", play_one_lost, QUIET, OUTCOME_UNDECIDED, "1 sample is"},
	        {"a lost tick before the window", play_one_lost, NEVER "from=42.5 s\n",
	         OUTCOME_PASS, NULL},
	        {"a lost tick: late", play_one_lost, ON_TIME, OUTCOME_FAIL, "1 instead of == 0"},
	        {"many lost ticks", play_many_lost, BALANCED "hold=98 %\n", OUTCOME_UNDECIDED,
	         "31 samples are lost"},
	        {"bad and lost", play_bad_and_lost, BALANCED, OUTCOME_FAIL, "2 of 77 samples"},

	        {"a short run", play_short, BALANCED, OUTCOME_UNDECIDED,
	         "too few samples: 4 with load, at least 10"},
	        {"a short run: settling", play_short, SETTLES, OUTCOME_UNDECIDED,
	         "too few samples: 7 after the first load"},
	        {"a short run: no reversal", play_short, STEADY, OUTCOME_UNDECIDED,
	         "too few samples: 7,"},
	        {"a short run: a change", play_short, NEVER, OUTCOME_FAIL, "4 instead of == 0"},
	        {"two ticks", play_two_ticks, BALANCED, OUTCOME_UNDECIDED, "too few samples: 0"},
	        {"one tick", play_one_tick, ON_TIME, OUTCOME_UNDECIDED,
	         "no samples: the run has 1"},
	        {"no tick", play_nothing, ON_TIME, OUTCOME_UNDECIDED, "no samples: the run has 0"},

	        {"crowded", play_crowded, "metric=cpu.steal_pct\nlimit=<10\n", OUTCOME_FAIL,
	         "312 of 312 samples"},
	        {"crowded, by the delay", play_without_delay, "metric=cpu.steal_pct\nlimit=<10\n",
	         OUTCOME_UNDECIDED, "too few samples: 0 are known"},
	        {"one pCPU", play_one_pcpu, BALANCED, OUTCOME_SKIP, "one pCPU"},
	        {"one pCPU: no change", play_one_pcpu, NEVER, OUTCOME_PASS, NULL},
	};
	static struct trace_run_row run;
	char text[256];
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct settling settling;
		struct judgement j;
		struct criteria c;
		struct limit limit;
		struct series s;
		struct fake f;
		struct error e;

		fake_init(&f, 2, 8);
		f.noise = 0.05;
		fake_fill_run(&f, &run);
		assert_int_equal(series_init(&s, &run, &e), 0);
		f.series = &s;
		table[i].play(&f);
		snprintf(text, sizeof(text), "[criterion it]\n%s", table[i].criterion);
		if (criteria_parse("scene", text, &c, &e) < 0)
			fail_msg("%s: %s", table[i].what, e.text);
		assert_int_equal(criteria_balance_limit(&c, &s, &limit), 0);
		assert_int_equal(settle_run(&s, limit, &settling), 0);
		judge_whole(&c.rows[0], &s, &settling, &j);
		if (j.outcome != table[i].outcome)
			fail_msg("%s: %s instead of %s: %s", table[i].what, outcome_name[j.outcome],
			         outcome_name[table[i].outcome], j.why);
		if (table[i].why ? !strstr(j.why, table[i].why) : *j.why)
			fail_msg("%s: says '%s' instead of '%s'", table[i].what, j.why,
			         table[i].why ? table[i].why : "");
		criteria_done(&c);
		series_done(&s);
		fake_done(&f);
	}
}

/* What a recorder left besides its ticks. */
static enum outcome judge_good_run(void (*spoil)(struct series *s), const char *keys, char *why)
{
	static struct trace_run_row run;
	struct settling settling;
	struct judgement j;
	struct criteria c;
	struct limit limit;
	struct series s;
	struct fake f;
	struct error e;
	char text[256];

	fake_init(&f, 2, 8);
	fake_fill_run(&f, &run);
	assert_int_equal(series_init(&s, &run, &e), 0);
	f.series = &s;
	play_good(&f);
	spoil(&s);
	snprintf(text, sizeof(text), "[criterion it]\n%s", keys);
	assert_int_equal(criteria_parse("x", text, &c, &e), 0);
	assert_int_equal(criteria_balance_limit(&c, &s, &limit), 0);
	assert_int_equal(settle_run(&s, limit, &settling), 0);
	judge_whole(&c.rows[0], &s, &settling, &j);
	memcpy(why, j.why, WHY_TEXT);
	criteria_done(&c);
	series_done(&s);
	fake_done(&f);
	return j.outcome;
}

static void spoil_nothing(struct series *s)
{
}

static void spoil_end(struct series *s)
{
	s->run.end_mono_ns = UNKNOWN;
}

static void add_stat(struct series *s, const char *severity, int64_t value)
{
	s->stats = calloc(1, sizeof(*s->stats));
	snprintf(s->stats[0].name, sizeof(s->stats[0].name), "dropped_ticks");
	snprintf(s->stats[0].severity, sizeof(s->stats[0].severity), "%s", severity);
	s->stats[0].value = value;
	s->nr_stats = 1;
}

static void spoil_data(struct series *s)
{
	add_stat(s, "data_loss", 3);
}

static void spoil_note(struct series *s)
{
	snprintf(s->note, sizeof(s->note), "the last part is missing");
}

static void spoil_warn(struct series *s)
{
	add_stat(s, "warning", 3);
}

static void spoil_zero(struct series *s)
{
	add_stat(s, "data_loss", 0);
}

static void spoil_dry_run(struct series *s)
{
	size_t i;

	for (i = 0; i < s->nr_actions; i++)
		fake_action(s, i)->result = RESULT_DRY_RUN;
}

static void spoil_program(struct series *s)
{
	snprintf(s->run.program, sizeof(s->run.program), "vmb-collect");
}

static void spoil_kind(struct series *s)
{
	snprintf(s->run.program, sizeof(s->run.program), "vmb-mem");
}

static void spoil_interval(struct series *s)
{
	s->run.interval_ns = 100000000;
}

static void what_is_missing_beside_the_ticks_leaves_it_open(void **state)
{
	static const struct {
		void (*spoil)(struct series *s);
		const char *keys;
		enum outcome outcome;
		const char *why;
	} table[] = {
	        {spoil_nothing, BALANCED, OUTCOME_PASS, ""},
	        {spoil_end, BALANCED, OUTCOME_UNDECIDED, "not closed"},
	        {spoil_end, "metric=cpu.pin_changes\nlimit=<4\n", OUTCOME_FAIL, "4 instead of < 4"},
	        {spoil_end, "metric=cpu.pin_changes\nlimit=>4\n", OUTCOME_UNDECIDED, "not closed"},
	        {spoil_nothing, "metric=cpu.pin_changes\nlimit=>4\n", OUTCOME_FAIL,
	         "4 instead of > 4"},
	        {spoil_data, BALANCED, OUTCOME_UNDECIDED, "data was lost: dropped_ticks 3"},
	        {spoil_data, QUIET, OUTCOME_UNDECIDED, "data was lost"},
	        {spoil_data, NEVER, OUTCOME_FAIL, "4 instead of == 0"},
	        {spoil_note, BALANCED, OUTCOME_UNDECIDED, "not whole: the last part is missing"},
	        {spoil_note, NEVER, OUTCOME_FAIL, "4 instead of == 0"},
	        {spoil_warn, BALANCED, OUTCOME_PASS, ""},
	        {spoil_zero, BALANCED, OUTCOME_PASS, ""},
	        {spoil_dry_run, QUIET, OUTCOME_UNDECIDED, "a dry run: 4 changes were only planned"},
	        {spoil_program, QUIET, OUTCOME_SKIP, "vmb-collect only watches"},
	        {spoil_kind, QUIET, OUTCOME_SKIP, "vmb-mem pins nothing"},
	        {spoil_kind, NEVER, OUTCOME_SKIP, "vmb-mem pins nothing"},
	        {spoil_program, BALANCED, OUTCOME_PASS, ""},
	        {spoil_kind, BALANCED, OUTCOME_PASS, ""},
	        {spoil_interval, BALANCED, OUTCOME_UNDECIDED, "steps of 10 ms: 10.0 %"},
	};
	char why[WHY_TEXT];
	enum outcome is;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		is = judge_good_run(table[i].spoil, table[i].keys, why);
		if (is != table[i].outcome || !strstr(why, table[i].why))
			fail_msg("row %zu: %s: %s", i, outcome_name[is], why);
	}
}

static void a_failure_outweighs_doubt_and_doubt_a_pass(void **state)
{
	static const struct {
		const char *each; /* P, F, U, S */
		enum outcome all;
	} table[] = {
	        {"PPP", OUTCOME_PASS},   {"PPS", OUTCOME_PASS}, {"PUS", OUTCOME_UNDECIDED},
	        {"PFU", OUTCOME_FAIL},   {"FSS", OUTCOME_FAIL}, {"SS", OUTCOME_UNDECIDED},
	        {"", OUTCOME_UNDECIDED},
	};
	struct judgement j[3];
	size_t i, n;

	for (i = 0; i < NR(table); i++) {
		for (n = 0; table[i].each[n]; n++)
			j[n].outcome = (enum outcome)(strchr("PFUS", table[i].each[n]) - "PFUS");
		assert_int_equal(judge_all(j, n), table[i].all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_key_is_read),
	        cmocka_unit_test(a_byte_order_mark_is_passed_over),
	        cmocka_unit_test(the_built_in_set_is_sound),
	        cmocka_unit_test(a_run_settles_by_the_limit_of_its_criteria_or_its_own),
	        cmocka_unit_test(limits_are_written_as_they_are_read),
	        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
	        cmocka_unit_test(a_spoiled_file_is_refused_with_its_line_or_is_sound),
	        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
	        cmocka_unit_test(runs_are_judged),
	        cmocka_unit_test(what_is_missing_beside_the_ticks_leaves_it_open),
	        cmocka_unit_test(a_failure_outweighs_doubt_and_doubt_a_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
