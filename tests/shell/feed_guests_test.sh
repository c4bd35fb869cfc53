#!/usr/bin/env bash
# feed_guests_test - vmb-mem on real guests, beside vmb-cpu: one fills its memory and is fed in time, others give, bounds hold
# alone: what its guests and the host have of memory is judged
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR # the host's own lock and journal: these are the host's balancers
lab=$root/tests/lab/lab
uri=qemu:///system

if ! reason=$("$lab" check 2>&1); then
	tap_skip "memory of real guests under vmb-mem" "$reason"
	tap_done
fi

background=()
# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() {
	[ ${#background[@]} -eq 0 ] || kill "${background[@]}" 2>/dev/null
	"$lab" down >/dev/null 2>&1
}

# mem-1 in small, as long as three programs record it: guest 1 goes from 512 MiB to its 1,024 at 18 MB/s, frees all and is taken from again.
cat >feed.case <<'END'
[case]
name     = feed
title    = one guest fills its memory, in small
duration = 90 s
run      = mem
[host]
pcpus = 2
[guests]
count       = 3
memory      = 1024 MiB
balloon     = 512 MiB
memory-load = eat, none, none
huge-pages  = no
pins        = float
load        = 1 %
[memory eat]
start = 5 s
rate  = 18 MB/s
until = limit
[criterion unused]
metric = mem.guest_unused_min
limit  = >= 100
[criterion usable]
metric = mem.guest_usable_min
limit  = >= 100
[criterion minimum]
metric = mem.guest_actual
limit  = >= 200
[criterion asked-minimum]
metric = mem.guest_actual
limit  = >= 480
guest  = *-3
[criterion gradual]
metric = mem.largest_cut
limit  = < 100
[criterion reserve]
metric = mem.host_available_min
limit  = > run.reserve_mib
[criterion nobody-lost]
metric = guest.lost
limit  = == 0
[criterion nobody-killed]
metric = guest.oom
limit  = == 0
[criterion fills]
metric = mem.peak_used
limit  = >= 850
guest  = *-1
[criterion reaches-maximum]
metric = mem.peak_actual
limit  = >= 1024
guest  = *-1
[criterion others-give]
metric = mem.guest_actual
limit  = < 480
guest  = *-2
from   = end - 20 ticks
[criterion taken-from-again]
metric = mem.guest_actual
limit  = < 900
guest  = *-1
from   = end - 5 ticks
END

"$lab" up ./feed.case >up.out 2>&1 || sed 's/^/# /' up.out
virsh -q -c $uri metadata vmb-lab-3 --uri urn:vmb --key vmb --set '<memory min="480M"/>' --live >metadata.out 2>&1 || sed 's/^/# /' metadata.out
"$bin/vmb-cpu" 1 --trace run.db >cpu.out 2>&1 &
cpu=$!
tap_wait every cpu.out
"$bin/vmb-collect" 1 --trace run.db >collect.out 2>&1 &
collect=$!
"$bin/vmb-mem" 1 --trace run.db --duration 120 >mem.out 2>&1 &
mem=$!
background=("$cpu" "$collect" "$mem")
wait $mem
tap_is "vmb-mem ends in order" "$?" 0
kill -TERM $cpu $collect
wait $cpu
tap_is "and vmb-cpu beside it" "$?" 0
wait $collect
background=()
"$bin/vmb-report" run.db --criteria feed.case >report.txt
status=$?
# A reading that another program's call kept from a guest leaves a criterion undecided; it never breaks one.
tap_ok "one guest that fills is fed in time, others give, nobody falls short" test $status -eq 0 -o $status -eq 4
tap_is "no criterion is broken" "$(grep -cE '^FAIL' report.txt)" 0
[ $status -eq 0 ] || head -n 40 report.txt | sed 's/^/# /'
tap_ok "almost all readings have their statistics" test "$(sqlite3 run.db "SELECT 20 * sum(usable_kib IS NULL) <= count(*)
	FROM guest_sample JOIN tick USING (tick) JOIN run USING (run) WHERE program = 'vmb-mem' AND number > 2")" -eq 1
tap_is "all three programs have almost all of their ticks in one trace" \
	"$(sqlite3 run.db 'SELECT program FROM run JOIN tick USING (run) GROUP BY run
		HAVING count(*) >= 0.97 * (max(number) + 1) AND min(number) = 0 ORDER BY 1' | tr '\n' ' ')" "vmb-collect vmb-cpu vmb-mem "
tap_is "and lost nothing" "$(sqlite3 run.db "SELECT count(*) FROM stat WHERE severity = 'data_loss'")" 0
# What a guest asks for counts when it is asked: here nonsense, and then no more of it.
"$bin/vmb-mem" 1 >asked.out 2>&1 &
mem=$!
background=("$mem")
tap_wait every asked.out
virsh -q -c $uri metadata vmb-lab-2 --uri urn:vmb --key vmb --set '<memory min="12Q"/>' --live >metadata.out 2>&1
tap_wait 'vmb-lab-2: its metadata ask what cannot be: min .12Q.* left alone' asked.out
tap_is "metadata that cannot be understood are named while it runs" "$?" 0
kill -TERM $mem
wait $mem
tap_is "and it ends in order" "$?" 0
background=()
tap_done
