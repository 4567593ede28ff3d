# on a terminal: an area of a line a task that is drawn anew, lines above it that stay; nothing but lines elsewhere
. "${0%/*}/lib.sh" || exit 1

command -v python3 > /dev/null || skip "no python3"
export TERM=xterm
# look [OPTIONS] -- ARGS: what a person sees of weft run ARGS
look() { OUT=$(python3 "$HERE/onscreen.py" "${opts[@]}" -- "$WEFT" run "$@" 2>&1); }
area() { says "area at most $1 lines of $2 columns"; }
has() { grep -qaF "$(printf "$1")" raw; }

flat() { case $(printf '%s' "$OUT" | tr -d '\n') in *"$1"*) ;; *) return 1 ;; esac; }

cat > wf.weft <<'W'
task first {
  out o = "first.txt"
  run "touch ~{o}"
}
task a_task_with_quite_a_long_name for i in 0..59 {
  in  f = first.o
  out o = "a/~{i}.txt"
  retry 1
  run {
    if [ ~{i} = 7 ] || [ ~{i} = 9 ]; then echo "no luck" >&2; exit 3; fi
    touch ~{o}
  }
}
task quality for i in 0..59 {
  label "比对质量统计"
  in  f = first.o
  out o = "q/~{i}.txt"
  run "touch ~{o}"
}
task last {
  in  f = a_task_with_quite_a_long_name[*].o
  out o = "last.txt"
  run "touch ~{o}"
}
W
for cols in 40 80 200; do
	rm -rf .weft a q ./*.txt
	opts=(--size "${cols}x24" --raw raw)
	look wf.weft -k -j 8
	widest=$(printf '%s\n' "$OUT" | sed -n 's/^== .* lines of \([0-9]*\) columns.*/\1/p')
	check "$cols columns: the area is never wider ($widest)" [ "$widest" -gt 10 -a "$widest" -lt "$cols" ]
	check "... and gone at the end" no says '░'
	check "... the run is told of in full" flat "2 failed, 119 ok, 1 skipped, 2 retried"
	check "... equal retries are one line" [ "$(printf '%s' "$OUT" | tr -d '\n' | grep -o 'trying again' | wc -l)" = 1 ]
done
check "a label stands for the name" has '比对质量统计  '
check "there is a bar" has '░'
check "and colour" has '\033[1;31m'

# --- colours and characters
rm -rf .weft a q ./*.txt
NO_COLOR=1 look wf.weft -k -j 8
check "NO_COLOR" no has '\033[3'
look --force first --color always wf.weft first
check "--color always" has '\033[2m'
look --force first --color never wf.weft first
check "--color never" no has '\033[2m'
LC_ALL=C look --force quality wf.weft quality
check "a locale without UTF-8" has '[......'
check "... has no other characters of ours" no has '░'
TERM=dumb look --force first wf.weft first
check "a dumb terminal gets lines" no has '\033'
look --force first --ui plain wf.weft first
check "--ui plain too" no grep -qaE "$(printf '\033\\[[0-9]*[AJ]')" raw

# --- how long it still takes: told from an earlier run only
cat > eta.weft <<'W'
task steady for i in 0..5 {
  run "sleep 0.4"
}
W
opts=(--size 80x24 --raw raw)
look eta.weft -j 2
check "nothing to tell it from" has 'eta -'
check "... so it is not told" no grep -qa 'eta [0-9]' raw
look eta.weft -j 2 --force steady
check "an earlier run says it" grep -qa 'eta 1 s' raw

# --- while it runs: nine tasks, each held until the file is there; the window becomes narrower; Ctrl-C
for t in 0 1 2 3 4 5 6 7 8; do
	printf 'task a_held_task_%s {\n  run {\n    until [ -e %s/go ]; do sleep 0.02; done\n  }\n}\n' $t "$T"
done > held.weft
opts=(--size 100x24 --when '9 running, 2 more tasks' --resize 50x24 --when '9 run\b' --keys '' --keys '\x03' --raw raw)
look held.weft -j 9
check "no more than eight lines, within the new width" says 'area at most 8 lines of 49 columns, status 130'
check "Ctrl-C is answered" flat 'Ctrl-C again: at once'
check "the area leaves nothing behind" [ "$(printf '%s\n' "$OUT" | grep -c 'a_held_task_0 ')" = 0 ]
check "... of its last line either" [ "$(printf '%s\n' "$OUT" | grep -c '^\[[0-9]*/')" = 0 ]

# --- the same of a run that goes on elsewhere
"$WEFT" run --detach held.weft -j 9 > /dev/null 2>&1 </dev/null
opts=(--size 60x24 --when '9 running, 2 more tasks' --keys '\x03' --raw raw)
OUT=$(python3 "$HERE/onscreen.py" "${opts[@]}" -- "$WEFT" attach 2>&1)
check "weft attach shows it, too" says 'area at most 8 lines of'
check "... and leaves it alone" flat 'goes on: weft attach'
check "... and a clean terminal" [ "$(printf '%s\n' "$OUT" | grep -c 'a_held_task_0 ')" = 0 ]
"$WEFT" cancel --yes > /dev/null 2>&1 </dev/null

# --- a terminal that takes nothing: the run goes on without it
cat > much.weft <<W
task much for i in 0..1999 {
  run "true a-long-line-of-words-for-the-terminal-a-long-line-of-words-for-the-terminal-a-long-line-of-words-for-the-terminal"
}
task done {
  after much
  in_place = true
  run "touch $T/over"
}
W
opts=(--size 80x24 --stall "$T/over" --raw raw)
look much.weft -v -j 8
check "a stalled terminal does not stall the run" says 'status 0'
check "it is told what it has missed" flat 'lines are not shown: they were not taken in time'
check "and how it ended" flat '2,001 ok'
rm over
cat > wrong.weft <<W
task much for i in 0..1999 {
  run "true a-long-line-of-words-for-the-terminal-a-long-line-of-words-for-the-terminal-a-long-line-of-words-for-the-terminal"
}
task done {
  after much
  in_place = true
  run "sh -c 'touch $T/over; exit 3'"
}
W
sed 's/exit 3/exec sleep 1000/' wrong.weft > long.weft
gone() { ! kill -0 "$1" 2>/dev/null; }
for w in much wrong long asked; do # the end, its failures, the midst; that by weft cancel
	how=$w
	[ $w != asked ] || w=long
	mkfifo stalled
	exec 6<> stalled
	"$WEFT" run $w.weft --force much --force done -v 2>&6 >/dev/null </dev/null &
	pid=$!
	check "$how: with all of it held up" within 60 [ -e "$T/over" ]
	if [ $how = asked ]; then
		"$WEFT" cancel --yes > said 2>&1 < /dev/null
		check "... weft cancel sees it end" grep -q '^run [0-9]* cancelled' said
	else
		kill -TERM $pid
	fi
	check "... one signal or request frees it" within 10 gone $pid
	wait $pid
	RC=$?
	exec 6>&-
	check "... with what the run came to, or the signal" [ $RC = 0 -o $RC = 1 -o $RC = 143 -o "$how-$RC" = asked-5 ]
	rm -f over stalled
done
finish
