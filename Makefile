# make            build the programs        sudo make demo    eight real guests, a verdict, a chart
# make install    prefix, DESTDIR           sudo make check   all tests, real guests included
# make uninstall                            sudo make lab     the cases on real guests, each in runs/
# make lint       format, -fanalyzer, shellcheck             make san   unit tests under ASan and UBSan
# make fuzz       the readers of files and texts, by libFuzzer (clang); N=500000 executions
# make torture    the faults of a check in the large: TORTURE=1 takes hours, 0.05 minutes
# make tsan       what uses threads, under ThreadSanitizer             make valgrind   unit tests under memcheck
# make bench      the figures of the README (root)           make quality  the plan: against the best, and its cost
# make cov        what the tests execute    make compare  both and simpler policies on every case
# make clean      make bundle NAME=first_last   what one hands in: sources, logs, traces, reports, charts
# make examples RUNS=runs/FOLDER   traces/examples, from what make lab recorded; without RUNS from the traces there
# Variants are B (where to build) and CFLAGS (how); V=1 shows the commands.

PROGRAMS := vmb-cpu vmb-mem vmb-collect vmb-report vmb-plot
FOLDERS  := common collector balancer traces analyze
PACKAGES := libvirt sqlite3 libxml-2.0 inih jansson libsystemd
B        ?= build
prefix   ?= /usr/local
bindir   ?= $(prefix)/bin
docdir   ?= $(prefix)/share/doc/vmb
CC       := gcc
CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wno-unused-parameter -Wno-missing-field-initializers
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

