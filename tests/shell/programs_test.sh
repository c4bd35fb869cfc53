#!/usr/bin/env bash
# programs_test - the programs as a user meets them, on libvirt's test driver: help, mistakes, traces, restoring
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
test_uri=test:///default

# run COMMAND...: sets $out, $err, $status
run() {
	out=$("$@" 2>err)
	status=$?
	err=$(<err)
}

# refuses NAME STATUS PATTERN COMMAND...: one line on stderr that matches, nothing on stdout, nothing written
refuses() {
	local name=$1 wanted=$2 pattern=$3 before after
	shift 3
	before=$(find . ! -name err ! -path './run*' | sort)
	run "$@"
	after=$(find . ! -name err ! -path './run*' | sort)
	if [[ $status =~ ^$wanted$ ]] && [ -z "$out" ] && [ "$(wc -l <<<"$err")" -eq 1 ] &&
		grep -qE -- "$pattern" <<<"$err" && [ "$before" = "$after" ]; then
		tap_result 0 "$name"
	else
		tap_result 1 "$name"
		printf '# %s\n' "status $status, wanted $wanted" "stdout: $out" "stderr: $err" "left: $after"
	fi
}
mkdir run

for p in vmb-cpu vmb-mem vmb-collect vmb-report vmb-plot; do
	run "$bin/$p" --help
	tap_like "$p --help tells its usage" "$status $out" "^0 Usage: $p "
	tap_is "$p --help fits 80 columns" "$(awk 'length > 80' <<<"$out")" ""
	tap_ok "$p --help ends with a line of text" [ -n "$("$bin/$p" --help | tail -n 1)" ]
	run "$bin/$p" --version
	tap_like "$p --version" "$status $out" "^0 $p [0-9]+\.[0-9]+\.[0-9]+$"
	refuses "$p names an unknown option" 2 '--nonsense' "$bin/$p" --nonsense
done

printf '[case]\nname = x\n' >wrong.case
for p in vmb-cpu vmb-mem vmb-collect; do
	for bad in 0 -1 abc 1e9 1x 0.001 "" 0x1; do
		refuses "$p names the interval '$bad'" 2 "${bad:-''}" "$bin/$p" -c $test_uri "$bad"
	done
	refuses "$p misses the interval" 2 'INTERVAL' "$bin/$p" -c $test_uri
	refuses "$p takes one interval" 2 "'?3'?" "$bin/$p" -c $test_uri 2 3
	# Where a daemon runs, it is asked and knows that there is none (2); else none can be asked (1).
	refuses "$p names a connection that does not exist" '[12]' 'nonsense:///' "$bin/$p" 1 -c nonsense:///x
	refuses "$p names a daemon that is not there" 1 '/nonexistent' "$bin/$p" 1 -c 'qemu+unix:///system?socket=/nonexistent'

	refuses "$p names a host of the test driver that is not there" 1 '/nonexistent' "$bin/$p" 1 -c test:///nonexistent
	refuses "$p does not let libvirt choose a host" 2 "--connect ''" "$bin/$p" 1 -c ''
	for option in --connect --trace --label --duration; do
		refuses "$p $option without a value" 2 "$option '': the value is empty" "$bin/$p" 1 -c $test_uri $option ''
	done
	refuses "$p, a case without a title" 2 'wrong\.case:1: .*title' "$bin/$p" 1 -c sim:wrong.case
	refuses "$p misses the file of a simulation" 2 'sim:' "$bin/$p" 1 -c sim:

	mkdir folder
	refuses "$p refuses a trace that is a folder" 1 'folder' "$bin/$p" 1 -c $test_uri --trace folder
	rmdir folder
	echo hello >text
	refuses "$p refuses a trace that is another kind of file" 1 'text' "$bin/$p" 1 -c $test_uri --trace text
	tap_is "$p leaves that file as it was" "$(<text)" hello
	sqlite3 other.db 'CREATE TABLE t(x)'
	sum=$(sha256sum other.db)
	refuses "$p refuses someone else's database" 1 'other.db' "$bin/$p" 1 -c $test_uri --trace other.db
	tap_is "$p leaves that database as it was" "$(sha256sum other.db)" "$sum"
	ln -s target link
	refuses "$p refuses a trace that is a symlink" 1 'link' "$bin/$p" 1 -c $test_uri --trace link
	mkfifo pipe
	refuses "$p refuses a trace that is a FIFO" 1 'pipe' timeout 10 "$bin/$p" 1 -c $test_uri --trace pipe
	refuses "$p refuses a device" 1 '/dev/null' "$bin/$p" 1 -c $test_uri --trace /dev/null
	refuses "$p refuses a trace in a folder that is not there" 1 'nowhere' "$bin/$p" 1 -c $test_uri --trace nowhere/run.db
	rm -f text other.db link pipe
