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
