#!/usr/bin/env bash
# guests_test - the programs on real guests: three cases judged by their criteria, and what must not go wrong
# alone: what its guests get of the pCPUs is judged
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR # the host's own lock and journal: this is the host's one vmb-cpu
lab=$root/tests/lab/lab
uri=qemu:///system

if ! reason=$("$lab" check 2>&1); then
	tap_skip "real guests" "$reason"
	tap_done
fi

printf '%s\n' '[case]' 'name = wrong' 'title = t' 'duration = 9 s' 'run = cpu' '[host]' 'pcpus = 2' '[guests]' 'count = 1' 'pins = float' 'load = 1 %' \
	'[criterion c]' 'metric = nix' 'limit = <= 5' >wrong.case
"$lab" run ./wrong.case --out "$work/wrong" >wrong.out 2>&1
tap_is "a case with a wrong criterion is refused before anything is booted" "$? $(grep -c 'nix' wrong.out) $(grep -c booting wrong.out)" "1 1 0"

background=()
# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() {
	[ ${#background[@]} -eq 0 ] || kill "${background[@]}" 2>/dev/null
	virsh -q -c "$uri" undefine vmb-lab-1 >/dev/null 2>&1
	"$lab" down >/dev/null 2>&1
}

# affinities: "guest:list" for all guests of the lab, as the host has them now
affinities() {
	local g
	for g in 1 2 3 4 5 6 7 8; do
		echo "$g:$(virsh -q -c $uri vcpupin vmb-lab-$g --live | awk '{ print $2 }')"
	done | tr '\n' ' '
}
lab_up() { "$lab" up "$1" >lab.out 2>&1 || { sed 's/^/# /' lab.out; return 1; }; }

# start_cpu OPTION...: vmb-cpu in the background, its lines in cpu.out; returns when it has begun
start_cpu() {
	"$bin/vmb-cpu" 0.5 "$@" >cpu.out 2>&1 &
	cpu=$!
	background+=("$cpu")
	until grep -q 'every' cpu.out || ! kill -0 $cpu 2>/dev/null; do sleep 0.05; done
}
stop_cpu() {
	kill -TERM $cpu 2>/dev/null
	wait $cpu
}
all_on_0="1:0 2:0 3:0 4:0 5:0 6:0 7:0 8:0 "

# ---- the cases ----

# A machine that others use too shows their work in the load of its pCPUs, and no report sees all of it (a hypervisor below,
# a sibling of the core), and what works on one pCPU alone for seconds is answered by a pin. So a run that does not hold is done
# again, twice at most. Where no run holds in every sample, one must hold in two of three samples, with no more pins than are meant: eight
# guests of 18 % that are alike on two quiet pCPUs deviate by 1.1 points on average and by 4.7 at worst, where others work as
# well 4 and 6.6; with one guest on the wrong pCPU by 18.
mostly() {
	sed -e 's/^hold *=.*/hold = 66 %/' -e '/^\[criterion settles\]/,/^$/d' "$root/tests/cases/$1.case"
}
run_case() {
	local try status mostly=1
	mostly "$1" >"$1.mostly"
	for try in 1 2 3; do
		rm -rf "${work:?}/$1"
		lab_up "$1"
		"$lab" run "$1" --out "$work/$1" >"$1.out" 2>&1
		status=$?
		[ $status -ne 0 ] || return 0
		echo "# $1, run $try: $(grep -E -A 3 '^(FAIL|UNDECIDED) +[^/ ]+:' "$1/report.txt" | head -n 4 | tr -s '\n ' ' ')"
		"$bin/vmb-report" "$1/run.db" --criteria "$1.mostly" >"$1.most" 2>&1 && mostly=0
	done
	echo "# $1: the machine was too busy for a run that holds in every sample; in two of three: $([ $mostly -eq 0 ] && echo yes || echo no)"
	return $mostly
}

# What the simulation is held to (tests/cases/README.md): the same file, pCPUs and guests, in both worlds.
# made DIR: changes that vmb-cpu made; loads DIR: how busy each pCPU was, in %, on average once all is settled
made() { sqlite3 "$1/run.db" "SELECT count(*) FROM v_actions WHERE kind = 'pin' AND result = 'done'"; }
settled="JOIN run USING (run) JOIN tick USING (tick) WHERE program = 'vmb-cpu' AND number > 5"
loads() {
	sqlite3 "$1/run.db" "SELECT round(avg(busy_pct), 1) FROM v_pcpu_util v $settled GROUP BY v.pcpu ORDER BY v.pcpu" | tr '\n' ' '
}
# far_apart LOADS LOADS: the largest difference between two lists, in points; their lengths must be the same
far_apart() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		n = split(a, x, " ")
		if (n == 0 || n != split(b, y, " ")) { print 100; exit }
		for (i = 1; i <= n; i++) { d = x[i] - y[i]; if (d < 0) d = -d; if (d > most) most = d }
		print int(most + 0.5)
	}'
}
# What a guest's vCPU ran beside its load, in % on average: the guests tell what their load took. And what else ran on a pCPU. Both are the
# machine's: an emulated guest that others slow down takes 1 to 4 %, its emulator, libvirtd and the recorders 10 % of each of two pCPUs.
kernel() {
	sqlite3 "$1/run.db" "SELECT avg(run_pct) FROM v_vcpu_util $settled" >"$1/ran"
	sed -n 's/.*reached_pct=\([0-9.]*\).*/\1/p' "$1/guests.txt" |
		awk -v ran="$(<"$1/ran")" '{ sum += $1 } END { k = ran - sum / NR; printf "%.1f", (k > 0 ? k : 0) }'
}
# What guests were asked for and did not reach, in points of each pCPU: an emulated one that stood still for a moment does not make up for it.
missing() {
	sed -n 's/.*asked_pct=\([0-9.]*\) reached_pct=\([0-9.]*\).*/\1 \2/p' "$1/guests.txt" |
		awk -v pcpus="$(nproc)" '{ sum += $1 - $2 } END { m = sum / NR * 8 / pcpus; printf "%.1f", (m > 0 ? m : 0) }'
}
# lower POINTS LOADS: each by so much
lower() { awk -v by="$1" '{ for (i = 1; i <= NF; i++) printf "%.1f ", $i - by }' <<<"$2"; }
others() {
	sqlite3 "$1/run.db" "SELECT printf('%.1f', max(0, (SELECT avg(busy_pct) FROM v_pcpu_util $settled)
		- (SELECT avg(run_pct) FROM v_vcpu_util $settled) * 8.0 / $(nproc)))"
}
compare_worlds() {
	local difference kernel others missing wanted
	kernel=$(kernel "$1")
	missing=$(missing "$1")
	others=$(others "$1")
	mkdir "$1/sim"
	sed "s/^kernel *=.*/kernel = $kernel %/" "$root/tests/cases/$1.case" >"$1/sim/$1.case"
	printf '[background others]\npcpus = 0-%d\nload = %s %%\n' $(($(nproc) - 1)) "$others" >>"$1/sim/$1.case"
	"$bin/vmb-cpu" 1 -c "sim:$1/sim/$1.case?pcpus=$(nproc)" --trace "$1/sim/run.db" >"$1/sim/cpu.out" 2>&1
	tap_is "$1: as many changes as on the simulated host" "$(made "$1")" "$(made "$1/sim")"
	wanted=$(lower "$missing" "$(loads "$1/sim")")
	difference=$(far_apart "$(loads "$1")" "$wanted")
	tap_ok "$1: the pCPUs carry what they carry on the simulated host, within 5 points" test "$difference" -le 5
	echo "# real: $(loads "$1"), simulated: $wanted, with a kernel of $kernel % in each guest, other work of $others % on each pCPU, $missing points not reached"
}

