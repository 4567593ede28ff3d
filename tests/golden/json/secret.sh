# A secret's value never gets into the description; its name does, and comes back.
cp "$GOLDEN/secret.weft" .
export WEFT_PARAM_token=hidden
weft compile secret.weft > job.json
grep -c hidden job.json
grep token job.json
weft compile job.json | cmp - job.json && echo same
