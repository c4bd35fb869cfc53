#!/usr/bin/env bash
# inject_test - every call to libvirt fails in every way, once, for 5 ticks, always: the balancers go on, and put back
#
# Usage: tests/shell/inject_test.sh [-v]      -v: a line for every cell
#
# Guests of libvirt's test driver, in real time, without a daemon; the shim of tests/faults lets calls fail. What is
# expected stands in two tables, of calls and of errors, and does not come from the programs.
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/shell/shim.sh
. "$(dirname "$0")/shim.sh"
cd "$work" || exit 1

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
virConnectListAllDomains     cpu extra     7
virNodeGetCPUStats           cpu extra     12
virDomainGetVcpus            cpu guest     5
virDomainPinVcpu             cpu guest     1
virConnectGetAllDomainStats  mem extra     5
virDomainMemoryStats         mem guest     5
virDomainGetInfo             mem guest     5
virDomainGetJobStats         mem guest     1
virDomainGetXMLDesc          mem guest     1
virDomainSetMemory           mem guest     1
"
# The errors, domain:code. Those of the RPC layer say that the connection is lost.
errors="7:1 7:38 7:39 10:1 0:38 10:3 10:29 10:42 10:45 10:55 10:68 10:74 10:84 10:88"
durations="once 250ms always" # 250 ms are 5 ticks

# write_plan CALL SCOPE NTH ERROR FOR [MORE]
write_plan() {
	local guest=
	[ "$2" != guest ] || guest="guest=victim"
	echo "$1 nth=$3 domain=${4%:*} code=${4#*:} for=$5 $guest $6"
	# Without events the guests are listed at every tick.
	[ "$1" != virConnectListAllDomains ] || echo "virConnectDomainEventRegisterAny domain=10 code=3 for=always"
	[ "$2" != reconnect ] || echo "virNodeGetCPUMap nth=6 domain=7 code=1 for=once"
}

