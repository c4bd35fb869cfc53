#!/usr/bin/env bash
# service_test - the programs as daemons: signals, a service manager, traces that move or grow, kill -9, units
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
test_uri=test:///default
cycles=${VMB_KILL_CYCLES:-100}

# start PROGRAM ARGUMENT...: in the background without a terminal; its number in $pid, its words in log
start() {
	"$bin/$1" "${@:2}" </dev/null >log 2>&1 &
	pid=$!
}
# await PATTERN [FILE]: until the log has it, 10 s at most
await() {
	local i
	for ((i = 0; i < 500; i++)); do
		grep -qE -- "$1" "${2:-log}" 2>/dev/null && return
		sleep 0.02
	done
	return 1
}
await_rows() { # QUERY: until it gives something but 0
	local i
	for ((i = 0; i < 500; i++)); do
		# Opening a trace that is not there yet would make an empty file of its name.
		[ -s run.db ] && [ "$(sqlite3 -readonly -cmd '.timeout 1000' run.db "$1" 2>/dev/null || echo 0)" != 0 ] && return
		sleep 0.02
	done
	return 1
}
end() { # SIGNAL: sets $status and $took_ms
	local begin
	begin=$(date +%s%N)
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	took_ms=$((($(date +%s%N) - begin) / 1000000))
}

# ---- signals ----

for p in vmb-cpu vmb-mem vmb-collect; do
	for s in TERM INT; do
		start $p 0.1 -c $test_uri --trace run.db
		await_rows 'SELECT count(*) FROM tick'
		end $s
		tap_is "$p: SIG$s ends it with status 0" "$status" 0
		tap_ok "within 5 s" test $took_ms -lt 5000
		tap_like "the trace says why" "$(sqlite3 run.db 'SELECT exit_reason FROM run')" '^(terminated|interrupted)$'
		tap_is "and is one file" "$(echo run.db*)" run.db
		rm -f run.db
	done
done

# A simulated host that never ends: the pins that were made are put back when it is told to stop.
start vmb-cpu 1 -c "sim:$root/tests/cases/cpu-2.case?duration=24h" --trace run.db
await 'pCPU 0 -> 1'
end TERM
made=$(sqlite3 run.db "SELECT count(*) FROM v_actions WHERE kind = 'pin'")
tap_is "a stop puts back every pin" "$status $(sqlite3 run.db "SELECT count(*) FROM v_actions WHERE kind = 'restore' AND result = 'done'")" "0 $made"
tap_ok "of some (control)" test "$made" -ge 4
rm -f run.db

# The trace is locked while it ends: that takes 2 s, and a second signal does not wait for it.
start vmb-cpu 0.1 -c $test_uri --trace run.db
await_rows 'SELECT count(*) FROM tick'
mkfifo hold
sqlite3 run.db <hold >held 2>&1 &
holder=$!
exec 9>hold
printf 'BEGIN IMMEDIATE;\n.shell echo locked >locked\n' >&9
await locked locked
kill -TERM $pid
await terminated
end INT
tap_is "a second signal quits with status 130" "$status" 130
tap_like "and says what is left" "$(<log)" '^vmb-cpu: quit before the trace was closed$'
exec 9>&-
wait $holder
rm -f run.db* hold held locked

# ---- SIGHUP ----

start vmb-cpu 0.1 -c $test_uri --trace run.db
await_rows 'SELECT count(*) FROM tick'
kill -HUP $pid
await SIGHUP
tap_like "vmb-cpu: SIGHUP reads nothing and ends nothing" "$(<log)" 'SIGHUP: there is no configuration to read again'
seen=$(sqlite3 run.db 'SELECT count(*) FROM tick')
tap_ok "it goes on" await_rows "SELECT count(*) > $seen + 2 FROM tick"
end TERM
rm -f run.db

