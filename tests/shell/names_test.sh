#!/usr/bin/env bash
# names_test - sixty hostile names, each as every text of a trace, as its path and those of outputs: none acts, in any format
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
report=$bin/vmb-report

# `canary` would be made by whatever runs a part of a name.
long=$(printf 'x%.0s' {1..400})
# shellcheck disable=SC2016,SC1003 # they are meant so
names=(
	"a'b" 'a"b' "';touch canary;'" '";touch canary;"' '$(touch canary)' '`touch canary`' '${IFS}' '; touch canary' '| touch canary'
	'<touch canary' '>canary' '&& touch canary' $'x\ntouch canary' $'x\r\ntouch canary\r\n' $'a\tb' $'\033[2J' $'\033]0;title\a'
	$'\033P+q\033\\' $'\x9b31m' $'\xc2\x9b31m' $'a\bb\x7f' '%s%n%s%n' '%99999d' '\033[2J' '\' 'a\' "\\'" '<script>touch canary</script>'
	'<img src=x onerror=alert(1)>' '</svg>' '</title></style></script>' ']]>' '<![CDATA[' '<!--' '-->' '&amp;' '&#0;' '&xxe;' '<?xml?>'
	'\input{canary}' '\write18{touch canary}' '$x_1^2$ {a} ~ #1 %' '=1+1' '+1' '-1' '@SUM(A1)' '=cmd|"/c touch canary"!A1' 'a,b;c'
	$'\xff\xfe' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf4\x90\x80\x80' $'\xe2\x80\xae'gnp.exe $'a\xe2\x80\x8bb\xef\xbb\xbf' "$long" $'e\n'
	$'EOD\nsystem("touch canary")\n' '" ; system "touch canary' '! touch canary' '<cat /etc/passwd' '|touch canary' '* [a] ?' '#1' '--help'
	'# SKIP x' $'ok 1 - x\nnot ok 2' 'not ok # TODO'
)

# harmful FILE...: what a terminal or a reader could act on: controls but line ends, what is not UTF-8, turned directions
harmful() {
	local f
	for f; do
		[ -e "$f" ] || continue
		LC_ALL=C grep -anP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b\xae]' "$f" | head -n 1
		iconv -f UTF-8 -t UTF-8 "$f" >/dev/null 2>&1 || echo "$f: not UTF-8"
	done
}
printf 'a\033b\377\n' >eye
printf '\302\2331m \342\200\256\n' >eyes
tap_is "the eye for harmful bytes sees them" "$(harmful eye eyes 2>&1 | wc -l)" 3

# elements FILE: those of a page, to be the same with any names
elements() { grep -oE '<[a-zA-Z/!?][^ >]*' "$1" | sort | uniq -c; }

# name_all TRACE NAME: every text that a stranger chooses
name_all() {
	local x word
	x="CAST(X'$(printf %s "$2" | od -An -v -tx1 | tr -d ' \n')' AS TEXT)"
	word="replace(replace(replace(replace($x, ' ', '%20'), char(9), '%09'), char(10), '%0A'), char(13), '%0D')"
	sqlite3 "$1" "PRAGMA synchronous=OFF; UPDATE guest SET name = $x || guest; UPDATE decision SET reason = $x;
		UPDATE run SET program = $x, version = $x, arguments = $x, label = $x, settings = 'policy=' || $word || ' x=' || $word, uri = $x,
			host = $x, hypervisor = $x, kernel = $x, cpu_model = $x, exit_reason = $x;
		UPDATE action SET reason = $x, detail = $x;
		INSERT INTO event (run, mono_ns, kind, text) VALUES (1, 1, $x, $x);
		INSERT INTO stat (run, name, severity, value) VALUES (1, $x, 'warning', 1)"
}

# try PROGRAM ARGUMENT...: stdout in `out`, stderr in `err`; says what is wrong with them
try() {
	local status
	"$@" >"$hold/out" 2>"$hold/err"
	status=$?
	[[ $status =~ ^[0134]$ ]] || echo "status $status: $(head -c 200 "$hold/err")"
	[ "$(wc -l <"$hold/err")" -le 1 ] || echo "more than a line on stderr"
	cat "$hold/out" "$hold/err" >>"$hold/all"
}

