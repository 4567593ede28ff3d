# --pools: clusters as pools of machines, as many instances of one at once as it has machines
. "${0%/*}/lib.sh" || exit 1

mkdir ws && cd ws || exit 1
unset WEFT_SITE # the site file here is the one that counts
cat > weft.site <<S
engine local {
  writable = ["$T"]
}
cluster "cls-two" {
  machine = "tiny"
  nodes   = 2
}
cluster "cls-one" {
  machine = "tiny"
  nodes   = 1
}
machine "tiny" {
  cpu = 1
  mem = 64MB
}
S
# meet N: go on when N instances are here at the same time
meet='meet() { : > '$T'/here.$$.~{i}.$2; until [ $(ls '$T' | grep -c "^here.*$2$") -ge $1 ]; do :; done; }'
note='note() { echo "$*" >> '$T'/log; }'
highest() { awk '{ n += $1 == "+" ? 1 : -1; if (n > m) m = n } END { print m + 0 }' "$T/log"; }

# one NAME CLUSTER: a task with 20 instances; the first two of all of them meet
one() {
	cat <<W
task $1 for i in 0..19 {
  cluster = $2
  timeout = 60s
  run {
    $note
    note +
    note -
  }
}
W
}
{ one a '"cls-two"'; one b '"cls-two"'; } > shared.weft
run shared.weft --pools
check "two tasks on one cluster end well" rc 0
check "each instance ran" [ "$(grep -c + "$T/log")" = 40 ]
check "never more at once than the cluster has machines" [ "$(highest)" -le 2 ]

cat > wide.weft <<W
task both for i in 0..1 {
  cluster = "cls-two"
  timeout = 60s
  run {
    $meet
    meet 2 both
  }
}
task own for i in 0..6 {
  timeout = 60s
  run {
    $meet
    meet 7 own
  }
}
W
run wide.weft --pools
check "all machines of a cluster, and one for each instance of a task with its own" rc 0

rm -f "$T/log"
cat > block.weft <<W
cluster three {
  nodes = 3
  machine = "tiny"
}
$(one c three)
$(one d three)
W
run block.weft --pools
check "tasks share the machines of a cluster block" rc 0
check "... and no more" [ "$(highest)" -le 3 ]

# the second instance of `full` waits for its machine, the first for `other`: a full cluster holds up nobody else
cat > full.weft <<W
task full for i in 0..9 {
  cluster = "cls-one"
  timeout = 60s
  run {
    until [ -e $T/other ]; do :; done
  }
}
task other {
  cluster = "cls-two"
  run {
    : > $T/other
  }
}
W
run full.weft --pools
check "a full cluster does not hold up another one" rc 0

sed 's/cls-two/cls-far/' shared.weft > far.weft
rm -rf .weft # when there is nothing to do, no cluster is asked for
run far.weft --pools
check "a cluster nobody describes is refused" rc 3
check "... once, with its code" [ "$(printf '%s\n' "$OUT" | grep -c '^error\[E1019\]: how many machines cluster `cls-far` has')" = 1 ]
run far.weft
check "... and is taken as it comes without --pools" rc 0

# as in limits.sh: memory can be limited where groups of it can be made
if "$WEFT" doctor | grep -q '^ok *cgroup memory'; then
	cat > hog.weft <<'W'
task hog {
  cluster = "cls-one"
  run {
    head -c 100MB /dev/zero | tail -c 100MB > /dev/null
  }
}
W
	run hog.weft --pools
	check "a machine's memory is the limit" says "R103 out of memory (limit 64 MB"
	run hog.weft
	check "... of the simulated one only" rc 0
else
	echo "# skip memory: no control group of memory can be made here"
fi
finish
