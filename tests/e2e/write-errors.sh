# the driver's own write errors are failures
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
task t for i in 0..3 { 
  run { 
    true
  }
}
W
"$WEFT" run wf.weft > /dev/full 2> log </dev/null
RC=$?
OUT=$(cat log)
check "standard output that cannot be written" rc 4
check "... is said" says "E1005"
rm -rf .weft
"$WEFT" run wf.weft > /dev/null 2> /dev/full </dev/null
RC=$?
check "standard error that cannot be written" rc 4
rm -rf .weft
"$WEFT" run wf.weft 2>/dev/null </dev/null | true
check "a reader that went away does not kill the run" [ "${PIPESTATUS[0]}" != 141 ]

if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=64k,mode=755 none small 2>/dev/null; then
	trap 'umount -l "$T/small"; cleanup' EXIT
	cp wf.weft small/
	(cd small && head -c 40000 /dev/zero > fill
	sed -i 's/0..3/0..999/; s/true/true/' wf.weft
	"$WEFT" run wf.weft > ../log 2>&1 </dev/null)
	RC=$?
	OUT=$(cat log)
	check "a full disk is never success" no rc 0
	check "... and is said" says "No space left"
else
	echo "# skip full disk: no small file system can be mounted"
fi
finish
