#!/usr/bin/env bash
# policies_test - every placement policy in simulation: it runs, it is recorded, it is safe, and the comparison tells them apart
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
cases=$root/tests/cases
unset VMB_RUN_DIR XDG_RUNTIME_DIR # a simulated host needs neither

# run POLICY CASE: a trace in run.db, vmb-cpu's lines in cpu.out
run() {
	rm -f run.db
	"$bin/vmb-cpu" 1 --policy "$1" -c "sim:$cases/$2.case" --trace run.db >cpu.out 2>&1
}

query() { sqlite3 run.db "$1"; }
pins() { query "SELECT count(*) FROM v_actions WHERE kind = 'pin'"; }

# ---- the command line ----

policies=$("$bin/vmb-cpu" --help | sed -n '/--policy=/,/--balance=/{ /--balance=/d; p }' | grep -oE '\b[a-z][a-z0-9-]*:' | tr -d : | tr '\n' ' ')
tap_is "--help lists them" "$policies" "vmb none count greedy repack swap "
"$bin/vmb-cpu" 1 --policy fastest >cpu.out 2>&1
tap_like "an unknown one is named in one line" "$? $(<cpu.out)" "^2 vmb-cpu: --policy 'fastest': [^|]*$"
rm -f run.db
"$bin/vmb-cpu" 1 -c "sim:$cases/cpu-5.case" --trace run.db >cpu.out 2>&1
tap_like "ours is the default" "$(query 'SELECT settings FROM run')" '^policy=vmb '

# ---- each of them ----

for policy in $policies; do
	run "$policy" cpu-5
	tap_is "$policy: runs to the end of a case" "$? $(query 'SELECT exit_reason FROM run')" "0 the host ended"
	tap_like "$policy: the trace names it" "$(query 'SELECT settings FROM run')" "^policy=$policy "
	tap_is "$policy: what it has pinned is put back" \
		"$(query "SELECT count(DISTINCT guest) FROM v_actions WHERE kind = 'restore' AND result = 'done'")" \
		"$(query "SELECT count(DISTINCT guest) FROM v_actions WHERE kind = 'pin'")"
	[ "$policy" = none ] || tap_ok "$policy: pins" test "$(pins)" -gt 0
	run "$policy" user-pins
	tap_is "$policy: the owners' pins stay" "$(query "SELECT count(*) FROM v_actions WHERE guest LIKE 'owned%'")" 0
	run "$policy" isolated
	tap_is "$policy: nothing is pinned to the isolated pCPU" "$(query "SELECT count(*) FROM v_actions WHERE new = '3'")" 0
done
run none cpu-2
tap_is "none: pins nothing" "$(pins)" 0
tap_like "none: says so" "$(<cpu.out)" "hold: spread .* the policy's rule has no change"

# ---- the comparison ----

mkdir tree && cp -r "$root/tests" tree/
(cd tree && bash tests/bench/compare cpu-2 cpu-5) >compare.out 2>&1
tap_is "the comparison runs" "$?" 0
csv() { awk -F, -v c="$1" -v p="$2" -v m="$3" '$1 == c && $2 == p && $4 == m { print $5 }' tree/runs/compare/compare.csv; }
# Half of the guests are heavy: equally many on each pCPU is not equally much.
tap_ok "it sees that count leaves cpu-5 worse than vmb ($(csv cpu-5 count sd) and $(csv cpu-5 vmb sd) points)" \
	awk "BEGIN { exit !($(csv cpu-5 count sd) > $(csv cpu-5 vmb sd) + 10) }"
tap_like "and not balanced" "$(grep -A 9 '^### cpu-5' compare.out)" '^\| count +\| no '
tap_like "which vmb leaves it" "$(grep -A 9 '^### cpu-5' compare.out)" '^\| vmb +\| yes '
tap_ok "it sees that greedy takes longer on cpu-2 ($(csv cpu-2 greedy sd) and $(csv cpu-2 vmb sd) points)" \
	awk "BEGIN { exit !($(csv cpu-2 greedy sd) > $(csv cpu-2 vmb sd) + 1) }"
tap_is "what it shows is what the report says" "$(csv cpu-2 none steal | cut -c 1-5)" \
	"$(run none cpu-2 && "$bin/vmb-report" run.db --json >json; sqlite3 :memory: "SELECT value ->> '\$.whole_run.mean' FROM
		json_each(readfile('json'), '\$.metrics') WHERE value ->> '\$.id' = 'cpu.steal_pct'" | cut -c 1-5)"
tap_like "where vmb is not best is marked and listed" "$(<compare.out)" '^- cpu-5: steal [0-9.]+, none [0-9.]+$'
tap_done
