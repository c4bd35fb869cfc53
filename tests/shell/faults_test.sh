#!/usr/bin/env bash
# faults_test - the table of faults: every row has its tests, which are where it says
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
table=$root/tests/faults/README.md
rows=28

# rows_of FILE: the numbers of its rows
rows_of() { sed -nE 's/^\| ([0-9]+) \|.*/\1/p' "$1"; }

# claims_of FILE: "ROW FILE: "WORDS"", a line for each test that a row names
claims_of() {
	awk -F'|' '/^\| [0-9]+ \|/ {
		rest = $5
		while (match(rest, /`[^`]+`/)) {
			print $2 + 0, substr(rest, RSTART + 1, RLENGTH - 2)
			rest = substr(rest, RSTART + RLENGTH)
		}
	}' "$1"
}

# code_of FILE: sets $code; what a comment says is not tested
declare -A code_of_file
code_of() {
	[ -n "${code_of_file[$1]+there}" ] || code_of_file[$1]=$(grep -vE '^[[:space:]]*(#|//|/?\*)' "$root/tests/$1")
	code=${code_of_file[$1]}
}

# wrong_in FILE: a line for each thing that is wrong with the table
wrong_in() {
	local row claim file words
	local numbers claims
	numbers=$(rows_of "$1")
	[ "$numbers" = "$(seq $rows)" ] || echo "the rows are not 1 to $rows: $(xargs <<<"$numbers")"
	claims=$'\n'$(claims_of "$1")
	for row in $numbers; do
		[[ $claims == *$'\n'"$row "* ]] || echo "row $row has no test"
	done
	while read -r row claim; do
		file=${claim%%: \"*}
		words=${claim#*: \"}
		words=${words%\"}
		if [ "$file" = "$claim" ] || [ -z "$words" ]; then
			echo "row $row: not a file and words of it: $claim"
		elif [ ! -f "$root/tests/$file" ]; then
			echo "row $row: there is no tests/$file"
		else
			code_of "$file"
			[[ $code == *"$words"* ]] || echo "row $row: tests/$file does not have '$words'"
		fi
	done <<<"${claims:1}"
}

cd "$work" || exit 1
wrong_in "$table" >wrong # not in a subshell: what it reads serves the controls
tap_is "every fault has its tests, which are there" "$(<wrong)" ""
tap_ok "of which there are many (control)" test "$(claims_of "$table" | wc -l)" -ge $((2 * rows))

# wrong_when NAME PATTERN SED: negative control, the table changed by a command of sed
wrong_when() {
	sed -E "$3" "$table" >changed.md
	tap_like "seen (control): $1" "$(wrong_in changed.md)" "$2"
}
wrong_when "a row is missing" '^the rows are not 1 to 28' '/^\| 7 \|/d'
wrong_when "a row is there twice" '^the rows are not 1 to 28' '/^\| 7 \|/p'
wrong_when "a row has no test" '^row 7 has no test$' '/^\| 7 \|/s/`//g'
wrong_when "a file that is not there" '^row 7: there is no tests/shell/nowhere_test.sh$' '/^\| 7 \|/s/reconnect_test/nowhere_test/'
wrong_when "a name that is not there" "^row 7: tests/shell/reconnect_test.sh does not have 'a daemon that sings is given" \
	'/^\| 7 \|/s/that hangs is given/that sings is given/'
wrong_when "words of a comment alone" "^row 7: tests/shell/reconnect_test.sh does not have 'one of our own, without guests'" \
	'/^\| 7 \|/s/a daemon that hangs is given 10 s/one of our own, without guests/'
wrong_when "no words" '^row 7: not a file and words of it' '/^\| 7 \|/s/: "[^"]*"//'
tap_is "what is no scale for the large run is named" "$(TORTURE=much "$root/tests/faults/torture" 2>&1) $?" \
	"TORTURE=much: wanted is a number, such as 0.05 2"
tap_done
