# the guide's workflow as job.cfg, weft and JSON, and with the options of the guide's line: one job description
E=$GOLDEN/../../../examples/log-count
"$WEFT" compile "$E/job.cfg" > cfg.json
"$WEFT" compile "$E/log-count.weft" > weft.json
"$WEFT" compile "$E/log-count.json" > json.json
"$WEFT" compile "$E/job.cfg" -r oss://your-bucket/log-count/:/home/input \
	-w oss://your-bucket/log-count/:/home/output > options.json
for f in cfg weft json options; do
	cmp $f.json "$E/log-count.json" && echo "$f: the same"
done
"$WEFT" compile "$E/job.cfg" -r oss://other/:/home/input | grep -c oss://other/
