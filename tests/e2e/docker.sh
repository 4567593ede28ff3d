# docker tasks: images as archive, OCI layout and registry; what the command sees, what it cannot do, what comes of it
. "${0%/*}/lib.sh" || exit 1
. "$HERE/docker-lib.sh" || exit 1

make_image bb "one" || exit 1
mkdir -p buckets/bkt/in buckets/bkt/dockers
echo data > buckets/bkt/in/a.txt
echo 'here' > here.txt
mkdir ../elsewhere.$$ && echo elsewhere > ../elsewhere.$$/far.txt
trap 'rm -rf "$T/../elsewhere.$$"; cleanup' EXIT
ln -s "$(cd .. && pwd)/elsewhere.$$/far.txt" far.txt
echo 'store "oss://" { dir = "buckets" }' > weft.site
cat > wf.weft <<'W'
defaults { timeout = 1h }
task see {
  image = docker("localhost:5000/bb", registry = "oss://bkt/dockers/")
  in near = "here.txt"
  in far = "far.txt"
  out said = "said.txt"
  mount "oss://bkt/in/" -> "/home/input/" : ro
  mount "oss://bkt/out/" -> "/home/output/" : rw
  output "/home/res/" -> "oss://bkt/res/"
  log "/var/log/x.log" -> "oss://bkt/logs/"
  run {
    cat /etc/image /home/input/a.txt $near $far > $said
    { env; echo "uid $(id -u)"; echo "at $(pwd)"; ls -d /etc/gone; } > /home/output/env.txt 2>&1
    echo private >> /home/input/a.txt
    echo res > /home/res/r.txt
    mkdir -p /var/log && echo log > /var/log/x.log
    echo trace > /etc/trace
  }
}
task again {
  after see
  image = docker("localhost:5000/bb", registry = "oss://bkt/dockers/")
  run {
    test ! -e /etc/trace
    echo "out of it"
    echo "and err" >&2
  }
}
W

# 1. nothing runs before its image is there
run wf.weft
check "an image that nobody has is refused before anything runs" says "error[E1031]"
check "... with the places that were looked at" says "docker/registry/v2"
check "... and nothing has run" absent .weft/runs
sed 's/, registry = "[^"]*"//' wf.weft > bare.weft
run bare.weft
check "an image without a place is refused" says "error[E1030]"
check "... with what to write where" says 'container "localhost:5000/bb" { from = "IMAGE.tar" }'
cp bb.tar buckets/bkt/dockers/
OUT=$(PATH=/nonexistent "$WEFT" run wf.weft 2>&1)
check "without podman an image cannot be unpacked" says "error[E1032]"
check "... and what to install is said" says "podman"
OUT=$(PATH=/nonexistent "$WEFT" check --engine local wf.weft 2>&1)
check "weft check --engine local says it too" says "error[E1032]"
run wf.weft --no-sandbox
check "containers need the sandbox" says "error[E1034]"

