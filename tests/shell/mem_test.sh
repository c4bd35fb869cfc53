#!/usr/bin/env bash
# mem_test - vmb-mem on simulated hosts: the cases of memory at several intervals, its options, and what it refuses
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
cases=$root/tests/cases
unset VMB_RUN_DIR XDG_RUNTIME_DIR # a simulated host needs neither

# run CASE QUERY INTERVAL [OPTION]...: a trace in run.db, vmb-mem's lines in mem.out, its exit status in $status
run() {
	local case=$1 query=$2 interval=$3
	shift 3
	rm -f run.db
	"$bin/vmb-mem" "$interval" -c "sim:$cases/$case.case?$query" --trace run.db "$@" >mem.out 2>&1
	status=$?
}

query() { sqlite3 run.db "$1"; }

balloon="kind = (SELECT code FROM code WHERE kind = 'action' AND name = 'balloon')"

# holds NAME [LEAST]: what every run must hold: LEAST MiB unused (default 100) below the maximum, no balloon below 200 MiB,
# no cut of 100 MiB or more, none of 20 last ticks with an order, nobody lost. One test, with what does not hold below it.
holds() {
	local bad
	bad=$(query "SELECT guest || ': ' || min(unused_mib) || ' MiB unused of ' || actual_mib FROM v_memory
			WHERE actual_mib < maximum_mib AND unused_mib < ${2:-100} GROUP BY guest
		UNION ALL SELECT guest || ': balloon ' || min(actual_mib) || ' MiB' FROM v_memory WHERE actual_mib < 200 GROUP BY guest
		UNION ALL SELECT 'a cut of ' || (old - new) / 1024 || ' MiB' FROM action WHERE $balloon AND old - new >= 100 * 1024
		UNION ALL SELECT n || ' orders in the last 20 ticks' FROM (SELECT count(*) n FROM action
			WHERE $balloon AND tick > (SELECT max(tick) FROM tick) - 20) WHERE n > 0
		UNION ALL SELECT 'a guest was lost or reset' FROM (SELECT max(reboots) r, sum(tick = (SELECT max(tick) FROM tick)) n
			FROM guest_sample) WHERE r > 0 OR n < 4
		UNION ALL SELECT 'host: ' || a / 1024 || ' MiB available' FROM
			(SELECT min(available_kib) a, max(total_kib) t FROM host_sample) WHERE a < max(200 * 1024, t / 20)
		UNION ALL SELECT 'no orders at all' WHERE NOT EXISTS (SELECT 1 FROM action WHERE $balloon)" 2>&1) ||
		bad="$bad (status $?)"
	[ "$status" -eq 0 ] && [ -z "$bad" ]
	tap_result $? "$1"
	[ -z "$bad" ] || printf '# %s\n' "${bad//$'\n'/$'\n'# }"
}

# most GUEST: the largest balloon it had, in MiB; all FUNCTION: of the balloons of each
most() { query "SELECT max(actual_mib) FROM v_memory WHERE guest = '$1'"; }
all() { query "SELECT group_concat(m, ' ') FROM (SELECT $1(actual_mib) m FROM v_memory GROUP BY guest)"; }

# ---- the cases ----

for interval in 0.5 1 2; do
	for name in mem-1 mem-2 mem-3 mem-4; do
		run $name '' $interval
		holds "$name every $interval s"
		case $name in
		mem-1) tap_is "mem-1: guest 1 reaches its maximum" "$(most guest-1)" 2048 ;;
		mem-2) tap_is "mem-2: all reach their maximum" "$(all max)" "2048 2048 2048 2048" ;;
		mem-3) tap_is "mem-3: guests 3 and 4 reach their maximum" "$(most guest-3) $(most guest-4)" "2048 2048" ;;
		mem-4) tap_is "mem-4: guest 2 reaches its maximum" "$(most guest-2)" 2048 ;;
		esac
		tap_ok "$name: all are back at 512 MiB or less" test "$(query "SELECT max(actual_mib) FROM v_memory
			WHERE tick = (SELECT max(tick) FROM tick)")" -le 512
	done
done
run mem-1 '' 2
tap_ok "mem-1: back at 512 MiB within 100 samples of the release" test "$(query "
	SELECT count(*) FROM v_memory WHERE guest = 'guest-1' AND actual_mib > 512
	AND tick > (SELECT max(tick) FROM v_memory WHERE guest = 'guest-1' AND used_mib > 1500)")" -le 100

