# levels from the command line, from the file and from a comment; what is no lint is wrong usage
cat > a.weft <<'W'
task count {
  run "cat a | wc -l"
}
W
cat > b.weft <<'W'
lint { allow = ["wants-shell"] }
task count {
  run "cat a | wc -l"
}
W
cat > c.weft <<'W'
lint { warn = ["wants-shell"] }
task count {
  in time = "a"
  # weft: allow(wants-shell)
  run "cat ~{time} | wc -l"
}
W
try() { weft check -q --error-format short "$@"; echo "= $?"; }
try a.weft
try --allow wants-shell a.weft
try --allow W0340 a.weft
try --allow warnings a.weft
try --deny warnings a.weft
try --deny warnings --warn wants-shell a.weft
try --deny wants-shell a.weft
try --deny wants-shell --allow wants-shell a.weft
try b.weft
try --deny warnings b.weft
try --warn wants-shell b.weft
try --deny wants-shell b.weft
try --deny warnings c.weft
try --allow wants-shel a.weft
try --deny nothing-like-it a.weft
try --allow two-writers a.weft
try --deny two-writers a.weft
weft run --deny warnings a.weft >/dev/null 2>&1; echo "= $?"
weft compile --deny wants-shell --error-format short a.weft; echo "= $?"
weft check --list a.weft; echo "= $?"
[ "$(weft check --list | grep -c .)" -gt 250 ] && echo many
weft check --list | grep W0340
LC_ALL=C weft check --list --json | grep -A3 W0340
weft check --json a.weft | cut -c1-90
