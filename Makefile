# make            build the programs          make check      all tests, real guests included (root)
# make install    prefix, DESTDIR             make demo       eight real guests, a verdict, a chart (root)
# make san        unit tests under ASan/UBSan make lint       format, -fanalyzer, shellcheck
# make bench      the figures of the README   make clean
# Variants: B (where to build) and CFLAGS (how); V=1 shows the commands.

PROGRAMS := vmb-cpu vmb-collect vmb-report vmb-plot
prefix   ?= /usr/local
B        ?= build
CC       ?= gcc
CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-unused-parameter -Wno-missing-field-initializers
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

FOLDERS  := common collector balancer traces analyze
MAINS    := $(foreach p,$(PROGRAMS),$(wildcard $(addsuffix /$p.c,$(FOLDERS))))
SOURCES  := $(filter-out $(MAINS),$(wildcard $(addsuffix /*.c,$(FOLDERS))))
OBJECTS  := $(SOURCES:%.c=$B/%.o)
ARCHIVE  := $B/libvmb.a
UNIT     := $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/unit/*_test.c))
TOOLS    := $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/lab/case_*.c tests/bench/*.c))
BUILT    := $(addprefix $B/,$(notdir $(MAINS:.c=)))

PACKAGES := libvirt sqlite3 libxml-2.0 inih jansson
FLAGS     = -std=gnu11 -D_GNU_SOURCE -I. -MMD -MP -pthread $(WARN) $(CFLAGS) $(shell pkg-config --cflags $(PACKAGES))
LIBS      = $(shell pkg-config --libs $(PACKAGES)) -lm -pthread

all: $(BUILT)

$B/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$Q$(CC) $(FLAGS) -c -o $@ $<

$B/traces/schema.o: traces/schema.sql

$(ARCHIVE): $(OBJECTS)
	$(call say,AR,$@)
	$Qrm -f $@ && ar rcs $@ $^

$(foreach m,$(MAINS),$(eval $B/$(notdir $(m:.c=)): $B/$(m:.c=.o)))
$(UNIT) $(TOOLS): %: %.o
$(UNIT): $B/tests/unit/tiny_host.o
$(UNIT): EXTRA = -lcmocka
$(BUILT) $(UNIT) $(TOOLS): $(ARCHIVE)
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS) $(EXTRA)

-include $(shell find $B -name '*.d' 2>/dev/null)

tests: $(BUILT) $(UNIT) $(TOOLS)

clean:
	rm -rf $B build-*

.PHONY: all tests clean
.SECONDARY:
