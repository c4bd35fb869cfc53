#!/usr/bin/env bash
# footprint_test - the short form of tests/bench/footprint: memory and descriptors of all recorders stay what they were
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"

for p in vmb-cpu vmb-mem vmb-collect; do
	out=$("$root/tests/bench/footprint" $p 6000)
	tap_is "$p, 6000 ticks of 64 guests: at most 64 KiB more, 24 MiB in all, no descriptor more ($out)" $? 0
	tap_like "ticks were made, and memory was read (control)" "$out" '"ticks": (5999|600[01]), .*"warm_kib": [1-9][0-9]{3,}, .*"descriptors_end": [1-9]'
done
tap_done
