# shim - for shell tests: a balancer on three guests of libvirt's test driver, faults from tests/faults, and what came of it
# shellcheck shell=bash disable=SC2034,SC2154 # some names are of tap.sh and of the caller

shopt -s nullglob
shims=$bin/tests/faults/libvirt_shim.so # loaded in front of libvirt, separated by ":"
cells_at_once=10

# run_cell PROGRAM SECONDS: with the plan in this folder
run_cell() {
	VMB_RUN_DIR=$PWD/run VMB_FAULTS=$PWD/plan VMB_FAULTS_REPORT=$PWD/report timeout -s KILL "${limit:-8}" \
		env "LD_PRELOAD=$shims" "$bin/vmb-$1" 0.05 --duration "$2" -c test:///default --trace run.db >out 2>err </dev/null
	echo $? >status
}

# look: what the trace tells, one line of numbers (0: no trace)
#   its state, ticks, the last tick's number, ticks without all rows of the other two, rows of the victim in the last tick
look() {
	[ -s run.db ] || { echo "ok 0 0 0 0"; return; }
	sqlite3 -separator ' ' run.db "
		CREATE TEMP VIEW others AS SELECT v.vcpu FROM vcpu v JOIN guest g USING (guest) WHERE g.name IN ('before', 'behind');
		SELECT (SELECT group_concat(integrity_check, ',') FROM pragma_integrity_check),
			(SELECT count(*) FROM tick), (SELECT coalesce(max(number), 0) FROM tick),
			(SELECT count(*) FROM tick t WHERE 4 !=
				(SELECT count(*) FROM vcpu_sample s WHERE s.tick = t.tick AND s.vcpu IN others)),
			(SELECT count(*) FROM vcpu_sample s JOIN vcpu v USING (vcpu) JOIN guest g USING (guest)
				WHERE g.name = 'victim' AND s.tick = (SELECT max(tick) FROM tick))" 2>&1
}

# count CALL: what the shim reports and what was said, in one line of numbers
#   CALL made and failed, connections opened, ticks tried, descriptors, pins as before, of the others', lines of the fault, of err
count() {
	awk -v call="$1" '
		FILENAME != "report" { said += /injected fault/; lines += FILENAME == "err"; next }
		$1 == "call" { if ($2 == call) { made = $3; failed = $4 } nr[$2] = $3 }
		$1 == "descriptors" { open = $2 }
		$1 == "pin" && $4 == ",0" { left++; others += $2 != "victim" }
		END { print made + 0, failed + 0, nr["virConnectOpen"], nr["virNodeGetCPUMap"], open, left + 0, others + 0, said + 0, lines + 0 }
	' report out err
}

# demand WHAT COMMAND...: adds to $wrong, which is judge's, when COMMAND does not succeed
demand() {
	local what=$1
	shift
	"$@" || wrong="$wrong${wrong:+; }$what"
}

# each_cell FILE COMMAND...: COMMAND with the words of each line of FILE, ten at once; what they print goes to FILE.results
each_cell() {
	local file=$1 n words
	shift
	for n in $(seq "$cells_at_once"); do
		awk -v n="$n" -v of="$cells_at_once" 'NR % of == n - 1' "$file" >"$file.$n"
		while read -ra words; do
			"$@" "${words[@]}"
		done <"$file.$n" >"$file.$n.out" &
	done
	wait
	cat "$file".*.out >"$file.results"
}
# shellcheck disable=SC2317 # called by the trap in tap.sh
tap_cleanup() { [ -z "$(jobs -p)" ] || jobs -p | xargs kill 2>/dev/null; }
