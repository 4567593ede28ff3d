# a byte that is no UTF-8, in each front end
printf 'task a {\n  run "caf\351"\n}\n' > a.weft
printf '[a]\ncmd = caf\351\n' > a.cfg
printf '{"Name": "caf\351"}\n' > a.json
"$WEFT" check a.cfg 2>&1 | grep help
for f in a.weft a.cfg a.json; do "$WEFT" check --error-format short $f; done
