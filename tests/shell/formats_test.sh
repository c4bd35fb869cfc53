#!/usr/bin/env bash
# formats_test - a report as CSV, TAP, JUnit and HTML, letter for letter, and with names that would do harm; after a wanted
# change: tests/shell/formats_test.sh --renew
# shellcheck source=tests/shell/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
golden=$root/tests/golden
report=$bin/vmb-report

# count PATTERN FILE: how many lines match
count() { grep -cE -- "$1" "$2"; }

# ---- letter for letter ----

# without_charts FILE: what gnuplot draws is for chart_test; the style is a file of its own
without_charts() { sed -E 's|src="data:image/svg\+xml,[^"]*"|src="(chart)"|; /^<style>/,/^<\/style>/d' "$1"; }

while read -r kind wanted; do
	"$bin/tests/bench/make_trace" "$kind.db" 30 "$kind"
	for view in metrics verdicts; do
		"$report" "$kind.db" --csv "$view" >"$kind-$view.csv" 2>&1
		tap_is "$kind: $view as CSV: exit status" "$?" "$wanted"
	done
	"$report" "$kind.db" --tap --junit "$kind.xml" --html "$kind.page" >"$kind.tap" 2>&1
	tap_is "$kind: as TAP, JUnit and HTML at once: exit status" "$?" "$wanted"
	without_charts "$kind.page" >"$kind.html"
	files=("$kind-metrics.csv" "$kind-verdicts.csv" "$kind.tap" "$kind.xml" "$kind.html")
	[ "${1:-}" != --renew ] || cp "${files[@]}" "$golden/"
	for file in "${files[@]}"; do
		tap_ok "$file is what it was" diff "$golden/$file" "$file"
	done
	tap_ok "$kind: the JUnit XML has the shape that CI servers read" \
		xmllint --noout --schema "$root/tests/shell/junit.xsd" "$kind.xml"
	tap_is "$kind: TAP runs as many tests as it plans" "1..$(count '^(not )?ok ' "$kind.tap")" "$(sed -n 2p "$kind.tap")"
done <<-END
	balanced 0
	lopsided 1
	idle 4
	empty 4
END
sed 's/<failure message="[^"]*"/<failure/' lopsided.xml >wrong.xml
tap_like "a failure without a message would be seen" \
	"$(xmllint --noout --schema "$root/tests/shell/junit.xsd" wrong.xml 2>&1)" "'message' is required"
tap_is "an undecided criterion is TODO in TAP" "$(count '^not ok .* # TODO undecided: ' idle.tap)" 2
tap_is "and an error in JUnit" "$(xmllint --xpath 'string(//testsuite/@errors)' idle.xml)" 2

# ---- CSV: the same as the views of the trace ----

same() { # OURS THEIRS: rows that only one of two CSV files has
	sqlite3 :memory: ".import --csv $1 ours" ".import --csv $2 theirs" \
		"SELECT 'ours', * FROM (SELECT * FROM ours EXCEPT SELECT * FROM theirs)" \
		"SELECT 'theirs', * FROM (SELECT * FROM theirs EXCEPT SELECT * FROM ours)" \
		"SELECT o || ' rows, not ' || t FROM (SELECT (SELECT count(*) FROM ours) AS o, (SELECT count(*) FROM theirs) AS t)
		 WHERE o <> t" 2>&1 | head -n 4
}
for case in life churn offline; do
	"$bin/vmb-cpu" 0.7 -c "sim:$root/tests/cases/$case.case" --trace "$case.db" >/dev/null 2>&1
done
"$bin/vmb-collect" 1 -c "sim:$root/tests/cases/life.case" --trace life.db --label 'a label, "quoted"' >/dev/null 2>&1
while read -r trace run view least; do
	where=" WHERE run = $run"
	[ "$view" != v_runs ] || where=
	"$report" "$trace.db" --run "$run" --csv "$view" >ours.csv 2>&1
	sqlite3 -csv -header "$trace.db" "SELECT * FROM $view$where" >theirs.csv
	tap_is "$trace.db, run $run: $view is what SQL says" "$(same ours.csv theirs.csv)" ""
	tap_is "... with the same header" "$(head -n 1 ours.csv | tr -d '\r')" "$(head -n 1 theirs.csv)"
	tap_ok "... and more than $least rows" [ "$(wc -l <theirs.csv)" -gt "$((least + 1))" ]
