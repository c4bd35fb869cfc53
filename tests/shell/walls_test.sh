#!/usr/bin/env bash
# walls_test - which part may use which: the includes are the edges, and these are the walls
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root" || exit 1

# includes FILES...: every included header, as "file: header"
includes() {
	grep -HoE '^#include [<"][^>"]+[>"]' "$@" /dev/null | sed -E 's/:#include [<"]/: /; s/[>"]$//'
}

# wall NAME FORBIDDEN FILES...: no file may include what matches FORBIDDEN
wall() {
	local name=$1 forbidden=$2 seen
	shift 2
	if [ $# -eq 0 ] || [ ! -e "$1" ]; then
		tap_result 1 "$name (no such files)"
		return
	fi
	seen=$(includes "$@" | grep -E ": ($forbidden)")
	tap_is "$name" "$seen" ""
}

shopt -s nullglob
programs=$(grep -lE '^int main\(' common/*.c collector/*.c balancer/*.c traces/*.c analyze/*.c)
parts() { # FILES...: without the programs, and the frame that two of them share
	local f
	for f in "$@"; do
		[[ $f == balancer/frame.[ch] ]] || grep -qxF "$f" <<<"$programs" || echo "$f"
	done
}
mapfile -t collector < <(parts collector/*.[ch])
mapfile -t balancer < <(parts balancer/*.[ch])
mapfile -t plans < <(parts balancer/*_plan.[ch] balancer/*_plan_*.[ch] balancer/mem_laws.[ch] balancer/mem_restore.[ch])
mapfile -t analyze < <(parts analyze/*.[ch])

wall "common uses libc alone" 'collector/|balancer/|traces/|analyze/|libvirt/|sqlite3|libxml|jansson|ini' common/*.[ch]
wall "the vocabulary uses libc alone" 'common/|collector/host|balancer/|traces/|analyze/|libvirt/|sqlite3|time\.h' collector/sample.[ch]
wall "the collector knows neither traces nor balancer nor analysis" 'traces/|balancer/|analyze/|sqlite3' "${collector[@]}"
wall "apply knows neither libvirt nor SQLite nor analysis" 'libvirt/|sqlite3|analyze/|traces/' balancer/apply.[ch] balancer/journal*.[ch]
wall "plans are pure: no clock, no stdio, no libvirt, no SQLite" 'stdio\.h|time\.h|common/clock|common/options|collector/host|libvirt/|sqlite3|traces/|analyze/' "${plans[@]}"
wall "the balancer's parts know neither traces nor analysis" 'traces/|analyze/|sqlite3|libvirt/' "${balancer[@]}"
wall "traces know neither libvirt nor analysis" 'libvirt/|analyze/' traces/*.[ch]
wall "the analysis does not know libvirt" 'libvirt/|collector/libvirt|collector/linux' analyze/*.[ch]
wall "the analysis uses of the balancer the plans and the decision alone" 'balancer/(apply|journal|instance|owned|loop|frame|show|cpu_loop|cpu_options|mem_loop|mem_options|mem_config)' "${analyze[@]}"

# Negative control: the eye that looks for edges does see one.
printf '#include <sqlite3.h>\n' >"$work/leak.c"
tap_like "a forbidden include would be seen" "$(includes "$work/leak.c")" ': sqlite3\.h$'

tap_is "plans do not allocate" "$(grep -nE '\b(malloc|calloc|realloc|alloca|free)\(' "${plans[@]}")" ""
tap_is "plans do not read a clock" "$(grep -nE '\b(clock_|time\(|gettimeofday)' "${plans[@]}")" ""
tap_is "libvirt is included in the libvirt host only" \
	"$(grep -lE '^#include <libvirt/' ./*/*.[ch] | grep -vE '^\./collector/libvirt_')" ""
tap_is "the service manager is spoken to in one place" "$(grep -lE '^#include <systemd/' ./*/*.[ch])" "./common/notify.c"
tap_is "SQLite is included in traces only" "$(grep -lE '^#include <sqlite3' ./*/*.[ch] | grep -v '^\./traces/')" ""
tap_is "programs do not include each other" "$(grep -nE '#include ".*/vmb-' ./*/*.[ch])" ""
tap_is "every file says its one job in its first line" \
	"$(for f in common/*.[ch] collector/*.[ch] balancer/*.[ch] traces/*.[ch] analyze/*.[ch] tests/*/*.[ch]; do
		n=$(basename "$f"); head -n 1 "$f" | grep -qE "^/\* ${n%.*} - .+ \*/$" || echo "$f"; done)" ""
tap_is "a program's main has at most 150 lines" \
	"$(for f in $programs; do [ "$(wc -l <"$f")" -le 150 ] || echo "$f"; done)" ""
tap_is "only programs and what they print through print" \
	"$(grep -lE '\b(printf|puts|putchar)\(' common/*.c collector/*.c balancer/*.c traces/*.c analyze/*.c | grep -vE '/vmb-|common/options\.c')" ""
tap_done
