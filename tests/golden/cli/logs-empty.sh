# an empty log is told of on standard error, and only there
cat > job.weft <<'W'
task quiet { run "true" }
task loud { run { echo out } }
task each for i in 0..2 { run "true" }
W
weft run -q job.weft >/dev/null 2>&1
weft logs quiet 2>&1 >out
echo "status $?, $(stat -c %s out) bytes"
weft logs quiet --stderr
weft logs 'each[1]' --stdout
weft logs loud
weft logs loud --stderr
weft logs quiet --json
