# what a killed driver leaves is cleared away by the next run: work directories, and copies beside their targets
. "${0%/*}/lib.sh" || exit 1

left() { ls -d .weft/runs/*/work .weft/trash 2>/dev/null | grep -q .; }
mkdir outside && echo precious > outside/file
cat > wf.weft <<W
workflow "w" {
  fail_fast = false
}
task bad {
  run {
    echo to look at > scrap
    exit 3
  }
}
task long {
  out o = "o.txt"
  run {
    mkdir -p deep/er && ln -s $T/outside deep/er/link && ln -s $T/outside ../other
    mkdir many; touch many/1; chmod 500 deep/er; mkdir many/3
    test -e $T/short || sleep $MARK
    echo whole > ~{o}
  }
}
W
"$WEFT" run wf.weft -j2 > log 2>&1 </dev/null &
pid=$!
kept() { [ -e .weft/runs/0001/work/bad.0.1/kept ] && [ -d .weft/runs/0001/work/long.0.1/w/many/3 ]; }
check "one fails, the other runs" within 20 kept
kill -9 $pid
wait $pid 2>/dev/null
touch short
run wf.weft
check "the next run goes on" rc 7
check "the directory of the attempt that was running is gone" no ls -d .weft/runs/0001/work/long.0.1
swept() { "$WEFT" run wf.weft --force long > /dev/null 2>&1 </dev/null; [ ! -e .weft/trash ]; }
check "... and in the end what was in it" within 20 swept
check "... all of it" [ -z "$(find .weft -name many)" ]
check "a link in it was not followed" same outside/file precious
check "the kept directory of a failed attempt is still there" same .weft/runs/0001/work/bad.0.1/w/scrap "to look at"
rm -rf .weft
run wf.weft --no-sandbox
check "a run that ends leaves kept directories only" no ls -d .weft/runs/0001/work/long.0.1

# an output on another file system is copied beside its target first
far=$(mktemp -d /dev/shm/weft-e2e.XXXXXX 2>/dev/null) || { echo "# skip copies beside targets: no /dev/shm"; finish; }
trap 'rm -rf "$far"; cleanup' EXIT
cat > far.weft <<W
task big {
  out o = "oss://far/big"
  run {
    head -c 400000000 /dev/zero > ~{o}
  }
}
W
copying() { ls "$far"/.weft-tmp-* >/dev/null 2>&1; }
"$WEFT" run far.weft --store oss://far="$far" > log 2>&1 </dev/null &
pid=$!
within 30 copying
kill -9 $pid
wait $pid 2>/dev/null
if copying; then
	check "half a copy is not under its final name" absent "$far/big"
	run far.weft --store oss://far="$far"
	check "the next run makes it whole" [ "$(stat -c %s "$far/big")" = 400000000 ]
	check "... and removes the half" no copying
else
	echo "# skip copies beside targets: the copy was faster than its killer"
fi
finish