# Nobody can have 100 MiB left when the pool is used up; the workload stops at 64.
run mem-2 '' 2 --pool 5G
holds "mem-2 with a pool of 5 GiB" 60
tap_ok "mem-2 with a pool: balloons are within 10 % of each other" test "$(query "SELECT max(m) <= 1.1 * min(m) AND min(m) > 1200
	FROM (SELECT max(actual_mib) m FROM v_memory GROUP BY guest)")" -eq 1
tap_ok "mem-2 with a pool: it is never exceeded" test "$(query "SELECT max(s) FROM
	(SELECT sum(actual_kib) s FROM guest_sample GROUP BY tick)")" -le 5242880
tap_like "mem-2 with a pool: it says that there is no more" "$(<mem.out)" '^[0-9:]+  hold: 4 guests need [0-9]+ MiB more, the pool has'

for pool in none 3600M; do
	option=() memory=
	[ $pool = none ] || option=(--pool "$pool") memory='memory=16GiB'
	run mem-shares "$memory" 1 --share 'gold-*=2000' "${option[@]}"
	tap_ok "mem-shares, pool $pool: balloons are within 10 % of 2 to 1 ($(all max))" test "$(query "SELECT
		min(m) FILTER (WHERE g LIKE 'gold-%') >= 1.8 * max(m) FILTER (WHERE g LIKE 'silver-%') AND
		max(m) FILTER (WHERE g LIKE 'gold-%') <= 2.2 * min(m) FILTER (WHERE g LIKE 'silver-%')
		FROM (SELECT guest g, max(actual_mib) m FROM v_memory GROUP BY guest)")" -eq 1
	tap_like "mem-shares, pool $pool: who waits is told" "$(<mem.out)" 'need [0-9]+ MiB more, which is kept for others that fill'
	run mem-shares "$memory" 1 "${option[@]}"
	tap_ok "mem-shares without shares, pool $pool: within 10 % of each other ($(all max))" test "$(query "SELECT max(m) <= 1.1 * min(m)
		FROM (SELECT max(actual_mib) m FROM v_memory GROUP BY guest)")" -eq 1
done

# ---- negative controls ----

run mem-1 '' 1 --dry-run
tap_is "a dry run changes nothing" "$(all max)" "512 512 512 512"
tap_is "but says what it would do" "$(grep -c 'statistics every 0 -> 1 s (.*): dry run$' mem.out)" 4
tap_is "and what it cannot" "$(grep -c "a dry run asks for no reports: what a guest without any would be given is not known" mem.out)" 1
touch stop-here
# Many guests need longer than half of a short interval; a few readings without them are no matter.
late='do not come in time, which is half of an interval'
for part in 20 100; do
	sed "s/^\[host\]/&\nlate = $part %/" "$cases/mem-1.case" >readings.case
	rm -f late.db
	"$bin/vmb-mem" 1 -c sim:readings.case --trace late.db --duration 60 >mem.out 2>&1
	tap_is "of $part % of the readings without statistics as much is said" \
		"$(grep -c "$late" mem.out) $(sqlite3 late.db "SELECT count(*) FROM event WHERE text LIKE '%$late%'")" "$((part / 100)) $((part / 100))"
done

# What cannot be asked of a guest that is there is refused at the start; of one that comes later it is said, and it is left alone.
printf '%s\n' '[case]' 'name = late' 'title = one comes later' 'duration = 60 s' 'run = mem' '[host]' 'pcpus = 2' '[guests a]' 'count = 1' \
	'memory = 2048 MiB' 'balloon = 512 MiB' 'pins = float' 'load = 1 %' '[guests db]' 'count = 1' 'memory = 1024 MiB' 'balloon = 400 MiB' 'pins = float' 'load = 1 %' \
	'start = 10 s' >late.case
printf '%s\n' '[guest db-1]' 'max = 300M' '[guest d*]' 'min = 600M' >late.ini
"$bin/vmb-mem" 1 -c sim:late.case --config late.ini --trace late.db >mem.out 2>&1
tap_like "bounds that exclude each other are told of a guest that comes later" "$(<mem.out)" \
	' db-1: its bounds are what cannot be: minimum 600 MiB is above its maximum 300 MiB: left alone'
tap_is "and it is left alone" "$(sqlite3 late.db "SELECT count(*) FROM v_actions WHERE guest = 'db-1' AND kind LIKE 'balloon%'")" 0

