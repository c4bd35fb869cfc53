/* case_test - case files: what they mean, and that whatever is wrong is named by file, line, section and key */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/case.h"
#include "common/clock.h"

/* Last: it has a macro by the name of our fail(). */
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A sound case; the tests change a piece of it. The numbers are those of the lines. */
static const char sound[] = "[case]\n"                /* 1 */
                            "name = mixed\n"          /* 2 */
                            "title = two kinds\n"     /* 3 */
                            "duration = 40 s\n"       /* 4 */
                            "run = cpu\n"             /* 5 */
                            "[host]\n"                /* 6 */
                            "pcpus = 4\n"             /* 7 */
                            "[guests]\n"              /* 8 */
                            "count = 4\n"             /* 9 */
                            "pins = first\n"          /* 10 */
                            "load = fast, 9 %\n"      /* 11 */
                            "[guests web]\n"          /* 12 */
                            "count = 3\n"             /* 13 */
                            "vcpus = 2\n"             /* 14 */
                            "memory = 1 GiB\n"        /* 15 */
                            "pins = 1-2\n"            /* 16 */
                            "load = fast\n"           /* 17 */
                            "[load fast]\n"           /* 18 */
                            "shape = step\n"          /* 19 */
                            "level = 10.5 %\n"        /* 20 */
                            "to = 25 %\n"             /* 21 */
                            "at = 20 s ; half way\n"  /* 22 */
                            "[criterion any words]\n" /* 23 */
                            "whatever = 1\n";         /* 24 */

static char path[] = "/tmp/case_test.XXXXXX";

static int read_text(const char *text, struct case_file *c, struct error *e)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return case_read(path, NULL, c, e);
}

/* `sound` with the first `old` replaced. */
static int read_changed(const char *old, const char *new, struct case_file *c, struct error *e)
{
	const char *at = strstr(sound, old);
	char text[2 * sizeof(sound) + 4096];

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - sound), sound, new, at + strlen(old));
	return read_text(text, c, e);
}

static void every_key_arrives_where_it_belongs(void **state)
{
	struct case_guest guest;
	struct case_file c;
	struct error e;

	assert_int_equal(read_text(sound, &c, &e), 0);
	assert_string_equal(c.name, "mixed");
	assert_string_equal(c.title, "two kinds");
	assert_int_equal(c.duration_ns, 40 * NS_PER_S);
	assert_int_equal(c.run, RUN_CPU);
	assert_int_equal(c.host.nr_pcpus, 4);
	assert_int_equal(case_guests(&c), 7);
	assert_int_equal(c.groups[0].nr_vcpus, 1);
	assert_int_equal(c.groups[0].memory_kib, 128 * 1024);
	assert_string_equal(c.groups[1].name, "web");
	assert_int_equal(c.groups[1].memory_kib, 1024 * 1024);

	case_guest(&c, 6, &guest);
	assert_ptr_equal(guest.group, &c.groups[1]);
	assert_int_equal(guest.place, 2);
	assert_int_equal(guest.first_vcpu, 8);
}

static void loads_are_dealt_in_turn(void **state)
{
	static const char *const expected[] = {"10.5,25@20", "9",          "10.5,25@20", "9",
	                                       "10.5,25@20", "10.5,25@20", "10.5,25@20"};
	char text[CASE_LOAD_TEXT];
	struct case_guest guest;
	struct case_file c;
	struct error e;
	unsigned i;

	assert_int_equal(read_text(sound, &c, &e), 0);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		case_guest(&c, i, &guest);
		assert_string_equal(case_load_text(guest.load, text), expected[i]);
	}
}

