#!/usr/bin/env bash
# reconnect_test - a libvirt daemon that dies, comes back, or hangs: one of our own, without guests
#
# Usage: tests/shell/reconnect_test.sh [TIMES]      default 10: how often it is killed
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1

times=${1:-10}

command -v libvirtd >/dev/null || {
	tap_skip "a daemon that dies" "libvirtd is not installed"
	tap_done
}

# Root's daemon would be the machine's: ours runs as nobody, with folders of its own.
chmod 755 "$work"
mkdir sock home run-time
as=()
if [ "$(id -u)" -eq 0 ]; then
	chown nobody sock home run-time
	as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
printf '%s\n' "unix_sock_dir = \"$work/sock\"" 'auth_unix_rw = "none"' 'auth_unix_ro = "none"' \
	'unix_sock_rw_perms = "0777"' >daemon.conf
uri="qemu+unix:///session?socket=$work/sock/libvirt-sock"

daemon=
start_daemon() {
	"${as[@]}" env -i PATH="$PATH" HOME="$work/home" XDG_RUNTIME_DIR="$work/run-time" XDG_CONFIG_HOME="$work/home" \
		XDG_CACHE_HOME="$work/home" libvirtd -f "$work/daemon.conf" -p "$work/run-time/pid" >daemon.log 2>&1 &
	daemon=$!
	for _ in $(seq 200); do
		virsh -q -c "$uri" version >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "# the daemon does not answer: $(tail -n 1 daemon.log)"
}
# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() {
	[ -z "$daemon" ] || { kill -CONT "$daemon"; kill -KILL "$daemon"; wait "$daemon"; } 2>/dev/null
	kill "$watch" "${users[@]}" 2>/dev/null
}
# An empty file of sqlite3's own making would be refused as a trace.
ticks() { [ -s run.db ] && sqlite3 run.db 'SELECT count(*) FROM tick' 2>/dev/null || echo 0; }
# grows N: more than N ticks within 20 s
# shellcheck disable=SC2317 # called through tap_ok
grows() {
	for _ in $(seq 200); do
		[ "$(ticks)" -gt "$1" ] && return
		sleep 0.1
	done
	return 1
}

start_daemon
"$bin/vmb-collect" 0.2 -q -c "$uri" --trace run.db 2>watch.err &
watch=$!
tap_ok "ticks are recorded" grows 3
# look: open descriptors, and memory in KiB
look() { awk -v open="$(find /proc/$watch/fd -mindepth 1 | wc -l)" '/^VmRSS:/ { print open, $2 }' /proc/$watch/status; }

back=0
for ((i = 1; i <= times; i++)); do
	kill -KILL $daemon
	wait $daemon 2>/dev/null
	[ $i -gt 1 ] || {
		sleep 1.5
		tap_ok "a daemon that was killed does not end the program" kill -0 $watch
	}
	before=$(ticks)
	start_daemon
	began=$(date +%s%N)
	grows $((before + 3)) && back=$((back + 1))
	took_ms=$((($(date +%s%N) - began) / 1000000))
	[ $took_ms -le "${longest_ms:-0}" ] || longest_ms=$took_ms
	# What it needs to connect again it has from the first time on.
	[ $i -gt 2 ] || read -r open memory < <(look)
done
echo "# longest until three ticks are recorded again: $longest_ms ms"
echo "# fault: libvirt daemon killed; injected $times; survived $back; lost $((times - back)) connections"
tap_is "it connects again by itself" $back "$times"
tap_ok "within 10 s" test "$longest_ms" -le 10000
tap_ok "and has said so where a tick found no daemon ($(wc -l <watch.err) times)" test "$(wc -l <watch.err)" -ge 1
read -r open_now memory_now < <(look)
# A slow answer makes it open one more for the next.
tap_ok "no descriptor is left of it: $open, then $open_now" test "$open_now" -le $((open + 2))
# ThreadSanitizer keeps a shadow of the threads that were, four times as large as what they touched.
room=1024
[ -z "${TSAN_OPTIONS-}" ] || room=4096
tap_ok "nor memory: $memory KiB, then $memory_now" test "$memory_now" -le $((memory + room))

