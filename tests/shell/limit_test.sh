#!/usr/bin/env bash
# limit_test - --trace-limit of all recorders: further files, each a whole trace that names the one before
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1

for p in vmb-cpu vmb-mem vmb-collect; do
	"$bin/$p" 1 -c "sim:$root/tests/cases/cpu-2.case?duration=3000" --trace run.db --trace-limit 256K >log
	parts=$(find . -name 'run-*.db' | wc -l)
	tap_ok "$p: --trace-limit goes on in further files" test "$parts" -ge 2
	tap_is "each of which has its ticks, and names the one before" \
		"$(for f in run-*.db; do sqlite3 "$f" "SELECT count(*) FROM run WHERE continues LIKE 'run%.db, run 1' AND EXISTS (SELECT 1 FROM tick)"; done | sort -u)" 1
	tap_is "no tick is in two of them or in none" \
		"$(for f in run*.db; do sqlite3 "$f" 'SELECT number FROM tick'; done | sort -n | uniq -c | awk '{ sum += $1 } END { print sum, $2 + 1 }')" "3000 3000"
	if [ $p != vmb-collect ]; then
		"$bin/$p" 1 -c "sim:$root/tests/cases/cpu-2.case?duration=20" --trace run.db --trace-limit 256K >log
		tap_like "the next run says in which file it goes on" "$(<log)" "the trace goes on in run-[0-9]+\.db"
	fi
	tap_like "a size is wanted" "$("$bin/$p" 1 --trace run.db --trace-limit 10% 2>&1)" 'trace-limit.*size'
	tap_like "and a trace" "$("$bin/$p" 1 --trace-limit 1M 2>&1)" 'trace-limit without --trace'
	[ $p = vmb-collect ] || rm -f run*.db
done
"$bin/vmb-report" run-2.db >report
tap_ok "a further file is judged like any trace" test $? -ne 3
tap_like "the report says what it continues" "$(<report)" 'continues run.db, run 1'
tap_done
