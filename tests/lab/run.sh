# run - one run of a case: balancer and collector on the guests, then the report and the charts
# shellcheck shell=bash
# Sourced by lab. Uses BUILD, the case's facts, guests_*, say, die, jobs_to_end.
# shellcheck disable=SC2034 # jobs_to_end and remove_on_exit are read by lab

# The loads run this long before the first sample, so that it shows them.
LEAD_MS=2000

programs_there() {
	local program
	for program in "vmb-$CASE_RUN" vmb-collect vmb-report vmb-plot; do
		[[ -x $BUILD/$program ]] || die "$BUILD/$program is missing: run make"
	done
}

# The balancer's terminal is what the user sees and what the log keeps; the collector's table goes to a file. Both run in the
# run's folder and by their names, so that what is recorded does not depend on where that folder lies.
run_programs() {
	local out=$1 collector balancer status=0
	local line=("vmb-$CASE_RUN" "$INTERVAL" --trace run.db --label "$CASE_NAME" --duration "$DURATION" "${BALANCER_OPTIONS[@]}")
	cd "$out" || die "$out: cannot go there"
	PATH=$BUILD:$PATH vmb-collect "$INTERVAL" --trace run.db --label "$CASE_NAME" </dev/null >collect.txt 2>&1 9>&- &
	collector=$!
	PATH=$BUILD:$PATH script -qefc "$(printf '%q ' "${line[@]}")" "$CASE_NAME.log" </dev/null 9>&- &
	balancer=$!
	jobs_to_end=("$balancer" "$collector")
	wait "$balancer" || status=$?
	kill "$collector" 2>/dev/null || true
	wait "$collector" || die "vmb-collect failed: $(tail -n 1 "$out/collect.txt")"
	jobs_to_end=()
	((status == 0)) || die "vmb-$CASE_RUN ended with $status; its terminal: $out/$CASE_NAME.log"
}

# In the run's folder. What the case is about is always drawn, the rest where the run tells of it.
draw() {
	local chart charts=(pcpu placement)
	[[ $CASE_RUN != mem ]] || charts=(memory host)
	for chart in "${charts[@]}"; do
		"$BUILD/vmb-plot" run.db --chart "$chart" -o "$chart.svg" -o "$chart.png"
	done
	for chart in steal actions self; do
		"$BUILD/vmb-plot" run.db --chart "$chart" -o "$chart.svg" -o "$chart.png" 2>/dev/null || true
	done
}

command_run() {
	local out=${OUT:-$ROOT/runs/$CASE_NAME-$(date +%Y%m%d-%H%M%S)} ours='' status=0 criteria=()
	programs_there
	! grep -q '^\[criterion' "$CASE_FILE" || "$BUILD/vmb-report" --criteria "$CASE_FILE" --check-only >/dev/null || die "nothing is booted for it"
	[[ ! -e $out/run.db ]] || die "$out/run.db is there already: choose another --out"
	mkdir -p "$out"
	out=$(realpath "$out")
	cp "$CASE_FILE" "$out/$CASE_NAME.case"
	: "${DURATION:=$CASE_DURATION}"
	remove_on_exit=1
	if ! guests_fit; then
		ours=1
		boot
	fi
	guests_pin
	guests_balloon
	guests_load "$LEAD_MS"
	say "$CASE_NAME: $CASE_TITLE ($DURATION s)"
	sleep "$((LEAD_MS / 1000))"
	run_programs "$out"
	guests_stop >guests.txt
	! grep -q '^\[criterion' "$CASE_NAME.case" || criteria=(--criteria "$CASE_NAME.case")
	"$BUILD/vmb-report" run.db "${criteria[@]}" | tee report.txt || status=$?
	"$BUILD/vmb-report" run.db "${criteria[@]}" --json >report.json || true
	draw
	say "everything of this run: $out"
	[[ -n $ours ]] || remove_on_exit=
	return "$status"
}