kill -TERM $watch
wait $watch
tap_is "it ends in order" "$?" 0
tap_like "and the missed ticks show as a gap in their numbers" \
	"$(sqlite3 run.db 'SELECT max(number) - count(*) + 1 FROM tick')" '^[1-9]'

# libvirt's own log of what is called, with the connection of each call.
told() { exec env LIBVIRT_LOG_FILTERS="1:libvirt" LIBVIRT_LOG_OUTPUTS="1:file:$work/$1" "${@:2}"; }
(told calls.log "$bin/vmb-collect" 0.2 -q -c "$uri" --trace heard.db --duration 1 2>/dev/null)
heard=$(sed -nE 's/.* : virConnectDomainEventRegisterAny:.*conn=(0x[0-9a-f]+).*/\1/p' calls.log | sort -u)
tap_is "events are heard on a connection of their own, of which nothing else is asked" \
	"$(grep -F "conn=${heard:-none}" calls.log | grep -oE ' : vir[A-Za-z]+' | cut -c 4- | sort -u | tr '\n' ' ')" \
	"$(printf 'virConnect%s ' Close DomainEventDeregisterAny DomainEventRegisterAny IsAlive RegisterCloseCallback \
		SetKeepAlive UnregisterCloseCallback)"

# The hanging one is given up by keepalive; who begins meanwhile waits for 10 s. Two with late statistics under way in other
# threads, one without.
declare -A users
"$bin/vmb-cpu" 0.2 -v -c "$uri" >cpu.out 2>&1 &
users[cpu]=$!
"$bin/vmb-mem" 0.2 -v -c "$uri" >mem.out 2>&1 &
users[mem]=$!
opens() { grep -c ' : virConnectOpenReadOnly:' "$1"; }
# One that is between two ticks when the daemon goes on.
told late.log "$bin/vmb-collect" 12 -q -c "$uri" --trace late.db >late.out 2>&1 &
users[late]=$!
told opens.log "$bin/vmb-collect" 0.2 -q -c "$uri" --trace hung.db >collect.out 2>&1 &
users[collect]=$!
tap_wait 'quiet: ' cpu.out
tap_wait 'every 200 ms' mem.out
for _ in $(seq 100); do [ -s hung.db ] && break; sleep 0.1; done
for _ in $(seq 100); do grep -q ' : virConnectGetAllDomainStats:' late.log 2>/dev/null && break; sleep 0.1; done
sleep 0.5
late=$(opens late.log)
kill -STOP $daemon
out=$(timeout 30 "$bin/vmb-collect" 1 -c "$uri" --duration 1 2>&1)
tap_like "a daemon that hangs is given 10 s" "$? $out" '^1 .*no answer in 1[0-9] s'
for program in vmb-cpu vmb-mem vmb-collect; do
	"$bin/$program" 1 -c "$uri" >stopped.out 2>&1 &
	stopped=$!
	# from when on it holds SIGTERM back
	for _ in $(seq 200); do
		[ "$(<"/proc/$stopped/comm")" = "$program" ] && grep -qE '^SigBlk:.*[4-7c-f]...$' "/proc/$stopped/status" && break
		sleep 0.1
	done
	kill "$stopped"
	wait "$stopped"
	tap_like "$program that waits for it can be stopped" "$? $(<stopped.out)" '^1 .*no answer until it was stopped'
done
for user in cpu mem collect; do
	tap_ok "a daemon that hangs while vmb-$user uses it is given up" \
		tap_wait 'connection closed due to keepalive timeout' $user.out
done
given_up=$(opens opens.log)
sleep 8
tried=$(($(opens opens.log) - given_up))
tap_ok "meanwhile no more than one attempt to connect waits for it: $tried" test "$tried" -le 1
# Its next tick waits for 3 s; then the answer comes, and nobody takes it before the daemon hangs again: not when a tick is near.
for _ in $(seq 250); do [ "$(opens late.log)" -gt "$late" ] && break; sleep 0.1; done
began=$(date -d "$(grep ' : virConnectOpenReadOnly:' late.log | tail -n 1 | cut -c 1-28)" +%s.%N)
sleep "$(awk -v now="$(date +%s.%N)" -v began="$began" \
	'BEGIN { age = now - began; phase = age % 12; print(age < 3.3 ? 3.3 - age : phase > 9 ? 12.5 - phase : 0) }')"