done
# Two hosts that share all that a file's name can have of them; and the same by another way.
mkdir x hosts
printf '<node></node>' >x-y.xml
cp x-y.xml x/y.xml
for host in "$PWD/x-y.xml" "$PWD/x/y.xml" "$PWD/x/y.xml?way=other"; do
	VMB_RUN_DIR=$PWD/hosts "$bin/vmb-cpu" 0.1 --duration 0.2 -c "test://$host" >hosts.out 2>&1 || sed 's/^/# /' hosts.out
done
tap_is "each host has a lock and a journal of its own" "$(printf '%s\n' hosts/*.lock | sort -u | wc -l)" 2
rm -r x x-y.xml hosts hosts.out
for bad in --balance=0 --balance=x --dwell=-1 --cpus=x --cpus= --idle=101 --duration=0; do
	refuses "vmb-cpu names ${bad}" 2 "${bad%%=*}" "$bin/vmb-cpu" 1 -c $test_uri "$bad"
done
for run in --trace=cpus.db --dry-run; do
	refuses "vmb-cpu $run: pCPUs that this host has not" 2 '--cpus 7-9: .* but 0-3' \
		"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/cpu-2.case" --cpus 7-9 $run
done
tap_is "and no trace is begun" "$(find . -name 'cpus.db*')" ""
for p in vmb-cpu vmb-mem vmb-collect; do
	refuses "$p shows hostile words without what a terminal acts on" 2 "'1[?]2[?][[]31m'" "$bin/$p" $'1\n2\033[31m'
	refuses "$p, a connection likewise" 1 'no[?][[]31m' "$bin/$p" 1 -c $'sim:no\033[31m'
done
for p in vmb-cpu vmb-mem; do
	run "$bin/$p" --restore --dry-run
	tap_is "$p: a dry run puts nothing back" "$status $out" "0 $p: a dry run changes nothing, and puts nothing back"
done
run "$bin/vmb-cpu" -c $test_uri --restore
tap_like "vmb-cpu --restore says when there is nothing to do" "$status ${out##*$'\n'}" '^0 .*nothing is left to put back$'
printf '[guest nonsense\n' >wrong.ini
for config in wrong.ini nowhere.ini; do
	run "$bin/vmb-mem" -c $test_uri --restore --config $config
	tap_like "vmb-mem --restore does not need its configuration: $config" "$status $err${out##*$'\n'}" '^0 [0-9:]+  nothing is left to put back$'
done
rm wrong.ini
refuses "vmb-collect: nothing to show and nothing to record" 2 'quiet' "$bin/vmb-collect" 1 -q

mkfifo pipe
refuses "a case that is a FIFO which nobody writes" 2 'pipe' timeout 10 "$bin/vmb-cpu" 1 -c sim:pipe
refuses "criteria that are a FIFO which nobody writes" 2 'pipe' timeout 10 "$bin/vmb-report" --criteria pipe --check-only
rm pipe
for folder in VMB_RUN_DIR TMPDIR; do
	refuses "$folder with a path too long is named, not cut" 1 "$PWD/xxx" env "$folder=$PWD/$(printf 'x%.0s' {1..300})" \
		"$bin/vmb-cpu" 1 -c "$([ $folder = TMPDIR ] && echo "sim:$root/tests/cases/cpu-2.case" || echo $test_uri)"
done

# ---- they run ----

run "$bin/vmb-collect" 0.1 -c $test_uri --duration 0.65 --trace run.db
tap_like "vmb-collect shows a table" "$out" '^guest +vCPUs'
tap_is "and no escape sequences when it is not on a terminal" "$(grep -c $'\033' <<<"$out")" 0
tap_is "and nothing on stderr" "$status $err" "0 "
run "$bin/vmb-collect" 0.1 -c $test_uri --duration 0.65 --json
tap_is "vmb-collect --json writes lines of JSON" \
	"$(while IFS= read -r line; do
		sqlite3 :memory: "SELECT json_extract('$line', '$.guests[0].name'), json_extract('$line', '$.pcpus[0].pcpu')"
	done <<<"$out" | sort -u)" "test|0"
