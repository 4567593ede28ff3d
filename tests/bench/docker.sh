# docker.sh BUILDDIR - what a container costs an instance: weft with and without one, runc and podman started by hand on the same
# image, all of them one after the other, 100 (runc 20, podman 5) of them a round; medians of 5 rounds.
set -eu
weft=$(cd "$1" && pwd)/weft
top=$(pwd)
for p in podman busybox; do
	command -v $p > /dev/null || { echo "bench-docker: no $p, not measured"; exit 0; }
done
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "bench-docker: $1, not measured"; exit 0; }
. "$top/tests/e2e/docker-lib.sh"
cd "$T"
make_image bb bench
cat > weft.site <<'W'
container "localhost:5000/bb" { from = "bb.tar" }
W
for image in box none; do
	{
		echo 'task t for i in 1..100 {'
		echo '  timeout = 1h'
		[ $image = none ] || echo '  image = docker("localhost:5000/bb")'
		echo '  run "/bin/sh -c true"'
		echo '}'
	} > $image.weft
done
# the same for podman, with what it needs where control groups have two versions and limits cannot be raised
cat > containers.conf <<'W'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
W
export CONTAINERS_CONF=$T/containers.conf
pod() { podman --root "$T/pod/root" --runroot "$T/pod/run" "$@"; }
now() { date +%s%N; }
weft_run() { rm -rf .weft && "$weft" run -q -j1 "$1.weft" > said 2>&1 || { cat said >&2; exit 1; }; }
weft_run box
pod load -q -i bb.tar > /dev/null
have=weft
if command -v runc > /dev/null; then
	mkdir -p bundle/rootfs
	tar -xOf bb.tar ./1.tar | tar -C bundle/rootfs -xf -
	(cd bundle && runc spec)
	sed -i 's/"terminal": true/"terminal": false/; s/"args": \[/"args": ["sh", "-c", "true"], "x": [/; s/"readonly": true/"readonly": false/' bundle/config.json
	runc --root "$T/runc" run -b bundle try > said 2>&1 < /dev/null && have="$have runc" || sed 's/^/runc: /' said
	pod --runtime runc run --rm --network host localhost:5000/bb sh -c true > said 2>&1 && have="$have podman" || sed 's/^/podman: /' said
fi
i=0
for round in 1 2 3 4 5; do
	for what in box none; do
		t=$(now)
		weft_run $what
		echo "$(($(now) - t)) 100" >> t.$what
	done
	case $have in *runc*)
		t=$(now)
		for k in $(seq 20); do i=$((i + 1)) && runc --root "$T/runc" run -b bundle "b$i" < /dev/null; done
		echo "$(($(now) - t)) 20" >> t.runc
		;;
	esac
	case $have in *podman*)
		t=$(now)
		for k in $(seq 5); do pod --runtime runc run --rm --network host localhost:5000/bb sh -c true; done
		echo "$(($(now) - t)) 5" >> t.podman
		;;
	esac
done
ms() { awk '{ print $1 / $2 / 1e6 }' "t.$1" | sort -n | sed -n 3p; }
row() { printf '%-52s %11s ms  %s\n' "$1" "$2" "${3-}"; }
echo "== a container for each instance: sh -c true, one after the other =="
box=$(ms box) none=$(ms none)
row "weft, in a container" "$(printf %.2f "$box")" "$(awk "BEGIN { printf \"%.2f ms more than without\", $box - $none }")"
row "weft, without one" "$(printf %.2f "$none")"
for what in runc podman; do
	[ -f t.$what ] || { echo "$what run by hand: not here"; continue; }
	m=$(ms $what)
	row "$what run by hand" "$(printf %.2f "$m")" "$(awk "BEGIN { r = $box / $m; printf \"weft takes %.2f of it: %s (to reach: at most 0.5)\", r, r <= 0.5 ? \"reached\" : \"MISSED\" }")"
done
