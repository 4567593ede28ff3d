# on a terminal: one line that is rewritten, never wider than the window
. "${0%/*}/lib.sh"

command -v script > /dev/null || skip "no script(1)"
cat > wf.weft <<'W'
task a_task_with_quite_a_long_name_that_does_not_fit for i in 0..7 { 
  label "任务一"
  run { 
    read -t 0.3 x <> fifo || true
  }
}
W
sed -i 's/read -t.*/sleep 0.2/' wf.weft
TERM=xterm script -qec "stty cols 40 rows 10; '$WEFT' run wf.weft -j2" log > /dev/null 2>&1 </dev/null
OUT=$(cat log)
check "the line is rewritten" grep -q "$(printf '\r')\[" log
check "it is cut in the middle" grep -q '\.\.\.' log
wide=$(tr '\r' '\n' < log | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | grep '^\[.*running' | awk '{ if (length($0) > m) m = length($0) } END { print m + 0 }')
check "it is never wider than the window ($wide)" [ "$wide" -gt 10 -a "$wide" -lt 40 ]
check "the last line is whole" grep -q '8 ok' log
TERM=dumb script -qec "'$WEFT' run wf.weft -j4" log > /dev/null 2>&1 </dev/null
check "a dumb terminal gets plain lines" no grep -q "$(printf '\033')" log
finish
