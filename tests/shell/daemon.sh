# daemon.sh - for tests that source it after tap.sh: a program in the background, what it says and records, its end
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and bin are of tap.sh
cd "$work" || exit 1
# Of libvirt's own test driver: in real time, without a daemon. The tests that source this use them.
# shellcheck disable=SC2034
test_uri=test:///default

# start PROGRAM ARGUMENT...: in the background without a terminal; its number in $pid, its words in log
start() {
	# shellcheck disable=SC2154
	"$bin/$1" "${@:2}" </dev/null >log 2>&1 &
	pid=$!
}
# await PATTERN [FILE]: until the log has it
await() { tap_wait "$1" "${2:-log}"; }
# await_rows QUERY: until it gives something but 0 in run.db, 10 s at most
await_rows() {
	local i
	for ((i = 0; i < 500; i++)); do
		# Opening a trace that is not there yet would make an empty file of its name.
		[ -s run.db ] && [ "$(sqlite3 -readonly -cmd '.timeout 1000' run.db "$1" 2>/dev/null || echo 0)" != 0 ] && return
		sleep 0.02
	done
	return 1
}
# said: of how many ticks the log of a balancer (-v) or a collector (--json) tells
said() {
	# shellcheck disable=SC2126 # grep -c fails when there are none
	grep -E '^[0-9:]+  (act|hold|quiet|rebase|watch): |^\{' log | wc -l
}
# end SIGNAL: sets $status and $took_ms
end() {
	local begin
	begin=$(date +%s%N)
	kill "-$1" "$pid"
	wait "$pid"
	# shellcheck disable=SC2034
	status=$?
	# shellcheck disable=SC2034
	took_ms=$((($(date +%s%N) - begin) / 1000000))
}
