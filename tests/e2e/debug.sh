# weft exec and weft shell: one instance by itself, in its place; nothing is published, recorded or left
. "${0%/*}/lib.sh" || exit 1
weft() {
	OUT=$("$WEFT" "$@" 2>err </dev/null)
	RC=$?
}
both_or_none() { [ -e "$1" ] && [ -e "$2" ] || { absent "$1" && absent "$2"; }; }
cat > wf.weft <<'W'
task split {
  out part[2] = "parts/~{index}.txt"
  run {
    mkdir -p parts
    echo a > parts/0.txt
    echo b > parts/1.txt
  }
}
task count for i in 0..1 {
  in  part = split.part[i]
  out n = "counts/~{i}.txt"
  run {
    echo left > left.txt
    echo "counting ~{i}, $BATCH_COMPUTE_DAG_TASK_ID $BATCH_COMPUTE_DAG_INSTANCE_ID"
    echo complaint >&2
    wc -l < ~{part} > ~{n}
    exit $((~{i} * 3))
  }
}
task die {
  run { kill -9 $$
  }
}
task place {
  in_place = true
  run "touch here"
}
W
sed -i 's/run { kill -9 \$\$/run {\n    kill -9 $$/' wf.weft
weft exec 'count[1]'
check "what it needs has to be there" rc 3
check "and is named" grep -q "E0333.*parts/1.txt" err
"$WEFT" run split -q >/dev/null 2>&1
weft exec 'count[1]'
check "its exit status is ours" rc 3
check "its standard output, and nothing else, is ours" [ "$OUT" = "counting 1, count 1" ]
check "its standard error is ours" [ "$(cat err)" = complaint ]
check "nothing is published" absent counts/1.txt
check "nothing is left" [ -z "$(ls -A .weft/debug)" ]
check "nothing is recorded" [ "$("$WEFT" history 2>/dev/null | wc -l)" = 2 ]
weft exec die
check "a signal is 128 and its number" rc 137
weft exec count
check "one instance at a time" rc 64
weft exec place
check "what cannot be undone is refused" rc 3
check "and not done" absent here
weft exec 'count[0]' --keep
check "--keep keeps" [ -f .weft/debug/*/work/count.0.1/w/counts/0.txt ]
rm -rf .weft/debug

weft shell 'count[1]' -c 'ls; cat left.txt; exit 9'
check "a shell's exit status is ours" rc 9
check "before it ran there is no leftover" no says left
check "its outputs have their directory" says counts
OUT=$("$WEFT" run wf.weft 2>&1)
check "the failure says how to get there" says "weft shell wf.weft "
"$WEFT" run -k wf.weft 'count[0]' 'count[1]' >/dev/null 2>&1
weft shell 'count[1]' -c 'cat left.txt; touch mine'
check "afterwards a shell has what the failed attempt left" says left
check "a copy: that stays as it was" absent .weft/runs/*/work/count.1.1/w/mine
weft shell 'count[1]' --fresh -q -c 'cat left.txt'
check "or not" rc 1
check "quietly" [ "$(cat err)" = "cat: left.txt: No such file or directory" ]
OUT=$(echo 'echo told; exit 4' | "$WEFT" shell 'count[0]' -q 2>&1)
RC=$?
check "without a terminal it reads its input" says told
check "and ends as that says" rc 4
weft shell 'count[0]' -q -c "echo no > $T/outside"
printf 'task t {\n  run {\n    echo no > %s/inside\n  }\n}\n' "$T" > cannot.weft
"$WEFT" run -q -f cannot.weft >/dev/null 2>&1
rm cannot.weft
check "outside of it a shell can write what a run can" both_or_none outside inside
# TERM goes to the instance, and the directory goes
"$WEFT" shell 'count[0]' -q -c "sleep $MARK" >/dev/null 2>&1 &
pid=$!
within 10 grep -qxazs -f "$T/.mark" /proc/[0-9]*/cmdline # sleep itself: a word of its own
kill $pid
wait $pid
RC=$?
check "a signal ends it" rc 143
check "all of it" within 10 quiet_now
OUT=$(find .weft/debug)
check "and nothing is left" [ "$OUT" = .weft/debug ]

if command -v python3 > /dev/null; then
	OUT=$(timeout 60 python3 "$HERE/typed.py" "$WEFT" shell 'count[0]' 2>&1)
	check "on a terminal it has one of its own" says "/dev/"
	check "where Ctrl-C ends what runs in it, not it" says "status 7"
fi
finish
