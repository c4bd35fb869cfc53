#!/usr/bin/env bash
# kill_test - recorders that are killed at any moment, time and again on the same trace: what they had recorded is there
#
# Usage: tests/shell/kill_test.sh [CYCLES]      default 100; the three recorders take turns
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/shell/daemon.sh
. "$(dirname "$0")/daemon.sh"

cycles=${1:-100}
RANDOM=1
vcpus=8 pcpus=4 # of the case
bad=0 partial=0 lost=0 ticks=0 early=0

# How long a run of one tick takes here: every fourth recorder is killed within that, every eighth at once.
begin=$(date +%s%N)
"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/cpu-2.case?duration=1s" --trace one.db >/dev/null
start_us=$((($(date +%s%N) - begin) / 1000))

# A tick is acknowledged when the program goes on to the next. A balancer says a line of a tick before it records it, so
# of the last line nothing is claimed; the collector says it afterwards.
begin() { # CYCLE
	local host="sim:$root/tests/cases/cpu-2.case?duration=24h&seed=$1"
	: >log # who is killed at once has not even opened it
	case $(($1 % 3)) in
	0) start vmb-cpu 1 -v -c "$host" --trace run.db ;;
	1) start vmb-mem 1 -v -c "$host" --trace run.db ;;
	2) start vmb-collect 1 --json -c "$host" --trace run.db ;;
	esac
}
acknowledged() { # CYCLE: so many ticks
	local lines
	lines=$(said)
	[ $(($1 % 3)) = 2 ] || [ "$lines" = 0 ] || lines=$((lines - 1))
	echo "$lines"
}
# The file's state; ticks of the program's run; ticks that do not have the rows of all pCPUs and vCPUs.
look() {
	sqlite3 run.db "PRAGMA quick_check;
		SELECT count(*) FROM tick WHERE run = (SELECT max(run) FROM run WHERE pid = $pid);
		SELECT count(*) FROM tick t WHERE
			(SELECT count(*) FROM vcpu_sample v WHERE v.tick = t.tick) != $vcpus OR
			(SELECT count(*) FROM pcpu_sample p WHERE p.tick = t.tick) != $pcpus" 2>&1
}

for ((i = 1; i <= cycles; i++)); do
	[ $((i % 10)) != 1 ] || rm -f run.db*
	begin $i
	if [ $((i % 8)) = 0 ]; then
		pause_us=0
	elif [ $((i % 4)) = 0 ]; then
		pause_us=$(((RANDOM * 32768 + RANDOM) % start_us))
	else
		await '(^[0-9:]+  [a-z-]+: |}$)'
		pause_us=$((RANDOM % 80 * 1000))
	fi
	[ $pause_us = 0 ] || sleep "$((pause_us / 1000000)).$(printf %06d $((pause_us % 1000000)))"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	[ -s run.db ] || continue
	if ! { read -r check && read -r have && read -r torn; } < <(look); then
		bad=$((bad + 1))
		continue
	fi
	n=$(acknowledged $i)
	[ "$check" = ok ] || bad=$((bad + 1))
	"$bin/vmb-report" run.db >report 2>err
	[ $? != 3 ] || bad=$((bad + 1))
	partial=$((partial + torn))
	[ "$have" -ge "$n" ] || lost=$((lost + n - have))
	ticks=$((ticks + n))
	[ "$have" -gt 0 ] || early=$((early + 1))
done
echo "# fault: recorder killed; injected $cycles; survived $((cycles - bad)); lost $lost acknowledged ticks"
tap_is "kill -9, $cycles times: unreadable traces" $bad 0
tap_is "partial ticks" $partial 0
tap_is "acknowledged ticks lost" $lost 0
tap_ok "of $ticks ticks; $early killed before the first (control)" test $ticks -gt $((2 * cycles)) -a $early -gt 0

# Negative controls: the eye that looks for partial ticks sees one, and a count of ticks falls short of what was said.
rm -f run.db*
start vmb-cpu 1 -v -c "sim:$root/tests/cases/cpu-2.case" --trace run.db
wait "$pid"
sqlite3 run.db 'DELETE FROM vcpu_sample WHERE tick = 5 AND vcpu = 2; DELETE FROM tick WHERE tick > 30'
{ read -r check && read -r have && read -r torn; } < <(look)
tap_is "a partial tick would be seen (control)" "$torn" 1
tap_ok "and so would a lost one (control)" test "$(acknowledged 3)" -gt "$have"
tap_done
