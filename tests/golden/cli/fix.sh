# check --fix: what it rewrites, what it leaves, what it says
cat > a.weft <<'W'
workflow "fix" {
  priorty = 3
}
param parts = 3
task split {
  machnie = "ecs.sn1.medium"
  image = "img-ubuntu-vpc"
  out part[prts] = "~{index}.txt"
  run "sh split.sh ~{part}"
}
task count for i in 0 .. parts - 1 {
  machine = "ecs.sn1.medium" image = "img-ubuntu-vpc"
  in  part = split.part[i]
  run "cat ~{prat} | wc -l"
  retry 3 on omm
}
W
cp a.weft b.weft
chmod 640 a.weft
weft check --diff a.weft; echo "= $?"
cmp a.weft b.weft
weft check --fix a.weft; echo "= $?"
stat -c %a a.weft
weft check --fix --unsafe a.weft; echo "= $?"
weft check --fix a.weft; echo "= $?"
diff b.weft a.weft
echo "-- nothing certain: not written"
cp -p a.weft same.weft; touch -d 2001-01-01 a.weft; weft check --fix a.weft; stat -c %y a.weft | cut -c1-10
echo "-- a link stays a link"
mkdir d; cp b.weft d/real.weft; ln -s d/real.weft link.weft
weft check -q --fix --unsafe link.weft; readlink link.weft; cmp d/real.weft a.weft
echo "-- line ends and a byte order mark stay"
printf '\357\273\277task t {\r\n  machnie = "m"\r\n  run "a | b"\r\n}\r\n' > crlf.weft
weft check -q --fix crlf.weft; od -c crlf.weft | sed 's/^[0-9]* *//' | tr -s ' ' | head -8
echo "-- a used file is mended too"
mkdir use; printf 'task a {\n  machnie = "m"\n  run "true"\n}\n' > use/part.weft; printf 'use "part.weft" as p\ntask b { after p.a run "true" tme = 1h }\n' > use/main.weft
weft check --fix use/main.weft; cat use/part.weft use/main.weft
echo "-- JSON and job.cfg"
echo '{"Name": "j", "Type": "DAG", "Priorty": 3, "DAG": {"Tasks": {"t": {"Timeout": "60", "Parameters": {"Command": {"CommandLine": "a > b", "PackagePath": ""}}, // why
 "InstanceCount": 1,}}}}' > j.json
weft check --fix j.json; cat j.json
printf '[DEFAULT]\npriorty = 3\nread_mount = oss://b/in:/home/in/\n[t]\ncmd = cat a.txt | wc -l\n' > job.cfg
weft check --fix job.cfg; cat job.cfg
echo "-- refused"
weft check --fix - < b.weft; echo "= $?"
weft check --unsafe b.weft; echo "= $?"
mkdir ro; cp b.weft ro; chmod 555 ro; [ "$(id -u)" = 0 ] || weft check -q --fix ro/b.weft 2>/dev/null; chmod 755 ro; cmp b.weft ro/b.weft
echo "-- changed while it was being mended: the second round opens p only after the first has read everything"
cp b.weft c.weft; mkfifo p q
feed() {
	echo '{}' > p; echo '{}' > q
	exec 3> p; echo '# mine' >> c.weft; echo '{}' >&3; exec 3>&-; echo '{}' > q
	while :; do echo '{}' > p; echo '{}' > q; done
}
feed & weft check -q --params p --params q --fix c.weft > left 2>&1; echo "= $?"; kill $!; wait 2> wait
grep left left; grep -c E0307 left
tail -n 1 c.weft; head -n 2 c.weft | tail -n 1
