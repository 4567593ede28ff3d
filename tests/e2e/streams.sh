# stdin is empty, output is streamed to files, binary intact, 100 MB in constant memory
. "${0%/*}/lib.sh" || exit 1

cat > stdin.weft <<'W'
task reader {
  out o = "got"
  run { 
    wc -c > ~{o}
  }
}
W
OUT=$(yes | head -c 100000 | "$WEFT" run stdin.weft 2>&1)
check "stdin of a task is empty, whatever the driver's is" same got 0

cat > big.weft <<'W'
task big {
  run { 
    head -c 104857600 /dev/zero
    head -c 104857600 /dev/zero >&2
  }
}
W
last_logs() { echo "$(ls -d .weft/runs/* | tail -n 1)/logs"; }
both_whole() { [ "$(find "$(last_logs)" -type f -size 104857600c | wc -l)" = 2 ]; }
if bash -c 'ulimit -v 400000; exec "$0" --version' "$WEFT" > /dev/null 2>&1; then
	bash -c 'ulimit -v 400000; exec "$0" run big.weft --no-sandbox' "$WEFT" > log 2>&1 </dev/null
	RC=$?
	OUT=$(cat log)
	check "100 MB on both streams, with little address space" rc 0
	check "are all there" both_whole
else
	echo "# skip little address space: this build needs more of it by itself"
fi
peak=$(WEFT=$WEFT python3 - <<'P' 2>/dev/null
import os, resource, subprocess
subprocess.run([os.environ["WEFT"], "run", "big.weft", "-q"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
P
)
if [ -n "$peak" ]; then
	check "100 MB on both streams in constant memory (peak ${peak} MB)" [ "$peak" -lt 64 ]
	check "... are all there" both_whole
else
	echo "# skip peak memory: no python3"
fi

cat > bin.weft <<'W'
task bytes {
  out o = "bytes.out"
  in  i = file("bytes.in")
  run { 
    cat ~{i}
    cat ~{i} > ~{o}
  }
}
W
for i in $(seq 0 255); do printf "\\$(printf %03o "$i")"; done > bytes.in
run bin.weft
check "binary output of a task is intact" cmp -s bytes.in bytes.out
check "binary stdout is intact" cmp -s bytes.in "$(find "$(last_logs)" -name 'stdout*')"

cat > cwd.weft <<W
task where {
  run { 
    test ! -e cwd.weft && test -w . && pwd && test "\$(ls -A | wc -l)" -le 1
  }
}
W
run cwd.weft
check "a task starts in a fresh directory, not the workspace" rc 0
finish