for name in cpu-2 cpu-5 cpu-1; do
	run_case $name
	status=$?
	tap_is "$name holds its criteria" "$status" 0
	[ $status -eq 0 ] || sed 's/^/# /' $name.out | tail -n 40
	# A machine that stalls leaves ticks out; what a recorder loses is told.
	tap_is "$name: both recorders have almost all of their ticks" \
		"$(sqlite3 $name/run.db 'SELECT program FROM run JOIN tick USING (run) GROUP BY run
			HAVING count(*) >= 0.97 * (max(number) + 1) AND min(number) = 0 ORDER BY 1' | tr '\n' ' ')" "vmb-collect vmb-cpu "
	tap_is "$name: no data were lost" "$(sqlite3 $name/run.db "SELECT count(*) FROM stat WHERE severity = 'data_loss'")" 0
	tap_ok "$name leaves its trace, report, charts and terminal log" \
		test -s $name/report.txt -a -s $name/report.json -a -s $name/pcpu.svg -a -s $name/pcpu.png \
		-a -s $name/placement.svg -a -s $name/placement.png -a -s $name/$name.log
	compare_worlds $name
done
tap_is "the collector recorded guests' memory" \
	"$(sqlite3 cpu-2/run.db 'SELECT count(DISTINCT guest) FROM v_memory WHERE usable_mib > 0 AND actual_mib > 0')" 8