static const struct {
	const char *old, *new;
	const char *complaint;
} broken[] = {
        {"[case]\n", "", ":1: name: stands before the first section"},
        {"[case]\n", "[csae]\n", ":1: [csae]: no such section"},
        {"[case]\n", "[csae\n", ":1: [csae]: no such section"},
        {"[case]\n", "[case study]\n", ":1: [case study]: this section has no name"},
        {"[load fast]\n", "[load]\n", ":18: [load]: needs a name: [load NAME]"},
        {"[load fast]\n", "[load a/b]\n",
         ":18: [load a/b]: 'a/b' is not a name of letters, digits, '.', '_', '-'"},
        {"[host]\n", "[case]\n", ":6: [case]: is there twice"},
        {"[load fast]\n", "[guests  web]\n", ":18: [guests web]: is there twice"},
        {"[host]\npcpus = 4\n", "", ":22: [host]: is missing"},
        {"[host]\npcpus = 4\n", "[host]\n", ":6: [host] pcpus: is missing"},
        {"name = mixed\n", "", ":1: [case] name: is missing"},
        {"count = 4\n", "", ":8: [guests] count: is missing"},
        {"to = 25 %\n", "", ":18: [load fast] to: is missing"},
        {"shape = step", "shape = constant",
         ":21: [load fast] to: does not belong to shape = constant"},
        {"run = cpu\n", "run = cpu\nrun = cpu\n", ":6: [case] run: is there twice"},
        {"pcpus = 4", "pcups = 4", ":7: [host] pcups: no such key"},
        {"pcpus = 4", "count = 4", ":7: [host] count: no such key"},
        {"pcpus = 4", "pcpus", ":7: [host]: neither [section] nor key = value"},
        {"name = mixed", "name = a b",
         ":2: [case] name: 'a b' is not a name of letters, digits, '.', '_', '-'"},
        {"name = mixed",
         "name =", ":2: [case] name: '' is not a name of letters, digits, '.', '_', '-'"},
        {"title = two kinds", "title = two\033kinds", ":3: [case] title: has a control character"},
        {"40 s", "40 miles",
         ":4: [case] duration: '40 miles': 'miles' is not a unit of time (ms, s, min, h)"},
        {"40 s", "2000 h", ":4: [case] duration: '2000 h': must be from 1 ms to 24 h"},
        {"run = cpu", "run = gpu", ":5: [case] run: 'gpu' is none of: cpu, mem"},
        {"pcpus = 4", "pcpus = 0", ":7: [host] pcpus: '0' is not a whole number from 1 to 2048"},
        {"pcpus = 4", "pcpus = 2049",
         ":7: [host] pcpus: '2049' is not a whole number from 1 to 2048"},
        {"count = 4", "count = 1.5",
         ":9: [guests] count: '1.5' is not a whole number from 1 to 16384"},
        {"count = 4", "count = 16383", ":13: [guests web] count: more than 16384 guests in all"},
        {"vcpus = 2", "vcpus = -1",
         ":14: [guests web] vcpus: '-1' is not a whole number from 1 to 256"},
        {"1 GiB", "1 GB", ":15: [guests web] memory: '1 GB' is not from 64 MiB to 1024 GiB"},
        {"1 GiB", "63 MiB", ":15: [guests web] memory: '63 MiB' is not from 64 MiB to 1024 GiB"},
        {"1 GiB", "18446744073709551617 MiB",
         ":15: [guests web] memory: '18446744073709551617 MiB' is not from 64 MiB to 1024 GiB"},
        {"pins = first", "pins = frist",
         ":10: [guests] pins: 'frist' is none of: float, spread, first, ends, or a list of pCPUs"},
        {"pins = first", "pins = -",
         ":10: [guests] pins: '-' is none of: float, spread, first, ends, or a list of pCPUs"},
        {"pins = 1-2", "pins = 1-4", ":16: [guests web] pins: the host of this case has no pCPU 4"},
        {"load = fast,", "load = slow,", ":11: [guests] load: there is no [load slow]"},
        {"load = fast,", "load = fast,,", ":11: [guests] load: there is no [load ]"},
        {", 9 %", ", 101 %", ":11: [guests] load: '101 %' is not a level from 0 % to 100 %"},
        {", 9 %", ", 9 % %", ":11: [guests] load: '9 % %' is not a level from 0 % to 100 %"},
        {"10.5 %", "10.55 %", ":20: [load fast] level: '10.55 %' is finer than 0.1 %"},
        {"10.5 %", "0x10 %", ":20: [load fast] level: '0x10 %' is not a level from 0 % to 100 %"},
        {"at = 20 s", "at = 40 s", ":22: [load fast] at: is not before the end"},
        {"shape = step", "shape = saw",
         ":19: [load fast] shape: 'saw' is none of: constant, step, ramp, square, sine, bursty, "
         "trace"},
        {"[criterion any words]\n", "[criterion]\n",
         ":23: [criterion]: needs a name: [criterion NAME]"},

        /* what only the simulation can do */
        {"run = cpu\n", "run = cpu\nseed = -1\n", ":6: [case] seed: '-1' is not a whole number"},
        {"pcpus = 4", "pcpus = 4\nthreads = 3", ":8: [host] threads: 4 pCPUs are not cores of 3"},
        {"pcpus = 4", "pcpus = 4\nnodes = 3",
         ":8: [host] nodes: 4 cores do not divide evenly by 3"},
        {"pcpus = 4", "pcpus = 4\nsockets = 8",
         ":8: [host] sockets: 4 cores do not divide evenly by 8"},
        {"pcpus = 4", "pcpus = 8\nthreads = 2\nllcs = 8",
         ":9: [host] llcs: 4 cores do not divide evenly by 8"},
        {"pcpus = 4", "pcpus = 4\nthreads = 2\nsmt = 2.1",
         ":9: [host] smt: more than a core's 2 threads"},
        {"pcpus = 4", "pcpus = 4\nsmt = 0.9", ":8: [host] smt: '0.9' is not a number from 1 to 8"},
        {"pcpus = 4", "pcpus = 4\nthreads = 9",
         ":8: [host] threads: '9' is not a whole number from 1 to 8"},
        {"pcpus = 4", "pcpus = 4\noffline = 4",
         ":8: [host] offline: the host of this case has no pCPU 4"},
        {"pcpus = 4", "pcpus = 4\noffline = 0-3", ":6: [host]: no pCPU is left for guests"},
        {"pcpus = 4", "pcpus = 4\nisolated = 0-3", ":6: [host]: no pCPU is left for guests"},
        {"pcpus = 4", "pcpus = 4\noffline = 0-1\nisolated = 2-3",
         ":6: [host]: no pCPU is left for guests"},
        {"pcpus = 4", "pcpus = 4\nisolated = 9",
         ":8: [host] isolated: the host of this case has no pCPU 9"},
        {"pcpus = 4", "pcpus = 4\nisolated = all",
         ":8: [host] isolated: 'all' is not a list of pCPUs (as 0-3,8)"},
        {"pcpus = 4", "pcpus = 4\njitter = 20 s",
         ":8: [host] jitter: '20 s': must be from 1 ms to 10 s"},
        {"pcpus = 4", "pcpus = 4\nlate = often",
         ":8: [host] late: 'often' is not a level from 0 % to 100 %"},
        {"[guests]\n", "[background]\npcpus = 0\n[guests]\n", ":8: [background] load: is missing"},
        {"[guests]\n", "[background a]\npcpus = 4\nload = 5 %\n[guests]\n",
         ":9: [background a] pcpus: the host of this case has no pCPU 4"},
        {"[guests]\n", "[background a]\npcpus = 0\nload = slow\n[guests]\n",
         ":10: [background a] load: there is no [load slow]"},
        {"[guests]\n", "[event]\n[guests]\n", ":8: [event]: needs a name: [event NAME]"},
        {"[guests]\n", "[event a]\noffline = 1\n[guests]\n", ":8: [event a] at: is missing"},
        {"[guests]\n", "[event a]\nat = 1 s\n[guests]\n",
         ":8: [event a]: has neither offline nor online nor used"},
        {"[guests]\n", "[event a]\nat = 1 s\noffline = 0-4\n[guests]\n",
         ":10: [event a] offline: the host of this case has no pCPU 4"},
        {"[guests]\n", "[event a]\nat = 1 s\noffline = 0-3\n[guests]\n",
         ":8: [event a]: no pCPU is left for guests after 1 s"},
        {"[guests]\n",
         "[event a]\nat = 1 s\noffline = 0-2\n[event b]\nat = 2 s\noffline = 3\n[guests]\n",
         ":11: [event b]: no pCPU is left for guests after 2 s"},
        {"[guests]\n", "[event a]\nat = 1 s\noffline = 0-3\nonline = 0\n[guests]\n",
         ":8: [event a]: no pCPU is left for guests after 1 s"},
        {"pcpus = 4", "pcpus = 4\nisolated = 3\n[event a]\nat = 1 s\noffline = 0-2",
         ":9: [event a]: no pCPU is left for guests after 1 s"},
        {"vcpus = 2", "user-pins = maybe",
         ":14: [guests web] user-pins: 'maybe' is neither yes nor no"},
        {"vcpus = 2", "weight = 0",
         ":14: [guests web] weight: '0' is not a whole number from 1 to 10000"},
        {"vcpus = 2", "start = 9 s\nstop = 9 s", ":15: [guests web] stop: is not after start"},
        {"vcpus = 2", "away = 9 s", ":14: [guests web] away: needs stay: how long they are there"},
        {"vcpus = 2", "pause = 10",
         ":14: [guests web] pause: '10' is not a time from - to (as 10-20 s)"},
        {"vcpus = 2", "pause = 20-10 s",
         ":14: [guests web] pause: '20-10 s' ends before it begins"},
        {"vcpus = 2", "pause = 1-2 ages",
         ":14: [guests web] pause: '1 ages': 'ages' is not a unit of time (ms, s, min, h)"},
        {"vcpus = 2", "hotplug = 2",
         ":14: [guests web] hotplug: '2' is not a number and a time (as 2 at 20 s)"},
        {"vcpus = 2", "hotplug = 0 at 20 s",
         ":14: [guests web] hotplug: '0' is not a whole number from 1 to 256"},
        {"1 GiB", "1 GiB\nballoon = 2 GiB",
         ":16: [guests web] balloon: is more than the guest's memory"},
        {"1 GiB", "1 GiB\nballoon = 63 MiB",
         ":16: [guests web] balloon: '63 MiB' is not from 64 MiB to 1024 GiB"},
        {"1 GiB", "1 GiB\nmemory-load = eat",
         ":16: [guests web] memory-load: there is no [memory eat]"},
        {"1 GiB", "1 GiB\nmemory-load = none,",
         ":16: [guests web] memory-load: there is no [memory ]"},
        {"1 GiB", "1 GiB\nhuge-pages = never",
         ":16: [guests web] huge-pages: 'never' is neither yes nor no"},
        {"1 GiB", "1 GiB\nkind = perfect",
         ":16: [guests web] kind: 'perfect' is none of: ideal, lower-limit, upper-limit, sticky, "
         "stuck, deflate, liar, frozen, silent, windows, no-balloon, exempt"},
        {"1 GiB", "1 GiB\nkind = lower-limit",
         ":16: [guests web] limit: is missing for kind = lower-limit or upper-limit"},
        {"1 GiB", "1 GiB\nlimit = 512 MiB",
         ":16: [guests web] limit: needs kind = lower-limit or upper-limit"},
        {"1 GiB", "1 GiB\nforeign = 900 MiB",
         ":16: [guests web] foreign: '900 MiB' is not a memory and a time (as 900 MiB at 20 s)"},
        {"1 GiB", "1 GiB\nforeign = 2 GiB at 9 s",
         ":16: [guests web] foreign: is more than the guest's memory"},
        {"1 GiB", "1 GiB\njob = 9 s",
         ":16: [guests web] job: '9 s' is not a time from - to (as 10-20 s)"},
        {"[guests]\n", "[memory c]\nrate = 1 MB/s\nuntil = limit\nwhat = cache\n[guests]\n",
         ":10: [memory c] until: cache has no limit"},
        {"[guests]\n", "[memory]\n[guests]\n", ":8: [memory]: needs a name: [memory NAME]"},
        {"[guests]\n", "[memory none]\nrate = 1 MB/s\nuntil = limit\n[guests]\n",
         ":8: [memory none]: this name stands for nothing"},
        {"[guests]\n", "[memory eat]\nuntil = limit\n[guests]\n",
         ":8: [memory eat] rate: is missing"},
        {"[guests]\n", "[memory eat]\nrate = 1 MB/s\n[guests]\n",
         ":8: [memory eat] until: is missing"},
        {"[guests]\n", "[memory eat]\nrate = 1 MB\nuntil = limit\n[guests]\n",
         ":9: [memory eat] rate: '1 MB' is not a rate from 1 KiB/s to 64 GiB/s (as 18 MB/s)"},
        {"[guests]\n", "[memory eat]\nrate = 65 GiB/s\nuntil = limit\n[guests]\n",
         ":9: [memory eat] rate: '65 GiB/s' is not a rate from 1 KiB/s to 64 GiB/s (as 18 MB/s)"},
        {"[guests]\n", "[memory eat]\nrate = 0 MB/s\nuntil = limit\n[guests]\n",
         ":9: [memory eat] rate: '0 MB/s' is not a rate from 1 KiB/s to 64 GiB/s (as 18 MB/s)"},
        {"[guests]\n", "[memory eat]\nrate = 1 MB/s\nuntil = limits\n[guests]\n",
         ":10: [memory eat] until: 'limits' is not from 64 MiB to 1024 GiB"},
        {"[guests]\n", "[memory eat]\nrate = 1 MB/s\nuntil = limit\nhold = ever\n[guests]\n",
         ":11: [memory eat] hold: 'ever': not a number of seconds (as 1, 0.5, 500ms), or forever"},
        {"[guests]\n",
         "[memory eat]\nrate = 1 MB/s\nuntil = limit\nhold = forever\nagain = 1 s\n[guests]\n",
         ":12: [memory eat] again: comes after hold, which is forever"},
        {"pcpus = 4", "pcpus = 4\nmemory = 1 GiB\nused = 1 GiB",
         ":9: [host] used: leaves nothing of the host's memory"},
        {"at = 20 s", "at = 20 s\nuntil = 30 s",
         ":23: [load fast] until: does not belong to shape = step"},
        {"shape = step", "shape = ramp", ":18: [load fast] until: is missing"},
        {"shape = step", "shape = ramp\nuntil = 20 s", ":20: [load fast] until: is not after at"},
        {"shape = step", "shape = square", ":18: [load fast] period: is missing"},
        {"shape = step", "shape = sine\nperiod = 9 s\nshare = 10 %",
         ":21: [load fast] share: does not belong to shape = sine"},
        {"shape = step", "shape = bursty\nperiod = 9 s",
         ":23: [load fast] at: does not belong to shape = bursty"},
        {"at = 20 s", "at = 20 s\nnoise = 120 %",
         ":23: [load fast] noise: '120 %' is not a level from 0 % to 100 %"},
        {"at = 20 s", "at = 20 s\nfile = nowhere.csv",
         ":23: [load fast] file: does not belong to shape = step"},
        {"shape = step\nlevel = 10.5 %\nto = 25 %\nat = 20 s", "shape = trace\nfile = nowhere.csv",
         ":20: [load fast] file: /tmp/nowhere.csv: No such file or directory"},
};

