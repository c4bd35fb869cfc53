#!/usr/bin/env bash
# memory_guests_test - the memory of real guests through the one door to the host: orders, reports, and guests that do not follow
# alone: what its guests and the host have of memory is judged
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
lab=$root/tests/lab/lab
uri=qemu:///system

if ! reason=$("$lab" check 2>&1); then
	tap_skip "memory of real guests" "$reason"
	tap_done
fi

hung=
# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() {
	[ -z "$hung" ] || kill -CONT "$hung"
	exec {to}>&- 2>/dev/null
	"$lab" down >/dev/null 2>&1
}

cat >quiet.case <<'END'
[case]
name     = quiet
title    = guests whose memory is all theirs
duration = 60 s
run      = mem
[host]
pcpus = 2
[guests]
count      = 3
memory     = 1024 MiB
huge-pages = no
pins       = float
load       = 1 %
END
"$lab" up ./quiet.case >lab.out 2>&1 || sed 's/^/# /' lab.out

# One connection for the whole test: what is late stays with it.
coproc ASK { "$bin/tests/lab/host_ask" $uri 2>&1; }
to=${ASK[1]} from=${ASK[0]}
# ask COMMAND...: lines about guests in $guests, the result ("0", "-110" ...) in $result, its sentence in $said
ask() {
	local line
	guests='' result=none
	echo "$*" >&"$to"
	while read -r -t 60 -u "$from" line; do
		if [[ $line == "$1 "* ]]; then
			said=$line
			result=${line#* }
			result=${result%% *}
			return
		fi
		guests+=$line$'\n'
	done
}
# is GUEST WORD: "512" for "is 1 actual_mib", of the last sample
is() { grep -oE "^vmb-lab-$1 .*" <<<"$guests" | grep -oE " $2=[^ ]*" | cut -d= -f2; }
# becomes GUEST WORD PATTERN: within 60 samples, half a second apart
becomes() {
	local n
	for n in $(seq 60); do
		ask sample 500
		[[ $(is "$1" "$2") =~ ^($3)$ ]] && return
		sleep 0.5
	done
	echo "# guest $1: $2 is $(is "$1" "$2") after $n samples"
	return 1
}
# xml_again GUEST SED: the guest ends, and starts with another configuration
xml_again() {
	local n
	virsh -q -c $uri dumpxml "vmb-lab-$1" >again.xml
	virsh -q -c $uri destroy "vmb-lab-$1" >/dev/null
	sed -i "$2" again.xml
	virsh -q -c $uri create again.xml >create.out 2>&1 || sed 's/^/# /' create.out
	for n in $(seq 120); do
		grep -q '^vmb: ready' "/run/vmb-lab/console-$1" && return
		sleep 0.5
	done
	echo "# guest $1 is not up after $((n / 2)) s"
}

# ---- orders that are obeyed ----

becomes 1 usable_mib '[0-9]+'
tap_is "a guest with a driver tells all" "$(is 1 balloon) $(is 1 actual_mib) $(is 1 maximum_mib) $(is 1 period_s)" "ready 1024 1024 1"
ask memory vmb-lab-1 512 1000
tap_is "an order for less memory is taken" "$result" 0
becomes 1 actual_mib 512
tap_is "and obeyed" "$?" 0
becomes 1 available_mib '[34][0-9][0-9]|50[0-9]'
tap_is "and the guest's kernel knows" "$?" 0
tap_is "nobody else's memory has changed" "$(is 2 actual_mib) $(is 3 actual_mib)" "1024 1024"
ask memory vmb-lab-1 1024 1000
becomes 1 actual_mib 1024
tap_is "it gets back what it had" "$?" 0
ask memory vmb-lab-1 2048 1000
tap_is "more than its maximum is refused" "$result" -22
ask period vmb-lab-1 3 1000
ask sample 500
tap_is "the period of its reports is set and seen at once" "$(is 1 period_s) $(is 2 period_s)" "3 1"
ask period vmb-lab-1 1 1000
ask sample 500
tap_is "and put back" "$(is 1 period_s)" 1

# ---- a QEMU that hangs ----

becomes 2 usable_mib '[0-9]+'
hung=$(</run/libvirt/qemu/vmb-lab-2.pid)
kill -STOP "$hung"
seen=''
for _ in 1 2 3 4; do
	ask sample 1000
	seen+="$([[ $(is 1 usable_mib) == '?' || $(is 3 usable_mib) == '?' ]] && echo missing || echo there) "
done
tap_is "while one QEMU hangs the others' statistics are there, from the first reading on" "$seen" "there there there there "
tap_is "its own are unknown, but for what needs no monitor" "$(is 2 usable_mib) $(is 2 actual_mib) $(is 2 delay)" "? 1024 known"
ask memory vmb-lab-2 900 200
tap_is "an order for it is late" "$result" -110
ask memory vmb-lab-2 800 200
tap_is "the next is refused while that one is under way" "$result" -16
ask memory vmb-lab-3 900 1000
tap_is "an order for another is taken" "$result" 0
tap_is "no more threads than allowed" "$(($(ps -o nlwp= -p "$ASK_PID") <= 8))" 1
kill -CONT "$hung"
hung=
becomes 2 usable_mib '[0-9]+'
tap_is "it goes on: its statistics are there again" "$?" 0
ask memory vmb-lab-2 1000 1000
tap_is "it takes orders again" "$result" 0
becomes 2 actual_mib 1000
seen=''
for _ in 1 2 3 4; do
	ask sample 500
	seen+="$(is 2 actual_mib) "
	sleep 0.3
done
tap_is "and obeys these, and not what nobody waits for any more" "$seen" "1000 1000 1000 1000 "
ask memory vmb-lab-2 1024 1000
becomes 2 actual_mib 1024
ask memory vmb-lab-3 1024 1000
becomes 3 actual_mib 1024

# ---- a job that holds a guest ----

# A dump into a pipe lasts until someone reads it.
mkfifo dump
exec {reader}<>dump
virsh -q -c $uri dump --memory-only --live vmb-lab-2 "$work/dump" >dump.out 2>&1 {reader}<&- &
dump=$!
becomes 2 busy 1
tap_is "a job that holds a guest is seen" "$?" 0
for _ in 1 2 3 4 5 6 7; do ask sample 500; done
tap_is "of that guest alone" "$(is 1 busy) $(is 2 busy) $(is 3 busy)" "0 1 0"
ask memory vmb-lab-2 800 1000
tap_like "while a guest is dumped it takes no orders" "$result $said" '^-16 .*: a dump holds the guest'
ask pin vmb-lab-2 0 1000
tap_like "nor pins" "$result $said" '^-16 .*: a dump holds the guest'
# It ends when no one holds the pipe for writing, itself included.
timeout 60 cat <dump >/dev/null {reader}<&- &
drain=$!
exec {reader}<&-
wait $dump $drain
becomes 2 busy 0
tap_is "also its end" "$?" 0
tap_is "and the order did not wait for it" "$(is 2 actual_mib)" 1024
ask memory vmb-lab-2 1000 1000
becomes 2 actual_mib 1000
tap_is "after it orders are obeyed" "$?" 0
ask memory vmb-lab-2 1024 1000
becomes 2 actual_mib 1024

# ---- a guest that boots anew in its QEMU ----

tap_is "nobody has rebooted" "$(is 1 reboots) $(is 2 reboots) $(is 3 reboots)" "0 0 0"
virsh -q -c $uri reset vmb-lab-2
# One reset may be told more than once: three were seen.
becomes 2 reboots '[1-9]'
tap_is "a reboot is counted" "$?" 0
tap_is "of that guest alone" "$(is 1 reboots) $(is 3 reboots)" "0 0"

# ---- a guest that is saved ----

tap_is "who was booted is known as such" "$(is 1 start) $(is 2 start)" "booted booted"
"$bin/vmb-mem" 1 >saved.out 2>&1 &
mem=$!
tap_wait 'vmb-lab-1: [0-9]+ -> [0-9]+ MiB' saved.out
virsh -q -c $uri save vmb-lab-1 "$work/saved" >save.out 2>&1 || sed 's/^/# /' save.out
# For as long as others look it is not there.
for _ in 1 2 3; do
	ask sample 1000
	sleep 1
done
tap_is "it is away" "$(is 1 start)" ""
virsh -q -c $uri restore "$work/saved" >save.out 2>&1 || sed 's/^/# /' save.out
rm -f saved
becomes 1 usable_mib '[0-9]+'
tap_is "it comes back as one that was saved, with less than it had" "$? $(is 1 start) $(($(is 1 actual_mib) < 1024))" "0 restored 1"
sleep 2
kill -TERM $mem
wait $mem
tap_is "what it had before is given back at the end" "$? $(becomes 1 actual_mib 1024 && is 1 actual_mib)" "0 1024"

# ---- guests whose memory does not move ----

xml_again 3 's/vmb.guest=/vmb.balloon=no &/'
ask sample 1000
ask memory vmb-lab-3 512 1000
tap_is "without a driver an order is taken" "$result" 0
sleep 3
ask sample 1000
tap_is "and nothing happens, and nothing is told" "$(is 3 balloon) $(is 3 actual_mib) $(is 3 usable_mib)" "ready 1024 ?"
tap_is "another start has no reboots" "$(is 3 reboots)" 0
xml_again 3 "/<memballoon/,/<\/memballoon>/c <memballoon model='none'/>"
becomes 3 balloon none
tap_is "a guest without a balloon is known as such" "$?" 0
ask memory vmb-lab-3 512 1000
tap_is "and takes no orders" "$result" -95

# ---- the daemon goes and comes ----

RUN=/run/vmb-lab BUILD=$bin
say() { :; }
# shellcheck source=tests/lab/host.sh
. "$root/tests/lab/host.sh"
daemon=$(awk '$1 == "libvirtd" { print $2 }' $RUN/daemons 2>/dev/null)
birth=$(process_birth "${daemon:-0}")
if [ -z "$daemon" ]; then
	tap_skip "libvirtd restarts" "it is not the lab's own"
	tap_done
fi
"$bin/vmb-mem" 1 >mem.out 2>&1 &
mem=$!
tap_wait 'vmb-lab-1: [0-9]+ -> [0-9]+ MiB' mem.out
kill -KILL "$daemon"
tap_wait 'connection|socket' mem.out
kill -TERM $mem
wait $mem
tap_like "a vmb-mem that ends meanwhile says how what it took is given back" "$? $(tail -n 1 mem.out)" \
	'^1 vmb-mem: .*: when it answers, vmb-mem --restore puts back what is left$'
for _ in $(seq 50); do
	ask sample 500
	[ "$result" = -107 ] && break
	sleep 0.1
done
tap_is "a connection that is lost is an error of its own" "$result" -107
ask memory vmb-lab-1 900 1000
tap_is "also for orders" "$result" -107
for _ in $(seq 100); do
	[ "$(process_birth "$daemon")" = "$birth" ] || break
	sleep 0.1
done
daemon_start libvirtd
for _ in $(seq 100); do
	ask sample 1000
	[ "$result" = 0 ] && break
	sleep 0.2
done
becomes 1 usable_mib '[0-9]+'
tap_is "it connects again by itself, and all is known again" "$? $(is 1 balloon) $(is 1 period_s)" "0 ready 1"
"$bin/vmb-mem" --restore >restore.out 2>&1
tap_is "and that does it" "$? $(becomes 1 actual_mib 1024 && is 1 actual_mib)" "0 1024"
ask memory vmb-lab-1 900 1000
becomes 1 actual_mib 900
tap_is "and orders arrive" "$?" 0
tap_done
