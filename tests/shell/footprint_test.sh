#!/usr/bin/env bash
# footprint_test - the short form of tests/bench/footprint: memory and descriptors of all recorders stay what they were
#
# Usage: tests/shell/footprint_test.sh [TICKS]      default 6000
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"

ticks=${1:-6000}
for p in vmb-cpu vmb-mem vmb-collect; do
	out=$("$root/tests/bench/footprint" $p "$ticks")
	tap_is "$p, $ticks ticks of 64 guests: at most 64 KiB more, 24 MiB in all, no descriptor more ($out)" $? 0
	grown=$(grep -oE '"growth_kib": [-0-9]+' <<<"$out" | cut -d' ' -f2)
	made=$(sed -nE 's/.*"ticks": ([0-9]+).*/\1/p' <<<"$out")
	echo "# fault: long run, ticks; injected $ticks; survived $((${made:-0} < ticks ? ${made:-0} : ticks)); lost $((${grown:-0} > 64 ? grown : 0)) KiB of memory beyond 64"
	tap_like "ticks were made, and memory was read (control)" "$out" '"ticks": [1-9][0-9]{3,}, .*"warm_kib": [1-9][0-9]{3,}, .*"descriptors_end": [1-9]'
done
tap_done