# At 7 s balloons are told to shrink that have not begun to: nobody would call that off any more.
sed 's/^memory-load *=.*//; s/^kind .*/&\nmemory-load = none/; s/^count .*/count = 8/' "$cases/mem-sticky.case" >sticky.case
"$bin/vmb-mem" 1 -c sim:sticky.case --duration 7 --trace sticky.db >mem.out 2>&1
tap_is "at the end no balloon is still to become smaller than it was" "$? $(sqlite3 sticky.db "SELECT count(*), count(DISTINCT new) > 0
	FROM (SELECT new, max(rowid) FROM action JOIN code c ON c.kind = 'action' AND c.code = action.kind
		WHERE c.name LIKE 'balloon%' GROUP BY guest) WHERE new < 512 * 1024")" "0 0|0"
tap_like "which is told" "$(<mem.out)" '512 -> 512 MiB .the last take is called off'

run mem-1 '' 1 --kill-switch stop-here --duration 60 --trace run.db
tap_is "while the kill switch is there nothing is changed" "$(query 'SELECT count(*) FROM action')" 0
tap_like "and it says so" "$(<mem.out)" 'hold: stop-here exists: nothing is changed'
ln -s circle circle # also root cannot look through it
run mem-1 '' 1 --kill-switch circle/stop --duration 60
tap_is "nor while nobody can look whether it is there" "$status $(query 'SELECT count(*) FROM action')" "0 0"
tap_is "which is said with the reason, once" "$(grep -c 'hold: circle/stop: Too many levels of symbolic links: nothing is changed' mem.out)" 1
for gone in nowhere/stop run.db/stop; do
	run mem-1 '' 1 --kill-switch $gone --duration 60
	tap_ok "one that cannot be there is not: $gone" test "$(query 'SELECT count(*) FROM action')" -gt 0
done
run mem-1 '' 1 --exclude '*'
tap_is "guests that are excluded are left alone" "$(query 'SELECT count(*) FROM action')" 0
run mem-1 '' 1 --only guest-2 --duration 60
tap_is "--only chooses" "$(query "SELECT DISTINCT guest FROM v_actions")" guest-2

# A report that makes no sense is no reason for anything; between lies a liar is served as everybody.
stale="state = (SELECT code FROM code WHERE kind = 'memory_state' AND name = 'STALE')"
orders_to_liars="SELECT count(*) FROM action JOIN guest_plan USING (tick, guest) JOIN guest USING (guest) WHERE $balloon AND name LIKE 'liar-%'"
run mem-liar '' 1
tap_is "a liar is neither taken from nor given to while its reports make no sense" "$(query "$orders_to_liars AND $stale")" 0
tap_ok "which they did for most of the time" test "$(query "SELECT 100 * sum($stale) / count(*) FROM guest_plan JOIN guest USING (guest)
	WHERE name LIKE 'liar-%'")" -ge 70
tap_ok "and it is not forgotten: when they do, it is taken from" test "$(query "$orders_to_liars")" -gt 0

# ---- the end ----

run mem-1 '' 1 --duration 40
tap_is "what was taken is given back at the end" "$(query "SELECT group_concat(new, ' ') FROM v_actions WHERE kind = 'balloon restore'" | sed 's/ MiB//g')" \
	"$(query "SELECT group_concat(512, ' ') FROM v_actions WHERE kind = 'balloon restore'")"
tap_ok "by orders that give only" test "$(query "SELECT count(*), sum(new < old) FROM action WHERE kind =
	(SELECT code FROM code WHERE kind = 'action' AND name = 'balloon restore')")" != "0|"
tap_is "and how often guests report" "$(query "SELECT count(*) FROM v_actions WHERE kind = 'period' AND new = '0 s'")" 4
run mem-1 '' 1 --duration 40 --keep
tap_is "--keep leaves the balloons" "$(query "SELECT count(*) FROM v_actions WHERE kind = 'balloon restore'")" 0

# Someone sets it to 700 MiB, then its owner starts it anew with 512.
cases=$work
printf '%s\n' '[case]' 'name = anew' 'title = t' 'duration = 250 s' 'run = mem' '[host]' 'pcpus = 2' '[guests anew]' 'count = 1' 'memory = 2 GiB' \
	'balloon = 512 MiB' 'pins = float' 'load = 1 %' 'foreign = 700 MiB at 40 s' 'stay = 120 s' 'away = 20 s' >anew.case
