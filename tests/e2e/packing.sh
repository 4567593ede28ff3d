# cpus and memory that instances ask for: never more at once than there is, used side by side, nobody starved
. "${0%/*}/lib.sh" || exit 1

mkdir ws && cd ws || exit 1
opened "$T"
# highest FIELD: the largest sum of the numbers in a log of "+ cpu mem" and "- cpu mem" lines
highest() { awk -v f="$1" '{ n += $1 == "+" ? $f : -$f; if (n > m) m = n } END { print m + 0 }' "$T/log"; }
# note SIGN NUMBERS: what the tasks of this script do first and last
note='note() { echo "$*" >> '$T/log'; }'

cat > pack.weft <<W
task mixed for i in 0..59 {
  cpu = 1 + i % 4
  mem = (1 + i % 3) * 1GB
  run {
    $note
    note + \$((1 + ~{i} % 4)) \$((1 + ~{i} % 3))
    note - \$((1 + ~{i} % 4)) \$((1 + ~{i} % 3))
  }
}
task plain for i in 0..29 {
  run {
    $note
    note + 1 0
    note - 1 0
  }
}
W
run pack.weft --cpus 6 --memory 5GB -j 64
check "instances that ask for cpus and memory end well" rc 0
check "each ran once" [ "$(grep -c + "$T/log")" = 90 ]
check "never more memory than there is" [ "$(highest 3)" -le 5 ]
rm -rf .weft "$T/log"
run pack.weft --cpus 6 --memory 5GB
check "without -j those that do not ask count as one cpu" rc 0
check "... and cpus are never over-committed" [ "$(highest 2)" -le 6 ]

# meet N NAME: go on when N instances have come here
meet='meet() { : > '$T'/meet.$2.~{i}; until [ $(ls '$T' | grep -c "^meet.$2.") -ge $1 ]; do :; done; }'
cat > beside.weft <<W
task pair for i in 0..1 {
  cpu = 2
  timeout = 60s
  run {
    $meet
    meet 2 pair
  }
}
task half for i in 0..3 {
  cpu = 0.5
  timeout = 60s
  after pair
  run {
    $meet
    meet 4 half
  }
}
task memory for i in 0..2 {
  mem = 1GB
  timeout = 60s
  after half
  run {
    $meet
    meet 3 memory
  }
}
W
run beside.weft --cpus 4 --memory 3GB
check "what fits runs side by side" rc 0
sed -i 's/cpu = 2/cpu = 1/' beside.weft
rm -f "$T"/meet.*
run beside.weft --cpus 2 --memory 3GB -j 4
check "half a cpu each: four on two cpus" rc 0

# `first` holds one of four cpus; when it has ended, `big` wants all four while `small` ones would always fit
cat > starve.weft <<W
workflow "starve" { }
task first {
  run {
    $note
    until [ "\$(grep -c small $T/log)" -ge 4 ]; do :; done
    note first
  }
}
task big {
  after first
  cpu = 4
  priority = 2
  run {
    $note
    note big
  }
}
task small for i in 0..99 {
  cpu = 1
  run {
    $note
    note small
  }
}
W
rm "$T/log"; : > "$T/log"
run starve.weft --cpus 4
check "a large request is served" rc 0
late=$(sed -n '/^big/,$p' "$T/log" | grep -c small)
check "... before the small ones that came later ($late of 100 after it)" [ "$late" -ge 50 ]

cat > large.weft <<'W'
task a {
  cpu = 3
  run "true"
}
task b for i in 0..9 {
  mem = 1GB * (i + 1)
  run "true"
}
W
runs=$(ls .weft/runs | wc -l)
run large.weft --cpus 2 --memory 4GB
check "what is larger than the machine is refused" rc 3
check "... with the request" says 'error[E1010]: task `a` asks for 3 cpus: this machine offers 2 cpus'
check "... of the instance" says 'task `b[4]` asks for 5 GB of memory: this machine offers 4 GB of memory'
check "... and the machine is named" says "$(uname -n)"
check "... before anything is made" [ "$(ls .weft/runs | wc -l)" = $runs ]
run large.weft --cpus 2 --memory 4GB 'b[0-3]'
check "what is not wanted is not held against it" rc 0
printf 'task a {\n  cpu = 0 * 1\n  run "true"\n}\ntask b {\n  mem = 1GB - 2GB\n  run "true"\n}\n' > none.weft
run none.weft
check "requests for nothing or less are refused" says 'error[E0608]: task `a` asks for 0 cpus'
check "... of memory too" says 'error[E0608]: task `b` asks for -1GB'
printf 'task a for i in 0..3000 {\n  mem = 1KB * (2999 - i)\n  run "true"\n}\ntask b {\n  cpu = 5000000\n  run "true"\n}\n' > none.weft
run none.weft
check "... also of instances that the check does not reach" says 'error[E1011]: task `a[2999]`: 0 bytes'
check "... and more than can be counted" says 'error[E1011]: task `b`: 5e+06 cpus'

cat > grow.weft <<W
task grow {
  mem = 2GB * attempt
  cpu = attempt
  retry 3
  run {
    echo "~{mem} ~{cpu}" >> $T/grown
    test ~{attempt} = 4
  }
}
W
run grow.weft --cpus 3 --memory 5GB
check "requests that grow end at what there is" rc 0
check "... and the command sees what it has" same "$T/grown" "2147483648 1
4294967296 2
5368709120 3
5368709120 3"

cat > known-late.weft <<'W'
task make {
  out part[] = glob("part.*")
  run {
    for i in 1 2 9; do : > part.$i; done
  }
}
task use for p in make.part {
  in f = p
  mem = 1GB * (basename(p) == "part.9" ? 9 : 1)
  run "true"
}
W
run known-late.weft --memory 4GB -k
check "requests known only while running are looked at then" rc 1
check "... and are failures of that instance" says 'it asks for 9 GB of memory: this machine offers 4 GB of memory'
check "... only" says "1 failed, 3 ok"
for bad in "--cpus 0" "--cpus x" "--memory 4" "--memory 0GB"; do
	run large.weft $bad
	check "$bad is refused" rc 64
done
finish
