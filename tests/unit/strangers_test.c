/* strangers_test - malformed traces through vmb-report and vmb-plot: no crash, no hang, one line at most, nothing touched */
#include <fcntl.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "tests/unit/malform.h"
#include "tests/unit/trace_fixture.h"

/* As the first argument says; `make torture` gives 20,000. The second is the number of the first. */
static unsigned nr_traces = 2000, first_trace;

enum {
	HANGS_S = 60, /* by the clock, on a loaded machine */
	              /* of CPU time; the sanitizers cost some of it */
#ifdef __SANITIZE_ADDRESS__
	LONGEST_MS = 10000,
#else
	LONGEST_MS = 2000,
#endif
	MEMORY_MIB = 512
};

/* All files of the test, but for those of malform_begin(). */
static struct {
	char folder[96], trace[96], good[96], out[96], err[96], xml[96], html[96], svg[96], gp[96];
	char report[PATH_MAX], plot[PATH_MAX];
} at;

static void name_files(void)
{
	const char *b = getenv("B");

	b = b ? b : "build";
	snprintf(at.report, sizeof(at.report), "%s/vmb-report", b);
	snprintf(at.plot, sizeof(at.plot), "%s/vmb-plot", b);
#define NAME(field, name) snprintf(at.field, sizeof(at.field), "%s/" name, fixture_folder)
	NAME(folder, "trace");
	NAME(trace, "trace/t.db");
	NAME(good, "base/full.db");
	NAME(out, "out");
	NAME(err, "err");
	NAME(xml, "r.xml");
	NAME(html, "r.html");
	NAME(svg, "p.svg");
	NAME(gp, "p.svg.gp");
}

/* ---- running a program ---- */

struct outcome {
	int status, signal; /* signal 0: it ended by itself */
	uint64_t cpu_ms, memory_kib;
	size_t nr_lines; /* on stderr, which `said` has the beginning of */
	char said[512];
};

static void become(const char *const *words, const char *out, const char *err, const char *search)
{
	int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int s = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	dup2(o, 1);
	dup2(s, 2);
	setenv("PATH", search, 1);
	alarm(HANGS_S);
	execv(words[0], (char *const *)words);
	_exit(126);
}

static void run(const char *const *words, const char *search, struct outcome *o)
{
	struct rusage usage;
	int status, c;
	size_t n = 0;
	pid_t pid;
	FILE *f;

	*o = (struct outcome){0};
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		become(words, at.out, at.err, search);
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	o->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	o->status = WEXITSTATUS(status);
	o->cpu_ms = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	            (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
	o->memory_kib = (uint64_t)usage.ru_maxrss;
	f = fopen(at.err, "r");
	assert_non_null(f);
	while ((c = getc(f)) != EOF) {
		o->nr_lines += c == '\n';
		if (n < sizeof(o->said) - 1)
			o->said[n++] = (char)c;
	}
	fclose(f);
}

/* ---- what is right ---- */

/* A tool's exit statuses: those without a word, and those with one line on stderr. */
struct promise {
	const char *silent, *told;
};

static const struct promise report_promise = {"014", "3"}, plot_promise = {"0", "13"},
                            compare_promise = {"0", "3"};

/* NULL, or what is wrong with an outcome. */
static const char *wrong_with(const struct outcome *o, const struct promise *p)
{
	if (o->signal)
		return o->signal == SIGALRM ? "hangs" : "died of a signal";
	if (o->status < 0 || o->status > 9 ||
	    (!strchr(p->silent, '0' + o->status) && !strchr(p->told, '0' + o->status)))
		return "a status that it does not have";
	if (o->nr_lines != (strchr(p->told, '0' + o->status) ? 1 : 0))
		return "lines on stderr, too many or too few";
	if (o->cpu_ms > LONGEST_MS)
		return "takes too long";
#ifndef __SANITIZE_ADDRESS__
	if (o->memory_kib > MEMORY_MIB * 1024)
		return "takes too much memory";
#endif
	return NULL;
}

static void the_eye_sees_what_is_wrong(void **state)
{
	static const struct {
		struct outcome o;
		const char *wrong;
	} rows[] = {
	        {{.status = 0}, NULL},
	        {{.status = 3, .nr_lines = 1}, NULL},
	        {{.signal = SIGSEGV}, "died"},
	        {{.signal = SIGALRM}, "hangs"},
	        {{.status = 2, .nr_lines = 1}, "status"},
	        {{.status = 126}, "status"},
	        {{.status = 3}, "lines"},
	        {{.status = 3, .nr_lines = 2}, "lines"},
	        {{.status = 4, .nr_lines = 1}, "lines"},
	        {{.status = 0, .cpu_ms = LONGEST_MS + 1}, "long"},
	};
	const char *words[] = {"/bin/sh", "-c", "echo a >&2; echo b >&2; kill -SEGV $$", NULL};
	struct outcome o;
	const char *wrong;
	size_t i;

	name_files();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wrong = wrong_with(&rows[i].o, &report_promise);
		if (!wrong != !rows[i].wrong || (wrong && !strstr(wrong, rows[i].wrong)))
			fail_msg("row %zu: %s", i, wrong ? wrong : "nothing");
	}
	run(words, "/bin", &o);
	assert_int_equal(o.signal, SIGSEGV);
	assert_int_equal(o.nr_lines, 2);
}