# 2. an archive beside the registry's name
run wf.weft
case $OUT in *E1034*) skip "no containers here: $OUT" ;; esac
check "a task in a container" rc 0
check "... reads its image, a mount, the workspace, and a link to elsewhere" same said.txt "one
data
here
elsewhere"
E=buckets/bkt/out/env.txt
check "... is root" grep -qx 'uid 0' $E
check "... in /batchcompute/workdir" grep -qx 'at /batchcompute/workdir' $E
check "... which is PWD" grep -qx 'PWD=/batchcompute/workdir' $E
check "... with a PATH without /usr/local/bin" grep -qx 'PATH=/usr/sbin:/usr/bin:/sbin:/bin' $E
check "... HOME and USER" [ "$(grep -cx -e HOME=/root -e USER=root $E)" = 2 ]
check "... and what else the image sets" grep -qx 'FROM_IMAGE=yes' $E
check "... the service's variables" grep -qx 'BATCH_COMPUTE_DAG_TASK_ID=see' $E
check "... but not those that containers do not have" no grep -q -e CLUSTER_ID= -e WORKER_ID= $E
check "a layer's removals count" grep -q '/etc/gone: No such file' $E
check "a read-only mount is private" same buckets/bkt/in/a.txt data
check "an output mapping is published" same buckets/bkt/res/r.txt res
check "a log of the container's own files is kept" [ "$(cat buckets/bkt/logs/x.log.*)" = log ]
check "the next container begins anew, and its streams are logs" [ "$("$WEFT" logs again --stdout)" = "out of it" ]
check "... both of them" [ "$("$WEFT" logs again --stderr)" = "and err" ]
check "nothing of the container is left" [ -z "$(find .weft -name upper -o -name root)" ]
check "nothing is mounted" no grep -q "$T" /proc/mounts
check "the user's own podman has not seen it" absent /var/lib/containers/storage/overlay-images/images.json -o [ -z "$(podman images -q localhost:5000/bb)" ]
OUT=$(PATH=/nonexistent "$WEFT" run wf.weft --force see --force again 2>&1)
check "once loaded, podman is not needed" says "2 ok"
OUT=$(XDG_CACHE_HOME=$T/a-directory-with-a-long-name/as-homes-have "$WEFT" run wf.weft --force again 2>&1)
RC=$?
check "a cache with a longer name than podman takes" rc 0
check "... was used" [ -d "$T/a-directory-with-a-long-name/as-homes-have/weft/images/images" ]
check "... and the short name is gone" [ -z "$(find /tmp -maxdepth 1 -lname "$T/*")" ]

# 3. the image is part of what a task does
run wf.weft
check "nothing has changed: nothing to do" says "nothing to do"
rm -rf buckets/bkt/dockers/bb.tar bb.tar
make_image bb "two"
mv bb.tar buckets/bkt/dockers/
OUT=$("$WEFT" why wf.weft see 2>&1)
check "another image under the same name is a reason to run again" says image
run wf.weft
check "... and it runs in that" [ "$(head -n 1 said.txt)" = two ]

# 4. an OCI layout, by the site file
make_layout layout oci "three" 1.2
cat >> weft.site <<'W'
container "localhost:5000/bb" {
  from = "layout"
  tag  = "1.2"
}
W
run wf.weft
check "an OCI layout" [ "$(head -n 1 said.txt)" = three ]
sed -i 's/1.2/9.9/; s/\("manifests":\[\)/\1{"digest":"sha256:x"},/' weft.site
sed -i 's/\("manifests":\[\)/\1{"digest":"sha256:x"},/' layout/index.json
run wf.weft
check "a tag that it does not have" says "has no tag \`9.9\`"
echo '{' > layout/index.json
run wf.weft
check "an index that is none" says "error[E1031]"

# 5. the storage of a registry in the bucket
echo 'store "oss://" { dir = "buckets" }' > weft.site
make_registry buckets/bkt/dockers bb "four" latest
run wf.weft
check "a registry" [ "$(head -n 1 said.txt)" = four ]
layers img "other machines" && manifest img && put_blob buckets/bkt/dockers img.d/manifest
tag=buckets/bkt/dockers/docker/registry/v2/repositories/bb/_manifests/tags/latest/current/link
arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
cat > list <<W
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:$(hex img.d/manifest)","size":1,"platform":{"os":"linux","architecture":"vax"}},
{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"$(cat $tag)","size":1,"platform":{"os":"linux","architecture":"$arch"}}]}
W
put_blob buckets/bkt/dockers list
cp $tag one.link && printf 'sha256:%s' "$(hex list)" > $tag
rm -f said.txt
run wf.weft
check "of an image for several machines the one for this machine is taken" [ "$(head -n 1 said.txt)" = four ]
sed "s/\"$arch\"/\"pdp11\"/" list > none.list && put_blob buckets/bkt/dockers none.list && printf 'sha256:%s' "$(hex none.list)" > $tag
run wf.weft
check "one for other machines only is refused" says "it has nothing for linux/$arch"
cp one.link $tag && rm -rf img.d
sed 's#localhost:5000/bb#localhost:5000/me/other:7#' wf.weft > other.weft
run other.weft
check "a repository that it does not have" says "has no \`me/other\`"
sed 's#localhost:5000/bb#localhost:5000/../../bb#' wf.weft > out.weft
run out.weft
check "a name does not lead out of it" says "error[E1031]"
make_registry buckets/bkt/dockers bb "five" latest
find buckets/bkt/dockers -name data -size -3 -exec sh -c 'echo " " >> "$1"' _ {} \;
run wf.weft
check "a manifest that is not what its name says" says "is not what its name says"

# archives of another form
rm -rf buckets/bkt/dockers/docker said.txt
printf 'store "oss://" { dir = "buckets" }\ncontainer "localhost:5000/bb" { from = "bb.form" }\n' > weft.site
make_layout form oci "oci" latest
tar -C form -cf bb.form .
run wf.weft
check "an archive of an OCI layout" grep -qx oci said.txt
echo 'no image' > bb.form
run wf.weft
check "a file that is no archive: podman's words" says "payload does not match"
check "... and nothing stays mounted" no grep -q "$T" /proc/mounts
gzip -c "$WEFT" > bb.form
run wf.weft
check "a compressed archive is called one" says "is compressed"
rm bb.form
echo 'store "oss://" { dir = "buckets" }' > weft.site

# 6. JSON and job.cfg name images in the environment
rm -rf buckets/bkt/dockers/docker
cat > job.cfg <<'W'
[DEFAULT]
job_name = cfg
docker = bb@oss://bkt/dockers/
[t]
cmd = sh -c 'cat /etc/image > /home/out/cfg.txt'
write_mount = oss://bkt/cfg/:/home/out/
W
"$WEFT" sub --file job.cfg > /dev/null 2>&1
check "job.cfg" same buckets/bkt/cfg/cfg.txt two
"$WEFT" sub --file job.cfg --show_json > job.json 2> /dev/null
rm -f buckets/bkt/cfg/cfg.txt
run job.json --force t
check "JSON" same buckets/bkt/cfg/cfg.txt two

# 7. exec and shell are in there too
"$WEFT" exec wf.weft again > said 2>&1
check "weft exec" [ "$(tr '\n' ' ' < said)" = "out of it and err " ]
OUT=$("$WEFT" shell -q wf.weft see -c 'cat /etc/image; id -u; pwd; cat /home/input/a.txt here.txt' 2>&1)
check "weft shell" [ "$OUT" = "two
0
/batchcompute/workdir
data
here" ]

# 8. users other than root
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null && command -v unshare > /dev/null; then
	mkdir user && cp "$WEFT" buckets/bkt/dockers/bb.tar user/
	cat > user/wf.weft <<'W'
task t {
  timeout = 1h
  image = docker("localhost:5000/bb")
  out said = "said.txt"
  run {
    { id -u; cat /etc/image; ls -d /etc/gone /etc/passwd; } > $said 2> /dev/null
    rm /etc/passwd && echo removed >> $said
  }
}
W
	echo 'container "localhost:5000/bb" { from = "bb.tar" }' > user/weft.site
	chown -R 1234:1234 user && chmod 755 . && cd user || exit 1
	OUT=$(setpriv --reuid 1234 --regid 1234 --clear-groups env HOME="$PWD" XDG_CACHE_HOME="$PWD/cache" ./weft run wf.weft 2>&1)
	case $OUT in
	*E1034*) echo "skip - users other than root have no containers here" ;;
	*)
		check "a user is root in there" same said.txt "0
two
/etc/passwd
removed"
		check "... and all that was unpacked is his" [ -z "$(find . ! -uid 1234)" ]
		;;
	esac
fi
finish
