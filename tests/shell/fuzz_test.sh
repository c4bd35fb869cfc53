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
# What runs them, with targets that are not what they should be.
mkdir -p "$work/stub/tests/fuzz"
# stub COMMAND: what is said of targets that do only that; $kept is what an input's name begins with
stub() {
	for target in $(tr ' ' '\n' <<<"$parts" | sed 's/=.*//'); do
		cat >"$work/stub/tests/fuzz/$target" <<-END
			#!/bin/sh
			for a; do case \$a in -artifact_prefix=*) kept=\${a#*=} ;; esac; done
			$1
			exit 1
		END
		chmod +x "$work/stub/tests/fuzz/$target"
	done
	PROGRAMS=$bin "$fuzz/run" "$work/stub" 1000
}
tap_is "what ended without an input fails, and is no fault that was injected" "$(stub : | cut -d' ' -f 1,2 | sort | uniq -c | tr -s ' ')" \
	$' 1 1..9\n 9 not ok'
tap_is "an input that was found is counted" "$(stub "echo >\"\${kept}crash-1\"" | grep -c 'injected 1; survived 0; lost 1 findings')" 9
for wrong in "" "nowhere 10" "$work/stub ten" "$work/stub 0"; do
	# shellcheck disable=SC2086 # words
	tap_like "run $wrong: one line" "$("$fuzz/run" $wrong 2>&1) $?" '^run: .* 2$'
done
tap_done