/* A hash of names and contents of all files in a folder, but for the contents of a -shm, which is no data. */
static uint64_t folder_hash(const char *folder)
{
	char file[PATH_MAX];
	struct dirent *entry;
	uint64_t sum = 0, hash;
	struct stat s;
	DIR *dir = opendir(folder);
	FILE *f;
	int c;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		for (hash = 14695981039346656037ULL, c = 0; entry->d_name[c]; c++)
			hash = (hash ^ (unsigned char)entry->d_name[c]) * 1099511628211ULL;
		snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
		f = !lstat(file, &s) && S_ISREG(s.st_mode) && !strstr(entry->d_name, "-shm")
		            ? fopen(file, "r")
		            : NULL;
		while (f && (c = getc_unlocked(f)) != EOF)
			hash = (hash ^ (unsigned char)c) * 1099511628211ULL;
		if (f)
			fclose(f);
		sum += hash;
	}
	closedir(dir);
	return sum;
}

/* Nothing that a terminal acts on: no control characters but line ends and the like. */
static bool is_plain(const char *file)
{
	FILE *f = fopen(file, "r");
	bool plain = true;
	int c;

	while (f && plain && (c = getc_unlocked(f)) != EOF)
		plain = (c >= ' ' || c == '\n' || c == '\r' || c == '\t') && c != 0x7f;
	if (f)
		fclose(f);
	return plain;
}

static bool is_json(const char *file)
{
	json_t *j = json_load_file(file, 0, NULL);

	json_decref(j);
	return j;
}

