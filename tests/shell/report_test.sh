#!/usr/bin/env bash
# report_test - reports of made-up traces, letter for letter; after a wanted change: tests/shell/report_test.sh --renew
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
golden=$root/tests/golden

# kind, ticks, exit status: what a report says of it
rows="balanced 30 0
lopsided 30 1
idle 30 4
empty 30 4"

while read -r kind ticks wanted; do
	"$bin/tests/bench/make_trace" "$kind.db" "$ticks" "$kind"
	"$bin/vmb-report" "$kind.db" >"$kind.txt" 2>&1
	tap_is "$kind: exit status" "$?" "$wanted"
	"$bin/vmb-report" "$kind.db" --json >"$kind.json" 2>&1
	tap_is "$kind: the same as JSON" "$?" "$wanted"
	tap_is "$kind: the JSON is JSON" "$(sqlite3 :memory: "SELECT json_valid(readfile('$kind.json'))")" 1
	tap_is "$kind: text fits 80 columns" "$(awk 'length > 80' "$kind.txt")" ""
	[ "${1:-}" != --renew ] || cp "$kind.txt" "$kind.json" "$golden/"
	for form in txt json; do
		tap_ok "$kind.$form is what it was" diff "$golden/$kind.$form" "$kind.$form"
	done
done <<<"$rows"

# ---- what is said of the numbers elsewhere ----

# the_table FILE: what stands between the marks of the metrics
the_table() { sed -n '/^<!-- metrics/,/^<!-- end of metrics/p' "$1" | sed '1d;$d'; }
readme=$root/analyze/README.md
"$bin/vmb-report" --list-metrics >list.txt
tap_is "--list-metrics: exit status" "$?" 0
tap_is "the list fits 80 columns" "$(awk 'length > 80' list.txt)" ""
{
	echo
	sed 's/^/    /; s/ *$//' list.txt
	echo
} >table.txt
if [ "${1:-}" = --renew ]; then
	sed -e '/^<!-- metrics/r table.txt' -e '/^<!-- metrics/,/^<!-- end of metrics/{/^<!--/!d}' "$readme" >new.md
	cp new.md "$readme"
fi
the_table "$readme" >told.txt
tap_ok "README.md tells of every metric" diff table.txt told.txt
sed '/^    cpu.regret /d' told.txt >less.txt
tap_like "one that it left out would be seen" "$(diff table.txt less.txt)" '^< +cpu.regret '
members() { sqlite3 :memory: "SELECT DISTINCT key FROM json_tree(readfile('$1')) WHERE typeof(key) = 'text'"; }
tap_is "README.md tells of every member of the JSON" \
	"$(members balanced.json | while read -r key; do grep -qF "\`$key\`" "$readme" || echo "$key"; done)" ""

# ---- a limit that is another number of the run ----

printf '[criterion few]\nmetric = cpu.pin_changes\nlimit = <= cpu.moves_needed + 1\n' >few.ini
tap_is "a limit that names a metric is sound" "$("$bin/vmb-report" --criteria few.ini --check-only)" "1 criterion, sound"
"$bin/vmb-report" lopsided.db --criteria few.ini --json >few.json
tap_is "it holds" "$?" 0
tap_is "the JSON shows what it says and what it came to" \
	"$(sqlite3 :memory: "SELECT json_extract(readfile('few.json'), '\$.criteria[0].limit_expression', '\$.criteria[0].limit')")" \
	'["cpu.moves_needed + 1",5.0]'
tap_like "so does the text" "$("$bin/vmb-report" lopsided.db --criteria few.ini)" '<= 5 \(cpu.moves_needed \+ 1\) - it is 0'
printf '[criterion few]\nmetric = cpu.pin_changes\nlimit = <= cpu.moves + 1\n' >few.ini
out=$("$bin/vmb-report" --criteria few.ini --check-only 2>&1)
tap_like "one that names no metric is named by file, line and key" "$? $out" "^2 .*few.ini:3: limit 'cpu.moves "

printf '[criterion few]\nmetric = cpu.pin_changes\nlimit = == run.vcpus - run.vcpus / run.pcpus - 4\n' >few.ini
"$bin/vmb-report" balanced.db --criteria few.ini --json >few.json
tap_is "a formula of the run's size is calculated" \
	"$(sqlite3 :memory: "SELECT json_extract(readfile('few.json'), '\$.criteria[0].limit_expression', '\$.criteria[0].limit')")" \
	'["run.vcpus - run.vcpus / run.pcpus - 4",0.0]'
while IFS='|' read -r limit says; do
	printf '[criterion few]\nmetric = cpu.pin_changes\nlimit = %s\n' "$limit" >few.ini
	out=$("$bin/vmb-report" --criteria few.ini --check-only 2>&1)
	tap_like "limit '$limit' is refused" "$? $out" "^2 .*few.ini:3: limit '.*$says"
done <<'END'
<= 2 * vcpus|there is no metric 'vcpus'
<= cpu.steal_pct|a number a guest, not one a run
<= (run.vcpus|needs \+ - \* / or \) at its end
<= 3 * run.interval_s|it comes to s, cpu.pin_changes to a bare number
END

# ---- a run is drawn with the limit that it was given ----

cp lopsided.db own.db
while read -r settings wanted; do
	sqlite3 own.db "UPDATE run SET settings = '$settings'"
	"$bin/vmb-plot" own.db -o own.svg --keep-gp
	tap_is "settings '$settings': the chart's limit line" "$(grep -oE "'limit [^']*'" own.svg.gp)" "'limit $wanted'"
done <<-END
	balance=12.5 12.5
	dwell=3 5
END

# ---- a trace that one cannot judge ----

head -c 20000 balanced.db >cut.db
out=$("$bin/vmb-report" cut.db 2>&1)
tap_like "a cut trace is unreadable, in one line" "$? $(wc -l <<<"$out") $out" '^3 1 vmb-report: '
out=$("$bin/vmb-report" nowhere.db 2>&1)
tap_like "one that is not there is named" "$? $out" '^3 .*nowhere.db'
out=$("$bin/vmb-report" "$root/README.md" 2>&1)
tap_like "another kind of file is named" "$? $out" '^3 .*README.md'
sqlite3 balanced.db "DELETE FROM pcpu_sample WHERE tick BETWEEN 10 AND 13; DELETE FROM vcpu_sample WHERE tick BETWEEN 10 AND 13;
	DELETE FROM guest_sample WHERE tick BETWEEN 10 AND 13; DELETE FROM decision WHERE tick BETWEEN 10 AND 13;
	DELETE FROM tick WHERE tick BETWEEN 10 AND 13"
"$bin/vmb-report" balanced.db >lost.txt 2>&1
tap_like "lost ticks are undecided, never passed" "$? $(<lost.txt)" '^4 '
printf '[criterion x]\nmetric = cpu.nonsense\nlimit = <= 5\n' >wrong.ini
out=$("$bin/vmb-report" lopsided.db --criteria wrong.ini 2>&1)
tap_like "a wrong criterion is named by file and line" "$? $out" '^2 .*wrong.ini:2'
for file in "$root"/tests/cases/*.case; do
	tap_ok "the criteria of $(basename "$file") are sound" "$bin/vmb-report" --criteria "$file" --check-only
done
tap_done
