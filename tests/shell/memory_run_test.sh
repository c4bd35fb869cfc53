#!/usr/bin/env bash
# memory_run_test - vmb-mem on real guests: mem-1, made small enough for every check, judged by its criteria; and without vmb-mem
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR # the host's own lock and journal: this is the host's one vmb-mem
lab=$root/tests/lab/lab

if ! reason=$("$lab" check 2>&1); then
	tap_skip "vmb-mem on real guests" "$reason"
	tap_done
fi

# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() { "$lab" down >/dev/null 2>&1; }

# Guests of 1 GiB instead of 2: filled after 55 s, back 60 s later, then 20 quiet samples. Rate, start and criteria stay;
# what the workload reaches is 224 MiB below the maximum: it stops at 64 usable, and the guest's kernel keeps some.
sed -e 's/\b2048\b/1024/; s/\b1696\b/800/; s/^name .*/name = small/; s/^duration .*/duration = 140 s/' \
	"$root/tests/cases/mem-1.case" >small.case
tap_is "the small case is mem-1 but for sizes and duration" \
	"$(diff "$root/tests/cases/mem-1.case" small.case | grep -c '^>')" 5
criteria=$(grep -c '^\[criterion' small.case)

# verdict NAME REPORT: how the criterion came out
verdict() { awk -v name="$1:" '$2 == name { print $1 }' "$2"; }

# ---- negative control: the same load, nobody at the balloons ----

"$lab" up ./small.case >lab.out 2>&1 || sed 's/^/# /' lab.out
"$bin/vmb-collect" 1 -q --trace alone.db --duration 30
"$bin/vmb-report" alone.db --criteria small.case >alone.out 2>&1
tap_is "without vmb-mem the same criteria fail" "$?" 1
tap_is "the guest runs short, does not get there, and its load neither" \
	"$(for name in usable reaches-maximum fills; do verdict $name alone.out; done | tr '\n' ' ')" "FAIL FAIL FAIL "

# ---- with vmb-mem ----

"$lab" run ./small.case --out "$work/run" >run.out 2>&1
status=$?
tap_is "mem-1 holds its criteria" "$status" 0
[ $status -eq 0 ] || sed 's/^/# /' run.out | grep -vE 'vmb-lab-[0-9]+: ' | tail -n 60
tap_is "each of them" "$(grep -cE '^PASS +[a-z-]+: ' run/report.txt)" "$criteria"
tap_is "the workload says so too: it filled its guest and freed" \
	"$(awk -F'[ =]' '$1 == "vmb-lab-1:" { for (i = 2; i < NF; i++) if ($i == "peak_mib") print $(i + 1) >= 800 }' run/guests.txt) $(
		grep -o 'state=[a-z]*' run/guests.txt)" "1 state=freed"
tap_is "both recorders have each of their ticks" \
	"$(sqlite3 run/run.db 'SELECT program FROM run JOIN tick USING (run) GROUP BY run
		HAVING count(*) = max(number) + 1 AND min(number) = 0 ORDER BY 1' | tr '\n' ' ')" "vmb-collect vmb-mem "
tap_is "at the end nobody has less than at the start" \
	"$(for g in 1 2 3 4; do virsh -q -c qemu:///system dominfo vmb-lab-$g | awk '/^Used memory/ { print $3 / 1024 >= 512 }'; done |
		tr '\n' ' ')" "1 1 1 1 "
tap_ok "it leaves its charts and terminal log" \
	test -s run/memory.svg -a -s run/memory.png -a -s run/host.svg -a -s run/host.png -a -s run/small.log
tap_done