static bool is_xml(const char *file)
{
	xmlDoc *doc = xmlReadFile(file, NULL, XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

	xmlFreeDoc(doc);
	return doc;
}

/* ---- the traces ---- */

static struct tally {
	unsigned runs, by_status[10];
	uint64_t longest_ms, cpu_ms, most_kib;
	char longest[128];
} tally;

static void check(unsigned number, const char *kind, const char *const *words,
                  const struct promise *promise, const char *search)
{
	struct outcome o;
	const char *wrong;
	char line[1024] = "";
	size_t i;

	run(words, search, &o);
	for (i = 0; words[i]; i++) {
		strcat(line, i ? " " : "");
		strncat(line, strrchr(words[i], '/') ? strrchr(words[i], '/') + 1 : words[i], 60);
	}
	wrong = wrong_with(&o, promise);
	if (!wrong && (!is_plain(at.out) || !is_plain(at.err)))
		wrong = "prints control characters";
	if (!wrong && o.status != 3 && strstr(line, "--json") && !is_json(at.out))
		wrong = "no JSON";
	if (wrong)
		fail_msg("trace %u, %s: %s: %s (status %d, signal %d, %llu ms CPU, %llu KiB): %s",
		         number, kind, line, wrong, o.status, o.signal,
		         (unsigned long long)o.cpu_ms, (unsigned long long)o.memory_kib, o.said);
	tally.runs++;
	tally.by_status[o.status]++;
	tally.cpu_ms += o.cpu_ms;
	tally.most_kib = o.memory_kib > tally.most_kib ? o.memory_kib : tally.most_kib;
	if (o.cpu_ms > tally.longest_ms) {
		tally.longest_ms = o.cpu_ms;
		snprintf(tally.longest, sizeof(tally.longest), "trace %u, %s: %.60s", number, kind,
		         line);
	}
}

/*
 * The files of a report and one of the forms on standard output, in turns; a picture of every other trace and a
 * comparison of some. Gnuplot itself for one in 40: what it costs is not ours.
 */
static void check_trace(unsigned n, const char *kind)
{
	static const char *const shapes[][2] = {
	        {"--json"},
	        {NULL},
	        {"--tap"},
	        {"--csv", "metrics"},
	        {"--json"},
	        {"--csv", "verdicts"},
	        {"--csv", "v_runs"},
	        {"--csv", "v_pcpu_util"},
	        {"--json"},
	        {"--csv", "v_vcpu_util"},
	        {"--csv", "v_memory"},
	        {"--csv", "v_actions"},
	};
	const char *search = n % 40 ? "/nowhere" : "/usr/local/bin:/usr/bin:/bin";
	const char *const *shape = shapes[n / 25 % (sizeof(shapes) / sizeof(shapes[0]))];
	const char *report[] = {at.report, at.trace, "--junit", at.xml, "--html",
	                        at.html,   shape[0], shape[1],  NULL};
	const char *plot[] = {at.plot,
	                      at.trace,
	                      "-o",
	                      at.svg,
	                      "--keep-gp",
	                      "--chart",
	                      n / 2 % 2 ? "pcpu" : "placement",
	                      NULL};
	const char *compare[] = {at.report, at.good, at.trace, "--json", NULL};

	unlink(at.xml);
	unlink(at.html);
	unlink(at.svg);
	unlink(at.gp);
	check(n, kind, report, &report_promise, search);
	if (exists(at.xml) && !is_xml(at.xml))
		fail_msg("trace %u, %s: no XML", n, kind);
	if (n % 2 == 0)
		check(n, kind, plot, &plot_promise, search);
	if (n % 16 == 1)
		check(n, kind, compare, &compare_promise, search);
	if (!is_plain(at.xml) || !is_plain(at.html) || !is_plain(at.svg) || !is_plain(at.gp))
		fail_msg("trace %u, %s: control characters in a file", n, kind);
}

static void remove_trace(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char file[PATH_MAX];
	size_t i;

	for (i = 0; i < 4; i++) {
		snprintf(file, sizeof(file), "%s%s", at.trace, suffixes[i]);
		remove(file);
	}
}

static void no_trace_of_a_stranger_does_harm(void **state)
{
	const char *kind;
	uint64_t before;
	unsigned n;

	name_files();
	mkdir(path("base"), 0755);
	mkdir(at.folder, 0755);
	malform_begin(path("base"));
	for (n = first_trace; n < first_trace + nr_traces; n++) {
		remove_trace();
		kind = malform(n, at.trace);
		before = folder_hash(at.folder);
		check_trace(n, kind);
		if (folder_hash(at.folder) != before)
			fail_msg("trace %u, %s: the file, or what stands beside it, was changed", n,
			         kind);
	}
	malform_end();
	print_message("# %u traces, %u runs, %llu ms of CPU time each: %u hold, %u fail, %u "
	              "undecided, %u refused; the longest %llu ms (%s), %llu MiB at most\n",
	              nr_traces, tally.runs,
	              (unsigned long long)tally.cpu_ms / (tally.runs ? tally.runs : 1),
	              tally.by_status[0], tally.by_status[1], tally.by_status[4],
	              tally.by_status[3], (unsigned long long)tally.longest_ms, tally.longest,
	              (unsigned long long)tally.most_kib >> 10);
	/* they are not all refused, nor all read: both ways are walked */
	assert_true(nr_traces < 100 || (tally.by_status[3] > tally.runs / 10 &&
	                                tally.by_status[3] < tally.runs * 9 / 10));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_eye_sees_what_is_wrong),
	        TEST(no_trace_of_a_stranger_does_harm),
	};

	if (argc > 1)
		nr_traces = (unsigned)atoi(argv[1]);
	if (argc > 2)
		first_trace = (unsigned)atoi(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