done <<-END
	life 1 v_runs 1
	life 1 v_pcpu_util 300
	life 1 v_vcpu_util 400
	life 1 v_actions 8
	life 2 v_memory 300
	life 2 v_vcpu_util 300
	churn 1 v_vcpu_util 400
	churn 1 v_actions 8
	offline 1 v_pcpu_util 300
END
sed '7s/[0-9]/&1/' ours.csv >other.csv
tap_like "one other digit would be seen" "$(same other.csv theirs.csv)" '^ours'
tap_is "each line ends as RFC 4180 has it" "$(count $'\r$' ours.csv)" "$(wc -l <ours.csv)"

# ---- names that would do harm ----

cp life.db bad.db
cp life.db clean.db
sqlite3 bad.db <<-'END'
	UPDATE guest SET name = CASE guest % 7
		WHEN 0 THEN '<script>alert(1)</script>' || guest
		WHEN 1 THEN '"><img src=x onerror=alert(2)>' || guest
		WHEN 2 THEN 'a' || char(27) || '[2Jb' || char(10) || 'ok 99 - c' || char(13) || guest
		WHEN 3 THEN CAST(X'66FF80FE6F' AS TEXT) || guest
		WHEN 4 THEN '=HYPERLINK("http://x","y")' || guest
		WHEN 5 THEN char(8238) || '@sum' || char(9) || ''',"' || guest
		ELSE '</td></table>&amp;]]>--> # TODO \ ' || guest END;
	UPDATE run SET label = '</title><script>alert(3)</script>' || char(10) || 'not ok 98', arguments = '-1+1"''<b>' || char(27) || '[0m',
		host = '=1+1<script>', settings = 'balance=<script> y=%1b%3Cscript%3e%e2%80%ae%0a x="' || char(10) || 'y';
	UPDATE action SET reason = '@<script>alert(4)</script>' || char(10) || CAST(X'C0AF' AS TEXT) || '%s%n', detail = '#{7*7}</style>';
	INSERT INTO event (run, mono_ns, kind, text) SELECT run, start_mono_ns, '<i>', '<script>' || char(27) FROM run;
	INSERT INTO stat (run, name, severity, value) SELECT run, '<svg onload=alert(5)>' || char(10) || 'ok', 'warning', 1 FROM run;
END
printf '[criterion steal]\nmetric = cpu.steal_pct\nlimit = <= 0\n[criterion few]\nmetric = cpu.pin_changes\nlimit = == 0\n' >steal.ini

# harmful FILE: bytes that a terminal or a reader could act on: controls but line ends, what is not UTF-8, turned directions
harmful() {
	LC_ALL=C grep -anP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' "$1" | head -n 2
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || echo "not UTF-8"
	grep -nP '\x{202e}' "$1" | head -n 2
}
printf 'a\033b\377\n' >seen
tap_is "the eye for harmful bytes sees them" "$(harmful seen | wc -l)" 2
for form in "text" "tap --tap" "xml --junit -" "page --html -" "m.csv --csv metrics" "v.csv --csv verdicts" "a.csv --csv v_actions" \
	"r.csv --csv v_runs" "u.csv --csv v_vcpu_util" "y.csv --csv v_memory"; do
	read -r name options <<<"$form"
	for trace in clean bad; do
		# shellcheck disable=SC2086 # words
		"$report" "$trace.db" --run 1 --criteria steal.ini $options >"$trace.$name" 2>&1
	done
	tap_is "hostile names: nothing in $name acts on a terminal" "$(harmful "bad.$name")" ""
done
"$report" bad.db --run 1 --json >bad.json
tap_is "hostile names: the JSON is JSON" "$(sqlite3 :memory: "SELECT json_valid(readfile('bad.json'))")" 1
tap_is "... without a control character" "$(LC_ALL=C grep -acP '[\x00-\x09\x0b-\x1f\x7f]' bad.json)" 0
tap_is "hostile names: TAP has its two tests" "$(grep -E '^(not )?ok|^1\.\.' bad.tap | cut -d: -f1)" $'1..2\nnot ok 1 - steal\nnot ok 2 - few'
cp balanced.db lost.db
sqlite3 lost.db "INSERT INTO stat (run, name, severity, value) VALUES (1, 'a # SKIP b \\', 'data_loss', 1)"
tap_is "hostile names: no directive of their own" \
	"$("$report" lost.db --tap | grep -m 1 -o '# TODO.*')" '# TODO undecided: data was lost: a \# SKIP b \\\\ 1'
tap_ok "hostile names: the JUnit XML is sound" xmllint --noout --schema "$root/tests/shell/junit.xsd" bad.xml
tap_is "... and its elements are those of harmless names" \
	"$(xmllint --xpath 'count(//*[name() != "property"])' bad.xml)" "$(xmllint --xpath 'count(//*[name() != "property"])' clean.xml)"
# tags FILE: the elements of the page, one a line, without those of what only the one trace has
tags() { grep -oE '<[a-zA-Z/!][^ >]*' "$1" | sort | uniq -c; }
sqlite3 clean.db "INSERT INTO event (run, mono_ns, kind, text) SELECT run, start_mono_ns, 'i', 'x' FROM run;
	INSERT INTO stat (run, name, severity, value) SELECT run, 'n', 'warning', 1 FROM run;
	UPDATE run SET label = 'l', settings = 'balance=5 y=5%20GiB x=4'; UPDATE action SET detail = 'd'"
"$report" clean.db --run 1 --criteria steal.ini --html clean.page >/dev/null
tap_like "a setting is told as it was given" "$(<clean.page)" '<dt>y</dt><dd>5 GiB</dd>'
tap_is "hostile names: the page has the elements of harmless ones" "$(diff <(tags bad.page) <(tags clean.page))" ""
for name in m v a r u y; do
	tap_is "hostile names: $name.csv has the rows of harmless ones" "$(wc -l <"bad.$name.csv")" "$(wc -l <"clean.$name.csv")"
	tap_is "... of as many fields each, none that is a formula" "$(
		sqlite3 :memory: ".import --csv bad.$name.csv t" "SELECT DISTINCT j.value FROM t, json_each(json_array($(
			head -n 1 "bad.$name.csv" | tr -d '\r' | sed 's/[^,]*/t."&"/g'))) AS j
			WHERE j.value GLOB '[=+@-]*' AND j.value NOT GLOB '-[0-9]*' AND j.value NOT IN ('==', '-')" 2>&1)" ""
done
tap_like "a formula is named as text" "$(cat bad.u.csv)" $'"\'=HYPERLINK\(""http://x"",""y""\)'

# ---- where it goes ----

# refused NAME PATTERN ARGUMENT...: one line on stderr that matches, status 2, nothing on stdout
refused() {
	local name=$1 pattern=$2
	shift 2
	"$report" "$@" >out 2>err
	tap_like "$name" "$? $(wc -l <err) $(wc -c <out) $(<err)" "^2 1 0 vmb-report: $pattern"
}
mkdir folder
ln -s nowhere link
mkfifo pipe
refused "two formats on standard output are refused" '--json and --tap: both to standard output' life.db --json --tap
refused "also by their names" '--csv and --html: both to standard output' life.db --html - --csv metrics
refused "two in one file" '--junit and --html: both to x' life.db --html x --junit x
refused "an unknown view names those that there are" '--csv v_all: there are metrics, verdicts, v_actions' life.db --csv v_all
refused "a directory" 'folder: is a directory' life.db --html folder
refused "a symbolic link" 'link: is a symbolic link' life.db --html link
refused "a pipe" 'pipe: is not a file' life.db --junit pipe
refused "the trace itself" '\./life.db: is read here' life.db --junit ./life.db
cp "$root/tests/cases/cpu-2.case" mine.case
refused "the criteria" '\./mine.case: is read here' life.db --criteria mine.case --html ./mine.case
tap_ok "which stay as they were" cmp "$root/tests/cases/cpu-2.case" mine.case
cp balanced.db other.db
refused "another trace" 'other.db: is a trace or another database' life.db --html other.db
tap_ok "which stays as it was" cmp balanced.db other.db
refused "no name" "--junit '': the value is empty" life.db --junit ""
tap_ok "a refused link stays one" [ -L link ]
"$report" life.db --html no/such.html >/dev/null 2>err
tap_like "a folder that is not there is named" "$? $(wc -l <err) $(<err)" '^3 1 vmb-report: no/such.html: No such file'
echo before >kept.html
"$report" nowhere.db --html kept.html >/dev/null 2>&1
tap_is "without a trace the page is what it was" "$(<kept.html)" before
ln kept.html old.html
"$report" balanced.db --html kept.html --junit kept.xml >kept.txt
tap_is "a file is replaced, not written into" "$(<old.html)" before
tap_like "text is printed beside files" "$(<kept.txt)" '^PASS '
tap_is "nothing is left beside them" "$(echo kept.*)" "kept.html kept.txt kept.xml"
"$report" balanced.db --junit - >stdout.xml
tap_ok "- is standard output" cmp kept.xml stdout.xml
"$report" balanced.db --csv v_vcpu_util >/dev/full 2>err
tap_like "a full disk is told" "$? $(<err)" '^3 vmb-report: standard output: No space'
"$bin/vmb-plot" balanced.db --term >/dev/full 2>err
tap_like "... of a chart too" "$? $(<err)" '^1 vmb-plot: standard output: No space'
PATH=/nowhere "$report" balanced.db --html bare.html >/dev/null
tap_is "without gnuplot there is a page" "$?" 0
tap_like "... that says so" "$(<bare.html)" 'No charts: gnuplot: not found'
tap_is "... and has no picture" "$(count '<img' bare.html)" 0

# pictures FILE: which charts have some
pictures() { grep -oE 'alt="Chart [a-z]+' "$1" | uniq | cut -d' ' -f2 | tr '\n' ' '; }
# with_mistakes SED [TIMES]: the page where gnuplot is given other scripts, the first TIMES; how often it was started is in `starts`
with_mistakes() {
	mkdir -p stub
	printf '%s\n' '#!/bin/sh' "echo >>'$work/starts'" \
		"if [ \$(wc -l <'$work/starts') -le ${2:-99} ]; then sed '$1'; else cat; fi >'$work/script'" \
		"exec '$(command -v gnuplot)' -d '$work/script'" >stub/gnuplot
	chmod +x stub/gnuplot
	: >starts
	PATH=$work/stub:$PATH "$report" balanced.db --html mistakes.page >/dev/null
}
with_mistakes ""
tap_is "a page is drawn by one gnuplot" "$(wc -l <starts)" 1
tap_ok "... as were there nothing between" cmp mistakes.page balanced.page
tap_is "... and has these charts, each twice" "$(pictures mistakes.page) $(count '<img' mistakes.page)" \
	"pcpu placement steal self  8"
with_mistakes "/^set style fill/s/.*/nonsense/"
tap_like "of a chart that fails the page tells why" "$(grep 'No chart' mistakes.page)" 'No chart placement: gnuplot failed: line [0-9]+: '
tap_is "... and has the others, drawn by another gnuplot" "$(pictures mistakes.page) $(wc -l <starts)" "pcpu steal self  3"
with_mistakes "/^set style fill/s/.*/nonsense/" 1
tap_is "what a gnuplot ends at is begun again by another" "$(pictures mistakes.page) $(wc -l <starts) $(grep -c 'No chart' mistakes.page)" \
	"pcpu placement steal self  2 0"
with_mistakes "s/^plot.*/nonsense/"
tap_is "where all fail each is told of" "$(grep -oE 'No charts?( [a-z]+)?: gnuplot failed' mistakes.page | tr '\n' ' ')" \
	"No chart pcpu: gnuplot failed No chart placement: gnuplot failed No chart steal: gnuplot failed No chart self: gnuplot failed "

# A report that is ended while it draws leaves neither a part of a page nor a gnuplot.
printf '%s\n' '#!/bin/sh' "echo \$\$ >'$work/drawing'" 'exec sleep 60' >stub/gnuplot
PATH=$work/stub:$PATH "$report" balanced.db --html ended.page >/dev/null &
drawer=$!
tap_wait . drawing
kill -TERM $drawer
wait $drawer
tap_is "a report that is ended while it draws" "$?" 143
tap_is "... leaves no part of a page" "$(find . -name 'ended.page*')" ""
for ((i = 0; i < 200; i++)); do
	kill -0 "$(<drawing)" 2>/dev/null || break
	sleep 0.05
done
tap_ok "... and no gnuplot" test $i -lt 200

# ---- the page in a browser ----

"$bin/vmb-cpu" 1 -c "sim:$root/tests/cases/cpu-5.case?duration=600s&noise=20%" --trace long.db >/dev/null 2>&1
"$report" long.db --html long.page >/dev/null
tap_ok "ten minutes are a page of 700 kB at most ($(wc -c <long.page))" [ "$(wc -c <long.page)" -le 700000 ]
tap_is "the page names nothing to load" "$(sed 's/src="data:image[^"]*"//' bad.page |
	grep -oiE '<[a-z][^>]*(src|href)=|url\(|@import')" ""

# browse FILE OPTION...: the page as a browser has it; what the page's console says is in `console`
browse() {
	local file=$1
	shift
	# its sandbox needs another user than root
	timeout 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/browser" \
		--enable-logging=stderr --v=0 "$@" "file://$work/$file" 2>browser.log
	local status=$?
	grep -a 'CONSOLE' browser.log >console
	return $status
}
# ask FILE WIDTH EXPRESSION: what a script finds in a page that is shown in a frame of so many pixels; it runs in a copy that allows it
ask() {
	sed 's|<meta http-equiv="Content-Security-Policy"[^>]*>||' "$1" >asks.html
	echo "<script>onload = () => parent.postMessage($3, '*')</script>" >>asks.html
	cat >frame.html <<-END
		<iframe src="asks.html" style="width: $2px; height: 800px; border: 0"></iframe>
		<script>onmessage = e => document.title = "said " + e.data</script>
	END
	browse frame.html --virtual-time-budget=5000 --dump-dom | grep -aoE '<title>said [^<]*' | cut -d' ' -f2-
}
# width FILE: how wide a page wants to be on a telephone
width() { ask "$1" 390 'document.documentElement.scrollWidth'; }
# charts FILE WIDTH: which charts are shown, and which of them are cut, or smaller than nine tenths of what was drawn
charts() {
	ask "$1" "$2" "[...document.querySelectorAll('.card img')].filter(i => i.offsetWidth).map(i => i.className +
		(i.getBoundingClientRect().right > innerWidth || i.offsetWidth > i.parentNode.clientWidth ? ' cut' : '') +
		(i.offsetWidth < 0.9 * i.getAttribute('width') ? ' small' : '')).join()"
}
if ! command -v chromium >/dev/null; then
	tap_skip "the page in a browser" "no chromium here (tests/lab/install-packages page)"
else
	cp bare.html bare.page
	for page in bad long empty bare; do
		cp $page.page $page.html
		browse $page.html --dump-dom >dom
		tap_is "$page: the browser shows it" "$?" 0
		tap_is "... and its console says nothing" "$(<console)" ""
		[ $page != bad ] || tap_like "hostile names are seen as they are" "$(<dom)" '&lt;script&gt;alert\(1\)&lt;/script&gt;'
	done
	sed 's|</h1>|&<script>document.title = "ran"</script><img src="https://localhost/x.png">|' lopsided.page >injected.html
	browse injected.html --dump-dom >dom
	tap_is "were there a script or a picture from elsewhere, the console would tell" "$(count 'Content Security Policy' console)" 2
	tap_is "... and the script would not run" "$(count '<title>ran' dom)" 0
	for page in bad long; do
		tap_is "$page: no wider than a telephone" "$(width $page.page)" 390
	done
	tap_is "on a telephone the charts are those drawn for it, whole and as large" "$(charts long.page 390)" \
		"narrow,narrow,narrow,narrow,narrow"
	tap_is "on a wide screen they are the large ones" "$(charts long.page 1100)" "wide,wide,wide,wide,wide"
	tap_is "between they shrink" "$(charts long.page 700)" "wide small,wide small,wide small,wide small,wide small"
	sed 's|<main>|&<p style="width: 600px">wide</p>|' long.page >wide.page
	tap_ok "something wide would be seen" [ "$(width wide.page)" -gt 390 ]
fi
tap_done
