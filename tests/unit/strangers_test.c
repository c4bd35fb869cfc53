/* strangers_test - malformed traces through vmb-report and vmb-plot: no crash, no hang, one line at most, nothing touched */
#include <fcntl.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <malloc.h>
#include <sys/resource.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#include "tests/unit/malform.h"
#include "tests/unit/programs.h"
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
} at;

static void name_files(void)
{
#define NAME(field, name) snprintf(at.field, sizeof(at.field), "%s/" name, fixture_folder)
	NAME(folder, "trace");
	NAME(trace, "trace/t.db");
	NAME(good, "base/cpu.db");
	NAME(out, "out");
	NAME(err, "err");
	NAME(xml, "r.xml");
	NAME(html, "r.html");
	NAME(svg, "p.svg");
	NAME(gp, "p.svg.gp");
}

/* ---- running a program, in this process: to load one anew costs four times what it does here ---- */

struct outcome {
	int status;
	uint64_t cpu_ms;
	size_t nr_lines; /* on stderr, which `said` has the beginning of */
	char said[512];
};

struct program {
	int (*main)(const char *const *words);
	const char *words[10];
};

/* What runs now, for the one who finds the test dead. */
static struct {
	char what[512]; /* empty: nothing of a stranger's */
	int out, err;   /* the test's own */
	char *path;     /* and where it looks for programs */
} now;

static void tell_what_ran(void)
{
	if (!*now.what)
		return;
	dprintf(now.err, "died in %s\n", now.what);
	*now.what = '\0';
}

static void tell_signal(int number)
{
	tell_what_ran();
	signal(number, SIG_DFL);
	raise(number);
}

static void watch(void)
{
	static const int signals[] = {SIGALRM, SIGABRT, SIGFPE, SIGPIPE,
	                              SIGXFSZ, SIGSEGV, SIGBUS, SIGILL};
	size_t i;

	now.out = dup(STDOUT_FILENO);
	now.err = dup(STDERR_FILENO);
	now.path = strdup(getenv("PATH"));
	atexit(tell_what_ran);
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_set_report_fd((void *)(intptr_t)now.err);
	__sanitizer_set_death_callback(tell_what_ran);
	for (i = 0; i < 1; i++) /* the others are the sanitizer's */
#else
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
#endif
		signal(signals[i], tell_signal);
}

static void redirect(const char *file, int to)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	dup2(fd, to);
	close(fd);
}

static uint64_t used_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

static void run(const struct program *p, const char *search, struct outcome *o)
{
	uint64_t before_ms = used_ms();
	size_t n = 0;
	FILE *f;
	int c;

	*o = (struct outcome){0};
	fflush(NULL);
	redirect(at.out, STDOUT_FILENO);
	redirect(at.err, STDERR_FILENO);
	setenv("PATH", search, 1);
	alarm(HANGS_S);
	o->status = p->main(p->words);
	alarm(0);
	fflush(NULL);
	dup2(now.out, STDOUT_FILENO);
	dup2(now.err, STDERR_FILENO);
	setenv("PATH", now.path, 1);
	o->cpu_ms = used_ms() - before_ms;
	f = fopen(at.err, "r");
	assert_non_null(f);
	while ((c = getc_unlocked(f)) != EOF) {
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
	if (o->status < 0 || o->status > 9 ||
	    (!strchr(p->silent, '0' + o->status) && !strchr(p->told, '0' + o->status)))
		return "a status that it does not have";
	if (o->nr_lines != (strchr(p->told, '0' + o->status) ? 1 : 0))
		return "lines on stderr, too many or too few";
	if (o->cpu_ms > LONGEST_MS)
		return "takes too long";
	return NULL;
}

static int say_two_lines(const char *const *words)
{
	fputs("a\nb\n", stderr);
	return 3;
}

static void the_eye_sees_what_is_wrong(void **state)
{
	static const struct {
		struct outcome o;
		const char *wrong;
	} rows[] = {
	        {{.status = 0}, NULL},
	        {{.status = 3, .nr_lines = 1}, NULL},
	        {{.status = 2, .nr_lines = 1}, "status"},
	        {{.status = 126}, "status"},
	        {{.status = 3}, "lines"},
	        {{.status = 3, .nr_lines = 2}, "lines"},
	        {{.status = 4, .nr_lines = 1}, "lines"},
	        {{.status = 0, .cpu_ms = LONGEST_MS + 1}, "long"},
	};
	const struct program talker = {say_two_lines};
	struct outcome o;
	const char *wrong;
	size_t i;

	name_files();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wrong = wrong_with(&rows[i].o, &report_promise);
		if (!wrong != !rows[i].wrong || (wrong && !strstr(wrong, rows[i].wrong)))
			fail_msg("row %zu: %s", i, wrong ? wrong : "nothing");
	}
	run(&talker, "/bin", &o);
	assert_int_equal(o.status, 3);
	assert_int_equal(o.nr_lines, 2);
	assert_string_equal(o.said, "a\nb\n");
}

static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		sum = (sum ^ *p++) * 1099511628211ULL;
	return sum;
}

