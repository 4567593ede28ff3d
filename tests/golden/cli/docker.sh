# images that nobody knows, that are not there, that nothing can unpack, that cannot be loaded; no podman is needed for any of it
export XDG_CACHE_HOME=$PWD/cache
task() {
	printf 'task t {\n  timeout = 1h\n  image = docker("%s"%s)\n  run "true"\n}\n' "$1" "$2" > job.weft
}
try() {
	echo "--- $1"
	shift
	"$@" > said 2>&1
	rc=$?
	sed "s#$PWD/##g; s/after [0-9]* ms/after 0 ms/" said
	echo "= $rc"
}
mkdir -p bkt/dockers/docker/registry/v2/repositories/bwa/_manifests/tags/1.2/current layout none
echo 'store "oss://bkt" { dir = "bkt" }' > weft.site
task localhost:5000/bwa
try "nothing is said of it" weft check --engine local job.weft
try "the same for a run" weft run job.weft
printf 'container "localhost:5000/bwa" {\n  from = "bwa.tar"\n}\n' >> weft.site
try "what the site file says is not there" weft check --engine local job.weft
: > bwa.tar
podmanless() { PATH=/nonexistent "$WEFT" "$@"; }
try "nothing can unpack it" podmanless check --engine local job.weft
try "nor can a run" podmanless run job.weft
cp weft.site site
printf 'engine slurm {\n  containers = true\n}\n' >> weft.site
try "other machines do not know what the site file says" weft run --slurm unix:/nowhere job.weft
try "nor does a check hold this machine's word for theirs" weft check --engine slurm --error-format short job.weft
mv site weft.site
cp weft.site site
printf 'store "oss://bkt" { dir = "bkt" }\nengine slurm {\n  containers = true\n}\n' > weft.site
task localhost:5000/y ', registry = "oss://bkt/"'
: > bkt/y.tar
try "that podman is not here does not matter to them" podmanless check --engine slurm job.weft
try "nor to a run" podmanless run --slurm unix:/nowhere job.weft
try "but that they may not use namespaces" weft run --no-sandbox --slurm unix:/nowhere job.weft
mv site weft.site
task localhost:5000/bwa
mkdir bin
printf '#!/bin/sh\necho "Error: payload does not match any of the supported image formats" >&2\nexit 125\n' > bin/podman
chmod +x bin/podman
withfake() { PATH=$PWD/bin:$PATH "$WEFT" "$@"; }
try "podman cannot load it" withfake run job.weft
for name in localhost:5000/bwa localhost:5000/bwa:1.2 localhost:5000/bwa:none localhost:5000/samtools localhost:5000/../x \
	localhost:5000/bwa@sha256:0123; do
	echo 'store "oss://bkt" { dir = "bkt" }' > weft.site
	task "$name" ', registry = "oss://bkt/dockers/"'
	try "a registry: $name" weft check --engine local --error-format short job.weft
done
echo '{"imageLayoutVersion":"1.0.0"}' > layout/oci-layout
echo '{"manifests":[{"digest":"sha256:x"},{"digest":7},null]}' > layout/index.json
for from in layout none; do
	printf 'container "localhost:5000/bwa" { from = "%s" }\n' $from > weft.site
	task localhost:5000/bwa
	try "a directory: $from" weft check --engine local --error-format short job.weft
done
echo 'nothing' > layout/index.json
sed -i 's/none/layout/' weft.site
try "an index that is none" weft check --engine local --error-format short job.weft
try "a bucket that a run may name" sh -c 'printf "" > weft.site; printf "task t {\n  timeout = 1h\n  image = docker(\"localhost:5000/x\", registry = \"oss://other/d/\")\n  run \"true\"\n}\n" > o.weft; weft check --engine local o.weft'
