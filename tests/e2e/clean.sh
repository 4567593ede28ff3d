# weft clean --stale: what nothing makes any more goes, what was changed since stays
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
table rows = tsv("rows.tsv", id = string)
task a for r in rows by id {
  out o = "a/~{r.id}"
  run {
    echo ~{r.id} > ~{o}
  }
}
task b {
  out o = "b.txt", d: dir = "b.d"
  run {
    echo b > ~{o}
    mkdir ~{d}; echo 1 > ~{d}/1
  }
}
task c {
  out o = "c.txt"
  run {
    echo c > ~{o}
  }
}
W
printf 'id\nx\ny\nz\n' > rows.tsv
run -q
check "it runs" rc 0
clean() { OUT=$("$WEFT" clean --stale "$@" 2>&1 </dev/null); RC=$?; }
clean
check "nothing is stale" says "nothing is stale"
printf 'id\nx\nz\n' > rows.tsv
sed -i '/^task b/,/^}/d; s/"c.txt"/"c2.txt"/' wf.weft
echo changed > c.txt
clean -n
check "listed: a row's" says "stale    a/y"
check "listed: a task's" says "stale    b.txt"
check "listed: a directory" says "stale    b.d"
check "listed: changed since" says "changed  c.txt"
check "nothing was removed" [ -e a/y ] 
check "... and that is said" says "3 stale, 1 changed since and kept"
clean --json -n
check "as JSON" says '{"path":"a/y","what":"stale"}'
clean
check "removed" says "3 removed, 1 changed since and kept"
check "... really" absent b.d
check "... and only that" [ "$(ls a | tr '\n' ' ')" = "x z " ]
check "what was changed stays" same c.txt changed
rm c.txt
clean
clean
check "then nothing is stale" says "nothing is stale"
rm a/x
clean -n
check "what is gone already is nothing to list, and nothing to write" rc 0
run
check "the rest is current" says "2 ok, 1 current"
OUT=$("$WEFT" clean 2>&1 </dev/null); RC=$?
check "it wants to be told what" rc 64
finish
