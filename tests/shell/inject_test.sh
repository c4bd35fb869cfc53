#!/usr/bin/env bash
# inject_test - every call to libvirt fails in every way, once, for 5 ticks, always: the balancers go on, and put back
#
# Usage: tests/shell/inject_test.sh [-v]      -v: a line for every cell
#
# Guests of libvirt's test driver, in real time, without a daemon; the shim of tests/faults lets calls fail. What is
# expected stands in two tables, of calls and of errors, and does not come from the programs.
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
shim=$bin/tests/faults/libvirt_shim.so
at_once=8

# The calls: which program makes it; its scope; from the how manieth on it fails.
#   start      it cannot begin: one line, status 1, nothing touched
#   reconnect  the connection was lost just before: tried again after a while
#   host       without it there is no tick: that one is left out and the next tries again
#   extra      of the host, but a tick can do without
#   guest      of one guest: the others do not notice
calls="
virConnectGetCapabilities    cpu start     1
virConnectOpen               cpu reconnect 2
virNodeGetCPUMap             cpu host      6
virConnectListAllDomains     cpu host      7
virNodeGetCPUStats           cpu extra     12
virDomainGetVcpus            cpu guest     5
virDomainPinVcpu             cpu guest     1
virConnectGetAllDomainStats  mem extra     5
virDomainMemoryStats         mem guest     5
virDomainGetInfo             mem guest     5
virDomainGetXMLDesc          mem guest     1
virDomainSetMemory           mem guest     1
"
# The errors, domain:code. Those of the RPC layer say that the connection is lost.
errors="7:1 7:38 7:39 10:1 0:38 10:3 10:29 10:42 10:45 10:55 10:68 10:74 10:84 10:88"
durations="once 250ms always" # 250 ms are 5 ticks
ticks_of="duration 0.9"

# write_plan CALL SCOPE NTH ERROR FOR [MORE]
write_plan() {
	local guest=
	[ "$2" != guest ] || guest="guest=victim"
	echo "$1 nth=$3 domain=${4%:*} code=${4#*:} for=$5 $guest $6"
	# Without events the guests are listed at every tick.
	[ "$1" != virConnectListAllDomains ] || echo "virConnectDomainEventRegisterAny domain=10 code=3 for=always"
	[ "$2" != reconnect ] || echo "virNodeGetCPUMap nth=6 domain=7 code=1 for=once"
}

# run_cell PROGRAM SECONDS: with the plan in this folder
run_cell() {
	VMB_RUN_DIR=$PWD/run VMB_FAULTS=$PWD/plan VMB_FAULTS_REPORT=$PWD/report timeout -s KILL 8 \
		env LD_PRELOAD="$shim" "$bin/vmb-$1" 0.05 --duration "$2" -c test:///default --trace run.db >out 2>err </dev/null
	echo $? >status
}

# look: what the trace tells, one line of numbers (0: no trace)
#   its state, ticks, the last tick's number, ticks without all rows of the other two, rows of the victim in the last tick
look() {
	[ -s run.db ] || { echo "ok 0 0 0 0"; return; }
	sqlite3 -separator ' ' run.db "
		CREATE TEMP VIEW others AS SELECT v.vcpu FROM vcpu v JOIN guest g USING (guest) WHERE g.name IN ('before', 'behind');
		SELECT (SELECT group_concat(integrity_check, ',') FROM pragma_integrity_check),
			(SELECT count(*) FROM tick), (SELECT coalesce(max(number), 0) FROM tick),
			(SELECT count(*) FROM tick t WHERE 4 !=
				(SELECT count(*) FROM vcpu_sample s WHERE s.tick = t.tick AND s.vcpu IN others)),
			(SELECT count(*) FROM vcpu_sample s JOIN vcpu v USING (vcpu) JOIN guest g USING (guest)
				WHERE g.name = 'victim' AND s.tick = (SELECT max(tick) FROM tick))" 2>&1
}

