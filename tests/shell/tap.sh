# tap - for shell tests: counted checks with their names, and a folder that goes away
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=${B:-build}
case $B in /*) bin=$B ;; *) bin=$root/$B ;; esac
B=$bin # absolute: tests work in folders of their own
export B bin

tap_number=0
tap_failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/vmb-test-XXXXXX")
# A place for locks and journals that is ours, not the host's; and for what is only there for a moment.
export VMB_RUN_DIR=$work/run
export TMPDIR=$work
# What the caller's surroundings would change: who may read new files, numbers with a comma, a make above, and libvirt's
# complaints that this host's name cannot be resolved.
umask 022
export LC_ALL=C.UTF-8 LIBVIRT_LOG_FILTERS=4:util
unset MAKEFLAGS MFLAGS MAKELEVEL
tap_cleanup() { :; }
trap 'tap_cleanup; rm -rf "$work"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# tap_result STATUS NAME: one test, passed when STATUS is 0
tap_result() {
	tap_number=$((tap_number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_number - $2"
	else
		echo "not ok $tap_number - $2"
		tap_failed=$((tap_failed + 1))
	fi
}

# tap_ok NAME COMMAND...: passes when COMMAND succeeds
tap_ok() {
	local name=$1
	shift
	if "$@" >"$work/tap.out" 2>&1; then
		tap_result 0 "$name"
	else
		tap_result 1 "$name"
		sed 's/^/# /' "$work/tap.out" | head -n 20
	fi
}

# tap_is NAME SEEN EXPECTED: passes when both are the same text
tap_is() {
	[ "$2" = "$3" ]
	tap_result $? "$1"
	[ "$2" = "$3" ] || printf '%s\n%s\n' "# expected: $3" "# seen:     $2"
}

# tap_like NAME TEXT PATTERN: passes when TEXT matches the extended regular expression
tap_like() {
	grep -qE -- "$3" <<<"$2"
	tap_result $? "$1"
	grep -qE -- "$3" <<<"$2" || printf '%s\n' "# expected: $3" "# seen:     ${2//$'\n'/ | }"
}

# tap_skip NAME REASON: a test that cannot run here
tap_skip() {
	tap_number=$((tap_number + 1))
	echo "ok $tap_number - $1 # SKIP $2"
}

# tap_wait PATTERN FILE: until a line of it fits, 20 s at most
tap_wait() {
	local n
	for n in $(seq 400); do
		grep -qE -e "$1" "$2" 2>/dev/null && return 0
		sleep 0.05
	done
	echo "# $2 has no '$1' after $((n / 20)) s"
	return 1
}

tap_done() {
	echo "1..$tap_number"
	exit $((tap_failed > 0))
}