"$bin/vmb-collect" 1 -c "sim:$root/tests/cases/mem-1.case" --json >lines.json
keys=$(tail -n 1 lines.json | grep -oE '"[a-z_]+":' | tr -d '":' | sort -u)
tap_is "each of its members is described, of more than thirty" "$([ "$(wc -l <<<"$keys")" -gt 30 ] || echo "only: $keys"
	for key in $keys; do grep -qF "\`$key\`" "$root/traces/README.md" || echo "$key"; done)" ""
run "$bin/vmb-cpu" 0.1 -c $test_uri --duration 0.65 --trace run.db --label 'a "label"' -v
tap_like "vmb-cpu says how it ended" "$status $out" 'duration reached'
tap_is "both have added a run to one trace" \
	"$(sqlite3 run.db "SELECT program, coalesce(label, '-'), exit_reason FROM run" | tr '\n' ' ')" \
	'vmb-collect|-|duration reached vmb-cpu|a "label"|duration reached '
# A machine that stalls leaves ticks out.
tap_is "with ticks to 0.6 s each" "$(sqlite3 run.db 'SELECT max(number) BETWEEN 1 AND 6, count(*) <= max(number) + 1 FROM tick GROUP BY run' | tr '\n' ' ')" '1|1 1|1 '
tap_is "and nothing beside the trace" "$(echo run.db*)" "run.db"
tap_is "the trace says whose it is" "$(sqlite3 run.db 'PRAGMA application_id; PRAGMA user_version' | tr '\n' ' ')" "1447903828 1 "

cp run.db picture.svg
cp run.db old.svg.gp
refuses "vmb-plot: a picture in place of the trace" 2 'picture.svg: is read here' "$bin/vmb-plot" picture.svg -o picture.svg
refuses "vmb-plot: a script in place of the trace" 2 'old.svg.gp: is read here' "$bin/vmb-plot" old.svg.gp -o old.svg --keep-gp
refuses "vmb-plot: a picture in place of another trace" 2 'picture.svg: is a trace or another database' "$bin/vmb-plot" run.db -o picture.svg
tap_ok "which stay as they were" cmp picture.svg old.svg.gp
rm -f picture.svg old.svg*

# ---- where they print to ----

# Each file of a program that begins without the three descriptors would be one of them.
"$bin/vmb-cpu" 0.1 -c $test_uri --duration 0.65 -v --trace bare.db <&- >&- 2>&-
tap_is "vmb-cpu without standard descriptors runs" "$?" 0
tap_like "and prints neither into its lock" "$(cat run/*.lock)" '^pid [0-9]+, since [-0-9]+ [:0-9]+$'
tap_is "nor into its trace" "$(sqlite3 bare.db 'PRAGMA integrity_check; SELECT max(number) BETWEEN 1 AND 6 FROM tick')" $'ok\n1'
"$bin/vmb-report" run.db --html page.html >&- 2>err
tap_is "a report that has no standard output says so" "$? $(grep -c 'standard output' err)" "3 1"
tap_like "vmb-collect ends with the one who reads it" \
	"$(timeout 10 "$bin/vmb-collect" 0.1 -c $test_uri 2>&1 | head -n 1; echo "${PIPESTATUS[0]}")" ' 0$|^0$'
timeout 10 "$bin/vmb-collect" 0.1 -c $test_uri --duration 0.65 --trace unheard.db >&- 2>err
tap_is "and records for one who closed its output" "$? $(<err) $(sqlite3 unheard.db 'SELECT exit_reason FROM run')" "0  duration reached"
timeout 10 "$bin/vmb-collect" 0.1 -c $test_uri --json >/dev/full 2>err
tap_is "and names what it cannot print to" "$? $(<err)" "1 vmb-collect: standard output: No space left on device"
timeout 10 "$bin/vmb-collect" 0.1 -c $test_uri --duration 0.65 --trace bare.db >/dev/full 2>err
tap_is "but goes on recording" "$(sqlite3 bare.db 'SELECT max(number) BETWEEN 1 AND 6 FROM tick WHERE run = 2')" 1
# cannot_print STATUS PROGRAM ARGUMENT...: where the disk is full it says so in one line
cannot_print() {
	local status=$1 program=$2
	shift 2
	timeout 10 "$bin/$program" "$@" >/dev/full 2>err
	tap_like "$program $* names a full disk" "$? $(<err)" "^$status $program: [^:]+: No space left on device$"
}
for program in vmb-cpu vmb-mem vmb-collect vmb-report vmb-plot; do
	cannot_print 1 $program --help
	cannot_print 1 $program --version