run anew '' 1
tap_is "a guest that was started anew gets back what it started with" \
	"$(query "SELECT old || ' ' || new FROM v_actions WHERE kind = 'balloon restore'" | sed 's/^[0-9]* MiB //')" "512 MiB"
# An owner's order of the last moment, seen half way, in the last interval, or of a guest that is none of ours.
printf '%s\n' '[case]' 'name = owner' 'title = t' 'duration = 60 s' 'run = mem' '[host]' 'pcpus = 2' 'memory = 8 GiB' '[guests]' 'count = 2' 'memory = 2 GiB' \
	'balloon = 1024 MiB' 'pins = float' 'load = 1 %' 'foreign = 300 MiB at 58.2 s' >owner.case
run owner '' 2
tap_is "what its owner sets in the last moment is not put back" "$status $(query "SELECT count(*) FROM v_actions WHERE kind = 'balloon restore'")" "0 0"
sed -i 's/300 MiB at/2 GiB at/' owner.case
run owner '' 2
tap_is "nor is all that there is taken back" "$status $(query "SELECT count(*) FROM v_actions WHERE kind = 'balloon restore' AND new < old")" "0 0"
run owner '' 2 --exclude 'guest-*'
tap_is "nor is a guest touched that is excluded" "$status $(query "SELECT count(*) FROM v_actions")" "0 0"
sed -i 's/58.2 s/57 s/' owner.case
run owner '' 2 --exclude 'guest-*'
tap_is "nor one whose balloon is on its way" "$status $(query "SELECT count(*) FROM v_actions")" "0 0"
cases=$root/tests/cases

run mem-swap '' 1
tap_is "a host that had become small and has room again gets all back" "$status $(query "SELECT count(DISTINCT guest) FROM v_actions WHERE kind = 'balloon restore'")" "0 2"
run mem-swap duration=180s 1
tap_is "one that is still small is not given what it does not have" "$status $(query "SELECT count(*) FROM v_actions WHERE kind = 'balloon restore'")" "1 0"
tap_like "and the last line says what is owed" "$(grep '^vmb-mem:' mem.out)" '^vmb-mem: the host has no room to give back [0-9]+ MiB; vmb-mem --restore tries again$'
run mem-1 '' 1 --pool 1600M --duration 60
tap_like "nor what the pool does not have" "$status $(grep '^vmb-mem:' mem.out)" '^1 vmb-mem: the pool has no room to give back [0-9]+ MiB; vmb-mem --restore tries again$'
tap_is "who gets a part is told so" "$(grep -c 'MiB (as far as there is room)' mem.out)" \
	"$(query "SELECT count(*) FROM v_actions WHERE kind = 'balloon restore'")"
# Balloons that rest, and room for a part of what they had: there are three rounds.
cases=$work
printf '%s\n' '[case]' 'name = rounds' 'title = t' 'duration = 2 min' 'run = mem' '[host]' 'pcpus = 4' 'memory = 8 GiB' '[guests]' 'count = 4' 'memory = 2 GiB' \
	'kind = sticky' 'pins = float' 'load = 5 %' >rounds.case
run rounds '' 1
tap_is "what is on its way is not ordered again in the next round" "$status $(query "SELECT count(*) || ' ' || count(DISTINCT guest) FROM v_actions WHERE kind = 'balloon restore'")" "1 2 2"
tap_is "nor is more than there was room for" "$(query "SELECT sum(new - old) <= (SELECT spare_kib FROM host_plan ORDER BY tick DESC LIMIT 1) + 1024
	FROM action WHERE kind = (SELECT code FROM code WHERE kind = 'action' AND name = 'balloon restore')")" 1
cases=$root/tests/cases

# No room for a line of the journal once the first guest stands there: the second comes, needs memory and cannot be noted.
printf '%s\n' '[case]' 'name = full' 'title = t' 'duration = 110 s' 'run = mem' '[host]' 'pcpus = 2' '[guests filling]' 'count = 1' 'memory = 2 GiB' 'balloon = 512 MiB' \
	'pins = float' 'load = 1 %' 'memory-load = fill' '[guests late]' 'count = 1' 'memory = 1 GiB' 'balloon = 200 MiB' 'start = 10 s' 'pins = float' 'load = 1 %' \
	'[memory fill]' 'start = 60 s' 'rate = 18 MB/s' 'until = limit' >full.case