kill -CONT $daemon
registered() { grep -c ' : virConnectDomainEventRegisterAny:' late.log; }
for _ in $(seq 50); do [ "$(registered)" -eq 10 ] && break; sleep 0.1; done
sleep 0.2
kill -STOP $daemon
kill -TERM "${users[late]}"
wait "${users[late]}"
# Five were those of the connection that was lost.
tap_is "an answer that came late keeps nobody from ending, nor asks where events are heard" \
	"$? $(opens late.log) $(registered) $(grep -c ' : virConnectDomainEventDeregisterAny:' late.log)" "0 $((late + 2)) 10 5"
unset 'users[late]'
before=$(sqlite3 hung.db 'SELECT count(*) FROM tick')
kill -CONT $daemon
for user in cpu mem; do
	tap_ok "when it answers again vmb-$user connects again" tap_wait 'connected again' $user.out
done
for _ in $(seq 200); do
	after=$(sqlite3 hung.db 'SELECT count(*) FROM tick')
	[ "$after" -gt "$((before + 5))" ] && break
	sleep 0.1
done
tap_ok "and vmb-collect records again: $before ticks, then $after" test "$after" -gt "$((before + 5))"
for user in cpu mem collect; do
	kill -TERM "${users[$user]}"
	wait "${users[$user]}"
	tap_is "vmb-$user ends in order" "$?" 0
done

# Told to end while it hangs: each that waits for an answer ends by itself after 5 s, and at once when told again; one that waits for
# none takes 2 s to say goodbye.
for user in cpu mem collect cpu-twice; do
	mkdir "run-$user"
	VMB_RUN_DIR=$PWD/run-$user "$bin/vmb-${user%-twice}" 0.2 -c "$uri" --trace "silent-$user.db" >silent-$user.out 2>&1 &
	users[$user]=$!
done
for user in cpu mem collect cpu-twice; do
	for _ in $(seq 100); do [ "$(sqlite3 -readonly "silent-$user.db" 'SELECT count(*) FROM tick' 2>/dev/null || echo 0)" -gt 2 ] && break; sleep 0.1; done
done
told between.log "$bin/vmb-collect" 30 -q -c "$uri" --trace between.db >silent-between.out 2>&1 &
users[between]=$!
touch alone.log
[ ${#as[@]} -eq 0 ] || chown nobody alone.log
told alone.log "${as[@]}" "$bin/vmb-collect" 30 -c "$uri" >silent-alone.out 2>&1 &
users[alone]=$!
for name in between alone; do
	for _ in $(seq 100); do grep -q ' : virConnectGetAllDomainStats:' $name.log 2>/dev/null && break; sleep 0.1; done
done
sleep 0.5
"${as[@]}" prlimit --pid "${users[alone]}" --nproc=1:
kill -STOP $daemon
sleep 0.5
kill -TERM "${users[@]}"
sleep 2.5
kill -TERM "${users[cpu-twice]}"
for user in cpu mem collect; do
	wait "${users[$user]}"
	tap_like "vmb-$user does not wait for a daemon that hangs when it is told to end" "$? $(tail -n 1 silent-$user.out)" "^(1 vmb-$user: quit (without an answer|before )|0 (.*  terminated; |$))"
done
wait "${users[between]}"
tap_like "nor one that is between two ticks" "$? $(tail -n 1 silent-between.out)" '^0 $'
wait "${users[alone]}"
tap_is "nor one that can have no thread" "$?" 0
tap_is "and they leave nothing unanswered where they hear of events" \
	"$(grep -ohE ' : virConnect(DomainEventDeregisterAny|UnregisterCloseCallback)' between.log alone.log)" ""
wait "${users[cpu-twice]}"
tap_like "nor for 5 s when it is told twice" "$? $(tail -n 1 silent-cpu-twice.out)" '^(130 vmb-cpu: quit |0 .*  terminated; )'
kill -CONT $daemon
tap_done