static void whatever_is_wrong_is_named_by_file_line_section_and_key(void **state)
{
	struct case_file c = {.host.nr_pcpus = 77};
	char expected[400];
	struct error e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		e.text[0] = '\0';
		if (read_changed(broken[i].old, broken[i].new, &c, &e) != -EINVAL)
			fail_msg("accepted: %s", broken[i].new);
		snprintf(expected, sizeof(expected), "%s%s", path, broken[i].complaint);
		assert_string_equal(e.text, expected);
		assert_int_equal(c.host.nr_pcpus, 77);
	}
}

static const char simulated[] = "[case]\nname=n\ntitle=t\nduration=60\nrun=cpu\nseed=7\n"
                                "[host]\npcpus=8\nnodes=2\nthreads=2\nsmt=1.2\noffline=7\n"
                                "isolated=6\njitter=2 ms\nkernel=1.5 %\nlate=5 %\n"
                                "[background b]\npcpus=0-1\nload=10 %\n"
                                "[event second]\nat=30\nonline=7\n[event first]\nat=20\n"
                                "offline=1\n"
                                "[guests g]\ncount=2\nvcpus=2\npins=float\nload=l\n"
                                "user-pins=yes\nweight=300\nstart=1 s\nevery=2 s\nstop=50 s\n"
                                "stay=10 s\naway=5 s\npause=3-4 s\nreboot=5 s\n"
                                "hotplug=3 at 6 s\n"
                                "[load l]\nshape=square\nlevel=1 %\nto=2 %\nperiod=3 s\n"
                                "share=25 %\nnoise=20 %\nnoise-every=2 s\nnoise-alike=yes\n";

