#!/usr/bin/env bash
# examples_test - the recorded runs of traces/examples: they are whole, say what their reports say, and tell nothing of where they were made
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
unset VMB_RUN_DIR XDG_RUNTIME_DIR # a simulated host needs neither
cases="cpu-1 cpu-2 cpu-3 cpu-4 cpu-5 cpu-6 cpu-7 mem-1 mem-2 mem-3 mem-4"

examples() { EXAMPLES=$work/stored "$root/tests/lab/examples" "$@" 2>&1; }
sums() { (cd "$1" && sha256sum -- *); }
verdicts() { sed '/^run  /,$d'; }

# well_stored FOLDER: one line for each fault of what is stored there
well_stored() {
	local folder=$1 case
	for case in $cases; do
		xz -dc "$folder/$case.db.xz" >run.db || echo "$case: no trace"
		"$bin/vmb-report" run.db --criteria "$root/tests/cases/$case.case" 2>&1 | verdicts |
			diff - <(verdicts <"$folder/$case.txt") >/dev/null || echo "$case: the report says other verdicts"
		[ "$(sed -n '1s/ .*//p' "$folder/$case.txt")" = PASS ] || echo "$case: no PASS"
		[ -s "$folder/$case.log" ] || echo "$case: no terminal log"
		! LC_ALL=C grep -q '[[:cntrl:]]' <(tr -d '\n\t' <"$folder/$case.log") || echo "$case: control characters in the log"
		{ sqlite3 run.db .dump; cat "$folder/$case".{log,txt}; } |
			grep -nE '(^|[^[:alnum:]:/._-])/(home|root|tmp|work|srv|mnt|opt|var|usr|build)(/|$)' | sed "s/^/$case: a path: /"
	done
	xz -dc "$folder/cpu-2.db.xz" >run.db
	"$bin/vmb-plot" run.db --chart pcpu -o drawn.svg
	diff <(grep -v '<desc>' drawn.svg) <(grep -v '<desc>' "$folder/cpu-2.svg") >/dev/null || echo "cpu-2.svg: not a picture of cpu-2"
	grep -q '</html>' "$folder/cpu-2.html" || echo "cpu-2.html: no page"
}

# As the lab leaves them, by names without a path, of simulated hosts; one terminal with its control sequences.
PATH=$bin:$PATH
for case in $cases; do
	program=vmb-cpu
	case $case in mem-*) program=vmb-mem ;; esac
	mkdir -p "runs/$case"
	(
		cd "runs/$case" || exit
		cp "$root/tests/cases/$case.case" .
		PATH=$bin:$PATH "$program" 1 -c "sim:$case.case" --trace run.db --label "$case" >"$case.log" 2>&1
		"$bin/vmb-report" run.db --criteria "$case.case" >report.txt
	)
done
(cd runs/cpu-1 && rm run.db &&
	script -qefc "vmb-cpu 1 -c sim:cpu-1.case --trace run.db" cpu-1.log </dev/null >/dev/null &&
	"$bin/vmb-report" run.db --criteria cpu-1.case >report.txt)
tap_ok "a terminal's log has control sequences" grep -q $'\r\033\\[K' runs/cpu-1/cpu-1.log

tap_like "without runs and examples it says what is missing" "$(examples; echo $?)" 'missing: .*/stored/mem-4.db.xz'
mv runs/mem-2/run.db mem-2.db && mv runs/cpu-7/cpu-7.log .
out=$(examples runs; echo "status $?")
tap_is "each missing file is named" "$(grep -cE 'missing: .*(mem-2/run.db|cpu-7/cpu-7.log)$' <<<"$out") $(grep -c 'missing: ' <<<"$out")" "2 2"
tap_like "and it fails" "$out" 'status 1$'
mv mem-2.db runs/mem-2/run.db && mv cpu-7.log runs/cpu-7/
tap_ok "nothing is stored before all of it is there" test ! -e stored

out=$(examples runs; echo "status $?")
tap_like "it takes a run of each case" "$out" 'status 0$'
tap_is "and tells verdict and size of each" "$(grep -cE '^(cpu|mem)-[1-7]  PASS  [0-9]+ bytes$' <<<"$out")" 11
tap_is "what is stored is whole" "$(well_stored stored)" ""
tap_is "no row is lost" "$(xz -dc stored/mem-3.db.xz >a.db && sqlite3 a.db .dump | sha256sum)" "$(sqlite3 runs/mem-3/run.db .dump | sha256sum)"
tap_is "each status line of the terminal is a line" "$(grep -c ' 0 changes' stored/cpu-1.log)" "$(grep -o ' 0 changes' runs/cpu-1/cpu-1.log | wc -l)"
before=$(sums stored)
examples runs >/dev/null
tap_is "the same runs again give the same files" "$(sums stored)" "$before"
examples >/dev/null
tap_is "and so does making all anew from the traces" "$(sums stored)" "$before"

# ---- what it refuses: nothing of it may be stored ----

# change, what is said; each spoils the run of cpu-4
while IFS='|' read -r what change said; do
	cp -r runs/cpu-4 kept
	(cd runs/cpu-4 && eval "$change")
	tap_like "refused: $what" "$(examples runs; echo "status $?")" "$said"
	tap_is "and left is what was" "$(sums stored)" "$before"
	rm -r runs/cpu-4 && mv kept runs/cpu-4
done <<'END'
a path in the arguments|sqlite3 run.db "UPDATE run SET arguments = 'vmb-cpu --config /home/ada/vmb.ini'"|cpu-4/run.db tells a path .*/home/ada
a path in an event|sqlite3 run.db "INSERT INTO event (run, mono_ns, kind, text) VALUES (1, 1, 'log', 'lost /srv/x/run.db')"|cpu-4/run.db tells a path
a path in the log|echo "vmb-cpu: cannot open /tmp/x/run.db" >>cpu-4.log|cpu-4.log tells a path .*/tmp/x
the full name of a host|sqlite3 run.db "UPDATE run SET host = 'pc7.example.org'"|the host's full name
a report of other verdicts|sed -i '1s/PASS/FAIL/' report.txt|cpu-4: its report tells other verdicts
a file that is no trace|echo text >run.db|cpu-4/run.db
END
cp -r stored spoilt && cp stored/mem-1.txt spoilt/mem-2.txt && cp stored/cpu-3.db.xz spoilt/cpu-2.db.xz && echo "/home/ada/x" >>spoilt/cpu-6.log
tap_is "the check of what is stored sees each fault" \
	"$(well_stored spoilt | sed 's/:.*//' | uniq | xargs)" "cpu-2 cpu-6 mem-2 cpu-2.svg"

# ---- what the repository holds ----

picture=$(sed -n 's/^!\[.*\](\(.*\))$/\1/p' "$root/README.md")
tap_like "the README shows a picture" "$picture" '^traces/examples/cpu-2\.svg$'
tap_ok "which is there" grep -q '</svg>' "$root/$picture"
if compgen -G "$root/traces/examples/*.db.xz" >/dev/null; then
	tap_is "the recorded runs are whole" "$(well_stored "$root/traces/examples")" ""
	tap_is "and of real guests" "$(for case in $cases; do
		xz -dc "$root/traces/examples/$case.db.xz" >run.db && sqlite3 run.db "SELECT DISTINCT uri FROM run WHERE uri LIKE 'sim:%'"
	done)" ""
fi
tap_done
