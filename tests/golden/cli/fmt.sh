# fmt: print, check, diff, write
printf 'workflow   "a"\n# note\ntask t {run "true"\n}\n' > a.weft
cp a.weft b.weft
try() { echo "\$ weft $*"; weft "$@"; echo "= $?"; }
try fmt a.weft
try fmt --check .
try fmt --diff a.weft
try fmt -w .
try fmt --check .
try fmt --diff .
cat b.weft
weft fmt - < a.weft
printf 'task t {' > bad.weft
try fmt -w bad.weft
cat bad.weft; echo
printf '[t]\ncmd=true\n' > job.cfg
try fmt job.cfg
# many comments in one list, in the ports of one statement and before a brace: no slower for being many
awk 'BEGIN {
	print "let l = ["; for (i = 0; i < 30000; i++) print "# c\n" i ","
	print "]\nstore \"s\""; for (i = 0; i < 30000; i++) print "# c"
	print "{ dir = \"d\" }\ntask a {\n  in"; for (i = 0; i < 30000; i++) print "p" i " = \"x\", # c"
	print "q = \"y\"\n  run \"true\"\n}"
}' > many.weft
timeout 20 weft fmt many.weft > many.out
echo "= $?, $(grep -c '# c' many.out) comments"