static void what_only_the_simulation_can_do_is_read_and_marked(void **state)
{
	struct case_file c;
	struct error e;
	const struct case_host *h = &c.host;
	const struct case_life *life = &c.groups[0].life;
	const struct case_load *load = &c.loads[0];

	if (read_text(simulated, &c, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(c.seed, 7);
	assert_true(h->nodes == 2 && h->sockets == 2 && h->llcs == 2 && h->threads == 2);
	assert_true(h->smt_pm == 1200 && cpuset_has(&h->offline, 7) && cpuset_has(&h->isolated, 6));
	assert_true(h->jitter_ns == 2 * NS_PER_MS && h->kernel_pm == 15 && h->late_pm == 50);
	assert_true(c.nr_backgrounds == 1 && cpuset_count(&c.backgrounds[0].pcpus) == 2);
	assert_int_equal(c.loads[c.backgrounds[0].load].level_pm, 100);
	assert_true(c.nr_events == 2 && cpuset_has(&c.events[0].offline, 1));
	assert_true(c.groups[0].user_pins && c.groups[0].weight == 300);
	assert_true(life->start_ns == NS_PER_S && life->every_ns == 2 * NS_PER_S);
	assert_true(life->stop_ns == 50 * NS_PER_S && life->stay_ns == 10 * NS_PER_S);
	assert_true(life->away_ns == 5 * NS_PER_S && life->reboot_ns == 5 * NS_PER_S);
	assert_true(life->pause_ns == 3 * NS_PER_S && life->resume_ns == 4 * NS_PER_S);
	assert_true(life->hotplug_ns == 6 * NS_PER_S && life->hotplug_vcpus == 3);
	assert_int_equal(case_most_vcpus(&c.groups[0]), 3);
	assert_true(load->share_pm == 250 && load->noise_pm == 200 && load->noise_alike);
	assert_int_equal(load->noise_every_ns, 2 * NS_PER_S);
	assert_non_null(strstr(c.simulated, ":9: [host] nodes"));

	/* Nothing of it: the lab can do it. */
	assert_int_equal(read_text(sound, &c, &e), 0);
	assert_string_equal(c.simulated, "");
}

/* A sound case with memory; the lab can do it but for what a test adds. */
static const char memory[] = "[case]\nname=n\ntitle=t\nduration=60\nrun=mem\n[host]\npcpus=2\n"
                             "[guests]\ncount=4\nmemory=2 GiB\nballoon=512 MiB\npins=float\n"
                             "load=1 %\nmemory-load=eat, none,nibble\nhuge-pages=no\n"
                             "[memory eat]\nstart=5 s\nrate=18 MB/s\nuntil=limit\nhold=0 s\n"
                             "[memory nibble]\nrate=1.5 GiB/s\nuntil=512 MiB\nhold=2.5 s\n"
                             "again=30 s\n";

static void memory_loads_are_dealt_in_turn(void **state)
{
	static const char *const expected[] = {"17578:limit:5:0", "none", "1572864:512:0:2.5:30",
	                                       "17578:limit:5:0"};
	char text[CASE_MEMORY_TEXT];
	struct case_guest guest;
	struct case_file c;
	struct error e;
	unsigned i;

	if (read_text(memory, &c, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(c.run, RUN_MEM);
	assert_string_equal(c.simulated, "");
	assert_int_equal(c.groups[0].memory_kib, 2048 * 1024);
	assert_int_equal(c.groups[0].balloon_kib, 512 * 1024);
	assert_false(c.groups[0].huge_pages);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		case_guest(&c, i, &guest);
		assert_string_equal(case_memory_text(guest.memory, text), expected[i]);
	}

	/* Where nothing is said a guest has all of its memory, and does nothing with it. */
	assert_int_equal(read_text(sound, &c, &e), 0);
	case_guest(&c, 0, &guest);
	assert_null(guest.memory);
	assert_true(guest.group->balloon_kib == guest.group->memory_kib && guest.group->huge_pages);
}

static void what_only_simulated_memory_does_is_read_and_marked(void **state)
{
	static const struct {
		const char *section, *line;
	} table[] = {
	        {"[guests]\n", "swap=1 GiB\n"},
	        {"[guests]\n", "kind=upper-limit\nlimit=1 GiB\n"},
	        {"[guests]\n", "reset=9 s\njob=1-2 s\nforeign=1 GiB at 3 s\n"},
	        {"[host]\n", "memory=16 GiB\nused=2 GiB\n"},
	        {"[memory eat]\n", "what=tmpfs\nstops=no\n"},
	        {"[guests]\n", "[event e]\nat=3 s\nused=1 GiB\n[guests x]\ncount=1\npins=float\n"
	                       "load=1 %\n"},
	};
	char text[sizeof(memory) + 200];
	struct case_file c;
	struct error e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const char *at = strstr(memory, table[i].section);

		if (i < ARRAY_SIZE(table) - 1)
			at += strlen(table[i].section);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - memory), memory, table[i].line,
		         at);
		if (read_text(text, &c, &e) < 0)
			fail_msg("%s", e.text);
		assert_string_not_equal(c.simulated, "");
		assert_true(i != 0 || c.groups[0].swap_kib == 1024 * 1024);
		assert_true(i != 1 || (c.groups[0].kind == KIND_UPPER &&
		                       c.groups[0].limit_kib == 1024 * 1024));
		assert_true(i != 2 || (c.groups[0].life.reset_ns == 9 * NS_PER_S &&
		                       c.groups[0].life.job_end_ns == 2 * NS_PER_S &&
		                       c.groups[0].life.foreign_kib == 1024 * 1024));
		assert_true(i != 3 ||
		            (c.host.memory_kib == 16 << 20 && c.host.used_kib == 2 << 20));
		assert_true(i != 4 || (c.memories[0].pages == PAGES_TMPFS && !c.memories[0].stops));
		assert_true(i != 5 || c.events[0].used_kib == 1024 * 1024);
	}
}

