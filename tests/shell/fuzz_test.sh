#!/usr/bin/env bash
# fuzz_test - what fuzzing begins with, and what it found, once more: each target on each file of its corpus
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"

for corpus in "$root"/tests/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	tap_ok "$name: $(find "$corpus" -type f | wc -l) inputs" timeout 60 "$bin/tests/fuzz/$name" "$corpus"*
done
tap_is "every target has a corpus" "$(cd "$root/tests/fuzz" && for f in *.c; do
	[ "$f" = replay.c ] || [ -n "$(ls "corpus/${f%.c}")" ] || echo "$f"; done)" ""
tap_done
