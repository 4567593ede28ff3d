# levels of the site file: weaker than the workflow's and than the command line's
cat > weft.site <<'W'
lint { deny = ["warnings"] allow = ["port-hides-builtin"] }
W
cat > a.weft <<'W'
task count {
  in time = "a"
  run "cat ~{time} | wc -l"
}
W
cat > b.weft <<'W'
lint { warn = ["wants-shell", "port-hides-builtin"] }
task count {
  in time = "a"
  run "cat ~{time} | wc -l"
}
W
try() { weft check -q --error-format short "$@"; echo "= $?"; }
try a.weft
try b.weft
try --warn wants-shell a.weft
weft check a.weft 2>&1 | grep denied
echo 'lint { allow = ["two-writers", "wants-shel"] }' > weft.site
try a.weft
