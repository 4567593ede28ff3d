#!/bin/sh
# demo.sh - run the user guide's log-count example as `make demo` does, in build/demo: a directory stands for the bucket.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
WEFT=${WEFT:-$top/build/release/weft}
dir=$top/build/demo
shown=build/demo
say() { printf '%s\n' "$*"; }

rm -rf "$dir"
mkdir -p "$dir/bucket/log-count"
cp -r "$top/examples/log-count/." "$dir/"
cd "$dir"
./gen-input > bucket/log-count/log-count-data.txt
say "The log-count example: split 10,000 lines of log in three, count the levels of each part, merge the counts."
say
say "\$ cd $shown"
say "\$ weft run --file job.cfg -r oss://your-bucket/log-count/:/home/input \\"
say "      -w oss://your-bucket/log-count/:/home/output --store oss://your-bucket=bucket"
"$WEFT" run --file job.cfg -r oss://your-bucket/log-count/:/home/input \
	-w oss://your-bucket/log-count/:/home/output --store oss://your-bucket=bucket
"$WEFT" graph job.cfg -o graph.svg
"$WEFT" graph job.cfg -o graph.png
say
say "The result, $shown/bucket/log-count/merge_result.json:"
say
cat bucket/log-count/merge_result.json
say
say "Its files  $shown/bucket/log-count     (the bucket)"
say "Its logs   $shown/.weft/runs"
say "Its graph  $shown/graph.svg, graph.png"
say
say "Next:  export PATH=$top/build/release:\$PATH"
say "       cd $shown; weft convert job.cfg        your own job.cfg in weft's language"
say "       cd examples/log-count-ports            the same workflow, with files that flow between tasks:"
say "       ../log-count/gen-input log-count-data.txt && weft run log-count.weft --set parts=8"
say "       weft help"