# judge PROGRAM SCOPE CALL ERROR FOR: the outcome in one word; after it what is wrong, if anything
judge() {
	local program=$1 scope=$2 call=$3 error=$4 lasting=$5 wrong= outcome
	local status made injected descriptors attempts check ticks last partial victim missed lines left journal lost=
	status=$(<status)
	case $error in 7:*) lost=yes ;; esac
	[ -s report ] || { echo "died status $status, no report"; return; }
	read -r made injected < <(awk -v c="$call" '$1 == "call" && $2 == c { print $3, $4 }' report)
	attempts=$(awk '$1 == "call" && $2 == "virNodeGetCPUMap" { print $3 }' report)
	descriptors=$(awk '$1 == "descriptors" { print $2 }' report)
	left=$(grep -c '^pin .* ,0$' report)
	read -r check ticks last partial victim < <(look)
	journal=$(find run -name '*.journal*' 2>/dev/null | wc -l)
	lines=$(cat out err | grep -c 'injected fault')
	# Asked for once more at the beginning and at the end (and vmb-mem before it begins).
	missed=$((attempts - ticks - 2))
	[ "$program" = cpu ] || missed=$((missed - 1))

	fail() { wrong="$wrong; $*"; }
	[ "$injected" -ge 1 ] || fail "nothing injected in $made calls"
	[ "$lasting" != once ] || [ "$injected" -eq 1 ] || fail "injected $injected times"
	[ "$status" -le 1 ] || fail "status $status"
	[ "$check" = ok ] || fail "trace: $check"
	[ "$partial" -eq 0 ] || fail "$partial ticks without the others"
	[ "$descriptors" -le "${VMB_DESCRIPTORS:-99}" ] || fail "$descriptors descriptors"
	# Either all is as it was, or the journal says what is not and the program that it is not.
	if [ "$status" -eq 0 ]; then
		outcome=restored
		[ "$left" -eq 6 ] && [ "$journal" -eq 0 ] || fail "ended well, $left of 6 pins as before, $journal journals"
	elif [ "$scope" != start ]; then
		outcome=left
		[ "$journal" -eq 1 ] && grep -q -- --restore err || fail "status 1, $journal journals, $(tail -n 1 err)"
		[ "$lasting" = always ] || fail "not put back after the fault was over"
	fi
	if [ "$scope" = start ]; then
		outcome=refused
		[ "$status" -eq 1 ] && [ "$ticks" -eq 0 ] && [ "$(wc -l <err)" -eq 1 ] && [ "$left" -eq 6 ] || fail "no clear refusal"
	elif [ "$lasting" != always ]; then
		[ "$last" -ge "$VMB_LAST" ] || fail "not recovered: last tick $last"
		[ "$victim" -eq 2 ] || fail "the victim is not back"
	fi
	# How many ticks may be left out, of those that were tried.
	case $scope.$lasting.$lost in
	host.once. | *.once.yes | reconnect.once.) [ "$missed" -le 1 ] || fail "$missed ticks missed" ;;
	host.250ms. | *.250ms.yes | reconnect.250ms.) [ "$missed" -le 7 ] || fail "$missed ticks missed" ;;
	guest.*. | extra.*.) [ "$missed" -le 0 ] || fail "$missed ticks missed" ;;
	esac
	[ "$scope" = start ] || [ "$lines" -le 4 ] || fail "said $lines times"
	echo "$outcome${wrong:+ ${wrong#; }}"
}

# One cell, in a folder of its own: "CALL ERROR FOR OUTCOME [WHAT IS WRONG]"
cell() { # CALL PROGRAM SCOPE NTH ERROR FOR [MORE]
	local seconds=0.9
	export VMB_LAST=12
	[ "$3" != reconnect ] || seconds=2.2 VMB_LAST=36
	mkdir "$1-$5-$6" && cd "$1-$5-$6" || return
	write_plan "$1" "$3" "$4" "$5" "$6" "$7" >plan
	run_cell "$2" "$seconds"
	echo "$1 $5 $6 $(judge "$2" "$3" "$1" "$5" "$6")"
	cd .. && [ -n "$VMB_KEEP" ] || rm -rf "$1-$5-$6"
}
export -f cell write_plan run_cell look judge
export shim

# What descriptors a run without faults has open at its end.
mkdir control && cd control || exit 1
echo "# none" >plan
run_cell cpu 0.5
VMB_DESCRIPTORS=$(awk '$1 == "descriptors" { print $2 + 1 }' report)
export VMB_DESCRIPTORS
tap_is "without a fault: ends well" "$(<status)" 0
tap_ok "ticks are recorded, pins are made and put back" test "$(grep -c ' -> ' out)" -ge 2 -a "$(grep -c '^pin .* ,0$' report)" -eq 6
cd ..

while read -r call program scope nth; do
	[ -n "$call" ] || continue
	for error in $errors; do
		for lasting in $durations; do
			echo "$call $program $scope $nth $error $lasting"
		done
	done
done <<<"$calls" >cells
xargs -P $at_once -L 1 bash -c 'cell "$@"' cell <cells >results
[ "${1:-}" != -v ] || sed 's/^/# /' results

tap_is "cells of the matrix" "$(wc -l <results)" 504
while read -r call _ scope _; do
	[ -n "$call" ] || continue
	tap_is "$call ($scope): every error, once, for 5 ticks, always" "$(grep "^$call " results | awk 'NF > 4' | head -n 5)" ""
done <<<"$calls"

# A table: of each error how its cells ended.
awk '{ n[$2, $4]++; seen[$4]; if (NF > 4) bad[$2]++; codes[$2] }
	END { printf "# %-8s", "error"; for (o in seen) printf " %9s", o; print "     wrong"
		for (c in codes) { printf "# %-8s", c; for (o in seen) printf " %9d", n[c, o]; printf " %9d\n", bad[c] } }' results

# Negative controls: the eye sees a program that dies, one that hangs, and pins that were only said to be put back.
control() { cell virDomainPinVcpu cpu guest "$1" 10:55 "$2" "$3"; }
tap_like "a program that dies would be seen" "$(control 1 once do=abort)" ' died status 134'
tap_like "and one that hangs" "$(control 1 once delay=60000ms)" ' died status 137'
tap_like "and a pin that is not put back" "$(control 2 always do=pretend)" ' left$| pins as before'
echo "virNoSuchCall code=1" >plan
run_cell cpu 0.5
tap_is "a plan that cannot be understood is refused" "$(<status) $(<err)" "70 fault plan: unknown call: virNoSuchCall"
tap_done