for limit in unlimited 220 0; do
	prlimit --fsize=$limit "$bin/vmb-mem" 1 -c sim:full.case 2>&1 | cat >full-$limit.out
done
gives() { grep -E '^[0-9:]+  [a-z]+-1: ([0-9]+) -> ([0-9]+) MiB .*left' "$1" | awk '$5 > $3' | sed 's/^[0-9:]* *//'; }
tap_ok "a disk without room for the journal is told" test "$(grep -c 'File too large' full-220.out)" -ge 1
tap_is "and gives nobody less: $(gives full-unlimited.out | wc -l) orders" "$(gives full-220.out)" "$(gives full-unlimited.out)"
# No room for any: who could not be asked to report could not be given anything.
most() { gives "$1" | sed -E 's/.* -> ([0-9]+) MiB .*/\1/' | sort -n | tail -n 1; }
tap_is "nor one without room for a single line" "$(most full-0.out)" "$(most full-unlimited.out)"
tap_is "and of whom it cannot be undone it says so" "$(grep -c 'could not be noted; without room until the end it goes on to report every 1 s' full-0.out)" 2

# ---- policies to compare with ----

policies=$("$bin/vmb-mem" --help | sed -n '/--policy=/,/--reclaim=/{ /--reclaim=/d; p }' | grep -oE '\b[a-z][a-z0-9-]*:' | tr -d : | tr '\n' ' ')
tap_is "--help lists the policies" "$policies" "vmb none step mom proxmox squeezed "
for policy in $policies; do
	run mem-1 '' 1 --policy "$policy"
	tap_is "$policy: runs to the end of a case" "$status $(query 'SELECT exit_reason FROM run')" "0 the host ended"
	tap_like "$policy: the trace names it" "$(query 'SELECT settings FROM run')" "^policy=$policy "
	tap_is "$policy: whether it is said to be unsafe" "$(grep -c "EXPERIMENTAL policy $policy, guests are not safe" mem.out)" \
		"$([ "$policy" = vmb ]; echo $?)"
	[ "$policy" = none ] || tap_ok "$policy: sets balloons" test "$(query "SELECT count(*) FROM action WHERE $balloon")" -gt 0
done
run mem-1 '' 1
tap_like "ours is the default: another must be asked for" "$(query 'SELECT settings FROM run')" '^policy=vmb '
run mem-minimum '' 1 --policy mom
tap_like "the comparison has something to tell: mom gives what a host does not have" "$status $(<mem.out)" 'the simulated host is out of memory'
mkdir tree && cp -r "$root/tests" tree/
(cd tree && bash tests/bench/compare_memory mem-1 mem-minimum) >compare.out 2>&1
tap_is "the comparison runs" "$?" 0
tap_like "and sees that" "$(<compare.out)" '^\| +\| mom +\| the host failed \| 4 '
tap_like "where vmb holds" "$(<compare.out)" '^\| mem-minimum +\| vmb +\| yes +\| 0 '
tap_like "and that a fixed step feeds nobody: mem-1 is not served" "$(grep -A 3 '^| mem-1 ' compare.out)" '\| step +\| no '

# ---- options ----

# refuses NAME PATTERN OPTION...: exit status 2 and one line that matches
refuses() {
	local name=$1 pattern=$2 out
	shift 2
	out=$("$bin/vmb-mem" 1 -c "sim:$cases/mem-1.case" --trace never.db "$@" 2>&1)
	status=$?
	[ $status -eq 2 ] && [ "$(wc -l <<<"$out")" -eq 1 ] && grep -qE -- "$pattern" <<<"$out" && [ ! -e never.db ]
	tap_result $? "$name"
	[ $status -eq 2 ] && grep -qE -- "$pattern" <<<"$out" || printf '# status %s: %s\n' $status "$out"
}
for option in guest-reserve guest-min guest-max host-reserve pool; do
	for bad in 512 much -1M 101% '' 5x; do
		refuses "--$option '$bad' is named" "--$option '$bad'" --$option="$bad"
	done
done
for bad in guest-1 guest-1=0 guest-1=-3 guest-1=x guest-1=1.5 =5 guest-1=; do
	refuses "--share '$bad' is named" "--share" --share="$bad"
