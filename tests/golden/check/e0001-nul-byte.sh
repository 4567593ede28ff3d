# a NUL byte, in each front end
printf 'task a {\n  run "tr\0ue"\n}\n' > a.weft
printf '[a]\ncmd = tr\0ue\n' > a.cfg
printf '{"Name": "a\0b"}\n' > a.json
for f in a.weft a.cfg a.json; do "$WEFT" check --error-format short $f; done