# attack NAME: everything with this name; prints what is wrong
attack() {
	local name=$1 file=${1//\//_} form
	file=${file:0:100}
	: >"$hold/all"
	cp "$hold/base.db" "./$file.db"
	name_all "./$file.db" "$name"
	try env PATH=/nowhere "$report" --html "$file.html" --junit "$file.xml" -- "$file.db"
	xmllint --noout --schema "$root/tests/shell/junit.xsd" "./$file.xml" >"$hold/said" 2>&1 || cat "$hold/said"
	[ "$(elements "./$file.html")" = "$(<"$hold/elements")" ] || echo "the page has other elements"
	try "$report" --json -- "$file.db"
	[ "$(sqlite3 :memory: "SELECT json_valid(readfile('$hold/out'))")" = 1 ] || echo "no JSON"
	try "$report" --tap -- "$file.db"
	[ "$(grep -cE '^(not )?ok|^1\.\.' "$hold/out")" = "$(<"$hold/lines")" ] || echo "TAP has other lines"
	for form in v_runs v_actions; do
		try "$report" --csv "$form" -- "$file.db"
		LC_ALL=C grep -aqE '(^|,)"?[=@+][^=]' "$hold/out" && echo "$form: a formula"
	done
	try "$bin/vmb-plot" --keep-gp --chart placement -o "$file.svg" -o "$file.tex" -- "$file.db"
	[ -s "$file.svg" ] && [ -s "$file.tex" ] || echo "not drawn: $(<"$hold/err")"
	grep -F -e 'input{canary' -e 'write18{touch' "./$file.tex" "./$file.tex.gp" && echo "a command of TeX"
	cp "./$file.tex" "$hold/tex/$((++pictures)).tex"
	xmllint --noout "./$file.svg" 2>&1
	try "$report" -- "$file"
	try "$report" --criteria "$file" -- "$hold/base.db" | grep -v '^status 2'
	try "$bin/vmb-collect" 1 -c "sim:$root/tests/cases/life.case?duration=2s" --label "$name" --trace "$file.rec.db"
	try "$report" -- "$file.rec.db"
	cat ./*.html ./*.xml ./*.svg ./*.tex ./*.gp >>"$hold/all"
	harmful "$hold/all"
	[ -z "$(find . "$hold" -name canary)" ] || echo "it ran"
}

hold=$work/hold
mkdir -p hold/tex names
"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/life.case?duration=10s" --trace hold/base.db >/dev/null
cd names || exit 1
cp ../hold/base.db plain.db
name_all plain.db plain
PATH=/nowhere "$report" plain.db --html ../hold/page >/dev/null
elements ../hold/page >../hold/elements
"$report" plain.db --tap | grep -cE '^(not )?ok|^1\.\.' >../hold/lines
rm plain.db
pictures=0
for name in "${names[@]}"; do
	shown=$(printf '%.40q' "$name")
	attack "$name" >../hold/wrong 2>&1
	tap_is "${shown//#/\\#}" "$(<../hold/wrong)" ""
	find . -mindepth 1 -delete
done
echo "# fault: hostile name; injected ${#names[@]}; survived $((${#names[@]} - tap_failed)); lost $tap_failed outputs"
tap_ok "sixty names at least" [ ${#names[@]} -ge 60 ]

# compile: every picture of hold/tex on a page of its own; how many pages there are
compile() {
	(
		cd "$hold/tex" || exit
		gnuplot -e 'set terminal tikz createstyle'
		printf '%s\n' '\documentclass{article}' '\usepackage{gnuplot-lua-tikz}' '\begin{document}'
		printf '\\input{%s}\\clearpage\n' [0-9]*.tex
		printf '%s\n' '\end{document}'
	) >"$hold/all.tex"
	(cd "$hold/tex" && timeout 300 pdflatex -interaction=batchmode -halt-on-error -no-shell-escape ../all.tex >/dev/null 2>&1)
	grep -aoE '[0-9]+ pages?,|^!.*' "$hold/tex/all.log"
}
if command -v pdflatex >/dev/null; then
	tap_is "LaTeX sets every picture" "$(compile)" "$pictures pages,"
	tap_is "and no name acts in it" "$(find . "$hold" -name canary)" ""
	sed 's/gpcolor/&nobody/' "$hold/tex/1.tex" >"$hold/tex/0.tex"
	tap_like "a picture that it cannot set would be seen" "$(compile)" '^! Undefined control'
else
	tap_skip "LaTeX sets every picture" "no pdflatex here (tests/lab/install-packages tex)"
fi
touch canary
tap_is "a canary would be seen" "$(attack harmless 2>&1)" "it ran"
tap_done
