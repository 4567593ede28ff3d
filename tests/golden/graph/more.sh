# an expanded task shows 200 instances and one box for the rest
cat >more.weft <<'END'
workflow "more"
task a for i in 0 .. 99999 {
  out o = "a/~{i}"
  run "true"
}
task b {
  in i = a[*].o
  run "true"
}
END
weft graph more.weft --format mermaid --expand a >out
head -4 out
grep -n 'more' out
wc -l <out
