#!/usr/bin/env bash
# bundle_test - what is packed to be handed in is all there, and what is missing is named
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR XDG_RUNTIME_DIR # a simulated host needs neither

# A checkout of its own, with the files as they are now; whoever owns the one that they come from.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
mkdir tree
git -C "$root" ls-files -z | tar -C "$root" -c --null -T - | tar -x -C tree
git -C tree init -q && git -C tree add -A
cd tree || exit 1

# runs_of PROGRAM CHARTS CASE...: as the lab leaves them, of simulated hosts
runs_of() {
	local program=$1 charts=$2 case folder chart
	shift 2
	for case in "$@"; do
		folder=runs/all/$case
		mkdir -p "$folder"
		"$bin/$program" 1 -c "sim:tests/cases/$case.case" --trace "$folder/run.db" >"$folder/$case.log" 2>&1
		"$bin/vmb-report" "$folder/run.db" --criteria "tests/cases/$case.case" >"$folder/report.txt"
		for chart in $charts; do
			"$bin/vmb-plot" "$folder/run.db" --chart "$chart" -o "$folder/$chart.svg" -o "$folder/$chart.png"
		done
	done
}

tap_like "without a name: one line" "$(make -s bundle 2>&1 | head -n 1) $(tests/lab/bundle '' >/dev/null 2>&1 || echo $?)" "a name has letters.* 2$"
tap_like "a name that leads elsewhere is refused" "$(tests/lab/bundle ../x 2>&1)" "'\.\./x': a name has letters"
tap_like "without runs it says how to make them" "$(tests/lab/bundle ada_lovelace 2>&1)" '^bundle: no runs of the cases: make lab$'
runs_of vmb-cpu "pcpu placement" cpu-1 cpu-2 cpu-3 cpu-4 cpu-5 cpu-6 cpu-7
runs_of vmb-mem "memory host" mem-1 mem-2 mem-3 mem-4
rm runs/all/cpu-3/pcpu.svg runs/all/mem-4/mem-4.log
out=$(make -s bundle NAME=ada_lovelace 2>&1)
tap_is "each missing file is named" "$(grep -c 'missing: runs/all/cpu-3/pcpu.svg\|missing: runs/all/mem-4/mem-4.log' <<<"$out") $(grep -c 'missing: ' <<<"$out")" "2 2"
tap_ok "and nothing is packed" test ! -e bundle
rm -r runs/all/cpu-3 runs/all/mem-4
runs_of vmb-cpu "pcpu placement" cpu-3
runs_of vmb-mem "memory host" mem-4
out=$(make -s bundle NAME=ada_lovelace 2>&1)
tap_like "it packs" "$? $out" '^0 bundle: bundle/ada_lovelace and bundle/ada_lovelace.tar.gz, .*, runs of runs/all$'
tar -xzf bundle/ada_lovelace.tar.gz
tap_is "each case with its log, trace, report and charts" "$(find ada_lovelace/cpu/cpu-? ada_lovelace/memory/mem-? -type f | wc -l)" 77
tap_is "the verdicts stand in the README" "$(grep -c '| PASS |' ada_lovelace/cpu/README.md) $(grep -c '| PASS |' ada_lovelace/memory/README.md)" "7 4"
tap_is "the traces are whole" "$("$bin/vmb-report" ada_lovelace/memory/mem-4/run.db --criteria "tests/cases/mem-4.case" >/dev/null; echo $?)" 0
tap_ok "the sources build and can be installed, units included" make -n -C ada_lovelace/cpu/src all install
tap_ok "likewise of the other part" make -n -C ada_lovelace/memory/src all install
tap_is "of each program" "$(find ada_lovelace/*/src/balancer -name 'vmb-*.c' | wc -l) $(find ada_lovelace/*/src/traces -name schema.sql | wc -l)" "4 2"
tap_like "what is there is not overwritten" "$(make -s bundle NAME=ada_lovelace 2>&1 | head -n 1)" 'bundle/ada_lovelace is there already'
tap_done
