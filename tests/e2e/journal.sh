# a journal that was cut or damaged: the same command goes on, says so when it was no torn end, never skips wrongly
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
workflow "ten"
task part for i in 0..9 {
  out o = "part/~{i}.txt"
  run {
    echo ~{i} > ~{o}
  }
}
task all {
  in  x = part[*].o
  out a = "all.txt"
  run {
    cat ~{x} > ~{a}
  }
}
W
want=$(seq 0 9)
right() { same all.txt "$want"; }
again() { run wf.weft -q; }
ran() { # how many instances
	n=$(printf '%s\n' "$OUT" | sed -n 's/^ten: \([0-9]*\) ok.*/\1/p')
	test "${n:-0}" "$1" "$2"
}
again
check "the first run does all" rc 0
check "... rightly" right
check "... once" ran -eq 11
again
check "the second nothing" ran -eq 0
cp .weft/journal whole
size=$(stat -c %s whole)
for c in "1 -eq 1" "7 -eq 1" "13 -eq 1" "$((size / 3)) -gt 1" "$((size / 2)) -gt 3" "$((size - 45)) -eq 11"; do
	cut=${c%% *}
	head -c $((size - cut)) whole > .weft/journal
	rm -f all.txt
	again
	check "$cut bytes cut: ends well" rc 0
	check "$cut bytes cut: rightly" right
	# shellcheck disable=SC2086 # two words
	check "$cut bytes cut: what was cut is done again, and what is missing" ran ${c#* }
	again
	check "$cut bytes cut: then all is known" ran -eq 0
done
check "torn ends are not worth a word" absent .weft/journal.damaged-1
for at in $((size / 4)) $((size / 2)) $((size - 9)); do
	cp whole .weft/journal
	printf '\125' | dd of=.weft/journal bs=1 seek="$at" conv=notrunc 2>/dev/null
	cmp -s whole .weft/journal && continue
	rm -f all.txt
	again
	check "damage at $at: ends well" rc 0
	check "damage at $at: is said" says "warning[W1072]"
	check "damage at $at: rightly" right
	again
	check "damage at $at: then all is known" ran -eq 0
	check "damage at $at: ... without a word" silent_on W1072
done
check "the damaged ones are kept" [ -e .weft/journal.damaged-1 ]
echo "no journal at all" > .weft/journal
again
check "no journal at all: ends well" rc 0
check "no journal at all: all is done again" ran -eq 11
rm .weft/journal && mkdir .weft/journal
again
check "what cannot be a journal is refused" rc 4
check "... with the reason" says "error[E1070]: cannot open"
rmdir .weft/journal
cp whole .weft/journal
printf '\002' | dd of=.weft/journal bs=1 seek=8 conv=notrunc 2>/dev/null
again
check "a changed version is damage, not news" says "warning[W1072]"

# cut by somebody while it is in use: that is said, nothing goes on unseen, and the same command ends well
rm -rf .weft part all.txt
cat > slow.weft <<W
task slow for i in 0..9 {
  out o = "slow/~{i}"
  run {
    until test -e $T/go; do sleep 0.02; done
    echo ~{i} > ~{o}
  }
}
W
cp slow.weft copy.weft # another run before it makes the journal longer than a page
sed -i 's/0..9/0..200/; s/slow/much/; s/until.*/true/' copy.weft
run copy.weft -q
"$WEFT" run slow.weft -q -j2 > log 2>&1 </dev/null &
pid=$!
begun_any() { "$WEFT" status 2>/dev/null | grep -q "running,"; }
begun() { "$WEFT" status 2>/dev/null | grep -q "2 running"; }
check "a run is going on" within 20 begun
: > .weft/journal
touch go
wait $pid
RC=$?
OUT=$(cat log)
check "a journal that was cut in use ends the run with a status" rc 4
check "... and with a word" says "was cut or cannot be read while it is in use"
run slow.weft -q
check "... and the same command ends well" rc 0
check "... rightly" same slow/9 9

# two drivers begin at once; the workspace is reached by a link; nothing can be written
rm -rf .weft part all.txt go
"$WEFT" run slow.weft -q > log 2>&1 </dev/null &
pid=$!
check "one driver runs" within 20 begun_any
run slow.weft -q
check "another at once stands back" rc 6
touch go
wait $pid
check "the first ends well" [ $? = 0 ]
ln -s . here
OUT=$(cd here && "$WEFT" run slow.weft 2>&1 </dev/null)
check "by way of a link nothing is new" says "nothing to do"
finish
