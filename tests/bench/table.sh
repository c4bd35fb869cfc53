# shellcheck shell=bash
# table - how a bench measures and prints: rows of figure, measured, target, command; one that misses its target says so

bench_row() { printf '%-46s %-22s %-14s %s\n' "$1" "$2" "$3" "$4"; }
bench_head() { bench_row figure measured target command; }

# bench_most FIGURE VALUE UNIT TARGET COMMAND, bench_least likewise: a number that shall be so much at most, at least.
bench_most() { bench_judged "$1" "$2" "$3" '<=' "$4" "$5"; }
bench_least() { bench_judged "$1" "$2" "$3" '>=' "$4" "$5"; }
bench_judged() {
	local missed
	missed=$(awk -v x="$2" -v t="$5" -v op="$4" 'BEGIN { if (x == "-" || (op == "<=" ? x > t : x < t)) print "  MISSED" }')
	bench_row "$1" "$2${3:+ $3}$missed" "$4 $5${3:+ $3}" "$6"
}

# a / b with three decimals
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.3f", a / b; else print "-" }'; }

# the median of numbers, one a line
median() { sort -n | awk '{ a[NR] = $1 } END { if (NR) print a[int((NR + 1) / 2)] }'; }

# cpu_of COMMAND...: CPU time in ms, user and system, its children's too
cpu_of() { { TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print ($1 + $2) * 1000 }'; }

# cpu_ms COMMAND...: the median of five
cpu_ms() { for _ in 1 2 3 4 5; do cpu_of "$@"; done | median; }

# peak_mib COMMAND...: the most memory it held at a time
peak_mib() {
	"$B/tests/bench/peak" "$@" | awk '{ printf "%.1f", $1 / 1024 }'
}
