#!/usr/bin/env bash
# hang_test - real guests, all three recorders: a QEMU that stands still for a minute, then the libvirt daemon
# alone: none of its recorders may miss a tick
#
# Usage: tests/shell/hang_test.sh [SECONDS]      default 60: how long each stands still
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
lab=$root/tests/lab/lab
uri=qemu:///system
lasting=${1:-60}

if ! reason=$("$lab" check 2>&1); then
	tap_skip "what hangs on real guests" "$reason"
	tap_done
fi

hung=
background=()
# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() {
	[ -z "$hung" ] || kill -CONT "$hung"
	[ ${#background[@]} -eq 0 ] || kill "${background[@]}" 2>/dev/null
	"$lab" down >/dev/null 2>&1
}

cat >hang.case <<'END'
[case]
name     = hang
title    = guests that share one pCPU, with more memory than they need
duration = 60 s
run      = cpu
[host]
pcpus = 2
[guests]
count      = 4
memory     = 1024 MiB
huge-pages = no
pins       = 0
load       = 15 %
END
"$lab" up ./hang.case >lab.out 2>&1 || sed 's/^/# /' lab.out

declare -A pid
threads=0
start() { # PROGRAM OPTION...
	"$bin/$1" 1 "${@:2}" >"$1.out" 2>&1 &
	pid[$1]=$!
	background+=($!)
}
# sql TEXT: of the trace of the three, beside it the witness's as w
sql() { sqlite3 run.db ".timeout 5000" "ATTACH 'witness.db' AS w" "$1"; }
# so_long SECONDS: they go by; the most threads that any program has meanwhile becomes $threads
so_long() {
	local p now
	for _ in $(seq "$1"); do
		sleep 1
		for p in "${pid[@]}"; do
			now=$(ps -o nlwp= -p "$p")
			[ "$((now))" -le "$threads" ] || threads=$((now))
		done
	done
}
last_tick() { sql 'SELECT max(tick) FROM tick'; }
# The machine itself may stand still: of that a recorder tells who never asks this daemon.
witnessed="NOT EXISTS (SELECT 1 FROM (SELECT begin_ns AS late, lag(begin_ns) OVER (ORDER BY begin_ns) AS early FROM w.tick) AS x
	WHERE late - early > 1.5e9 AND late >= since AND early <= until)"
# gaps ROWS: how often more than two intervals lie between two of ROWS (run, of, begin_ns) that belong together
gaps() {
	sql "WITH t AS (SELECT run, begin_ns AS until, lag(begin_ns) OVER (PARTITION BY run, of ORDER BY begin_ns) AS since FROM ($1))
		SELECT count(*) FROM t WHERE until - since > 2.1e9 AND $witnessed"
}
# told GUESTS FROM TO: what is known of guests' memory; ran: of their vCPUs
told() {
	echo "SELECT run, guest AS of, begin_ns FROM guest_sample JOIN tick USING (tick) JOIN run USING (run) JOIN guest USING (guest)
		WHERE name $1 AND program <> 'vmb-cpu' AND usable_kib IS NOT NULL AND tick BETWEEN $2 AND $3"
}
ran() {
	echo "SELECT run, vcpu AS of, begin_ns FROM vcpu_sample JOIN tick USING (tick) JOIN vcpu USING (vcpu) JOIN guest USING (guest)
		WHERE name $1 AND tick BETWEEN $2 AND $3"
}
ticks() { echo "SELECT run, 0 AS of, begin_ns FROM tick WHERE tick BETWEEN $1 AND $2"; }
# goes_on CONDITION SECONDS: within so many, of each of the programs there is such a tick
goes_on() {
	local n
	for n in $(seq $(($2 * 2))); do
		[ "$(sql "SELECT count(DISTINCT run) FROM tick WHERE $1")" -eq 3 ] && return
		sleep 0.5
	done
	return 1
}

"$bin/vmb-collect" 1 -q -c test:///default --trace witness.db &
background+=($!)
for p in vmb-cpu vmb-mem vmb-collect; do
	start $p --trace run.db
done
tap_wait '-> 1' vmb-cpu.out # not where others fill both pCPUs
tap_ok "memory is moved" tap_wait '1024 -> [0-9]+ MiB' vmb-mem.out
so_long 5

# ---- a QEMU ----

