# docker-lib.sh - a tiny image (busybox, two layers) in the three forms that weft reads, made without podman.
#
#   make_image NAME TEXT    NAME.tar as `docker save` writes it; /etc/image holds TEXT
#   make_layout DIR NAME TEXT TAG        an OCI layout in DIR
#   make_registry DIR REPO TEXT TAG      the storage of a Docker registry in DIR
BUSYBOX=$(command -v busybox || :)
[ -n "$BUSYBOX" ] || skip "no busybox (busybox-static)"
command -v podman > /dev/null || skip "no podman"
! ldd "$BUSYBOX" > /dev/null 2>&1 || skip "$BUSYBOX is not static (busybox-static)"
export XDG_CACHE_HOME=$T/cache

hex() { sha256sum < "$1" | cut -d ' ' -f 1; }
# layers NAME TEXT: NAME.d/1.tar, 2.tar (which removes /etc/gone of the first), config
layers() {
	mkdir -p "$1.d/1/bin" "$1.d/1/etc" "$1.d/1/root" "$1.d/1/tmp" "$1.d/2/etc"
	cp "$BUSYBOX" "$1.d/1/bin/busybox"
	for _a in sh cat echo env id pwd ls mount ps sleep kill head dd mknod ln mkdir rm touch wc chmod grep tr sort sync seq sed test dirname \
		awk cut setsid true false; do
		ln -s busybox "$1.d/1/bin/$_a"
	done
	echo 'root:x:0:0:root:/root:/bin/sh' > "$1.d/1/etc/passwd"
	echo first > "$1.d/1/etc/image"
	echo gone > "$1.d/1/etc/gone"
	echo "$2" > "$1.d/2/etc/image"
	: > "$1.d/2/etc/.wh.gone"
	for _l in 1 2; do tar -C "$1.d/$_l" --owner=0 --group=0 --mtime=@0 --sort=name -cf "$1.d/$_l.tar" .; done
	cat > "$1.d/config" <<-C
		{"architecture":"$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')","os":"linux","config":{"Env":["PATH=/usr/local/bin:/bin","FROM_IMAGE=yes"],"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:$(hex "$1.d/1.tar")","sha256:$(hex "$1.d/2.tar")"]}}
	C
}
make_image() {
	layers "$1" "$2"
	_c=$(hex "$1.d/config")
	mkdir "$1.d/save"
	mv "$1.d/config" "$1.d/save/$_c.json"
	mv "$1.d/1.tar" "$1.d/2.tar" "$1.d/save/"
	echo "[{\"Config\":\"$_c.json\",\"RepoTags\":[\"localhost:5000/$1:latest\"],\"Layers\":[\"1.tar\",\"2.tar\"]}]" > "$1.d/save/manifest.json"
	tar -C "$1.d/save" -cf "$1.tar" .
	rm -rf "$1.d"
}
# entry FILE TYPE: how a manifest names a blob
entry() { echo "{\"mediaType\":\"$2\",\"digest\":\"sha256:$(hex "$1")\",\"size\":$(wc -c < "$1")}"; }
manifest() {
	echo "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":$(entry "$1.d/config" application/vnd.oci.image.config.v1+json),\"layers\":[$(entry "$1.d/1.tar" application/vnd.oci.image.layer.v1.tar),$(entry "$1.d/2.tar" application/vnd.oci.image.layer.v1.tar)]}" > "$1.d/manifest"
}
make_layout() {
	layers "$2" "$3"
	manifest "$2"
	mkdir -p "$1/blobs/sha256"
	echo '{"imageLayoutVersion":"1.0.0"}' > "$1/oci-layout"
	echo "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:$(hex "$2.d/manifest")\",\"size\":$(wc -c < "$2.d/manifest"),\"annotations\":{\"org.opencontainers.image.ref.name\":\"$4\"}}]}" > "$1/index.json"
	for _b in config manifest 1.tar 2.tar; do cp "$2.d/$_b" "$1/blobs/sha256/$(hex "$2.d/$_b")"; done
	rm -rf "$2.d"
}
# put_blob DIR FILE
put_blob() {
	_h=$(hex "$2")
	_d=$1/docker/registry/v2/blobs/sha256/$(echo "$_h" | cut -c 1-2)/$_h
	mkdir -p "$_d"
	cp "$2" "$_d/data"
}
make_registry() {
	layers img "$3"
	manifest img
	for _b in config manifest 1.tar 2.tar; do put_blob "$1" "img.d/$_b"; done
	_t=$1/docker/registry/v2/repositories/$2/_manifests/tags/$4/current
	mkdir -p "$_t"
	printf 'sha256:%s' "$(hex img.d/manifest)" > "$_t/link"
	rm -rf img.d
}