printf '[host]\npool = 4G\n' >bounds.ini
start vmb-mem 0.2 -c $test_uri --trace run.db --config bounds.ini
await_rows 'SELECT count(*) FROM tick'
printf '[host]\npool = 3G\n' >bounds.ini
kill -HUP $pid
tap_ok "vmb-mem: SIGHUP reads --config again" await 'SIGHUP: the configuration was read again'
printf '[host]\npool = much\n' >bounds.ini
kill -HUP $pid
tap_ok "with a mistake in it all stays as it was" await 'SIGHUP: the configuration stays as it was'
tap_like "and the mistake is named" "$(<log)" "bounds.ini:2:.*pool 'much'"
tap_ok "both are in the trace" await_rows "SELECT count(*) = 2 FROM event WHERE kind = 'reload'"
end TERM
tap_is "and it ends in order" "$status" 0
rm -f run.db

# ---- a service manager ----

if command -v python3 >/dev/null; then
	# Stands for systemd: prints what it is told.
	cat >manager.py <<-'EOF'
		import socket
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("notify")
		while True:
		    print(s.recv(4096).decode().replace("\n", " "), flush=True)
	EOF
	python3 manager.py >told &
	manager=$!
	until [ -S notify ]; do sleep 0.02; done
	for p in vmb-cpu vmb-mem vmb-collect; do
		: >told
		NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=400000 "$bin/$p" 3600 -c $test_uri </dev/null >log 2>&1 &
		pid=$!
		tap_ok "$p tells that it is ready" await 'READY=1' told
		sleep 1.1
		tap_ok "and in an interval of an hour, that it lives" test "$(grep -c 'WATCHDOG=1' told)" -ge 4
		end TERM
		tap_is "and ends in order" "$status" 0
		[ $p = vmb-collect ] || tap_ok "and tells that it stops" grep -q 'STOPPING=1' told
	done
	kill $manager
	wait $manager 2>/dev/null
else
	tap_skip "a service manager is told" "no python3 to stand for it"
fi

# ---- traces ----

start vmb-cpu 0.1 -c $test_uri --trace run.db
await_rows 'SELECT count(*) > 2 FROM tick'
mv run.db old.db
tap_ok "a trace that is moved is begun anew" await_rows 'SELECT count(*) > 2 FROM tick'
end TERM
tap_is "both are whole, and follow each other" \
	"$(sqlite3 old.db "SELECT exit_reason FROM run; PRAGMA integrity_check") $(sqlite3 run.db "SELECT continues, exit_reason FROM run; PRAGMA integrity_check")" \
	"$(printf 'the file was moved\nok run.db, run 1|terminated\nok')"
tap_is "no tick is missing between them" "$(sqlite3 run.db "ATTACH 'old.db' AS old; SELECT min(number) - (SELECT max(number) FROM old.tick) FROM tick")" 1
rm -f run.db old.db

"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/cpu-2.case?duration=3000" --trace run.db --trace-limit 256K >log
parts=$(find . -name 'run-*.db' | wc -l)
tap_ok "--trace-limit goes on in further files" test "$parts" -ge 2
tap_is "each of which has its ticks, and names the one before" \
	"$(for f in run-*.db; do sqlite3 "$f" "SELECT count(*) FROM run WHERE continues LIKE 'run%.db, run 1' AND EXISTS (SELECT 1 FROM tick)"; done | sort -u)" 1
"$bin/vmb-report" run-2.db >report
status=$?
tap_ok "and is judged like any trace" test $status -le 1
tap_like "the report says what it continues" "$(<report)" 'continues run.db, run 1'
tap_like "--trace-limit is a size" "$("$bin/vmb-cpu" 1 --trace run.db --trace-limit 10% 2>&1)" 'trace-limit'
rm -f run*.db

# ---- kill -9 ----

