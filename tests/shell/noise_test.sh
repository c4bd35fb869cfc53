#!/usr/bin/env bash
# noise_test - what the rest of the host does is not held against a balancer, nor taken for balance
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR XDG_RUNTIME_DIR # a simulated host needs neither

# run_case GUESTS USUAL OTHERS [POLICY]: eight guests of GUESTS % spread over two pCPUs, and on pCPU 1 something that takes USUAL %, for
# four seconds OTHERS %; the verdicts in report.txt. Returns the report's status.
run_case() {
	cat >case.ini <<-EOF
		[case]
		name     = noise
		title    = other work for a while
		duration = 40 s
		run      = cpu
		[host]
		pcpus = 2
		[background build]
		pcpus = 1
		load  = build
		[load build]
		shape = square
		level = $2
		to    = $3
		at    = 8 s
		period = 20 s
		share = 20 %
		[guests]
		count = 8
		pins  = spread
		load  = $1
		[criterion balanced]
		metric = cpu.sd_pp
		limit  = <= 5
		from   = load + 3 ticks
		[criterion no-changes]
		metric = cpu.pin_changes
		limit  = == 0
		[criterion settles]
		metric = cpu.settle_s
		limit  = <= 3
	EOF
	rm -f run.db
	"$bin/vmb-cpu" 1 -c sim:case.ini --trace run.db --policy "${4:-none}" >cpu.out 2>&1
	COLUMNS=200 "$bin/vmb-report" run.db --criteria case.ini >report.txt 2>&1
}
verdict() { grep -A 2 -E "^(PASS|FAIL|UNDECIDED) +$1:" report.txt | tr -s ' \n' ' '; }

run_case '18 %' '0 %' '0 %'
tap_is "guests alone: all holds" "$?" 0
run_case '18 %' '0 %' '70 %'
tap_is "with much other work nothing is decided" "$?" 4
tap_like "the reason has the number and the moment" "$(verdict balanced)" \
	'^UNDECIDED .* [34] of 36 samples are out of the limit, and other work took up to 14 % of all pCPU time \(at 2[0-9]\.0 s\), 5 % may be'
tap_like "it never settles, but that may be the other work" "$(verdict settles)" '^UNDECIDED .*it is 2.\.0, and other work took up to 14 %'
tap_like "what held all the same, holds" "$(verdict no-changes)" '^PASS'
run_case '18 %' '20 %' '20 %'
tap_is "other work that is always there is the balancer's to cope with" "$? $(verdict balanced | cut -d ' ' -f 1)" "1 FAIL"
run_case '18 %' '0 %' '70 %' repack
tap_like "changes made meanwhile are not held against it" "$(verdict no-changes)" \
	'^UNDECIDED .*it is [0-9]+, and other work took up to 14 %'

run_case '60 %' '0 %' '0 %'
tap_like "where every pCPU is full, nothing is said of balance" "$? $(verdict balanced)" \
	'^4 UNDECIDED .*every pCPU was full: any placement looks balanced'
run_case '24 %' '0 %' '0 %'
tap_is "where they are almost full, there is" "$?" 0
tap_done
