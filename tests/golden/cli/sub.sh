# every option of `bcs sub` becomes what its key is; places point into the command line; the file's values give way
command_lines() {
	weft sub "$@" --show_json
	echo "= $?"
}
touch test.py
echo "--- all options, old spellings"
command_lines 'python3 test.py' lint -n 3 -f --auto_release -d 'what it is' -p ./test.py --priority 7 --timeout 600 \
	-i img-ubuntu-vpc -t ecs.sn1.medium -e A:b,C:d -e A:e -r oss://bkt/in/:/home/in -m oss://bkt/both/:/home/both \
	-w oss://bkt/out/:/home/out --log_mapping /home/log/:oss://bkt/log/ --nas_access_group g1,g2 --nas_file_system f1 \
	--docker img:1@oss://bkt/dockers/ -u k:v --resource_type Spot --spot_price_limit 0.25 \
	--disk system:cloud_efficiency:40,data:cloud_efficiency:100:/home/disk --lock --locale UTF-8 \
	--notification_endpoint http://1234.mns.cn-hangzhou.aliyuncs.com/ --notification_topic t --notification_events OnJobFailed \
	--reserve_on_fail --no_cache_support --vpc_cidr_block 192.168.0.0/16 --vpc_id vpc-1
echo "--- a cluster that is there; digits are a timeout; dashes"
command_lines 'true' -c cls-abc -t 30 --no-cache-support --allow warnings | grep -E 'ClusterId|Timeout|CacheSupport|='
echo "--- mounts in all forms"
for m in oss://bkt/a/:/home/a /home/a:oss://bkt/a/ oss://bkt/a/:/home/a:false oss://bkt/a/:::/home/a:::true nas://h:/p/:/mnt oss://bkt/a/:D; do
	weft sub true -m "$m" --nas_access_group g --nas_file_system f --emit --allow warnings | grep ' mount '
done
echo "--- .weft, and it means the same"
weft sub 'echo "it'"'"'s"' -e A:b --emit -o a.weft && cat a.weft
weft sub 'echo "it'"'"'s"' -e A:b --show_json >a.json && weft compile a.weft | diff - a.json && echo same
echo "--- a file: options are stronger, env and mounts are added"
cat > job.cfg <<'E'
[DEFAULT]
job_name = two
timeout = 100
env = A:1,B:1
deps = a->b
[a]
cmd = true
nodes = 5
env = B:2
[b]
cmd = false
timeout = 50
read_mount = oss://bkt/in/:/home/in
E
weft sub --file job.cfg -n 2 --timeout 7 -e B:3 -r oss://bkt/more/:/home/more --emit
weft sub --file job.cfg --show_dag -o dag.mmd && grep "t_a -" dag.mmd
echo "--- places in the command line"
weft sub "echo 'a" -n x --disk foo:1 -r oss://a -e "A=it's" --notification_events OnJobDone
echo "= $?"
weft sub 'true' -c cls-abc -i img-x -n 0 --show_json >json
echo "= $?"
echo "--- wrong use"
weft sub true --nods 3; echo "= $?"
for o in spot docker_image notification nix; do weft sub true --$o; done
weft sub python3 test.py a; echo "= $?"
weft sub; echo "= $?"
weft sub true -o out; echo "= $?"
echo 'task a { run "true" }' > w.weft
weft sub --file w.weft -n 2; echo "= $?"
