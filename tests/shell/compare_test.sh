#!/usr/bin/env bash
# compare_test - runs held against each other, parts of a run, and traces that are at work, broken off, or someone else's
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
report=$bin/vmb-report plot=$bin/vmb-plot
started=()
# shellcheck disable=SC2317 # called by the trap of tap.sh
tap_cleanup() { [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null; }

# record FILE SEED [OPTION]...: a run of the simulated case, loads with 20 % of noise
record() {
	local file=$1 seed=$2
	shift 2
	"$bin/vmb-cpu" "${interval:-1}" -c "sim:$root/tests/cases/cpu-5.case?duration=${duration:-120}s&noise=${noise:-20%}&seed=$seed" \
		--trace "$file" "$@" >/dev/null
}
# json FILE PATH...: what stands at these places of a JSON file
json() {
	local file=$1 paths
	shift
	paths=$(printf ", '\$.%s'" "$@")
	sqlite3 :memory: "SELECT json_extract(readfile('$file')$paths)"
}
rounded() { sqlite3 :memory: "SELECT printf('%.5f', json_extract(readfile('$1'), '\$.$2'))"; }
# concluded FILE ID: the conclusion on a metric
concluded() {
	sqlite3 :memory: "SELECT value ->> 'conclusion' FROM json_each(readfile('$1'), '\$.metrics') WHERE value ->> 'id' = '$2'"
}
# shown FILE: metrics of the guests' balance of which a difference is shown
shown() {
	sqlite3 :memory: "SELECT value ->> 'id' FROM json_each(readfile('$1'), '\$.metrics')
		WHERE value ->> 'id' LIKE 'cpu.%' AND value ->> 'conclusion' IN ('lower', 'higher')"
}

for i in 1 2 3 4 5; do
	record "a$i.db" "$i"
	record "b$i.db" "1$i"
	noise=50% record "c$i.db" "2$i" --dwell 9
done

# ---- one run each ----

"$report" a1.db b1.db >text.txt
tap_is "two runs: exit status" "$?" 0
"$report" a1.db b1.db --json >two.json
tap_is "the same as JSON" "$?" 0
tap_is "samples are compared" "$(json two.json compared adjusted_by)" '["samples","holm"]'
tap_is "two equal runs: no difference of the balance is shown" "$(shown two.json)" ""
tap_is "one number of one run each is too few" "$(concluded two.json cpu.pin_changes)" too_few_runs
tap_like "how many more there must be is told" "$(<text.txt)" 'cpu.pin_changes .* too few runs: 3 more each$'
tap_like "what one run each cannot tell is told" "$(<text.txt)" '^one each .*true of these two runs'
tap_is "text fits 100 columns" "$(awk 'length > 100' text.txt)" ""
"$report" a1.db --json >one.json
tap_is "A is what a report shows" "$(rounded two.json "metrics[0].a")" "$(rounded one.json "metrics[0].whole_run.mean")"
"$report" a1.db c1.db --json >far.json
tap_is "another balance is a difference: negative control" "$(concluded far.json cpu.sd_pp)" higher
tap_like "and in the setup" "$("$report" a1.db c1.db)" '^settings: dwell +3 +9$'

"$report" a1.db a1.db >same.txt
tap_is "a run against itself: exit status" "$?" 0
tap_is "nothing differs" "$(grep -cE 'better$|worse$' same.txt)" 0
tap_like "nor in the setup" "$(<same.txt)" '^The runs were set up alike\.$'
tap_like "and it is said" "$(<same.txt)" '^A and B have a run in common'

interval=2 record slow.db 1
tap_like "another interval is named" "$("$report" a1.db slow.db)" '^interval +1 s +2 s$'
tap_is "what is alike is not" "$("$report" a1.db slow.db | grep -c '^settings: balance')" 0

# columns FILE: where the conclusions of a comparison begin
columns() {
	awk '/^ +A +B +B - A/ { table = 1; next } !NF { table = 0 }
		table { match($0, /(better|worse|B lower|B higher|no difference|below|too few|some are|words).*/); print RSTART }' "$1" | sort -u
}
"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/passing.case" --trace noisy.db >/dev/null 2>&1
"$report" noisy.db a1.db >noisy.txt
tap_like "words stand apart" "$(<noisy.txt)" '^cpu.class +oscillates +(flat|settles) +words: not tested$'
tap_is "and break no column" "$(columns noisy.txt)" 76
"$bin/vmb-mem" 1 -c "sim:$root/tests/cases/mem-2.case?duration=20" --pool 5G --trace five.db >/dev/null 2>&1
"$bin/vmb-mem" 1 -c "sim:$root/tests/cases/mem-2.case?duration=20" --pool 6G --trace six.db >/dev/null 2>&1
"$report" five.db six.db >pool.txt
tap_like "a setting is told as it was given" "$(<pool.txt)" '^settings: pool +5 GiB +6 GiB$'
tap_is "long names of metrics break no column" "$(columns pool.txt)" 76

# ---- groups of runs ----

"$report" --compare 'a*.db' -- 'b*.db' >text.txt
tap_is "patterns that no shell expanded: exit status" "$?" 0
tap_like "all are in it" "$(<text.txt)" '^B +5 runs: b1.db'
tap_is "text fits 100 columns" "$(awk 'length > 100' text.txt)" ""
"$report" --compare a[1-5].db -- b[1-5].db --json >none 2>&1
tap_is "an option behind -- is a file" "$?" 3
"$report" --json --compare a[1-5].db -- b[1-5].db >groups.json
tap_is "files that the shell expanded: runs are compared" "$(json groups.json compared adjusted_by arrangements all_arrangements)" \
	'["runs","max_t",252,true]'
tap_is "equal groups: no difference of the balance is shown" "$(shown groups.json)" ""
"$report" --json --compare a[1-5].db -- c[1-5].db >far.json
tap_is "groups that differ: it is shown, and which is better" \
	"$(concluded far.json cpu.sd_pp) $(json far.json 'metrics[0].better_in')" "higher A"
tap_like "as text" "$("$report" --compare a[1-5].db -- c[1-5].db)" '^cpu.sd_pp .* B higher: worse$'
"$report" --json --compare a[1-3].db -- c[1-3].db >few.json
tap_is "three each are too few" "$(concluded few.json cpu.sd_pp) $(json few.json tested 'metrics[0].more_to_test')" 'too_few_runs [0,1]'
readme=$root/analyze/README.md
members() { sqlite3 :memory: "SELECT DISTINCT key FROM json_tree(readfile('$1')) WHERE typeof(key) = 'text' AND path NOT LIKE '%values'"; }
tap_is "README.md tells of every member of the JSON" \
	"$(members groups.json | while read -r key; do grep -qF "\`$key\`" "$readme" || echo "$key"; done)" ""

# ---- what cannot be compared ----

sqlite3 a1.db "VACUUM INTO 'copy.db'"
while read -r wanted what; do
	# shellcheck disable=SC2086 # words
	out=$("$report" $what 2>&1 >/dev/null)
	tap_like "$what: exit status $wanted, in one line" "$? $(wc -l <<<"$out") $out" "^$wanted 1 vmb-report: "
done <<-END
	3 a1.db nowhere.db
	3 nowhere.db a1.db
	3 --compare nowhere*.db -- a1.db
	3 a1.db $root/README.md
	2 a1.db a2.db a3.db
	2 a1.db a2.db -- a3.db
	2 --compare a1.db
	2 --compare -- a1.db a2.db
	2 --compare a1.db a1.db -- b1.db
	2 --compare a1.db copy.db -- b1.db
	2 a1.db a1.db#7
	2 a1.db b1.db --run 2
	2 a1.db --run 2
	2 a1.db --from 500
	2 a1.db --from 20 --to 10
	2 a1.db --guest nobody*
	2 a1.db b1.db --tap
	2 a1.db b1.db --guest nobody*
END
"$bin/tests/bench/make_trace" empty.db 1 empty
sqlite3 empty.db "DELETE FROM pcpu_sample; DELETE FROM vcpu_sample; DELETE FROM guest_sample; DELETE FROM decision; DELETE FROM tick"
"$report" empty.db a1.db >text.txt
tap_is "no metric that both know: exit status" "$?" 0
tap_like "is said" "$(<text.txt)" '^There is no metric that both know'

# ---- a part of a run, some of its guests ----

"$report" a1.db --from 10 --to 19.9 --json >part.json
tap_is "--from and --to: ticks, seconds, and where they lie" "$(json part.json ticks.recorded ticks.from_s ticks.to_s)" "[10,10.0,19.9]"
tap_is "no pin is changed there" "$(json part.json actions)" "[]"
tap_like "it is told" "$("$report" a1.db --from 10 --to 19.9)" 'looked at from 10 s to 19.9 s'
mean() { json "$1" 'metrics[0].whole_run.mean'; }
tap_is "the part's numbers are its own" "$([ "$(mean part.json)" != "$(mean one.json)" ]; echo $?)" 0
tap_is "as CSV too" "$("$report" a1.db --from 10 --to 19.9 --csv v_pcpu_util | tail -n +2 | wc -l)" 40
"$report" a1.db --from 0 --to 1e6 --json >whole.json
tap_is "all of it as a part is all of it" "$(diff <(sed '/"to_s"/d' one.json) <(sed '/"to_s"/d' whole.json))" ""
"$report" a1.db b1.db --from 60 --json >late.json
tap_is "compared, both are cut" "$(json late.json 'a.runs[0].ticks' 'a[0].ticks' 'b[0].ticks')" "[null,60,60]"
guests() { sqlite3 :memory: "SELECT group_concat(DISTINCT g.value ->> 'guest') FROM json_each(readfile('$1'), '\$.metrics') m, json_each(m.value -> 'guests') g"; }
"$report" a1.db --guest '*-[12]' --json >some.json
tap_is "--guest: those that match" "$(guests some.json)" "guest-1,guest-2"
tap_is "the balance of the pCPUs is that of all" "$(mean some.json)" "$(mean one.json)"
steal() { sqlite3 :memory: "SELECT value ->> 'a' FROM json_each(readfile('$1'), '\$.metrics') WHERE value ->> 'id' = 'cpu.steal_pct'"; }
"$report" a1.db b1.db --guest guest-2 --json >some.json
tap_is "compared, per-guest numbers are theirs" "$([ "$(steal some.json)" != "$(steal two.json)" ]; echo $?)" 0
"$plot" a1.db --chart placement --guest '*-[12]' --from 10 --to 30 -o some.svg --keep-gp
tap_is "a chart of some guests" "$? $(grep -oE "'guest-[0-9]+'" some.svg.gp | tr '\n' ' ')" "0 'guest-1' 'guest-2' "
out=$("$plot" a1.db --chart placement --guest nobody -o some.svg 2>&1)
tap_is "one of guests that are not there" "$? $out" "2 vmb-plot: a1.db: run 1 has no guest nobody"

# ---- several runs in one file, and both recorders ----

duration=40 record all.db 1
duration=40 record all.db 2
"$bin/vmb-collect" 1 -c "sim:$root/tests/cases/cpu-5.case?duration=40s" --trace all.db >/dev/null 2>&1
"$report" all.db --json >one.json
tap_is "the run that is taken is the balancer's last" "$(json one.json run.run)" 2
"$report" all.db --run 1 --json >one.json
tap_is "--run 1: that one" "$(json one.json run.run)" 1
"$report" all.db#1 --json >one.json
tap_is "all.db#1: that one" "$(json one.json run.run)" 1
"$report" all.db#1 all.db#2 --json >two.json
tap_is "two runs of one file" "$(json two.json same_run 'a[0].run' 'b[0].run')" "[false,1,2]"
tap_like "balancer and collector differ in the program" "$("$report" all.db#2 all.db#3)" '^program +vmb-cpu +vmb-collect$'
for run in 1 2 3; do
	tap_ok "run $run is drawn" "$plot" all.db --run "$run" -o run.svg
done

# ---- a trace that is being written, broken off, or someone else's ----

"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/cpu-5.case?duration=24h" --trace live.db >/dev/null 2>&1 &
recorder=$!
started+=("$recorder")
for ((i = 0; i < 100; i++)); do
	[ -s live.db-wal ] && [ "$(sqlite3 "file:live.db?mode=ro" 'SELECT count(*) FROM tick' 2>/dev/null)" -ge 40 ] 2>/dev/null && break
	sleep 0.05
done
tap_ok "it is in fact being written" kill -0 "$recorder"
"$report" live.db#1 a1.db >text.txt 2>&1
tap_is "a trace being written is compared" "$?" 0
tap_like "and said to be not whole" "$(<text.txt)" '^not whole +live.db: [0-9]+ ticks - not closed'
tap_ok "a part of it is drawn" "$plot" live.db --from 1 --to 3 -o live.svg
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
started=()
tap_ok "there is a log that was left behind" test -s live.db-wal
"$report" live.db a1.db >text.txt 2>&1
tap_is "so is one whose recorder was killed" "$?" 0
tap_like "and said to be not whole" "$(<text.txt)" '^not whole +live.db: [0-9]+ ticks - not closed'
tap_ok "it is drawn" "$plot" live.db --to 3 -o live.svg
"$report" live.db --to 3 >text.txt
tap_is "a part of it is undecided" "$?" 4

if [ "$(id -u)" -eq 0 ] && id nobody >/dev/null 2>&1; then
	nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
	chmod 755 "$work"
	mkdir -m 755 theirs programs
	cp "$report" "$plot" programs/
	cp live.db live.db-wal live.db-shm theirs/
	cp a1.db theirs/whole.db
	chmod 644 theirs/*
	mkdir -m 777 own
	tap_is "nobody can make no file there" "$("${nobody[@]}" touch theirs/x 2>/dev/null; echo $?)" 1
	for file in whole.db live.db; do
		"${nobody[@]}" programs/vmb-report "theirs/$file" theirs/whole.db >text.txt 2>err
		tap_is "another user's $file, in a folder one cannot write: compared" "$? $(tail -n 1 text.txt | head -c 7)" "0        "
		tap_ok "$file: drawn" "${nobody[@]}" programs/vmb-plot "theirs/$file" --to 3 -o own/x.svg
	done
	"$report" live.db --json >one.json
	"${nobody[@]}" programs/vmb-report theirs/live.db --json >two.json
	tap_is "what was in its log alone is read too" "$(json two.json ticks.recorded)" "$(json one.json ticks.recorded)"
	tap_is "nothing was left there" "$(ls theirs)" $'live.db\nlive.db-shm\nlive.db-wal\nwhole.db'
	chmod 600 theirs/whole.db
	out=$("${nobody[@]}" programs/vmb-report theirs/whole.db theirs/live.db 2>&1)
	tap_like "one that may not be read is named" "$? $out" '^3 .*theirs/whole.db.*ermission'
else
	tap_skip "another user's trace" "needs root and the user nobody"
fi
tap_done