MAINS    := $(foreach p,$(PROGRAMS),$(wildcard $(addsuffix /$p.c,$(FOLDERS))))
ARCHIVE  := $B/libvmb.a
OBJECTS  := $(patsubst %.c,$B/%.o,$(filter-out $(MAINS),$(wildcard $(addsuffix /*.c,$(FOLDERS)))))
BUILT    := $(addprefix $B/,$(PROGRAMS))
UNIT     := $(patsubst %.c,$B/%,$(wildcard tests/unit/*_test.c))
UNITPART := $(patsubst %.c,$B/%.o,$(filter-out %_test.c,$(wildcard tests/unit/*.c)))
TOOLS    := $(patsubst %.c,$B/%,$(wildcard tests/lab/*.c tests/bench/*.c))
COV_SHELL := $(patsubst %,tests/shell/%_test.sh,programs report formats compare joined sim mem inject)
FUZZ     := $(patsubst %.c,$B/%,$(filter-out %/replay.c,$(wildcard tests/fuzz/*.c)))
THREADED := libvirt_call_test libvirt_test doubt_test apply_test process_test stop_test
REPLAY   := $B/tests/fuzz/replay.o
SHIMS    := $(patsubst %.c,$B/%.so,$(wildcard tests/faults/*_shim.c))
SHELL_SCRIPTS = $(shell git ls-files -- ':!Makefile' | xargs grep -lE '^\#!.*(bash|/sh)|shellcheck shell=' -- 2>/dev/null)

# Asked once, and not before a recipe needs it: pkg-config may be installed by then.
FLAGS     = $(eval FLAGS := -std=gnu11 -D_GNU_SOURCE -I. -MMD -MP -pthread $(WARN) $(CFLAGS) \
            $(shell pkg-config --cflags $(PACKAGES)))$(FLAGS)
LIBS      = $(eval LIBS := $(shell pkg-config --libs $(PACKAGES)) -lm -pthread)$(LIBS)

all: $(BUILT)

$B/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$Q$(CC) $(FLAGS) -c -o $@ $<

$B/traces/schema.o: traces/schema.sql
$B/analyze/html_style.o: analyze/report.css

$(ARCHIVE): $(OBJECTS)
	$(call say,AR,$@)
	$Qrm -f $@ && ar rcs $@ $^

$(foreach m,$(MAINS),$(eval $B/$(notdir $(m:.c=)): $B/$(m:.c=.o)))
$(UNIT) $(TOOLS) $(FUZZ): %: %.o
$(FUZZ): $(REPLAY)
$(UNIT): $(UNITPART)
$(UNIT): EXTRA = -lcmocka
$(BUILT) $(UNIT) $(TOOLS) $(FUZZ): $(ARCHIVE)
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS) $(EXTRA)

# Loaded in front of a library whose calls they let fail: whole by themselves, without the archive.
$B/tests/faults/libvirt_shim.so: $(wildcard tests/faults/fault_plan.* tests/faults/shim_host.*) common/clock.c common/clock.h
$(SHIMS): $B/%.so: %.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$Q$(CC) $(filter-out -MMD -MP,$(FLAGS)) -fPIC -shared -o $@ $(filter %.c,$^) $(LIBS)

-include $(shell find $B -type f -name '*.d' -not -path '$B/bench/*' 2>/dev/null)

programs: $(BUILT) $(TOOLS)

tests: programs $(UNIT) fuzzers $(SHIMS)

fuzzers: $(FUZZ)

check:
	$Qtests/lab/install-packages build lab page tex
	$Q$(MAKE) --no-print-directory tests
	$QB=$B tests/run

demo:
	$QB=$B tests/lab/demo

lab: packages
	$Q$(MAKE) --no-print-directory programs
	$QB=$B tests/lab/all

bundle:
	$Qtests/lab/bundle "$(NAME)" $(RUNS)

examples: $(BUILT)
	$QB=$B tests/lab/examples $(RUNS)

compare:
	$Qtests/lab/install-packages build
	$Q$(MAKE) --no-print-directory programs
	$QB=$B tests/bench/compare
	$QB=$B tests/bench/compare_memory

bench: packages
	$Q$(MAKE) --no-print-directory tests
	$QB=$B tests/bench/run
	$QB=$B tests/bench/footprint

quality:
	$Q$(MAKE) --no-print-directory tests
	$Q$B/tests/unit/cpu_quality_test 10000
	$Q$B/tests/unit/cpu_never_worse_test 600
	$Q$B/tests/unit/mem_world_test 1000000
	$QB=$B tests/bench/plan

packages:
	$Qtests/lab/install-packages

san:
	$Q$(MAKE) --no-print-directory B=build-san tests \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
	$QB=build-san tests/run build-san/tests/unit/*_test tests/shell/programs_test.sh

cov:
	$Q$(MAKE) --no-print-directory B=build-cov tests CFLAGS='-O0 -g --coverage'
	$Qfind build-cov -name '*.gcda' -delete
	$QB=build-cov GCOV_ERROR_FILE=/dev/null tests/run build-cov/tests/unit/*_test $(COV_SHELL)
	# Where memory is refused, gcov's own part of a program dies at its end too often for this to be judged.
	-$QB=build-cov tests/shell/scarce_test.sh >build-cov/scarce.out 2>&1
	$QB=build-cov tests/coverage

fuzz: fuzz-targets
	$QPROGRAMS=$B tests/fuzz/run build-fuzz $(or $N,500000)

fuzz-targets: all
	$Qtests/lab/install-packages build fuzz
	$Q$(MAKE) --no-print-directory B=build-fuzz fuzzers CC=clang REPLAY= EXTRA=-fsanitize=fuzzer \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'

torture: fuzz-targets
	$Qtests/lab/install-packages lab
	$Q$(MAKE) --no-print-directory tests
	$QB=$B TORTURE='$(or $(TORTURE),1)' tests/faults/torture build-fuzz

# What starts threads, or is called by one: calls that may hang, libvirt's event loop, the recorders.
tsan:
	$Q$(MAKE) --no-print-directory B=build-tsan tests CFLAGS='-O1 -g -fsanitize=thread'
	$QB=build-tsan TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp halt_on_error=1" setarch -R \
		tests/run $(addprefix build-tsan/tests/unit/,$(THREADED)) tests/shell/programs_test.sh tests/shell/reconnect_test.sh

valgrind:
	$Qtests/lab/install-packages build valgrind
	$Q$(MAKE) --no-print-directory tests
	$QB=$B tests/memcheck

lint:
	$Qclang-format --dry-run -Werror $$(git ls-files '*.[ch]')
	$Q$(MAKE) --no-print-directory B=build-lint programs CFLAGS='-O2 -g -Werror -fanalyzer'
	$Q$(MAKE) --no-print-directory B=build-lint tests CFLAGS='-O2 -g -Werror'
	$Qshellcheck -x $(SHELL_SCRIPTS)
	@echo lint: clean

# Where systemd looks: for a prefix of the system's own as it says itself, below any other prefix.
system    = $(filter /usr /usr/local,$(prefix))
ask       = $(or $(if $(system),$(shell pkg-config --variable=$1 systemd 2>/dev/null)),$(prefix)/lib/$2)
unitdir  ?= $(call ask,systemdsystemunitdir,systemd/system)
sysusersdir ?= $(call ask,sysusersdir,sysusers.d)
tmpfilesdir ?= $(call ask,tmpfilesdir,tmpfiles.d)
SERVICES := vmb-cpu vmb-mem vmb-collect
UNITS    := $(SERVICES:%=$B/service/%.service)

# Each time: they name the folders of the prefix that is asked for.
$B/service/%.service: service/%.service.in service/common.conf FORCE
	@mkdir -p $(@D)
	$Qsed -e '/^@common@$$/{r service/common.conf' -e 'd}' -e 's|@bindir@|$(bindir)|g; s|@docdir@|$(docdir)|g' $< >$@

FORCE:

units: $(UNITS)

# What documents link to, at the same places beside it; a bundle has some of them.
DOCS := $(wildcard LICENSE analyze/README.md analyze/criteria.h traces/README.md $(addprefix traces/examples/*.,md xz log txt html svg) tests/cases/README.md tests/cases/*.case tests/faults/README.md)

install: all units
	install -d $(addprefix $(DESTDIR),$(bindir) $(docdir) $(unitdir) $(sysusersdir) $(tmpfilesdir))
	install -m 755 $(BUILT) $(DESTDIR)$(bindir)
	install -m 644 README.md service/polkit.rules $(DESTDIR)$(docdir)
	$Qfor d in $(DOCS); do install -D -m 644 $$d $(DESTDIR)$(docdir)/$$d; done
	install -m 644 $(UNITS) $(DESTDIR)$(unitdir)
	install -m 644 service/sysusers.conf $(DESTDIR)$(sysusersdir)/vmb.conf
	install -m 644 service/tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/vmb.conf

uninstall:
	rm -f $(addprefix $(DESTDIR)$(bindir)/,$(PROGRAMS)) $(addprefix $(DESTDIR)$(docdir)/,README.md polkit.rules $(DOCS)) \
		$(SERVICES:%=$(DESTDIR)$(unitdir)/%.service) $(DESTDIR)$(sysusersdir)/vmb.conf $(DESTDIR)$(tmpfilesdir)/vmb.conf
	$Qfor d in /analyze /traces/examples /traces /tests/cases /tests/faults /tests ''; do ! [ -d $(DESTDIR)$(docdir)$$d ] || \
		rmdir --ignore-fail-on-non-empty $(DESTDIR)$(docdir)$$d; done

clean:
	rm -rf $B build-san build-tsan build-lint build-cov build-fuzz

.PHONY: all units programs tests check demo lab bundle examples bench compare quality packages san cov fuzz fuzz-targets fuzzers torture tsan valgrind lint install uninstall \
        clean FORCE
.SECONDARY:
