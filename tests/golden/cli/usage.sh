# wrong usage: a message, a proposal, status 64
try() { echo "\$ weft $*"; weft "$@"; echo "= $?"; }
try chekc
try check --eror-format json
try check --error-format yaml
try check --error-format
try check --dump-tree=yes
try run -Z
try run -B x.weft
try sub -B true
try run -kt x.weft
try run --configfile c.json
try run '-- B' x.weft
try run --unlock
try logs --unlock
try run -j0 x.weft
try run -j 1x x.weft
try run --store bucket x.weft
try check
try compile a.weft b.weft
try graph a.weft -o a.gif
try explain E9999
try completions tcsh
try help chek
try -C nowhere check
: > job.weft
try job.weft
printf 'task t {\n  run "true"\n}\n' > other.weft
try check
try run
try run -f other.weft job # a workflow, not a target
try plan nothing -f other.weft
