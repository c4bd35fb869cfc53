#!/usr/bin/env bash
# fuzz_test - what fuzzing begins with, and what it found, once more: each target on each file of its corpus
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
fuzz=$root/tests/fuzz

# replay TARGET FILE...
replay() {
	local target=$1
	shift
	tap_ok "$target: $# inputs" timeout 60 "$bin/tests/fuzz/$target" "$@"
}

for corpus in "$fuzz"/corpus/*/; do
	replay "$(basename "$corpus")" "$corpus"*
done
PROGRAMS=$bin "$fuzz/record_seed" "$work/seed"
replay trace "$work"/seed/*

tap_is "every target has a corpus" "$(for f in "$fuzz"/*.c; do
	name=$(basename "$f" .c)
	case $name in replay | trace) ;; *) [ -n "$(ls "$fuzz/corpus/$name")" ] || echo "$name" ;; esac
done)" ""
parts=$(sed -n 's/^set -- //p' "$fuzz/run")
tap_is "and is run" "$(for f in "$fuzz"/*.c; do
	name=$(basename "$f" .c)
	case $name in replay) ;; *) [[ " $parts" == *" $name="[0-9]* ]] || echo "$name" ;; esac
done)" ""
tap_is "in a thousand parts" "$(tr ' ' '\n' <<<"$parts" | awk -F= '{ n += $2 } END { print n }')" 1000
tap_done