done
refuses "--reclaim is one of two" "--reclaim 'all': must be idle or pressure" --reclaim all
refuses "an unknown policy" "--policy 'fastest': no such policy" --policy fastest
refuses "--need is one of two" "--need 'free': must be usable or unused" --need free
refuses "a kill switch that can never be there" "--kill-switch '': the value is empty" --kill-switch ''
refuses "one whose path there is no room for" "--kill-switch '/x+.*: the path is longer than 511 bytes" --kill-switch "/$(printf 'x%.0s' {1..511})"
refuses "a minimum above the maximum" 'guest-min is above --guest-max' --guest-min 2G --guest-max 1G
refuses "a minimum above what guests boot with" 'guest-1: minimum 3 GiB' --guest-min 3G
refuses "a reserve that leaves nothing" 'guest-1: reserve 2 GiB' --guest-reserve 2G
refuses "a host reserve above its memory" 'host reserve 1 TiB|host reserve 1024 GiB' --host-reserve 1T
refuses "a pool below the sum of all minimums" 'pool 700 MiB is less than .* 800 MiB' --pool 700M
for nothing in 1e-9% 0.000001%; do
	refuses "a pool of $nothing, which is nothing" "^vmb-mem: pool of 1e-0[69] % is nothing of the host's" --pool $nothing
done
refuses "also where there is no guest to have a minimum" "is nothing of the host" --pool 1e-9% --exclude '*'
refuses "a pool of nothing" "--pool '0': must be above 0" --pool 0
printf '[host]\npool = 0M\n' >none.ini
refuses "in the file too" "\[host\] pool '0': must be above 0" --config none.ini
refuses "a file that is not there" 'nowhere.ini: No such file' --config nowhere.ini
refuses "a configuration that could not be read again" '/dev/null: not a regular file' --config /dev/null
printf '[guest guest-1]\nmin = 300M\n\nshare = none\n' >bounds.ini
refuses "a mistake in the file is named by its line" "bounds.ini:4: \[guest guest-1\] share 'none'" --config bounds.ini
printf '[guest guest-1]\nmin = 400M\n[guest guest-9]\nshare = 7\n[host]\npool = 4G\n' >bounds.ini
run mem-1 '' 1 --config bounds.ini --exclude guest-2
tap_is "the file's minimum holds" "$(query "SELECT min(actual_mib) FROM v_memory WHERE guest = 'guest-1'")" 400
tap_like "a guest of the file that is not there is told" "$(<mem.out)" 'bounds.ini:3: \[guest guest-9\]: there is no such guest'
run mem-1 '' 1 --share guest-8=500
tap_like "and one that an option names" "$(<mem.out)" '--share guest-8: there is no such guest'
run mem-1 '' 1 --config bounds.ini --exclude guest-2
tap_is "the pool of the file is in the trace" "$(query 'SELECT DISTINCT pool_kib FROM host_plan')" 4194304
tap_like "the settings are recorded" "$(query 'SELECT settings FROM run')" 'host-reserve=.* pool=4%20GiB reclaim=pressure need=usable .*exclude=guest-2'
for ((i = 1; i <= 120; i++)); do
	printf '[guest a-long-name-of-a-guest-of-the-department-of-accounting-%03d*]\nshare = %d\n' $i $((1000 + i))
done >many.ini
printf '[guest guest-1]\nshare = 77\n' >>many.ini
run mem-1 '' 1 --config many.ini --duration 20
tap_is "a hundred weights are recorded" "$status $(query "SELECT settings LIKE '%accounting-120*=1120 share=guest-1=77' FROM run")" "0 1"
tap_is "and read" "$("$bin/vmb-report" run.db --json | jq -r .run.settings | grep -o 'share=' | wc -l)" 121
name=$(printf '%%%.0s' {1..250}) # each takes three bytes there
for ((i = 1; i <= 120; i++)); do printf '[guest %s%d]\nshare = 9\n' "$name" $i; done >huge.ini
refuses "more than a trace has room for" '--trace: the shares .* are too long to be recorded' --config huge.ini
"$bin/vmb-mem" 1 -c "sim:$cases/mem-1.case" --config huge.ini --duration 5 >mem.out 2>&1
tap_is "is no matter without one" "$?" 0

# ---- what guests' metadata ask ----

