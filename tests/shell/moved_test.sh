#!/usr/bin/env bash
# moved_test - traces of all recorders that are moved, or cannot grow or be opened, while they are written: no tick is missed
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/shell/daemon.sh
. "$(dirname "$0")/daemon.sh"

# Ticks in a trace that was moved and in the one that goes on from it
recorded() { sqlite3 run.db "ATTACH 'old.db' AS old; SELECT (SELECT count(*) FROM tick) + (SELECT count(*) FROM old.tick)"; }

# A machine that stalls leaves ticks out: of each that is told of there must be a row.
for p in "vmb-cpu -v" "vmb-mem -v" "vmb-collect --json"; do
	# shellcheck disable=SC2086
	start $p 0.1 -c $test_uri --trace run.db
	await_rows 'SELECT count(*) > 2 FROM tick'
	mv run.db old.db
	tap_ok "$p: a trace that is moved is begun anew" await_rows 'SELECT count(*) > 2 FROM tick'
	end TERM
	tap_is "both are whole, and follow each other" \
		"$(sqlite3 old.db "SELECT exit_reason FROM run; PRAGMA integrity_check") $(sqlite3 run.db "SELECT continues, exit_reason FROM run; PRAGMA integrity_check")" \
		"$(printf 'the file was moved\nok run.db, run 1|terminated\nok')"
	tap_is "no tick is missing" "$(recorded)" "$(said)"
	rm -f run.db old.db
done

# Another program reads on: what it keeps out of the file goes along with it, and balancing does not wait.
start vmb-cpu 0.1 -v -c $test_uri --trace run.db
await_rows 'SELECT count(*) > 2 FROM tick'
mkfifo go
sqlite3 run.db >seen <go &
reader=$!
exec 9>go
echo 'BEGIN; SELECT count(*) FROM tick;' >&9
await '^[0-9]' seen
await_rows "SELECT count(*) > $(<seen) FROM tick"
mv run.db old.db
tap_ok "a moved trace that is read is told" await 'run.db: locked by another program; it was moved'
tap_ok "and left with its -wal" await_rows "SELECT text LIKE '%old.db-wal: keep both together' FROM event WHERE kind = 'moved'"
end TERM
exec 9>&-
wait $reader
tap_is "without a tick missing, once the reader has gone" "$(recorded)" "$(said)"
tap_is "in one file again" "$(sqlite3 old.db 'PRAGMA integrity_check' && ls old.db*)" "$(printf 'ok\nold.db')"
rm -f run.db old.db go seen

start vmb-cpu 0.1 -c $test_uri --trace run.db
await_rows 'SELECT count(*) FROM tick'
rm run.db
await_rows 'SELECT count(*) > 2 FROM tick'
end INT
tap_like "the report says what a run continues" "$("$bin/vmb-report" run.db)" 'continues run.db, run 1'
rm -f run.db

# SIGXFSZ and a file that cannot grow; the limit is lifted while the program runs. It would hold for a log as well.
for p in "vmb-cpu -v" "vmb-mem -v" "vmb-collect --json"; do
	mkfifo words
	cat words >log &
	reader=$!
	# shellcheck disable=SC2086
	"$bin"/$p 0.1 -c $test_uri --trace run.db </dev/null >words 2>&1 &
	pid=$!
	await_rows 'SELECT count(*) > 2 FROM tick'
	prlimit --pid $pid --fsize=1024:
	tap_ok "$p: a trace that cannot grow is told" await 'run.db: (input/output error|disk full)'
	prlimit --pid $pid --fsize=unlimited:
	tap_ok "and goes on by itself" await_rows "SELECT count(*) FROM stat WHERE name = 'ticks_delayed'"
	end TERM
	tap_is "it ends in order" "$status" 0
	wait $reader
	tap_is "without a tick missing" "$(sqlite3 run.db 'SELECT count(*) FROM tick')" "$(said)"
	rm -f run.db words
done

