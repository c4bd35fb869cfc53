#!/usr/bin/env bash
# scarce_test - memory, threads and descriptors run out, one after another: the balancers skip, go on, and put back
#
# Usage: tests/shell/scarce_test.sh [-v]      -v: a line for every cell
#
# As inject_test, with another shim of tests/faults: the n-th request that the program makes is refused, for every n.
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/shell/shim.sh
. "$(dirname "$0")/shim.sh"
cd "$work" || exit 1
shims=$shims:$bin/tests/faults/scarce_shim.so

# judge PROGRAM THING HOW: the outcome in one word; after it what is wrong, if anything
judge() {
	local program=$1 thing=$2 how=$3 wrong='' outcome='' journals=(run/*.journal*)
	local status asked failed attempts left lines check ticks partial missed
	status=$(<status)
	[ -s scarce ] || { echo "died status $status, no report"; return; }
	read -r _ asked _ failed <scarce
	read -r _ _ _ attempts _ left _ _ lines < <(count virConnectOpen)
	read -r check ticks _ partial _ < <(look)
	missed=$((attempts - ticks - 2))
	[ "$program" = cpu ] || missed=$((missed - 1)) # vmb-mem looks whether all is there
	[ "$failed" -ge 1 ] || [ "$thing" = descriptors ] || { echo "unreached after $asked"; return; }
	demand "trace: $check" [ "$check" = ok ]
	demand "$partial ticks without the others" [ "$partial" -eq 0 ]
	case $status.${#journals[*]}.$ticks in
	1.0.0)
		outcome=refused
		demand "$lines lines" [ "$lines" -eq 1 ]
		demand "$left pins as before" [ "$(grep -c '^pin ' report)" -eq "$left" ]
		;;
	0.*)
		outcome=restored
		demand "$left of 6 pins as before, ${#journals[*]} journals" [ "$left ${#journals[*]}" = "6 0" ]
		[ "$how" = on ] || demand "$missed ticks missed" [ "$missed" -le 2 ]
		;;
	1.*)
		outcome=left
		demand "not put back after one refusal" [ "$how" = on ]
		demand "not told how to put back" grep -q -- --restore err
		;;
	*)
		outcome=died
		demand "status $status" false
		;;
	esac
	echo "$outcome${wrong:+ $wrong}"
}

# One cell, in a folder of its own: "PROGRAM THING N once|on OUTCOME [WHAT IS WRONG]"
cell() { # PROGRAM memory|thread|descriptors N once|on
	local kind="$2 $3"
	mkdir "$1-$2-$3-$4" && cd "$1-$2-$3-$4" || return
	echo "# none" >plan
	[ "$4" != on ] || kind="$kind on"
	[ "$2" != descriptors ] || kind="memory $never"
	(
		[ "$2" != descriptors ] || ulimit -n "$3"
		VMB_SCARCE=$kind VMB_SCARCE_REPORT=$PWD/scarce run_cell "$1" 0.4
	)
	echo "$* $(judge "$1" "$2" "$4")"
	cd .. || return
	rm -rf "${1:?}-$2-$3-$4"
}
never=1000000000

# asked PROGRAM THING: how many requests a run makes
asked() {
	mkdir "asked-$1-$2" && cd "asked-$1-$2" || return
	echo "# none" >plan
	VMB_SCARCE="$2 $never" VMB_SCARCE_REPORT=$PWD/scarce run_cell "$1" 0.4
	cut -d' ' -f2 scarce
	cd .. || return
}

for program in cpu mem; do
	for thing in memory thread; do
		# A run that misses ticks under load makes fewer of the last ones. A thread that is refused once is asked for again.
		most=$(($(asked $program $thing) * 4 / 5))
		tap_ok "vmb-$program asks for $thing" [ "$most" -ge 4 ]
		{
			seq -f "$program $thing %.0f once" "$most"
			seq -f "$program $thing %.0f on" 1 $((most / 4)) "$most"
		} >>cells
	done
	seq -f "$program descriptors %.0f on" 8 2 24 >>cells
done
each_cell cells cell
[ "${1:-}" != -v ] || sed 's/^/# /' cells.results

awk '$5 != "unreached" { n[$2]++; bad[$2] += NF > 5 }
	END { for (t in n) printf "# fault: no %s to be had; injected %d; survived %d; lost %d guests or pins\n", t, n[t], n[t] - bad[t], bad[t] }' cells.results
tap_is "cells" "$(wc -l <cells.results)" "$(wc -l <cells)"
for program in cpu mem; do
	for thing in memory thread descriptors; do
		tap_is "vmb-$program without $thing: $(grep -c "^$program $thing " cells) ways" \
			"$(grep "^$program $thing " cells.results | awk '$5 != "unreached" && NF > 5' | head -n 5)" ""
	done
done
# Negative controls: the table is not of one outcome, and what refuses nothing is seen.
tap_is "outcomes" "$(cut -d' ' -f5 cells.results | grep -v unreached | sort -u | xargs)" "left refused restored"
tap_ok "most were refused what they asked for" [ "$(grep -c unreached cells.results)" -le 20 ]
tap_like "a cell without a refusal is seen" "$(cell cpu memory "$never" once)" ' unreached'

# ---- while guests come and go, on a simulated host ----

{
	printf '%s\n' '[case]' 'name = waves' 'title = each wave of guests is larger than the one before' 'duration = 40 s' 'run = mem' '[host]' 'pcpus = 4'
	for wave in 1 2 3 4 5; do
		printf '%s\n' "[guests wave-$wave]" "count = $((2 * wave))" "start = $((5 * wave)) s" "stop = $((5 * wave + 5)) s" \
			'memory = 1 GiB' 'pins = float' 'load = 5 %'
	done
} >waves.case
# waves N: the N-th request is refused; the status, and how many requests there were
waves() {
	rm -f waves.db waves.db-*
	VMB_SCARCE="memory $1" VMB_SCARCE_REPORT=$PWD/scarce LD_PRELOAD=$bin/tests/faults/scarce_shim.so \
		"$bin/vmb-mem" 1 -c sim:waves.case --trace waves.db >waves.out 2>&1
	echo "$? $(grep -oE '[0-9]+' scarce | head -n 1)"
	rm -f scarce
}
read -r status most < <(waves "$never")
tap_ok "a run in which guests come and go asks for memory $most times" [ "$status" -eq 0 -a "$most" -ge 100 ]
# Refused while it starts it does not begin.
for n in $(seq "$most"); do waves "$n"; done | sort | uniq -c >waves.results
tap_is "and whichever is refused, it ends in order" "$(awk '{ print $2 }' waves.results | sort -u | xargs)" "0 1"
tap_done
