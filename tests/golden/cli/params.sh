# parameters: --set over --params over the environment over the default
echo 'param n: int = 1 task t { run "echo ~{n}" }' > a.weft
show() { weft compile "$@" a.weft | grep CommandLine; }
show
WEFT_PARAM_n=2 show
echo '{"n": 3}' > p.json
WEFT_PARAM_n=2 show --params p.json
WEFT_PARAM_n=2 show --params p.json --set n=4
weft check --set m=1 a.weft; echo "= $?"
weft check --set n=many a.weft; echo "= $?"
weft check --set n a.weft; echo "= $?"
echo '{"n": 3,}' > bad.json
weft check --params bad.json a.weft; echo "= $?"
echo '[3]' > list.json
weft check --params list.json a.weft; echo "= $?"
echo '{"n": {"a": 1}}' > object.json
weft check --params object.json a.weft; echo "= $?"
weft check --params none.json a.weft; echo "= $?"