bad=0 partial=0 lost=0 ticks=0
for ((i = 1; i <= cycles; i++)); do
	# What it says of a tick comes before the tick is recorded: so of the last one nothing is claimed.
	"$bin/vmb-cpu" 1 -v -c "sim:$root/tests/cases/cpu-2.case?duration=24h&seed=$i" --trace run.db </dev/null >log 2>&1 &
	pid=$!
	await ' (quiet|act|hold): '
	sleep "0.0$((i * 7 % 10))"
	kill -KILL $pid
	wait $pid 2>/dev/null
	said=$(grep -cE '^[0-9:]+  (quiet|act|hold|rebase|warm[a-z -]*|[a-z]+): ' log)
	if ! r=$(sqlite3 run.db "PRAGMA quick_check; SELECT count(*) FROM tick t WHERE run = (SELECT max(run) FROM run) AND
		((SELECT count(*) FROM vcpu_sample v WHERE v.tick = t.tick) != 8 OR (SELECT count(*) FROM pcpu_sample p WHERE p.tick = t.tick) != 4);
		SELECT count(*), max(run) FROM tick WHERE run = (SELECT max(run) FROM run)" 2>&1) || ! "$bin/vmb-report" run.db >/dev/null 2>err && [ -s err ]; then
		bad=$((bad + 1))
		continue
	fi
	{ read -r check; read -r torn; IFS='|' read -r have run; } <<<"$r"
	[ "$check" = ok ] && [ "$run" = "$i" ] || bad=$((bad + 1))
	[ "$torn" = 0 ] || partial=$((partial + 1))
	[ "$have" -ge $((said - 1)) ] || lost=$((lost + 1))
	ticks=$((ticks + said))
done
tap_is "kill -9, $cycles times: unreadable traces" $bad 0
tap_is "partial ticks" $partial 0
tap_is "runs with a tick lost that was recorded" $lost 0
tap_ok "of $ticks ticks (control)" test $ticks -gt $((2 * cycles))
rm -f run.db*

# ---- units ----

if command -v systemd-analyze >/dev/null; then
	mkdir units
	# Verified where the programs are, and without the account and the manual, which an installation brings.
	for p in vmb-cpu vmb-mem vmb-collect; do
		sed "s|@bindir@|$bin|; s|@docdir@|$root|; /^@common@$/{r $root/service/common.conf
d}" "$root/service/$p.service.in" >units/$p.service
		out=$(systemd-analyze verify "units/$p.service" 2>&1 | grep "$p")
		tap_is "$p.service: nothing to complain about" "$out" ""
		exposure=$(systemd-analyze security --offline=true "units/$p.service" 2>/dev/null |
			sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
		tap_ok "$p.service: exposure ${exposure:-unknown} is at most 2.5" awk -v e="${exposure:-9}" 'BEGIN { exit !(e <= 2.5) }'
	done
	sed -i 's/^Type=.*/Typo=notify/; /^Protect/d; /^Restrict/d; /^Private/d' units/vmb-cpu.service
	tap_like "a mistake in a unit would be seen (control)" "$(systemd-analyze verify units/vmb-cpu.service 2>&1)" 'Typo'
	exposure=$(systemd-analyze security --offline=true units/vmb-cpu.service 2>/dev/null | sed -n 's/.*: \([0-9.]*\) .*/\1/p' | tail -n 1)
	tap_ok "and so would one without walls (control)" awk -v e="${exposure:-0}" 'BEGIN { exit !(e > 2.5) }'
else
	tap_skip "units are verified" "no systemd-analyze"
fi
make -s -C "$root" B="$B" DESTDIR="$work/dest" prefix=/usr units install >make.out 2>&1
tap_is "make install brings units, account and folders" \
	"$(cd dest 2>/dev/null && find . -name '*.service' -o -name 'vmb.conf' | sed 's|^./\(usr/\)*||' | sort | tr '\n' ' ')" \
	"lib/systemd/system/vmb-collect.service lib/systemd/system/vmb-cpu.service lib/systemd/system/vmb-mem.service lib/sysusers.d/vmb.conf lib/tmpfiles.d/vmb.conf "
tap_is "and nothing in them is left to fill in" "$(grep -rl '@[a-z]*@' dest/usr/lib dest/lib 2>/dev/null)" ""
if command -v systemd-sysusers >/dev/null; then
	tap_ok "the account can be made" systemd-sysusers --dry-run "$root/service/sysusers.conf"
fi
make -s -C "$root" B="$B" DESTDIR="$work/dest" prefix=/usr uninstall >make.out 2>&1
tap_is "make uninstall takes all away" "$(find dest -type f 2>/dev/null)" ""
tap_done