tap_is "steal was recorded beside the decisions" \
	"$(sqlite3 cpu-2/run.db "SELECT count(*) * 2 > (SELECT count(*) FROM vcpu_sample JOIN tick USING (tick) WHERE run = r.run)
		FROM vcpu_sample JOIN tick USING (tick) JOIN run r USING (run) WHERE program = 'vmb-cpu' AND delay_ns IS NOT NULL")" 1

# Negative control: the same guests without a balancer must fail the same criteria.
lab_up cpu-2
# Other work on both pCPUs makes it undecided: again, twice at most.
for _ in 1 2 3; do
	rm -f alone.db
	"$bin/vmb-collect" 0.5 -q --trace alone.db --duration 6
	"$bin/vmb-report" alone.db --criteria "$root/tests/cases/cpu-2.case" >alone.out 2>&1
	status=$?
	[ $status -eq 4 ] || break
done
tap_is "without vmb-cpu the same criteria fail" "$status" 1
[ "$status" -eq 1 ] || sed 's/^/# /' alone.out | head -n 12

# And one guest on the wrong pCPU is too much for what a busy machine is held to.
mostly cpu-2 >cpu-2.mostly
{ sed '/^\[guests\]/,$d' cpu-2.mostly; printf '[guests a]\ncount = 5\npins = 0\nload = equal\n[guests b]\ncount = 3\npins = 1\nload = equal\n'
	printf '[load equal]\nshape = constant\nlevel = 18 %%\n'; } >wrong.case
"$bin/vmb-collect" 1 -q -c 'sim:wrong.case?pcpus=2' --trace wrong.db
"$bin/vmb-report" wrong.db --criteria cpu-2.mostly >wrong.out 2>&1
tap_is "one guest on the wrong pCPU breaks even the limits for busy machines" "$? $(grep -c '^FAIL.*cpu.sd_pp' wrong.out)" "1 1"

# ---- what is put back ----

lab_up cpu-2
tap_is "the guests start on pCPU 0" "$(affinities)" "$all_on_0"
start_cpu
tap_wait '-> 1' cpu.out
out=$("$bin/vmb-cpu" 1 2>&1)
tap_like "a second vmb-cpu refuses and names the first" "$? $out" "^1 .*pid $cpu\b"
stop_cpu
tap_is "a stopped one has put every pin back" "$? $(affinities)" "0 $all_on_0"

"$bin/vmb-cpu" 0.5 --dry-run --duration 2 >dry.out 2>&1
tap_like "a dry run says the same lines" "$(<dry.out)" 'vmb-lab-[1-8] vCPU 0: pCPU 0 -> 1 .*dry run'
tap_is "and changes nothing" "$(affinities)" "$all_on_0"

start_cpu
tap_wait '-> 1' cpu.out
sleep 0.3
kill -KILL $cpu
wait $cpu 2>/dev/null
tap_is "a killed one leaves its pins" "$([ "$(affinities)" = "$all_on_0" ] && echo none || echo some)" some
"$bin/vmb-cpu" --restore >restore.out 2>&1
tap_is "--restore puts them back" "$? $(affinities)" "0 $all_on_0"
"$bin/vmb-cpu" --restore >restore.out 2>&1
tap_is "restoring twice changes nothing" "$? $(grep -c vCPU restore.out) $(affinities)" "0 0 $all_on_0"
start_cpu
tap_wait '-> 1' cpu.out
sleep 0.3
kill -KILL $cpu
wait $cpu 2>/dev/null
"$bin/vmb-cpu" 0.5 --duration 0.3 >next.out 2>&1
tap_like "the next start puts back what a killed one left" "$(<next.out)" '1 -> 0 \(as it was before\)'
tap_is "and so all are where they were" "$(affinities)" "$all_on_0"

start_cpu --keep
tap_wait '-> 1' cpu.out
stop_cpu
tap_is "--keep leaves the pins" "$([ "$(affinities)" = "$all_on_0" ] && echo none || echo some)" some
"$bin/vmb-cpu" 0.5 --keep --duration 1.2 >keep.out 2>&1
tap_is "the next start does not undo what was kept" "$? $(grep -c 'as it was before' keep.out)" "0 0"
"$bin/vmb-cpu" --restore >/dev/null 2>&1
tap_is "--restore undoes it" "$(affinities)" "$all_on_0"

# ---- whom it leaves alone ----