/* Of names and contents of all files in a folder, but for the contents of a -shm, which is no data. */
static uint64_t folder_hash(const char *folder)
{
	char file[PATH_MAX], block[65536];
	struct dirent *entry;
	uint64_t sum = 0, one;
	struct stat s;
	DIR *dir = opendir(folder);
	size_t n;
	FILE *f;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		one = hash(14695981039346656037ULL, entry->d_name, strlen(entry->d_name));
		snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
		f = !lstat(file, &s) && S_ISREG(s.st_mode) && !strstr(entry->d_name, "-shm")
		            ? fopen(file, "r")
		            : NULL;
		while (f && (n = fread(block, 1, sizeof(block), f)))
			one = hash(one, block, n);
		if (f)
			fclose(f);
		sum += one;
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
	uint64_t longest_ms, cpu_ms;
	char longest[512];
} tally;

static void name_run(unsigned number, const char *kind, const struct program *p)
{
	size_t i, n;

	n = (size_t)snprintf(now.what, sizeof(now.what), "trace %u, %s:", number, kind);
	for (i = 0; p->words[i]; i++)
		n += (size_t)snprintf(now.what + n, sizeof(now.what) - n, " %s",
		                      basename(p->words[i]));
}

static void check(unsigned number, const char *kind, const struct program *p,
                  const struct promise *promise, const char *search)
{
	struct outcome o;
	const char *wrong;

	name_run(number, kind, p);
	run(p, search, &o);
	wrong = wrong_with(&o, promise);
	if (!wrong && (!is_plain(at.out) || !is_plain(at.err)))
		wrong = "prints control characters";
	if (!wrong && o.status != 3 && strstr(now.what, "--json") && !is_json(at.out))
		wrong = "no JSON";
	if (wrong)
		fail_msg("%s: %s (status %d, %llu ms CPU): %s", now.what, wrong, o.status,
		         (unsigned long long)o.cpu_ms, o.said);
	tally.runs++;
	tally.by_status[o.status]++;
	tally.cpu_ms += o.cpu_ms;
	if (o.cpu_ms > tally.longest_ms) {
		tally.longest_ms = o.cpu_ms;
		strcpy(tally.longest, now.what);
	}
	*now.what = '\0';
}

/*
 * A report as JUnit or as a page, and in one of the forms on standard output, in turns; a picture of every other trace and
 * a comparison of some. A page forks, and gnuplot itself costs ten times as much as all the rest, so that
 * one in 6 has a page and one in 82 a drawn picture; both meet all kinds in turn.
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
	static const char *const charts[] = {"pcpu", "placement", "memory"};
	const char *nowhere = "/nowhere", *search = n % 82 ? nowhere : now.path;
	const char *const *shape = shapes[n / 25 % (sizeof(shapes) / sizeof(shapes[0]))];
	const bool page = n % 6 == 0;
	const struct program report = {program_report,
	                               {"vmb-report", at.trace, page ? "--html" : "--junit",
	                                page ? at.html : at.xml, shape[0], shape[1]}};
	const struct program plot = {
	        program_plot,
	        {"vmb-plot", at.trace, "-o", at.svg, "--keep-gp", "--chart", charts[n / 2 % 3]}};
	const struct program compare = {program_report,
	                                {"vmb-report", at.good, at.trace, "--json"}};

	unlink(at.xml);
	unlink(at.html);
	unlink(at.svg);
	unlink(at.gp);
	check(n, kind, &report, &report_promise, nowhere);
	if (exists(at.xml) && !is_xml(at.xml))
		fail_msg("trace %u, %s: no XML", n, kind);
	if (n % 2 == 0)
		check(n, kind, &plot, &plot_promise, search);
	if (n % 16 == 1)
		check(n, kind, &compare, &compare_promise, nowhere);
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
	struct rusage usage;
	const char *kind;
	unsigned n, changed = 0, answered = 0;
	uint64_t before;

	name_files();
	mkdir(path("base"), 0755);
	mkdir(at.folder, 0755);
	malform_begin(path("base"));
	for (n = first_trace; n < first_trace + nr_traces; n++) {
		remove_trace();
		kind = malform(n, at.trace);
		before = folder_hash(at.folder);
		check_trace(n, kind);
		answered++;
		if (folder_hash(at.folder) == before)
			continue;
		changed++;
		print_message("# trace %u, %s: the file, or what stands beside it, was changed\n",
		              n, kind);
	}
	malform_end();
	getrusage(RUSAGE_SELF, &usage);
	print_message(
	        "# %u traces, %u runs, %llu us of CPU time each: %u hold, %u fail, %u undecided, "
	        "%u refused; the longest %llu ms (%s); %ld MiB at most\n",
	        nr_traces, tally.runs,
	        (unsigned long long)tally.cpu_ms * 1000 / (tally.runs ? tally.runs : 1),
	        tally.by_status[0], tally.by_status[1], tally.by_status[4], tally.by_status[3],
	        (unsigned long long)tally.longest_ms, tally.longest, usage.ru_maxrss >> 10);
	print_message("# fault: malformed trace; injected %u; survived %u; lost %u files\n",
	              nr_traces, answered, changed);
	assert_int_equal(changed, 0);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(usage.ru_maxrss >> 10, 1, MEMORY_MIB);
#endif
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

	watch();
	/* what one run frees is the next one's: else half of the time goes into page faults */
	mallopt(M_TRIM_THRESHOLD, MEMORY_MIB << 20);
	mallopt(M_MMAP_THRESHOLD, MEMORY_MIB << 20);
	if (argc > 1)
		nr_traces = (unsigned)atoi(argv[1]);
	if (argc > 2)
		first_trace = (unsigned)atoi(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
