# that nothing had to be done is remembered, and never believed of anything that has changed since
. "${0%/*}/lib.sh" || exit 1
unset WEFT_NO_CACHE

cat > wf.weft <<'W'
task one {
  in  i = "in.txt"
  out o = "one.txt"
  run {
    cat ~{i} > ~{o}
  }
}
task two {
  in  i = one.o
  out o = "two.txt"
  run {
    tr a-z A-Z < ~{i} > ~{o}
  }
}
W
echo abc > in.txt

settled() { find .weft/cache -name 'settled-*'; }
# Run until it is remembered: the workflow is read from the cache, then the actions, then nothing is left to be done.
settle() {
	for _ in 1 2 3 4; do run wf.weft; done
	check "settled" eval 'rc 0 && says "2 instances current, nothing to do" && [ -n "$(settled)" ]'
}
# ran WORDS: that is what the last run did, and the results are those of a clean build
ran() {
	rc 0 && says "$1" && [ "$(cat one.txt)" = "$(cat in.txt)" ] && [ "$(cat two.txt)" = "$(tr a-z A-Z < in.txt)" ]
}
# same_times FILE TEXT: new content of the same length, with the time that the file had
same_times() { touch -r "$1" stamp && printf '%s\n' "$2" > "$1" && touch -r stamp "$1"; }

run wf.weft
check "the first run" ran "2 ok"
settle
run wf.weft
check "nothing to do" ran "nothing to do"
run wf.weft two
check "a target" ran "nothing to do"
run wf.weft --failed
check "--failed" rc 0
run wf.weft --force one
check "--force" ran "1 ok, 1 cut off"
settle

same_times in.txt abd
run wf.weft
check "an input of the same size and time" ran "2 ok"
settle
same_times one.txt abe
run wf.weft
check "an output of the same size and time" ran "1 ok, 1 cut off"
settle
rm two.txt
run wf.weft
check "an output that is gone" ran "1 ok, 1 current"
settle
mv two.txt old.txt && echo else > other.txt && ln -s other.txt two.txt
run wf.weft
check "an output that is a link to something else" ran "1 ok, 1 current"
settle
rm in.txt && mkdir in.txt
run wf.weft
check "an input that is a directory now" eval '! rc 0 || ! says "nothing to do"'
rmdir in.txt && echo abd > in.txt
run wf.weft
settle
cp one.txt copy && mv copy one.txt
run wf.weft
check "the same content in another file" ran "nothing to do"
settle
sed -i 's/a-z A-Z/a-z  A-Z/' wf.weft
run wf.weft
check "a command" ran "1 ok, 1 current"
settle

cp "$(settled)" kept
for bytes in "" short 0123456789abcdef "$(head -c 200 wf.weft)"; do
	printf '%s' "$bytes" > "$(settled)"
	run wf.weft
	check "damaged: nothing to do" ran "nothing to do"
	printf '%s' "$bytes" > "$(settled)"
	same_times two.txt xyz
	run wf.weft
	check "damaged: an output that was edited" ran "1 ok, 1 current"
done
cp kept "$(settled)"
same_times one.txt abf
run wf.weft
check "one of an earlier state" ran "1 ok, 1 cut off"
settle
head -c -1 .weft/journal > cut && cat cut > .weft/journal
run wf.weft
check "a journal without its last record" ran ""
settle
rm .weft/journal
run wf.weft
check "no journal" ran "2 ok"
settle
mkdir moved && cp -r in.txt one.txt two.txt wf.weft .weft moved && cd moved || exit 1
run wf.weft
check "a copy of all of it is read, and current" ran "nothing to do"
echo zzz > two.txt
run wf.weft
check "... and its own" ran "1 ok, 1 current"
finish
