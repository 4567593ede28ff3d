/* plan_recall.c - what a plan remembers of the last look: actions, and that there was nothing to do. */
#include "runtime/plan_impl.h"

#include <string.h>

#include "runtime/container.h"

/* All that actions depend on. */
static uint64_t actions_key(struct plan *p)
{
	const struct run_options *o = p->opt;
	const struct container *image;
	struct digester d;

	digest_begin(&d, ACTION_POLICY);
	digest_int(&d, p->job->image_digest);
	digest_int(&d, journal_seed(p->journal));
	for (uint32_t i = 0; i < o->nstores; i++) {
		digest_strs(&d, o->stores[i].bucket);
		digest_strs(&d, o->stores[i].dir);
	}
	for (uint32_t i = 0; (image = containers_nth(p->images, i)); i++)
		digest_strs(&d, image->digest ? image->digest : "");
	digest_strs(&d, p->ws);
	return digest_end(&d).lo;
}

/* One file a workflow. */
static const char *cache_file(struct plan *p, const char *what)
{
	const char *source = p->opt->source ? p->opt->source : "";

	return arena_printf(p->arena, "%s/.weft/cache/%s-%08x", p->ws, what, digest_hash32(source, strlen(source)));
}

void plan_recall_begin(struct plan *p)
{
	if (p->looked || !p->job->image_digest)
		return;
	p->looked = true;
	p->recall_key = actions_key(p);
	p->recall = recall_open(cache_file(p, "actions"), p->recall_key, p->job);
	if (p->recall && !p->ntarget)
		recall_stat(p->recall, p->disk);
}

/* All that "everything is current" depends on; false: it cannot be told. */
static bool settled_digest(const struct plan *p, struct digest *out)
{
	struct digest stamps = recall_stamps(p->recall, p->recall_key);
	unsigned char boot[16];
	struct digester d;

	if (!rec_boot_id(boot))
		return false;
	digest_begin(&d, p->recall_key);
	digest_add(&d, boot, sizeof(boot));
	digest_int(&d, journal_chain(p->journal));
	digest_int(&d, journal_size(p->journal));
	digest_add(&d, &stamps, sizeof(stamps));
	*out = digest_end(&d);
	return true;
}

/* Is it the whole that is asked for? */
static bool whole(const struct plan *p)
{
	return p->recall && !p->ntarget && !p->opt->nforce && !p->opt->only_failed;
}

bool plan_settled(struct plan *p)
{
	struct digest d;

	plan_recall_begin(p);
	if (!whole(p) || !settled_digest(p, &d) || !settled_is(cache_file(p, "settled"), d))
		return false;
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		uint32_t n = recall_count(p->recall, t);

		if (n)
			plan_room(&p->task[t], n, V_CURRENT);
	}
	p->counts = (struct plan_counts){ .current = recall_all(p->recall) };
	return true;
}

/* Each instance was current by what is remembered of it, and of every file stat says what its record was made with. */
static void keep_settled(struct plan *p)
{
	struct digest d;

	if (whole(p) && p->recalled == recall_all(p->recall) && p->counts.current == p->recalled && !p->counts.runs &&
	    !p->counts.unknown && recall_steady(p->recall) && settled_digest(p, &d))
		settled_keep(cache_file(p, "settled"), d);
}

void plan_recall_end(struct plan *p)
{
	if (p->maker)
		recall_keep(p->maker, cache_file(p, "actions"), p->recall_key);
	else
		keep_settled(p);
	p->maker = NULL;
	recall_free(p->recall);
	p->recall = NULL;
}
