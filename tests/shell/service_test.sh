#!/usr/bin/env bash
# service_test - the programs as daemons: signals, standing still, a service manager, units
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/shell/daemon.sh
. "$(dirname "$0")/daemon.sh"

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
sqlite3 -bail -cmd '.timeout 10000' run.db <hold >held 2>&1 &
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

# ---- standing still ----

# As in a suspend: what was missed is neither made up for nor taken for a tick's work.
start vmb-cpu 0.1 -c $test_uri --trace run.db
await_rows 'SELECT count(*) > 2 FROM tick'
kill -STOP $pid
sleep 0.7
kill -CONT $pid
await_rows 'SELECT max(step) >= 5 FROM (SELECT number - lag(number, 1, number - 1) OVER (ORDER BY number) AS step FROM tick)'
end TERM
tap_is "one that stood still makes up for no tick" "$status $(sqlite3 run.db 'SELECT max(step) >= 5, min(step) FROM
	(SELECT number - lag(number, 1, number - 1) OVER (ORDER BY number) AS step FROM tick)')" "0 1|1"
tap_is "and decides nothing by what it missed" "$(sqlite3 run.db "SELECT count(*) > 0 FROM decision WHERE reason = 'no sample for more than three intervals'")" 1
rm -f run.db

# ---- nobody reads ----

# A pipe that is full, as to a pager; a terminal that is held, as by Ctrl-S; a service manager that stands still. No host waits for them.
mkfifo full
exec 8<>full
head -c 65536 /dev/zero >&8
"$bin/vmb-cpu" 0.05 -v -c $test_uri --trace run.db >full 2>log </dev/null &
pid=$!
tap_ok "a full pipe keeps no host waiting" await_rows 'SELECT count(*) > 20 FROM tick'
head -c 65536 <&8 >/dev/null
# shellcheck disable=SC2094 # one end each
exec 7<>full 6<full 8<&-
tap_ok "what was left out is told when it is read again" timeout 20 grep -aqE 'lines that nobody read' <&6
kill -TERM $pid
wait $pid
tap_is "and it can be stopped" $? 0
exec 6<&- 7<&-
rm -f run.db* full log

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
rm bounds.ini
mkfifo bounds.ini
exec 3<>bounds.ini # a writer that writes nothing: to read would be to wait for ever, signals blocked
kill -HUP $pid
tap_ok "a pipe in the file's place is not waited for" await 'bounds.ini: not a regular file'
exec 3<&-
rm bounds.ini
end TERM
tap_is "and it ends in order" "$status" 0
rm -f run.db

# ---- a service manager ----

mkdir -m 700 runtime
for p in cpu mem; do
	(
		unset VMB_RUN_DIR XDG_RUNTIME_DIR
		RUNTIME_DIRECTORY=$work/runtime:/elsewhere exec "$bin/vmb-$p" 0.1 -c $test_uri --duration 1
	) </dev/null >log 2>&1
	tap_ok "vmb-$p: the lock lies in the folder that the manager has made" compgen -G "runtime/$p-*.lock"
done

if command -v python3 >/dev/null; then
	# Stands for systemd: prints what it is told.
	cat >manager.py <<-'EOF'
		import socket
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("notify")
		while True:
		    print(s.recv(4096).decode().replace("\n", " "), flush=True)
	EOF
	# shellcheck disable=SC2317 # called through tap_ok
	lives() { # TIMES, in 10 s
		local i
		for ((i = 0; i < 200; i++)); do
			[ "$(grep -c 'WATCHDOG=1' told)" -lt "$1" ] || return 0
			sleep 0.05
		done
		return 1
	}
	python3 manager.py >told &
	manager=$!
	until [ -S notify ] || ! kill -0 $manager 2>/dev/null; do sleep 0.02; done
	for p in vmb-cpu vmb-mem vmb-collect; do
		: >told
		NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=400000 "$bin/$p" 3600 -c $test_uri </dev/null >log 2>&1 &
		pid=$!
		tap_ok "$p tells that it is ready" await 'READY=1' told
		tap_ok "and in an interval of an hour, that it lives" lives 4
		end TERM
		tap_is "and ends in order" "$status" 0
		tap_ok "and tells that it stops" await 'STOPPING=1' told
	done
	kill $manager
	wait $manager 2>/dev/null

	# One that stands still, and a terminal that is held (Ctrl-S): RUN, then told to end. Prints the status.
	cat >deaf.py <<-'EOF'
		import os, pty, signal, socket, subprocess, sys, termios, time
		manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		manager.bind("deaf")
		held, terminal = pty.openpty()
		environment = dict(os.environ)
		if sys.argv[1] == "manager":
		    environment["NOTIFY_SOCKET"] = os.path.abspath("deaf")
		    out = open(os.devnull, "w")
		else:
		    termios.tcflow(terminal, termios.TCOOFF)
		    out = terminal
		run = subprocess.Popen(sys.argv[2:], env=environment, stdin=subprocess.DEVNULL, stdout=out)
		sys.stdin.readline()
		run.send_signal(signal.SIGTERM)
		print(run.wait())
	EOF
	for deaf in manager terminal; do
		mkfifo go
		python3 deaf.py $deaf "$bin/vmb-cpu" 0.05 -v -c $test_uri --trace run.db <go >ended 2>&1 &
		exec 9>go
		tap_ok "a $deaf that does not listen keeps no host waiting" await_rows 'SELECT count(*) > 40 FROM tick'
		echo >&9
		wait $!
		tap_is "and it can be stopped" "$(<ended)" 0
		exec 9>&-
		rm -f go deaf ended run.db*
	done
else
	tap_skip "a service manager is told" "no python3 to stand for it"
fi

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
# dead_links FOLDER: what documents below it link to that is not there
dead_links() {
	local page link
	find "$1" -name '*.md' | while read -r page; do
		grep -o ']([^)]*)' "$page" | sed 's/^](//; s/[#)].*//' | grep -v '^http' | while read -r link; do
			[ -z "$link" ] || [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
		done
	done
}
tap_is "what documents link to is installed with them" "$(dead_links dest)" ""
mv dest/usr/share/doc/vmb/tests/cases/README.md .
tap_like "a link to nowhere would be seen (control)" "$(dead_links dest)" 'README.md: tests/cases/README.md'
mv README.md dest/usr/share/doc/vmb/tests/cases/
if command -v systemd-sysusers >/dev/null; then
	tap_ok "the account can be made" systemd-sysusers --dry-run "$root/service/sysusers.conf"
fi
make -s -C "$root" B="$B" DESTDIR="$work/other" prefix=/opt/vmb units install >make.out 2>&1
tap_is "with another prefix the units name the programs there" \
	"$(grep -hE '^Exec(Start|StopPost)=' "$(find other -name vmb-cpu.service)" | grep -c '=/opt/vmb/bin/vmb-cpu ')" 2
make -s -C "$root" B="$B" DESTDIR="$work/dest" prefix=/usr uninstall >make.out 2>&1
tap_is "make uninstall takes all away" "$(find dest -type f 2>/dev/null)" ""
tap_done
