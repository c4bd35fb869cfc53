#!/usr/bin/env bash
# joined_test - the runs of both balancers at the same time, in one file: one report tells of both, and of each what it tells alone
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR XDG_RUNTIME_DIR # a simulated host needs neither
PATH=$bin:$PATH

cat >mixed.case <<-'END'
	[case]
	name     = mixed
	title    = all guests start on the first pCPU, and one of them fills its memory
	duration = 120 s
	run      = mem
	[host]
	pcpus = 2
	[guests]
	count       = 4
	memory      = 1024 MiB
	balloon     = 512 MiB
	memory-load = eat, none, none, none
	pins        = first
	load        = 20 %
	[memory eat]
	start = 20 s
	rate  = 18 MB/s
	until = limit
	[criterion balanced]
	metric = cpu.sd_pp
	limit  = <= run.balance_pp
	from   = load + 3 ticks
	[criterion half-of-them]
	metric = cpu.pin_changes
	limit  = == run.vcpus - run.vcpus / run.pcpus
	[criterion reserve]
	metric = mem.host_available_min
	limit  = > run.reserve_mib
	[criterion fills]
	metric = mem.peak_used
	limit  = >= 600
	guest  = *-1
END
for program in vmb-cpu vmb-mem; do
	"$program" 1 -c sim:mixed.case --trace both.db >/dev/null 2>&1
done

# json FILE EXPRESSION: of the JSON j in a file
json() { sqlite3 :memory: "SELECT $2 FROM (SELECT readfile('$1') AS j)"; }
# criteria FILE: name, outcome and value of each criterion
criteria() { sqlite3 :memory: "SELECT value ->> 'name', value ->> 'outcome', value ->> 'value' FROM json_each(readfile('$1'), '\$.criteria')"; }
# numbers FILE LIKE: the metrics whose ids match, with their numbers; without the moments, which alone have another origin
numbers() {
	sqlite3 :memory: "SELECT t.fullkey, t.atom FROM json_each(readfile('$1'), '\$.metrics') AS m, json_tree(m.value) AS t
		WHERE m.value ->> 'id' LIKE '$2' AND t.key <> 'worst_s' AND t.atom IS NOT NULL"
}
# actions FILE COLUMNS: of the actions a of both
actions() { sqlite3 :memory: "WITH a AS (SELECT key, value ->> 'at_s' AS at_s, value ->> 'kind' AS kind FROM json_each(readfile('$1'), '\$.actions')) SELECT $2 FROM a"; }
# shift SECONDS CLOCKS: a copy of both.db, shifted.db, in which the second run is so much later by its mono, wall or both clocks
shift_run() {
	local ns=$(($1 * 1000000000))
	cp both.db shifted.db
	case $2 in mono | both) sqlite3 shifted.db "
		UPDATE run SET start_mono_ns = start_mono_ns + $ns, end_mono_ns = end_mono_ns + $ns WHERE run = 2;
		UPDATE tick SET begin_ns = begin_ns + $ns WHERE run = 2;
		UPDATE action SET mono_ns = mono_ns + $ns WHERE run = 2;
		UPDATE event SET mono_ns = mono_ns + $ns WHERE run = 2" ;;
	esac
	case $2 in wall | both) sqlite3 shifted.db \
		"UPDATE run SET start_wall_ns = start_wall_ns + $ns, end_wall_ns = end_wall_ns + $ns WHERE run = 2" ;;
	esac
}

# ---- one report of both ----

vmb-report both.db --json >both.json
tap_is "both default sets hold" "$? $(json both.json "json_array_length(j, '\$.criteria')")" "0 9"
vmb-report both.db --criteria mixed.case --json >file.json
tap_is "a file with criteria of both kinds: they hold" "$? $(criteria file.json | grep -c '|PASS|')" "0 4"
vmb-report both.db --criteria mixed.case --run 2 >alone.txt
tap_is "which the run of vmb-mem alone does not: negative control" "$? $(grep -c '^FAIL .*cpu\.sd_pp' alone.txt)" "1 1"
tap_is "nor is it asked for pins, as it makes none" "$(grep -A 2 '^SKIP .*half-of-them' alone.txt | grep -c 'vmb-mem pins nothing')" 1
vmb-report both.db --criteria mixed.case --run 1 >alone.txt
tap_is "and memory is not asked of that of vmb-cpu" "$? $(grep -c '^SKIP .*mem\.' alone.txt)" "0 2"
for run in 1 2; do
	vmb-report both.db --run $run --json >alone-$run.json
	tap_is "run $run alone stands alone" "$(json alone-$run.json "j ->> '\$.beside' IS NULL")" 1
