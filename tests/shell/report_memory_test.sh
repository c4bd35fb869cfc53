#!/usr/bin/env bash
# report_memory_test - what a report holds does not grow with its trace; what does not fit is in a file that nobody sees
#
# Usage: tests/shell/report_memory_test.sh [TICKS]      default 5000; and four times as many
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1

ticks=${1:-5000}
"$bin/tests/bench/make_trace" short.db "$ticks" moving
"$bin/tests/bench/make_trace" long.db $((4 * ticks)) moving
mkdir spool
export TMPDIR=$work/spool

# peak_kib TRACE [OPTION]...
peak_kib() {
	"$bin/tests/bench/peak" "$bin/vmb-report" "${@:2}" "$1"
}

# No more than blocks of what was all in memory before: 3.4 MiB; it were 45 if all was held.
for option in "" --json; do
	short=$(peak_kib short.db ${option:+"$option"}) long=$(peak_kib long.db ${option:+"$option"})
	tap_ok "vmb-report ${option:-as text} on 4 x the ticks: at most 6 MiB more ($short, $long KiB)" \
		[ "$long" -le $((short + 6144)) ]
	tap_ok "and memory was measured (control)" [ "$short" -ge 4096 ]
done
tap_is "nothing is left in TMPDIR" "$(ls -A spool)" ""

export TMPDIR=$work/nowhere
said=$("$bin/vmb-report" long.db 2>&1 >out)
tap_is "without a place for its file a report ends with status 3" $? 3
tap_is "it says so" "$said" "vmb-report: temporary file in $work/nowhere (TMPDIR): No such file or directory"
tap_is "and nothing else" "$(cat out)" ""
"$bin/tests/bench/make_trace" small.db 600 moving
tap_like "a report that fits into memory needs none" "$("$bin/vmb-report" small.db 2>&1)" 'small\.db: 1 of 3 criteria'
tap_done