cases=$work
sed "s/^\[guests gold\]/&\nbounds = share=2000/" "$root/tests/cases/mem-shares.case" >asked.case
run asked '' 1
tap_ok "a share in the metadata counts as one of --share ($(all max))" test "$(query "SELECT
	min(m) FILTER (WHERE g LIKE 'gold-%') >= 1.8 * max(m) FILTER (WHERE g LIKE 'silver-%')
	FROM (SELECT guest g, max(actual_mib) m FROM v_memory GROUP BY guest)")" -eq 1
tap_is "and is known to who reads the trace" "$(query "SELECT group_concat(text, ', ') FROM (SELECT text FROM event WHERE kind = 'share' ORDER BY 1)")" \
	"2000 gold-1, 2000 gold-2"
tap_ok "so that balloons are held against it ($("$bin/vmb-report" run.db --json | jq -c '[.metrics[] | select(.id == "mem.share_spread") | .whole_run.mean]'))" \
	test "$("$bin/vmb-report" run.db --json | jq '[.metrics[] | select(.id == "mem.share_spread") | .whole_run.mean < 15] | all')" = true
run asked '' 0.2 --trace part.db --trace-limit 512K
tap_ok "also in a further file" test "$("$bin/vmb-report" part-2.db --json | jq '[.metrics[] | select(.id == "mem.share_spread") | .whole_run.mean < 15] | all')" = true
run asked '' 1 --share '*=1000'
tap_ok "and --share wins ($(all max))" test "$(query "SELECT max(m) <= 1.1 * min(m)
	FROM (SELECT max(actual_mib) m FROM v_memory GROUP BY guest)")" -eq 1
for bounds in min=400M min=12Q 'min=2G max=1G' min=3G reserve=2G 'colour=red'; do
	printf '%s\n' '[case]' 'name = asked' 'title = metadata' 'duration = 60 s' 'run = mem' '[host]' 'pcpus = 2' \
		'[guests own]' 'count = 1' 'memory = 2 GiB' 'balloon = 512 MiB' 'pins = float' 'load = 1 %' "bounds = $bounds" \
		'[guests other]' 'count = 1' 'memory = 2 GiB' 'balloon = 512 MiB' 'pins = float' 'load = 1 %' >asked.case
	run asked '' 1
	if [ "$bounds" = min=400M ]; then
		tap_is "a minimum in the metadata holds, for that guest alone" "$status $(all min)" "0 $(query "SELECT min(actual_mib)
			FROM v_memory WHERE guest = 'other-1'") 400"
		tap_ok "which had to" test "$(query "SELECT min(actual_mib) FROM v_memory WHERE guest = 'other-1'")" -lt 400
		continue
	fi
	tap_is "metadata that ask for '$bounds' are named, once, and the guest is left alone" \
		"$(grep -c 'own-1: its metadata ask what cannot be: .*: left alone' mem.out) $(query "SELECT count(*) FROM action JOIN guest USING (guest)
			WHERE name = 'own-1'")" "1 0"
	tap_ok "and the others go on" test "$(query "SELECT min(actual_mib) FROM v_memory WHERE guest = 'other-1'")" -lt 400
done
printf '[guest own-1]\nmax = 300M\nshare = 9\n' >bounds.ini
sed -i 's/^bounds = .*/bounds = min=400M/' asked.case
run asked '' 1 --config bounds.ini
tap_like "bounds of the file and of the metadata that exclude each other: the same" "$(<mem.out)" \
	'own-1: its metadata ask what cannot be: minimum 400 MiB is above its maximum 300 MiB: left alone'
sed -i 's/^bounds = .*/bounds = min=1900M/' asked.case
run asked '' 1 --pool 1G --keep
tap_is "an owner who asks for more than the pool does not keep vmb-mem from starting, nor gets it" \
	"$status $(query 'SELECT max(s) <= 1048576 FROM (SELECT sum(actual_kib) s FROM guest_sample GROUP BY tick)')" "0 1"
cases=$root/tests/cases

# ---- a host of its own for each kind of balancer ----

export VMB_RUN_DIR=$work/run
"$bin/vmb-mem" 0.2 -c test:///default >first.out 2>&1 &
first=$!
tap_wait every first.out
tap_like "a second vmb-mem names the first" "$("$bin/vmb-mem" 1 -c test:///default 2>&1)" "pid $first\b"
tap_ok "a vmb-cpu may run beside it" "$bin/vmb-cpu" 0.1 -c test:///default --duration 0.2
kill -TERM $first
wait $first
tap_is "SIGTERM ends it in order" "$?" 0
tap_done