taken() { grep -cE 'vmb-lab-2: [0-9]+ -> [0-9]+ MiB \(idle' vmb-mem.out; }
hung=$(</run/libvirt/qemu/vmb-lab-2.pid)
begin=$(last_tick)
before=$(taken)
# While a take is under way: it is given up, and obeyed after that.
for _ in $(seq 500); do
	[ "$(taken)" -eq "$before" ] || break
	sleep 0.02
done
kill -STOP "$hung"
tap_ok "a take is under way" test "$(taken)" -gt "$before"
so_long "$lasting"
end=$(last_tick)
kill -CONT "$hung"
hung=
others="<> 'vmb-lab-2'"
missed=$(gaps "$(ticks "$begin" "$end")")
unknown=$(($(gaps "$(told "$others" "$begin" "$end")") + $(gaps "$(ran "$others" "$begin" "$end")")))
tap_is "while a QEMU hangs for $lasting s no program leaves out more than two ticks" "$missed" 0
tap_is "and the others' loads and memory are known all the time" "$unknown" 0
# 40 s after it was late it is asked again.
tap_ok "when it goes on its memory is known again" \
	goes_on "tick > $end AND (EXISTS (SELECT 1 FROM guest_sample g JOIN guest USING (guest) WHERE g.tick = tick.tick AND name = 'vmb-lab-2' AND usable_kib > 0)
		OR run = (SELECT run FROM run WHERE program = 'vmb-cpu'))" 60
witnessed=1
tap_is "its own were not (control)" "$(gaps "$(told "= 'vmb-lab-2'" $((begin - 6)) "$(last_tick)")")" 2
echo "# fault: QEMU stopped for $lasting s; injected 1; survived $((missed + unknown == 0)); lost $((missed + unknown)) readings of other guests"

# ---- the daemon ----

hung=$(awk '$1 == "libvirtd" { print $2 }' /run/vmb-lab/daemons 2>/dev/null)
if [ -z "$hung" ]; then
	tap_skip "libvirtd hangs" "it is not the lab's own"
else
	kill -STOP "$hung"
	so_long "$lasting"
	for p in vmb-cpu vmb-mem vmb-collect; do
		tap_like "$p says that the daemon does not answer" "$(<$p.out)" 'keepalive|no answer'
	done
	end=$(last_tick)
	kill -CONT "$hung"
	# The pause before the next attempt is 30 s at most, with its jitter.
	goes_on "tick > $end" 45
	back=$?
	tap_is "when it answers again all three go on" "$back" 0
	kill -0 "$hung" 2>/dev/null || echo "# the daemon did not survive it"
	hung=
	echo "# fault: libvirt daemon stopped for $lasting s; injected 1; survived $((back == 0)); lost $((back != 0)) recordings"
fi
tap_ok "no program had more than 8 threads: $threads" test "$threads" -le 8

# ---- all is put back ----

echo "# of the take: $(grep -c 'vmb-lab-2.*withdrawn' vmb-mem.out) withdrawals, the last: $(grep 'vmb-lab-2.*withdrawn' vmb-mem.out | tail -n 1)"

ended=
for p in vmb-cpu vmb-mem vmb-collect; do
	kill -TERM "${pid[$p]}"
	wait "${pid[$p]}"
	ended+="$? "
done
tap_is "they end in order" "$ended" "0 0 0 "
[ "$ended" = "0 0 0 " ] || tail -n 4 vmb-*.out | sed 's/^/# /'
tap_is "with every pin as it was" "$(for g in 1 2 3 4; do virsh -q -c $uri vcpupin vmb-lab-$g --live | awk '{ print $2 }'; done | tr '\n' ' ')" "0 0 0 0 "
balloons() { for g in 1 2 3 4; do virsh -q -c $uri dommemstat vmb-lab-$g | awk '$1 == "actual" { print $2 / 1024 }'; done | tr '\n' ' '; }
for _ in $(seq 60); do
	[ "$(balloons)" = "1024 1024 1024 1024 " ] && break # guests take a moment to obey
	sleep 0.5
done
seen=$(balloons)
tap_is "and every balloon" "$seen" "1024 1024 1024 1024 "
[ "$seen" = "1024 1024 1024 1024 " ] || tail -n 20 vmb-mem.out | sed 's/^/# /'
tap_done
