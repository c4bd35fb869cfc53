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

# The balancer's terminal is what the user sees and what the log keeps; the collector's table goes to a file.
run_programs() {
	local out=$1 collector balancer status=0
	local line=("$BUILD/vmb-$CASE_RUN" "$INTERVAL" --trace "$out/run.db" --label "$CASE_NAME" --duration "$DURATION"
		"${BALANCER_OPTIONS[@]}")
	"$BUILD/vmb-collect" "$INTERVAL" --trace "$out/run.db" --label "$CASE_NAME" \
		</dev/null >"$out/collect.txt" 2>&1 9>&- &
	collector=$!
	script -qefc "$(printf '%q ' "${line[@]}")" "$out/$CASE_NAME.log" </dev/null 9>&- &
	balancer=$!
	jobs_to_end=("$balancer" "$collector")
	wait "$balancer" || status=$?
	kill "$collector" 2>/dev/null || true
	wait "$collector" || die "vmb-collect failed: $(tail -n 1 "$out/collect.txt")"
	jobs_to_end=()
	((status == 0)) || die "vmb-$CASE_RUN ended with $status; its terminal: $out/$CASE_NAME.log"
}

# What the case is about is always drawn, the rest where the run tells of it.
draw() {
	local out=$1 chart charts=(pcpu placement)
	[[ $CASE_RUN != mem ]] || charts=(memory host)
	for chart in "${charts[@]}"; do
		"$BUILD/vmb-plot" "$out/run.db" --chart "$chart" -o "$out/$chart.svg" -o "$out/$chart.png"
	done
	for chart in steal actions self; do
		"$BUILD/vmb-plot" "$out/run.db" --chart "$chart" -o "$out/$chart.svg" -o "$out/$chart.png" 2>/dev/null || true
	done
}

command_run() {
	local out=${OUT:-$ROOT/runs/$CASE_NAME-$(date +%Y%m%d-%H%M%S)} ours='' status=0 criteria=()
	programs_there
	[[ ! -e $out/run.db ]] || die "$out/run.db is there already: choose another --out"
	mkdir -p "$out"
	out=$(realpath "$out")
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
	guests_stop >"$out/guests.txt"
	! grep -q '^\[criterion' "$CASE_FILE" || criteria=(--criteria "$CASE_FILE")
	"$BUILD/vmb-report" "$out/run.db" "${criteria[@]}" | tee "$out/report.txt" || status=$?
	"$BUILD/vmb-report" "$out/run.db" "${criteria[@]}" --json >"$out/report.json" || true
	draw "$out"
	say "everything of this run: $out"
	[[ -n $ours ]] || remove_on_exit=
	return "$status"
}
