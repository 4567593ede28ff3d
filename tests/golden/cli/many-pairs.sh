# a map that is too long, and two that are together
pairs() { seq -f "    $1%.0f = \"x\"" "$2"; }
{ echo 'task t {'; echo '  user_data {'; pairs a 4097; printf '  }\n  run "true"\n}\n'; } > long.weft
weft check --error-format short long.weft
echo "= $?"
{ echo 'defaults {'; echo '  user_data {'; pairs a 4096; printf '  }\n}\n'
  echo 'task t {'; echo '  user_data {'; pairs b 4096; printf '  }\n  run "true"\n}\n'; } > together.weft
weft check --error-format short together.weft
echo "= $?"
weft compile together.weft | grep -cE '"[ab][0-9]+": "x"'
