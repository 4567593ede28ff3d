# what has changed of a list or a script: lines that are there in addition, that are gone, or that differ
export COLUMNS=80
wf() { # NAMES SCRIPT
	cat > wf.weft <<E
workflow "wf"
task one for n in [$1] {
  out o = "~{n}.txt"
  run "touch ~{o}"
}
task all {
  in texts = one[*].o
  out o = "all.txt"
  run {
$2
  }
}
E
}
after() { # THEN: what the plan says of the task `all`
	weft run -q > /dev/null 2>&1 || echo "run failed"
	"${@:2}"
	echo "$1: $(weft why all 2>&1)"
}
cat='    cat ~{texts} > ~{o}'
first='    echo a'
wf '"a", "b"' "$cat"
after "two inputs more" wf '"a", "b", "c", "d"' "$cat"
after "one less, in the middle" wf '"a", "c", "d"' "$cat"
after "another one" wf '"a", "c", "x"' "$cat"
after "a line before" wf '"a", "c", "x"' "$first
$cat"
after "a line behind, like the first" wf '"a", "c", "x"' "$first
$cat
$first"
after "the last line gone" wf '"a", "c", "x"' "$first
$cat"
after "the end of another line" wf '"a", "c", "x"' "    b; echo a
$cat"