# Cut or overwritten in place: what was in it is lost, what comes after is not.
for how in ": >run.db" "cat other.db >run.db" ": >run.db-wal"; do
	"$bin/vmb-collect" 0.1 -q -c $test_uri --trace other.db --duration 0.25
	start vmb-collect 0.1 -q -c $test_uri --trace run.db
	await_rows 'SELECT count(*) > 2 FROM tick'
	eval "$how"
	tap_ok "$how is told" await 'run.db: cut or overwritten'
	tap_ok "and a new run begun" await_rows "SELECT count(*) > 2 FROM tick JOIN run USING(run) WHERE continues = 'run.db, run 1'"
	end TERM
	tap_is "in order" "$status $(wc -l <log) $(sqlite3 run.db 'PRAGMA integrity_check')" "0 1 ok"
	rm -f run.db other.db
done

start vmb-collect 0.1 -q -c $test_uri --trace run.db
await_rows 'SELECT count(*) > 2 FROM tick'
echo "my notes" >run.db
await 'run.db: cut or overwritten'
end TERM
tap_is "what is another's is left alone, and an error" "$status $(<run.db)" "1 my notes"
tap_like "which tells what was not recorded" "$(<log)" 'run.db: another kind of file, not a trace; not recorded: [0-9]+ ticks?'
rm -f run.db

# No descriptor is to be had while the trace must be opened anew.
start vmb-cpu 0.1 -v -c $test_uri --trace run.db
await_rows 'SELECT count(*) > 2 FROM tick'
prlimit --pid $pid --nofile=3:
mv run.db old.db
tap_ok "descriptors that run out are told" await 'run.db: moved, and its folder cannot be read'
prlimit --pid $pid --nofile=1024:
tap_ok "and it goes on by itself when there are some" await_rows 'SELECT count(*) > 4 FROM tick'
end TERM
tap_is "and no tick is missing in between" "$status $(recorded)" "0 $(said)"
rm -f run.db old.db

# Begun on a disk without room, which has some after a few ticks. A killed run has left a vCPU of the test driver's guest elsewhere.
mkdir disk
cat >full.sh <<'END'
mount -t tmpfs -o size=1m none disk || exit
cat /dev/zero >disk/ballast 2>/dev/null
"$bin/vmb-collect" 0.1 -q -c $test_uri --trace disk/run.db --duration 0.2 2>refused
echo "$? $(ls disk)" >>refused
lock=$(echo run/cpu-*.lock)
printf 'vmb-journal 1\npin 6695eb01-f6a4-8304-79aa-97f2502e193f 0 2 0,2,4 test\n' >"${lock%.lock}.journal"
"$bin/vmb-cpu" 0.1 -v -c $test_uri --trace disk/run.db </dev/null >log 2>&1 &
for ((i = 0; i < 500; i++)); do [ "$(said)" -lt 3 ] || break; sleep 0.02; done
echo "$(ls disk run)" >meanwhile
rm disk/ballast
for ((i = 0; i < 500; i++)); do [ ! -s disk/run.db-wal ] || break; sleep 0.02; done
kill -TERM $!
wait $!
echo $? >status
mv disk/run.db run.db
END
"$bin/vmb-cpu" 0.1 -c $test_uri --duration 0.05 >log # for the name of the lock
export test_uri
export -f said
name="a disk that is full at the start"
if unshare -m true 2>/dev/null; then
	unshare -m bash full.sh
	tap_like "$name is refused by who only records" "$(tr '\n' ' ' <refused)" 'run.db: cannot be made: No space left on device 1 ballast $'
	tap_like "and told by a balancer" "$(<log)" 'run.db: cannot be made: No space left on device; recording is tried again at each tick$'
	tap_ok "what a killed run left is put back all the same" grep -q 'vCPU 0: pCPU 0,2,4 -> 2 (as it was before)$' log
	tap_is "and owed no more" "$(grep -cE 'journal$|run.db' meanwhile)" 0
	tap_is "once there is room all is recorded" "$(<status) $(said) $(sqlite3 run.db "SELECT count(*) FROM action WHERE result = 0")" "0 $(sqlite3 run.db 'SELECT count(*) FROM tick') 1"
else
	tap_skip "$name" "a mount namespace cannot be made here"
fi
tap_done
