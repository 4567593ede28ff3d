# show: equal failures as one, the first 20 instances, a second attempt, a killed run, unknown runs
export TZ=UTC
weft show; echo "= $?"
mkdir -p .weft && cp "$GOLDEN/journal" .weft/
weft show 1; echo "= $?"
weft show 2; echo "= $?"
weft show; echo "= $?"
weft show 1 --all | wc -l
weft show 1 --json | jq -c '.schema, .failures, .instances_total, (.instances | length), .instances[0]'
weft show 1 --json --all | jq -c '.instances | length'
weft show 2 --json | jq -c '.failures, .tasks, .instances[2]'
weft show 9; echo "= $?"
weft show x; echo "= $?"