done
cannot_print 1 vmb-cpu 0.1 -c $test_uri --duration 0.65 --trace bare.db
tap_is "and balances to its end" "$(sqlite3 bare.db 'SELECT max(number) BETWEEN 1 AND 6, exit_reason FROM tick JOIN run USING (run) WHERE run = 3')" \
	"1|duration reached"
cannot_print 1 vmb-mem 0.1 -c $test_uri --duration 0.25
cannot_print 3 vmb-report --list-metrics
cannot_print 3 vmb-report --check-only
for form in "" --json --tap "--csv metrics" "--junit -"; do
	# shellcheck disable=SC2086 # none or two words
	cannot_print 3 vmb-report run.db#2 $form
done
cannot_print 3 vmb-report bare.db#1 run.db#2

sqlite3 run.db 'PRAGMA user_version = 99'
refuses "a trace of a newer version is refused" 1 'run.db.*99' "$bin/vmb-cpu" 1 -c $test_uri --trace run.db

# ---- one at a time ----

"$bin/vmb-cpu" 0.1 -c $test_uri >first.out 2>&1 &
first=$!
tap_wait . first.out
refuses "a second vmb-cpu names the first" 1 "pid $first\b" "$bin/vmb-cpu" 1 -c $test_uri
run "$bin/vmb-cpu" 0.1 -c $test_uri --dry-run --duration 0.15
tap_is "a dry run needs no lock" "$status" 0
run "$bin/vmb-cpu" 0.1 -c $test_uri --dry-run --duration 0.5 --only 'none*'
tap_is "names that fit no guest are told once" "$(grep -c 'leave none of the 1 guest here$' <<<"$out")" 1
run "$bin/vmb-cpu" 0.1 -c $test_uri --dry-run --duration 0.5 --only 't*'
tap_is "and are not (control) when they fit" "$(grep -c 'leave none' <<<"$out")" 0
run script -qec "stty cols 30; exec '$bin/vmb-cpu' 0.1 -c $test_uri --dry-run --duration 0.5" /dev/null
tap_is "the status line is cut to the terminal" "$(tr '\r' '\n' <<<"$out" | sed 's/^\x1b\[K//' | awk '/ on [0-9]+ p/ && length > 29' | wc -l)" 0
tap_like "and is there" "$(tr '\r' '\n' <<<"$out" | sed 's/^\x1b\[K//' | awk 'length == 29' | head -n 1)" '1 guest on'
kill -TERM $first
wait $first
tap_is "SIGTERM ends it in order" "$?" 0
tap_like "and it says so" "$(<first.out)" 'terminated'
run "$bin/vmb-cpu" --restore -c $test_uri
tap_like "restoring with nothing to restore is no error" "$status $out" '^0 '
run bash -c "trap '' XFSZ; ulimit -f 0; exec '$bin/vmb-cpu' --restore -c $test_uri"
tap_like "nor without room for the lock's text" "$status $err" '^0 $'

echo nonsense >run/"$(basename run/cpu-*.lock .lock)".journal
refuses_journal=$(cat run/cpu-*.journal)
run "$bin/vmb-cpu" 1 -c $test_uri --duration 0.2
tap_like "a journal that is none is named, and not lost" "$status $err $(cat run/cpu-*.journal)" "^1 .*journal.* $refuses_journal$"
pin="pin 01000000-0000-0000-0000-000000000000 0 0-3 1 a"
printf 'vmb-journal 1\n%s\n%s\0\n%s\n' "$pin" "$pin" "$pin" | tee run/cpu-*.journal >damaged
run "$bin/vmb-cpu" --restore -c $test_uri
tap_like "nor one with a damaged line" "$status $err $(cmp damaged run/cpu-*.journal 2>&1)" '^1 .*:3: not a line of a journal $'
tap_done
