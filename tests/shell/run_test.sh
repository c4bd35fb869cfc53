#!/usr/bin/env bash
# run_test - the program that runs the tests: what it counts, what runs beside what, and that it leaves nothing running
# shellcheck disable=SC2016 # what stands in single quotes is for the programs that it writes
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
export here=$work
unset JOBS UNDER VMB_REQUIRE_LAB

# program NAME: a test program of the lines that come in
program() {
	{ echo '#!/usr/bin/env bash' && cat; } >"$1"
	chmod +x "$1"
}
program good <<<'echo "ok 1 - a"; echo "ok 2 - b"; echo 1..2'
program bad <<<'echo "ok 1 - a"; echo "not ok 2 - the culprit"; echo "# why"; echo 1..2; exit 1'
program dies <<<'echo 1..3; echo "ok 1 - a"; kill -KILL $$'
program mute <<<'exit 0'
program last <<<'echo "ok 1 - a"; echo 1..1; exit 3'
program skips <<<'echo "ok 1 - a"; echo "ok 2 - guests # SKIP no lab here"; echo 1..2'
program asks <<<'[ "$*" = "1 two" ] && echo "ok 1 - a" || echo "not ok 1 - $*"; echo 1..1'
program under <<<'[ "$UNDER_IT" = yes ] && echo "ok 1 - a" || echo "not ok 1 - a"; echo 1..1'
program injects <<<'echo "ok 1 - a"; echo "# fault: disk full; injected 3; survived 2; lost 1 ticks"; echo 1..1'

# runs PROGRAM...: into out; its status and its last line
runs() {
	"$root/tests/run" "${@/#/$work/}" >out 2>&1
	echo "$? $(tail -n 1 out)"
}
tap_is "what passes is counted" "$(runs good good)" "0 4 passed, 0 failed"
tap_is "what fails as well" "$(runs good bad)" "1 3 passed, 1 failed"
tap_is "and is shown with its reasons, and nothing else" "$(grep -c 'the culprit\|# why' out) $(grep -c 'ok 1' out)" "2 0"
tap_is "who dies on the way has failed" "$(runs dies)" "1 1 passed, 1 failed"
tap_is "who says nothing" "$(runs mute)" "1 0 passed, 1 failed"
tap_is "who ends badly" "$(runs last)" "1 1 passed, 1 failed"
tap_is "who is not there" "$(runs nobody)" "1 0 passed, 1 failed"
tap_is "a skipped test is told" "$(runs skips) $(grep -c '^SKIPPED  skips: no lab here' out)" "0 1 passed, 0 failed, 1 skipped 1"
tap_is "and fails where none may be" "$(VMB_REQUIRE_LAB=1 runs skips)" "1 1 passed, 1 failed, 1 skipped"
tap_is "arguments in the same word" "$(runs 'asks 1 two')" "0 1 passed, 0 failed"
tap_is "a command to run under" "$(UNDER='env UNDER_IT=yes' runs under)" "0 1 passed, 0 failed"
tap_is "faults of several programs are one row" "$(runs injects injects) $(grep -c '^disk full  *6  *4  2 ticks' out)" "0 2 passed, 0 failed 1"
for jobs in 0 -1 2x 100; do
	tap_like "no number of programs: $jobs" "$(JOBS=$jobs runs good)" "^2 run: JOBS=$jobs: wanted is a number from 1 to 99"
done

# ---- what runs beside what ----

# One that meets another is there at the same time as it. It waits for the other a while, and at the end for its having seen.
program left <<<'touch $here/left.is; for i in $(seq 40); do [ ! -e $here/right.is ] || break; sleep 0.05; done
	[ -e $here/right.is ] && echo "ok 1 - met" || echo "not ok 1 - met"; echo 1..1'
sed 's/left/RIGHT/g; s/right/left/g; s/RIGHT/right/g' left >right
chmod +x right
tap_is "two run at a time" "$(JOBS=2 runs left right)" "0 2 passed, 0 failed"
rm left.is right.is
tap_is "one, if asked for" "$(JOBS=1 runs left right) $(sed -n 's/ .*//p' out | head -n 1)" "1 1 passed, 1 failed left"

program busy <<<'touch $here/busy.$$; sleep 0.3; rm $here/busy.$$; touch $here/over.$$; echo "ok 1 - a"; echo 1..1'
program quiet <<<'# alone: no other may be seen
	[ "$(echo $here/busy.*)" = "$here/busy.*" ] && [ $(ls $here | grep -c over) = 2 ] && echo "ok 1 - alone" || echo "not ok 1 - alone"; echo 1..1'
tap_is "one that must be alone comes after the others" "$(JOBS=3 runs quiet busy busy)" "0 3 passed, 0 failed"
rm over.*
sed -i '/^# alone/d' quiet
tap_is "and would see them beside it" "$(JOBS=3 runs quiet busy busy)" "1 2 passed, 1 failed"

# ---- interrupted ----

# A test that takes away what it made once its command has ended, one that knows of no signal, one that hears none.
program tidy <<<'trap "rm -f \$here/made; exit 143" TERM; touch $here/made; echo $$ >$here/tidy.pid; sleep 60; echo 1..0'
program plain <<<'echo $$ >$here/plain.pid; exec sleep 60'
program deaf <<<'trap "" TERM; echo $$ >$here/deaf.pid; while :; do sleep 0.1; done'
mkdir for
# interrupted SIGNALS PROGRAM...: its status, how many of the programs are there, and what is left
interrupted() {
	local signals=$1 name pid i left=0
	shift
	rm -f made ./*.pid
	TMPDIR=$work/for JOBS=3 env --default-signal=INT,HUP "$root/tests/run" "${@/#/$work/}" >out 2>&1 &
	for name in "$@"; do
		for ((i = 0; i < 400; i++)); do
			[ ! -s "$name.pid" ] || break
			sleep 0.05
		done
	done
	for name in $signals; do
		kill "-$name" $!
		sleep 0.5
	done
	wait $!
	i=$?
	for name in "$@"; do
		pid=$(<"$name.pid")
		kill -0 "$pid" 2>/dev/null && left=$((left + 1))
	done
	echo "$i $left $(find made for/* 2>/dev/null)"
}
tap_is "after a SIGINT no test runs on, and nothing is left" "$(interrupted INT tidy plain)" "130 0 "
tap_is "after a SIGTERM" "$(interrupted TERM tidy plain)" "143 0 "
tap_is "after a SIGHUP" "$(interrupted HUP tidy plain)" "143 0 "
tap_is "a second one ends also who does not hear" "$(interrupted 'TERM INT' tidy plain deaf)" "143 0 "
tap_done