static void a_change_takes_the_place_of_what_the_file_says(void **state)
{
	struct case_change change = {.nr_pcpus = 16,
	                             .memory_kib = 8 << 20,
	                             .duration_ns = 99 * NS_PER_S,
	                             .has_seed = true,
	                             .has_noise = true,
	                             .noise_pm = 100};
	struct case_file c;
	struct error e;

	assert_int_equal(read_text(simulated, &c, &e), 0);
	change.nr_guests = 5;
	assert_int_equal(case_read(path, &change, &c, &e), 0);
	assert_true(c.host.nr_pcpus == 16 && case_guests(&c) == 5 && c.seed == 0);
	assert_int_equal(c.duration_ns, 99 * NS_PER_S);
	assert_int_equal(c.host.memory_kib, 8 << 20);
	assert_true(c.loads[0].noise_pm == 100 && c.loads[1].noise_pm == 100);

	/* It is held against the same checks, and changes nothing where there is no one thing to change. */
	change.nr_pcpus = 7;
	assert_int_equal(case_read(path, &change, &c, &e), -EINVAL);
	assert_non_null(strstr(e.text, ":10: [host] threads: 7 pCPUs are not cores of 2"));
	assert_int_equal(read_text(sound, &c, &e), 0);
	change.nr_pcpus = 0;
	assert_int_equal(case_read(path, &change, &c, &e), -EINVAL);
	assert_non_null(strstr(e.text, "needs one [guests] section"));
}

/* Two of them are more than a reader with a buffer for a line would have room for. */
#define BLANKS "                                                                                "

static void a_recorded_load_is_read_strictly(void **state)
{
	static const struct {
		const char *text, *complaint;
	} table[] = {
	        {"# seconds, percent\n0,5\n1.5,10.5 # busier\n\n20,0\n", NULL},
	        {"#" BLANKS BLANKS "9,9\n0,5\n1.5,10.5" BLANKS BLANKS "# 9,9\n20,0", NULL},
	        {"0,5" BLANKS BLANKS "1,6\n", ":1: not SECONDS,PERCENT"},
	        {"0,5\n#" BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS "\n",
	         ":2: a line too long, or not text"},
	        {"", ": holds no SECONDS,PERCENT"},
	        {"# nothing\n", ": holds no SECONDS,PERCENT"},
	        {"0\n", ":1: not SECONDS,PERCENT"},
	        {"0,5\nx,5\n", ":2: not SECONDS,PERCENT"},
	        {"0,101\n", ":1: not SECONDS,PERCENT"},
	        {"0,5,5\n", ":1: not SECONDS,PERCENT"},
	        {"1,5\n", ":1: times must ascend, from 0 on"},
	        {"0,5\n2,5\n2,6\n", ":3: times must ascend, from 0 on"},
	};
	char points[64], change[128], expected[200];
	struct case_file c;
	struct error e;
	FILE *file;
	size_t i;

	snprintf(points, sizeof(points), "%s.csv", path);
	snprintf(change, sizeof(change), "shape = trace\nfile = %s", strrchr(points, '/') + 1);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		file = fopen(points, "w");
		assert_non_null(file);
		fputs(table[i].text, file);
		fclose(file);
		e.text[0] = '\0';
		if (read_changed("shape = step\nlevel = 10.5 %\nto = 25 %\nat = 20 s", change, &c,
		                 &e) == 0) {
			assert_null(table[i].complaint);
			assert_true(c.nr_points == 3 && c.points[1].at_ns == 1500 * NS_PER_MS);
			assert_true(c.points[1].level_pm == 105 && c.loads[0].nr_points == 3);
			case_done(&c);
			continue;
		}
		snprintf(expected, sizeof(expected), "%s:20: [load fast] file: %s%s", path,
		         strrchr(points, '/') + 1, table[i].complaint ? table[i].complaint : "");
		assert_string_equal(e.text, expected);
	}
	unlink(points);
	assert_true(read_changed("shape = step\nlevel = 10.5 %\nto = 25 %\nat = 20 s",
	                         "shape = trace\nfile = /proc/self/mem", &c, &e) < 0);
	assert_non_null(strstr(e.text, "file: /proc/self/mem: cannot be read"));
}

static void a_line_too_long_is_refused_not_cut(void **state)
{
	char line[600], expected[100];
	struct case_file c;
	struct error e;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(read_changed("two kinds", line, &c, &e), -EINVAL);
	snprintf(expected, sizeof(expected), "%s:3: [case]: a line too long, or not text", path);
	assert_string_equal(e.text, expected);
	assert_int_equal(read_changed("[case]", line, &c, &e), -EINVAL);
	snprintf(expected, sizeof(expected), "%s:1: a line too long, or not text", path);
	assert_string_equal(e.text, expected);
}

static void indented_lines_are_lines_of_their_own(void **state)
{
	struct case_file c;
	struct error e;

	assert_int_equal(read_changed("run = cpu\n", "\trun = cpu\n", &c, &e), 0);
	assert_string_equal(c.name, "mixed");
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct case_file c;
	struct error e;

	assert_int_equal(case_read("/nowhere/cpu-9.case", NULL, &c, &e), -ENOENT);
	assert_string_equal(e.text, "/nowhere/cpu-9.case: No such file or directory");
}

static void every_shipped_case_is_sound_and_named_as_its_file(void **state)
{
	glob_t files;
	size_t i;

	assert_int_equal(glob("tests/cases/*.case", 0, NULL, &files), 0);
	for (i = 0; i < files.gl_pathc; i++) {
		char name[CASE_NAME + 32];
		struct case_file c;
		struct error e = {0};

		if (case_read(files.gl_pathv[i], NULL, &c, &e) < 0)
			fail_msg("%s", e.text);
		snprintf(name, sizeof(name), "tests/cases/%s.case", c.name);
		assert_string_equal(name, files.gl_pathv[i]);
		case_done(&c);
	}
	globfree(&files);
}