done
tap_is "verdicts are those of each run" "$(criteria both.json)" "$(criteria alone-1.json && criteria alone-2.json)"
for of in "cpu.% 1" "mem.% 2" "guest.% 2" "self.% 2"; do
	# shellcheck disable=SC2086 # two words
	set -- $of
	tap_is "numbers of $1 are those of run $2" "$(numbers both.json "$1" | sha256sum)" "$(numbers "alone-$2.json" "$1" | sha256sum)"
done
tap_is "the numbers can be told apart: negative control" "$(test "$(numbers alone-1.json cpu.%)" = "$(numbers alone-2.json cpu.%)" && echo alike)" ""
tap_is "and are some" "$(($(numbers both.json cpu.% | wc -l) > 50))" 1
tap_is "each says from which run" \
	"$(json both.json "json_extract(j, '\$.criteria[0].run', '\$.criteria[3].run', '\$.beside.program', '\$.run.program')")" '[1,2,"vmb-cpu","vmb-mem"]'
tap_is "actions of both are in one list" "$(actions both.json "count(*), sum(kind = 'pin'), sum(kind = 'balloon') > 20")" \
	"$(sqlite3 both.db "SELECT count(*), 2, 1 FROM action")"
tap_is "by time" "$(actions both.json "sum(at_s < (SELECT max(b.at_s) FROM a AS b WHERE b.key < a.key))")" 0
vmb-report both.db >both.txt
tap_is "the text names both" "$(grep -cE '^run +(1: vmb-cpu|2: vmb-mem) 1 ' both.txt) $(grep -cE '^run (1: vmb-cpu|2: vmb-mem)$' both.txt)" "2 2"
tap_is "and tells of pCPUs and memory" "$(grep -cE '^(settled|changes|memory|guests|moved) ' both.txt)" 5
tap_is "it fits 80 columns" "$(awk 'length > 80' both.txt)" ""
tap_is "no other run is left" "$(grep -c '^others' both.txt)" 0
vmb-collect 1 -q -c sim:mixed.case --trace both.db >/dev/null 2>&1
tap_like "one that only watches stays another one" "$(vmb-report both.db)" '^others +run 3: vmb-collect, 120 ticks'
tap_is "and changes nothing" "$(vmb-report both.db | grep -c '^PASS')" 10
tap_is "--run N,M chooses the two" "$(vmb-report both.db --run 2,1 --json | sed '/bytes_per_tick/,/},/d' | sha256sum)" \
	"$(vmb-report both.db --json | sed '/bytes_per_tick/,/},/d' | sha256sum)"
tap_is "also one that only watches" "$(vmb-report both.db --run 1,3 | grep -cE '^(changes +2, needed 2|memory +balloons)')" 2

# ---- the other formats ----

vmb-report both.db --junit both.xml --html both.html --tap >both.tap
tap_ok "JUnit has its shape" xmllint --noout --schema "$root/tests/shell/junit.xsd" both.xml
tap_is "a test belongs to its program" "$(grep -c 'classname="vmb-cpu"' both.xml) $(grep -c 'classname="vmb-mem"' both.xml)" "3 6"
tap_is "TAP names both runs" "$(grep -cE '^# .*run (2: vmb-mem|1: vmb-cpu)' both.tap)" 2
tap_is "the page has the charts of both" "$(grep -oE 'alt="Chart (memory|host|actions|pcpu|placement|steal|self):' both.html | sort -u | wc -l)" 7
tap_is "figures, configuration and numbers of both" \
	"$(grep -c '<dl class="figures">' both.html) $(grep -c '<h2>Configuration' both.html) $(grep -c 'scope="rowgroup"' both.html)" "2 2 4"
tap_is "pins and balloons with what they changed" \
	"$(grep -cE '<td>pin</td><td>guest-[0-9]/0</td><td class="set">0 → 1<' both.html) $(($(grep -cE '<td>balloon</td><td>guest-[0-9]</td><td class="set">[0-9]+ MiB → [0-9]+ MiB<' both.html) > 20))" "2 1"
tap_is "CSV says from which run" "$(vmb-report both.db --csv metrics | tr -d '\r' | awk -F, '/^(cpu.sd_pp|mem.calls),.*whole_run/ { print $1, $NF }' | sort -u | xargs)" \
	"cpu.sd_pp 1 mem.calls 2"
