/* container_impl.h - what the files of containers share; nobody else includes it. */
#ifndef WEFT_RUNTIME_CONTAINER_IMPL_H
#define WEFT_RUNTIME_CONTAINER_IMPL_H

#include "runtime/container.h"

enum image_kind {
	IMAGE_REGISTRY, /* DIR/docker/registry/v2: the storage of a Docker registry */
	IMAGE_LAYOUT,   /* DIR/oci-layout, index.json, blobs */
	IMAGE_ARCHIVE,  /* a file: docker save, or an OCI layout in a tar */
};
struct image { /* one that the job names */
	struct container c;
	struct span span;
	const char *registry; /* URL of its registry, "" */
	uint8_t kind;
	const char *from;     /* directory or file on this machine */
	const char *repo, *tag;
	const char *kept;     /* the directory of weft's own (image_dir) */
};

/* ---- container.c ---- */
/* Do other machines run what this one says? */
bool containers_elsewhere(const struct run_options *o);
/* ---- container_source.c ---- */
/* Where an image is, from its name, its registry and the site file: kind, from, repo, tag and digest.  false: *why, and
 * *nowhere when nothing was said about it at all. */
bool image_find_source(struct arena *a, struct image *im, const struct run_options *o, struct stores *st, const char **why,
	bool *nowhere);
/* The same for a file or directory that is given. */
bool image_at(struct arena *a, struct image *im, const char *from, const char **why);
/* The file of a blob of a registry or layout; HEX has been checked. */
const char *image_blob(struct arena *a, const struct image *im, const char *hex);

/* ---- container_archive.c ---- */
/* SHA-256 of a file, remembered in DIR.  NULL: *why. */
const char *archive_digest(struct arena *a, const char *dir, const char *file, const char **why);

/* ---- container_manifest.c ---- */
enum { HEX_LEN = 64, MANIFEST_MAX = 4 << 20 };
/* 64 hexadecimal digits after "sha256:"; NULL when it is anything else. */
const char *digest_hex_of(const char *text);
/* The digest that an OCI layout's index has for a tag; NULL: *why. */
const char *layout_digest(struct arena *a, const char *dir, const char *tag, const char **why);
struct manifest {
	const char *digest, *text; /* of the image for this machine */
	size_t size;
	const char **blob; /* digests: its configuration and layers */
	uint32_t nblob;
};
/* Read the manifest of a registry or layout, through lists of platforms.  false: *why. */
bool manifest_read(struct arena *a, const struct image *im, struct manifest *m, const char **why);

/* ---- container_load.c ---- */
/* Where images are kept, by the site file or else below the user's cache: DIR/storage is podman's, DIR/images has a record
 * of each digest. */
const char *image_dir(struct arena *a, const struct site *site);
/* Is it there?  Fills in layers and environment. */
bool image_loaded(struct arena *a, struct image *im);
/* Bring it there.  false: *why. */
bool image_load(struct arena *a, struct image *im, const char **why);

/* ---- podman.c ---- */
/* Is it on PATH? */
const char *podman_program(struct arena *a);
/* Run podman with a storage of ours in DIR; ARGV without "podman", ended by NULL.  What it prints, without the last
 * newline; NULL: *why is its last words. */
const char *podman_run(struct arena *a, const char *dir, const char *const *argv, const char **why);

#endif