virsh -q -c $uri dumpxml vmb-lab-1 |
	sed "s|</vcpu>|</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/></cputune>|; /<cputune>\$/,/<\/cputune>\$/d" >own.xml
virsh -q -c $uri define own.xml >define.out 2>&1
start_cpu --exclude 'vmb-lab-[23]'
tap_wait '-> 1' cpu.out
sleep 1
tap_is "pins in a guest's own configuration are the user's" "$(affinities | grep -o '1:[0-9]*' | head -n 1)" "1:0"
tap_is "--exclude leaves guests alone" "$(affinities | grep -oE '[23]:0' | tr '\n' ' ')" "2:0 3:0 "
stop_cpu
virsh -q -c "$uri" undefine vmb-lab-1 >/dev/null 2>&1
"$bin/vmb-cpu" 0.5 --only 'vmb-lab-4' --duration 3 >only.out 2>&1
tap_is "--only touches no other guest" "$(grep -oE 'vmb-lab-[0-9]+ vCPU' only.out | sort -u)" "vmb-lab-4 vCPU"

# ---- what changes while it runs ----

"$bin/vmb-collect" 0.25 --json --trace news.db >news.json &
watch=$!
background+=("$watch")
tap_wait 'vmb-lab-6' news.json
virsh -q -c $uri suspend vmb-lab-6
tap_wait '"vmb-lab-6"[^}]*"paused"' news.json
tap_is "a guest that is paused is seen to be" "$?" 0
virsh -q -c $uri resume vmb-lab-6
seen=$(wc -l <news.json)
for _ in $(seq 50); do
	tail -n +$((seen + 1)) news.json | grep -q '"vmb-lab-6"[^}]*"running"' && break
	sleep 0.1
done
tap_like "and that it goes on" "$(tail -n 1 news.json)" '"vmb-lab-6"[^}]*"running"'
virsh -q -c $uri define own.xml >define.out 2>&1
for _ in $(seq 50); do
	[ "$(sqlite3 news.db 'SELECT max(user_pins) FROM guest_sample')" = 1 ] && break
	sleep 0.1
done
tap_is "pins that a user configures count at once" "$(sqlite3 news.db 'SELECT max(user_pins) FROM guest_sample')" 1
virsh -q -c $uri undefine vmb-lab-1 >/dev/null 2>&1
kill -TERM $watch
wait $watch

# ---- vCPUs that come while it runs, with holes in their numbers ----

virsh -q -c $uri dumpxml vmb-lab-6 | sed "s|<vcpu [^>]*>1</vcpu>|<vcpu placement='static' current='1'>4</vcpu>|" >more.xml
virsh -q -c $uri destroy vmb-lab-6 >/dev/null
virsh -q -c $uri create more.xml >more.out 2>&1 || sed 's/^/# /' more.out
start_cpu --trace more.db
tap_wait '-> 1' cpu.out
virsh -q -c $uri setvcpu vmb-lab-6 3 --enable --live >more.out 2>&1 || sed 's/^/# /' more.out
for _ in $(seq 50); do
	numbers=$(sqlite3 more.db "SELECT group_concat(DISTINCT vcpu) FROM v_vcpu_util WHERE guest = 'vmb-lab-6'")
	[ "$numbers" = 0,3 ] && break
	sleep 0.1
done
tap_is "a vCPU that is plugged in is seen, by its own number" "$numbers" 0,3
stop_cpu
tap_is "and all is put back" "$? $(virsh -q -c $uri vcpupin vmb-lab-6 --live | awk '{ print $2 }' | tr '\n' ' ')$(virsh -q -c $uri vcpupin vmb-lab-2 --live |
	awk '{ print $2 }')" "0 0 0-1 0-1 0-1 0"

# ---- guests that go while it runs ----

virsh -q -c $uri suspend vmb-lab-7
start_cpu --trace gone.db
tap_wait '-> 1' cpu.out
virsh -q -c $uri destroy vmb-lab-8 >/dev/null
sleep 1.5
tap_ok "a guest that vanishes does not end it" kill -0 $cpu
stop_cpu
tap_is "and what is there is put back" "$? $(virsh -q -c $uri vcpupin vmb-lab-2 --live | awk '{ print $2 }')" "0 0"
tap_is "a paused guest is not moved" "$(grep -c 'vmb-lab-7' cpu.out)" 0
tap_like "the trace is whole" "$(sqlite3 gone.db 'PRAGMA integrity_check; SELECT exit_reason FROM run' | tr '\n' ' ')" '^ok terminated $'
tap_done
