#!/usr/bin/env bash
# footprint_test - the short form of tests/bench/footprint: memory and descriptors of vmb-cpu stay what they were
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"

out=$("$root/tests/bench/footprint" 5000)
status=$?
tap_is "5000 ticks of 64 guests: at most 64 KiB more, 24 MiB in all, no descriptor more ($out)" $status 0
tap_like "ticks were made, and memory was read (control)" "$out" '"ticks": 5000, "warm_kib": [1-9][0-9]{3,}, .*"descriptors_end": [1-9]'
tap_done
