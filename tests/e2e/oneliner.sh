# one-liners: a command over a table runs again row by row, and a command behind -- hands on its streams and status
. "${0%/*}/lib.sh" || exit 1
through() {
	OUT=$("$WEFT" run "$@" 2>err </dev/null)
	RC=$?
}
mkdir data
echo 1 > data/x.txt
printf '1\n2\n' > data/y.txt
printf "id\tfile\tnote\na\tdata/x.txt\tit's; \$(touch bad) \"\nb\tdata/y.txt\ttwo\n" > sheet.tsv
each() { run 'wc -l < {text} > {n}; echo {note} >> {n}' --each sheet.tsv --in 'text={file}' --out 'n=counts/{id}.txt' "$@"; }
each
check "a command over two rows" says "each: 2 ok"
check "a cell is one word, whatever is in it" same counts/a.txt "1
it's; \$(touch bad) \""
check "and nothing else" absent bad
check "the other row" same counts/b.txt "2
two"
each
check "again: nothing to do" says "nothing to do"
printf "id\tfile\tnote\nb\tdata/y.txt\ttwo\nc\tdata/x.txt\tthree\na\tdata/x.txt\tit's; \$(touch bad) \"\n" > sheet.tsv
each
check "a row more runs, in whatever order they stand" says "1 ok, 2 current"
echo 3 >> data/y.txt
each
check "a changed input runs its row" says "1 ok, 2 current"
sed -i 's/three/four/' sheet.tsv
each -n
check "a changed cell is a changed command" says "each[c]"
check "of one row" says "1 to run, 2 current"
check "which says what to type" says "--each sheet.tsv"
each
check "and runs" says "1 ok, 2 current"
each --emit > each.weft
printf '%s\n' "$OUT" > each.weft
run each.weft
check "as a file it has run already" says "nothing to do"
OUT=$("$WEFT" logs 'each[c]' 2>&1)
check "logs have names" [ $? = 0 ]

through -- sh -c 'echo out; echo err >&2; exit 9'
check "the status of a command comes through" rc 9
check "and its standard output" [ "$OUT" = out ]
check "and its standard error" [ "$(cat err)" = err ]
through -- echo "it's" '$HOME' '' 'a"b' 'c\d' '~{e}'
check "its words are what they were" [ "$OUT" = "it's \$HOME  a\"b c\\d ~{e}" ]
through -- echo again
through -- echo again
check "it runs each time" [ "$OUT" = again ]
through -p data/x.txt -- cat x.txt
check "with what is packed" [ "$OUT" = 1 ]
through -- sh -c 'kill -9 $$'
check "a signal is 128 and its number" rc 137
through -- no-such-program
check "what cannot be started is a failed task" rc 1
check "and is explained" grep -q "R106 could not be started" err
OUT=$("$WEFT" show 2>&1)
check "the record has it" says "weft run -- no-such-program"
finish
