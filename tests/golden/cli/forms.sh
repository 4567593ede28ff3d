# the ways to write options, on one file
echo 'task t { run "true" }' > a.weft
try() { echo "\$ weft $*"; weft "$@"; echo "= $?"; }
try check a.weft
try check -q a.weft
try check --quiet --no-quiet a.weft
try -C . check a.weft
try check -C. a.weft
try check a.weft -- a.weft
try check --error-format=short a.weft
try check --color never a.weft --color=always
try check
try
cat a.weft | weft check -
mkdir sub .hidden; cp a.weft sub/b.weft; cp a.weft .hidden/c.weft
try check .
try check sub a.weft
mkdir empty
try check empty