# judge PROGRAM SCOPE CALL ERROR FOR LEAST: the outcome in one word; after it what is wrong, if anything. LEAST: the last
# tick's number has to come to it
judge() {
	local program=$1 scope=$2 call=$3 error=$4 lasting=$5 least=$6 wrong='' outcome='' lost='' journals=(run/*.journal*)
	local status made injected opened attempts descriptors left others said lines check ticks last partial victim missed
	status=$(<status)
	case $error in 7:*) lost=yes ;; esac
	[ -s report ] || { echo "died status $status, no report"; return; }
	read -r made injected opened attempts descriptors left others said lines < <(count "$call")
	read -r check ticks last partial victim < <(look)
	# Asked for once more at the beginning and at the end (and by vmb-mem before it begins, and when all is put back).
	missed=$((attempts - ticks - 2))
	[ "$program" = cpu ] || missed=$((missed - 2))

	demand "nothing injected in $made calls" [ "$injected" -ge 1 ]
	[ "$lasting" != once ] || demand "injected $injected times" [ "$injected" -eq 1 ]
	demand "trace: $check" [ "$check" = ok ]
	demand "$partial ticks without the others" [ "$partial" -eq 0 ]
	demand "$descriptors descriptors" [ "$descriptors" -le "$descriptors_most" ]
	# After half a second, one, two; at the end at once, and after half a second, one: many more would be one a tick.
	demand "$opened connections opened" [ "$opened" -le 8 ]
	# How many ticks may be left out, of those that were tried.
	case $scope.$lasting.$lost in
	host.once. | *.once.yes | reconnect.once.) demand "$missed ticks missed" [ "$missed" -le 1 ] ;;
	host.250ms. | *.250ms.yes | reconnect.250ms.) demand "$missed ticks missed" [ "$missed" -le 7 ] ;;
	guest.*. | extra.*.) demand "$missed ticks missed" [ "$missed" -le 0 ] ;;
	esac
	[ "$call$lost" != virConnectListAllDomains ] ||
		demand "not said that the guests are those known" grep -q 'going on with those known' out
	if [ "$scope" = start ]; then
		outcome=refused
		demand "status $status, $ticks ticks, $lines lines, $left pins" [ "$status $ticks $lines $left" = "1 0 1 6" ]
		echo "$outcome${wrong:+ $wrong}"
		return
	fi
	demand "said $said times" [ "$said" -le 4 ]
	if [ "$lasting" != always ]; then
		demand "not recovered: last tick $last" [ "$last" -ge "$least" ]
		demand "the victim is not back" [ "$victim" -eq 2 ]
		demand "not put back after the fault was over" [ "$status" -eq 0 ]
	fi
	# Either all is as it was, or the journal says what is not and the program that it is not.
	case $status.$call.$error.$lasting in
	0.virDomainGetVcpus.10:42.always | 0.virDomainGetVcpus.10:55.always)
		# Nothing can be put back of a guest that is said to be gone as long as we are there.
		outcome=gone
		demand "$others of 4 pins as before, ${#journals[*]} journals" [ "$others ${#journals[*]}" = "4 0" ]
		;;
	0.*)
		outcome=restored
		demand "$left of 6 pins as before, ${#journals[*]} journals" [ "$left ${#journals[*]}" = "6 0" ]
		;;
	1.*)
		outcome=left
		demand "status 1, ${#journals[*]} journals, $(tail -n 1 err)" [ "${#journals[*]}" -eq 1 ]
		demand "not told how to put back" grep -q -- --restore err
		;;
	*)
		outcome=died
		demand "status $status" false
		;;
	esac
	echo "$outcome${wrong:+ $wrong}"
}

# One cell, in a folder of its own: "CALL ERROR FOR OUTCOME [WHAT IS WRONG]". The outcomes:
#   restored   it went on, and all is as before
#   refused    it did not begin
#   gone       the same, but for a guest that libvirt said is gone
#   left       not put back, because libvirt still failed: the journal is there, and the last line says what to do
cell() { # CALL PROGRAM SCOPE NTH ERROR FOR [MORE]
	local seconds=0.9 least=12
	# A connection that is lost again at once is not opened again for half a second.
	case $3.$5.$6 in
	reconnect.*) seconds=2.2 least=36 ;;
	*.7:*.250ms) seconds=1.4 least=20 ;;
	esac
	mkdir "$1-$5-$6" && cd "$1-$5-$6" || return
	write_plan "$1" "$3" "$4" "$5" "$6" "$7" >plan
	run_cell "$2" "$seconds"
	echo "$1 $5 $6 $(judge "$2" "$3" "$1" "$5" "$6" "$least")"
	cd .. || return
	rm -rf "${1:?}-$5-$6"
}

# What descriptors a run without faults has open at its end.
mkdir control && cd control || exit 1
echo "# none" >plan
run_cell cpu 0.5
descriptors_most=$(awk '$1 == "descriptors" { print $2 + 1 }' report)
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
each_cell cells cell
[ "${1:-}" != -v ] || sed 's/^/# /' cells.results

echo "# fault: call to libvirt fails; injected $(wc -l <cells); survived $(awk 'NF == 4' cells.results | wc -l); lost $(awk 'NF > 4' cells.results | wc -l) guests or pins"
tap_is "cells of the matrix" "$(wc -l <cells.results)" $((13 * 14 * 3))
while read -r call _ scope _; do
	[ -n "$call" ] || continue
	tap_is "$call ($scope): every error, once, for 5 ticks, always" "$(grep "^$call " cells.results | awk 'NF > 4' | head -n 5)" ""
done <<<"$calls"

# A table: how the cells of each error ended.
awk 'BEGIN { last = split("restored refused gone left died", outcomes) }
	{ n[$2, $4]++; wrong[$2] += NF > 4 }
	END {
		printf "# %-8s", "error"; for (o = 1; o <= last; o++) printf " %8s", outcomes[o]; print "    wrong"
		for (code in wrong) {
			printf "# %-8s", code; for (o = 1; o <= last; o++) printf " %8d", n[code, outcomes[o]]
			printf " %8d\n", wrong[code]
		}
	}' cells.results

# One by itself, with what a program shall say of it. A lost connection has the code of a job without statistics.
mkdir lost && cd lost || exit 1
echo "virDomainGetJobStats domain=7 code=1 nth=2 for=once guest=victim" >plan
run_cell mem 1
tap_is "a connection that is lost while a job is asked for is no job" \
	"$(<status) $(grep -c 'MiB.*: failed: .*injected fault' out) $(grep -c 'refused' out) $(sqlite3 run.db 'SELECT sum(busy) FROM guest_sample')" "0 1 0 0"
cd ..
# Lost after the pins were made, and back a moment before the end, when the next attempt is not due yet.
mkdir back && cd back || exit 1
printf '%s\n' "virNodeGetCPUMap nth=12 domain=7 code=1 for=once" "virConnectOpen nth=2 domain=7 code=38 for=2200ms" >plan
run_cell cpu 3
tap_is "a stop does not wait for the next attempt: all is put back" "$(<status) $(grep -c '^pin .* ,0$' report) $(echo run/*.journal)" "0 6 "
cd ..
# Away for a second, or slow: who comes back to it has seen nothing for 20 intervals, and decides nothing by what was before.
mkdir blind slow && cd blind || exit 1
printf '%s\n' "virNodeGetCPUMap nth=12 domain=7 code=1 for=once" "virConnectOpen nth=2 domain=7 code=38 for=900ms" >plan
run_cell cpu 3
cd ../slow || exit 1
echo "virNodeGetCPUMap nth=12 delay=1000ms do=late for=once" >plan
run_cell cpu 2
cd ..
for cell in blind slow; do
	tap_is "the first tick after a host was $cell decides nothing" \
		"$(sqlite3 $cell/run.db "SELECT count(*) > 0, min(coalesce(reason, '') = 'no sample for more than three intervals') FROM
			(SELECT tick, begin_ns + sample_ns - lag(begin_ns + sample_ns) OVER (ORDER BY tick) AS gap FROM tick)
			LEFT JOIN decision USING (tick) WHERE gap > 4e8")" "1|1"
done
# Lost for good: it says why, and no word of an attempt that it will not make any more.
mkdir away && cd away || exit 1
printf '%s\n' "virNodeGetCPUMap nth=12 domain=7 code=1 for=once" "virConnectOpen nth=2 domain=7 code=38 for=always" >plan
run_cell cpu 3
tap_is "a stop whose host stays away says why, and what to do" "$(<status) $(tail -n 1 err)" \
	"1 vmb-cpu: test:///default: injected fault: when it answers, vmb-cpu --restore puts back what is left"
cd ..
# An order that is under way at the end and made after that: what it changes is put back when it has come back. As long as it has
# not, it is owed, though all is as it was.
while read -r program call late; do
	mkdir "late-$program-$late" && cd "late-$program-$late" || exit 1
	echo "$call delay=$late do=late for=once" >plan
	# Where the machine stalls it may not have come to an order yet.
	for _ in 1 2 3; do
		rm -rf run*
		run_cell "$program" 0.3
		! grep -q 'does not answer in time' out || break
	done
	cd ..
done <<<"cpu virDomainPinVcpu 400ms
cpu virDomainPinVcpu 30000ms
mem virDomainSetMemory 30000ms"
tap_is "a pin that comes after the end has begun is put back" \
	"$(<late-cpu-400ms/status) $(grep -c 'does not answer in time' late-cpu-400ms/out) $(grep -c '^pin .* ,0$' late-cpu-400ms/report) $(echo late-cpu-400ms/run/*.journal)" "0 1 6 "
tap_is "and one that has not come by then is owed" \
	"$(<late-cpu-30000ms/status) $(cut -d ' ' -f 1,3- late-cpu-30000ms/run/*.journal | grep -c '^pin 0 0 .* before$') $(tail -n 1 late-cpu-30000ms/err)" \
	"1 1 vmb-cpu: 1 guest may still do as asked before; once that is done, vmb-cpu --restore puts it back"
# Another process does not know of it. It asks for the original anew, behind that.
cd late-cpu-30000ms || exit 1
for answers in no yes; do
	[ $answers = no ] && echo "virDomainPinVcpu delay=30000ms for=always" >plan || echo "# none" >plan
	VMB_RUN_DIR=$PWD/run VMB_FAULTS=$PWD/plan LD_PRELOAD=$shims "$bin/vmb-cpu" --restore -c test:///default >out.$answers 2>err.$answers </dev/null
	echo "$? $(cat run/*.journal 2>/dev/null | grep -c '^pin ')" >restored.$answers
done
cd ..
tap_is "by another process as long as the guest does not answer, and no longer" "$(<late-cpu-30000ms/restored.no) $(<late-cpu-30000ms/restored.yes)" "1 1 0 0"
tap_is "of a balloon too" \
	"$(<late-mem-30000ms/status) $(grep -c '^balloon .* victim$' late-mem-30000ms/run/*.journal) $(tail -n 1 late-mem-30000ms/err)" \
	"1 1 vmb-mem: 1 guest may still do as asked before; once that is done, vmb-mem --restore puts it back"
# What a killed one left may not be put back at the start, and is at the end.
mkdir switch && cd switch || exit 1
echo "# none" >plan
limit=1 run_cell mem 9
tap_is "a killed vmb-mem leaves its journal" "$(<status) $(cat run/*.journal | grep -c '^balloon ')" "137 1"
rm -f run.db*
touch run/stop
{ sleep 0.5; rm run/stop; } &
run_cell mem 1.5
wait
tap_is "what the kill switch kept from being put back at the start is at the end, which is no failure" \
	"$(<status) $(grep -c 'stop exists: nothing is put back' err) $(echo run/*.journal)" "0 1 "
cd ..
# What could not be done tells nothing of what helps: it is tried again, after a while. Pins that all fail for 1.5 s, a guest that
# refuses for as long, and a journal for which there is no room for as long. With no trace, which would have none either.
mkdir fail one room
echo "virDomainPinVcpu nth=1 domain=10 code=38 for=1500ms" >fail/plan
echo "virDomainPinVcpu nth=1 domain=10 code=68 for=1500ms guest=victim" >one/plan
echo "# none" >room/plan
for kind in fail one room; do
	(
		cd $kind || exit 1
		export VMB_RUN_DIR=$PWD/run VMB_FAULTS=$PWD/plan VMB_FAULTS_REPORT=$PWD/report
		soft=unlimited
		[ $kind != room ] || soft=10
		exec {lines}> >(exec cat >out) # which the limit is not for
		reader=$!
		LD_PRELOAD=$shims prlimit --fsize=$soft: "$bin/vmb-cpu" 0.05 --duration 14 -c test:///default >&$lines 2>&1 </dev/null &
		sleep 1.5
		[ $kind != room ] || prlimit --pid $! --fsize=unlimited:
		wait $!
		echo $? >status
		exec {lines}>&-
		wait $reader
	) &
done
wait
for kind in fail one room; do
	tap_is "pins that could not be made for a while are made after it: $kind" \
		"$(<$kind/status) $(grep -c 'have not helped' $kind/out) $(grep 'changes' $kind/out | tail -n 1 | grep -oE '[0-9]+ changes?$' | awk '{ print ($1 >= 3) }') $(grep -c '^pin .* ,0$' $kind/report)" "0 0 1 6"
done
tap_is "a full disk is told once" "$(grep -c '^vmb-cpu: .*File too large' room/out)" 1
# The run-time folder goes, as a user's does when he logs out: it is made anew, with lock and journal. Where another has taken its place
# meanwhile there is nothing that this one may do.
mkdir gone && cd gone || exit 1
echo "# none" >plan
faults=$PWD/plan
mkdir -m 700 above
VMB_RUN_DIR=$PWD/above/run VMB_FAULTS=$faults VMB_FAULTS_REPORT=$PWD/above.report LD_PRELOAD=$shims "$bin/vmb-cpu" 0.2 -c test:///default --duration 5 >above.out 2>&1 </dev/null &
above=$!
for meanwhile in nobody another; do
	VMB_RUN_DIR=$PWD/run VMB_FAULTS=$faults VMB_FAULTS_REPORT=$PWD/report LD_PRELOAD=$shims "$bin/vmb-cpu" 0.2 -c test:///default --duration 6 >out 2>err </dev/null &
	first=$!
	tap_wait ' -> ' out
	[ ! -d above ] || { tap_wait ' -> ' above.out; rm -r above; }
	lock=$(echo run/*.lock)
	if [ $meanwhile = another ]; then
		mkdir -m 700 other
		exec {held}>"other/${lock#run/}"
		chmod 600 other/*
		flock $held
		mv run was && mv other run && rm -r was
	else
		rm -r run
		for _ in $(seq 100); do journal=(run/*.journal); [ ${#journal[@]} -eq 1 ] && break; sleep 0.1; done
		tap_ok "what was noted in a folder that is gone stands there again" grep -q '^pin ' "${journal[0]}"
		second=$(VMB_RUN_DIR=$PWD/run VMB_FAULTS=$faults VMB_FAULTS_REPORT=$PWD/report2 LD_PRELOAD=$shims "$bin/vmb-cpu" 0.2 -c test:///default --duration 1 2>&1)
		tap_like "and a second one is refused as before" "$? $second" "^1 .*pid $first\\b"
	fi
	wait $first
	status=$?
	[ $meanwhile = another ] || tap_is "it ends in order" "$status $(grep -c '^pin .* ,0$' report) $(echo run/*.journal)" "0 6 "
	[ $meanwhile = nobody ] || tap_like "who has lost his lock to another says so, and ends with 1" "$status $(<err)" '^1 .*another vmb-cpu balances this host already'
done
wait $above
tap_is "one whose folder cannot be made anew puts back by heart" "$? $(grep -c '^pin .* ,0$' above.report)" "0 6"
exec {held}>&-
cd ..
# Where the other one is gone again it goes on; what it decides is of what it sees from then on.
mkdir waits && cd waits || exit 1
echo "# none" >plan
VMB_RUN_DIR=$PWD/run VMB_FAULTS=$PWD/plan VMB_FAULTS_REPORT=$PWD/report LD_PRELOAD=$shims "$bin/vmb-cpu" 0.05 --trace run.db -c test:///default --duration 6 >out 2>err </dev/null &
first=$!
tap_wait ' -> ' out
lock=$(echo run/*.lock)
mkdir -m 700 other
exec {held}>"other/${lock#run/}"
chmod 600 other/*
flock $held
mv run was && mv other run && rm -r was
tap_wait 'another vmb-cpu' err
sleep 1
exec {held}>&-
wait $first
tap_is "who gets his lock back decides nothing by what was before" \
	"$(sqlite3 run.db "SELECT reason FROM decision WHERE tick > (SELECT max(tick) FROM decision WHERE reason LIKE '%balances this host already%') ORDER BY tick LIMIT 1")" \
	"no sample for more than three intervals"
cd ..

# Negative controls: the eye sees a program that dies, one that hangs, and pins that were only said to be put back.
control() { limit=6 cell "${4:-virDomainPinVcpu}" cpu guest "$1" 10:55 "$2" "$3"; }
tap_like "a program that dies would be seen" "$(control 1 once do=abort)" ' died status 134'
tap_like "and one that hangs" "$(control 5 once delay=60000ms virDomainGetVcpus)" ' died status 137'
tap_like "which a pin that hangs does not make it" "$(control 1 always delay=60000ms)" ' always left$'
tap_like "and a pin that is not put back" "$(control 2 always do=pretend)" ' left$| pins as before'
echo "virNoSuchCall code=1" >plan
run_cell cpu 0.5
tap_is "a plan that cannot be understood is refused" "$(<status) $(<err)" "70 fault plan: unknown call: virNoSuchCall"
tap_done