for chart in pcpu placement steal memory host actions self; do
	tap_ok "chart $chart is drawn" vmb-plot both.db --chart "$chart" -o "$chart.svg" --keep-gp
done
tap_is "actions of both in one picture" "$(grep -oE 'pins changed|memory given|memory taken' actions.svg.gp | sort -u | wc -l)" 3
vmb-plot both.db --chart pcpu --run 1 -o alone.svg --keep-gp
tap_is "pCPUs are those of vmb-cpu's run" "$(sha256sum <pcpu.svg.gp)" "$(sha256sum <alone.svg.gp)"
out=$(vmb-plot both.db --chart memory --run 1 -o alone.svg 2>&1)
tap_like "run 1 alone has no memory to draw" "$? $out" '^1 vmb-plot: run 1 does not tell the memory'
tap_ok "with run 2 it has" vmb-plot both.db --chart memory --run 1,2 -o alone.svg

# ---- the same clock ----

shift_run 7 both
vmb-report shifted.db >shifted.txt
tap_is "one that began later: times are since the first tick of both" "$(grep -oE 'the first at [0-9.]+ s' shifted.txt | xargs)" "the first at 7.0 s the first at 0.0 s"
vmb-report shifted.db --json >shifted.json
tap_is "its numbers are what they were" "$(numbers shifted.json mem.% | sha256sum)" "$(numbers both.json mem.% | sha256sum)"
tap_is "and its moments later" "$(actions shifted.json "round(max(at_s) - 7, 3)")" "$(actions both.json "round(max(at_s), 3)")"
vmb-report shifted.db --from 30 --to 60 --json >part.json
tap_is "a part of the time is that of both" "$(actions part.json "count(*) > 10, min(at_s) >= 30, max(at_s) <= 60")" "1|1|1"
tap_is "which both tell of" "$(json part.json "j ->> '\$.beside.program'")" vmb-cpu
vmb-report shifted.db --from 122 >late.txt
tap_is "where the other has no tick it is left out" "$(grep -cE '^run  +[0-9]+: ' late.txt) $(grep -c '^others  *run 1: vmb-cpu' late.txt)" "1 1"

# ---- controls: what does not belong together ----

# seconds, clocks, is one report of both, what
while read -r seconds clocks wanted what; do
	shift_run "$seconds" "$clocks"
	vmb-report shifted.db --json >shifted.json
	tap_is "$what" "$(json shifted.json "j ->> '\$.beside' IS NOT NULL")" "$wanted"
done <<-'END'
	59 both 1 for half of the time
	62 both 0 for less
	3600 both 0 one after the other
	86400 wall 0 a day later, after another boot
	1 wall 1 a clock that was set meanwhile
END
shift_run 3600 both
vmb-report shifted.db >apart.txt
tap_like "one after the other: the other is named" "$(<apart.txt)" '^others +run 1: vmb-cpu, 120 ticks'
tap_is "and not judged" "$(grep -cE ': cpu\.' apart.txt)" 0
out=$(vmb-report shifted.db --run 2,1 2>&1)
tap_like "nor joined when that is asked for" "$? $out" '^2 .*run 2 and run 1 were not on the same host at the same time$'
cp both.db other.db
sqlite3 other.db "UPDATE run SET host = 'elsewhere' WHERE run = 1"
tap_like "runs of two hosts are not joined" "$(vmb-report other.db)" '^others +run 1: vmb-cpu'
cp both.db killed.db
sqlite3 killed.db "UPDATE run SET end_mono_ns = NULL, end_wall_ns = NULL, exit_reason = NULL"
tap_is "runs that were killed are" "$(vmb-report killed.db | grep -cE '^run  +[12]: ')" 2
tap_like "a run beside itself is refused" "$(vmb-report both.db --run 1,1 2>&1)" 'run 1 and run 1 are both of vmb-cpu$'
tap_like "one that is not there is named" "$(vmb-report both.db --run 1,7 2>&1)" 'run 7: the trace has runs 1 to 3$'
tap_like "a comparison takes one run each" "$(vmb-report both.db both.db --run 1,2 2>&1)" 'a comparison takes one run of each trace'
tap_like "that of the balancer, alone" "$(vmb-report both.db both.db#1)" '^A +1 run: both.db run 2 \(vmb-mem\)'
tap_done