/* Start pins of 5 guests with one vCPU each, then of 2 with two vCPUs each. */
static const struct {
	const char *rule, *pcpus, *expected;
} pinnings[] = {
        {"float", "0-1", "0-1 0-1 0-1 0-1 0-1 | 0-1/0-1 0-1/0-1"},
        {"spread", "0", "0 0 0 0 0 | 0/0 0/0"},
        {"spread", "0-1", "0 1 0 1 0 | 1/0 1/0"},
        {"spread", "0-3", "0 1 2 3 0 | 1/2 3/0"},
        {"spread", "1,4,9", "1 4 9 1 4 | 9/1 4/9"},
        {"first", "0-3", "0 0 0 0 0 | 0/0 0/0"},
        {"first", "2-3", "2 2 2 2 2 | 2/2 2/2"},
        {"ends", "0-1", "0 0 0 1 1 | 0/0 1/1"},
        {"ends", "0-3", "0 0 0 3 3 | 0/0 3/3"},
        {"ends", "5", "5 5 5 5 5 | 5/5 5/5"},
        {"1-2", "0-3", "1-2 1-2 1-2 1-2 1-2 | 1-2/1-2 1-2/1-2"},
        {"0,3", "2-3", "3 3 3 3 3 | 3/3 3/3"},
};

static void pin_rules_hold_on_any_set_of_pcpus(void **state)
{
	char text[1024], list[CPUSET_TEXT], seen[256];
	struct case_guest guest;
	struct cpuset pcpus, mask;
	struct case_file c;
	struct error e;
	unsigned i, g, v, used;

	for (i = 0; i < ARRAY_SIZE(pinnings); i++) {
		snprintf(text, sizeof(text),
		         "[case]\nname=n\ntitle=t\nduration=1\nrun=cpu\n[host]\npcpus=16\n"
		         "[guests one]\ncount=5\npins=%1$s\nload=1%%\n"
		         "[guests two]\ncount=2\nvcpus=2\npins=%1$s\nload=1%%\n",
		         pinnings[i].rule);
		assert_int_equal(read_text(text, &c, &e), 0);
		assert_int_equal(cpuset_parse(pinnings[i].pcpus, &pcpus), 0);
		used = 0;
		for (g = 0; g < case_guests(&c); g++) {
			case_guest(&c, g, &guest);
			used += (unsigned)sprintf(seen + used, "%s",
			                          !g       ? ""
			                          : g == 5 ? " | "
			                                   : " ");
			for (v = 0; v < guest.group->nr_vcpus; v++) {
				assert_int_equal(case_start_pins(&guest, v, &pcpus, &mask, &e), 0);
				used += (unsigned)sprintf(seen + used, "%s%s", v ? "/" : "",
				                          cpuset_text(&mask, list, sizeof(list)));
			}
		}
		assert_string_equal(seen, pinnings[i].expected);
	}
}

static void a_list_that_the_host_has_nothing_of_is_refused(void **state)
{
	struct case_guest guest;
	struct cpuset pcpus, mask;
	struct case_file c;
	struct error e;

	assert_int_equal(read_text(sound, &c, &e), 0);
	case_guest(&c, 4, &guest);
	assert_int_equal(cpuset_parse("0,3", &pcpus), 0);
	assert_int_equal(case_start_pins(&guest, 0, &pcpus, &mask, &e), -EINVAL);
	assert_string_equal(e.text, "pins 1-2: none of these pCPUs is among 0,3");
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_file(void **state)
{
	return unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_key_arrives_where_it_belongs),
	        cmocka_unit_test(loads_are_dealt_in_turn),
	        cmocka_unit_test(whatever_is_wrong_is_named_by_file_line_section_and_key),
	        cmocka_unit_test(what_only_the_simulation_can_do_is_read_and_marked),
	        cmocka_unit_test(memory_loads_are_dealt_in_turn),
	        cmocka_unit_test(what_only_simulated_memory_does_is_read_and_marked),
	        cmocka_unit_test(a_change_takes_the_place_of_what_the_file_says),
	        cmocka_unit_test(a_recorded_load_is_read_strictly),
	        cmocka_unit_test(a_line_too_long_is_refused_not_cut),
	        cmocka_unit_test(indented_lines_are_lines_of_their_own),
	        cmocka_unit_test(a_file_that_is_not_there_is_named),
	        cmocka_unit_test(every_shipped_case_is_sound_and_named_as_its_file),
	        cmocka_unit_test(pin_rules_hold_on_any_set_of_pcpus),
	        cmocka_unit_test(a_list_that_the_host_has_nothing_of_is_refused),
	};

	return cmocka_run_group_tests_name("case", tests, make_file, remove_file);
}
