# results are complete or absent, and a failed write is a failure
echo 'task t { run "true" }' > a.weft
weft compile a.weft > all.json; echo "= $?"
weft compile a.weft -o b.json; echo "= $?"
cmp all.json b.json && echo same
weft compile a.weft > /dev/full; echo "= $?"
weft compile a.weft -o /dev/full; echo "= $?"
weft compile a.weft -o no/such/dir.json; echo "= $?"
echo old > keep.json
echo 'task t { run true }' > bad.weft
weft compile bad.weft -o keep.json >/dev/null 2>&1; echo "= $?"
cat keep.json
ln -s b.json link.json
weft compile a.weft -o link.json; echo "= $?"
test -L link.json && echo "still a link"
chmod 640 b.json; weft compile a.weft -o b.json; stat -c %a b.json
ls
weft help | head -n 1
