/* check_network.c - address blocks and networks of the machines (rules 7.1 to 7.6, 7.9; blocks of one VPC, and room in them). */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/machine.h"

#include <stdlib.h>
#include <string.h>

struct block {
	uint32_t addr, mask; /* mask: number of bits */
};

/* A decimal number of at most three digits; its end, NULL if there is none. */
static const char *number(const char *p, uint32_t max, uint32_t *v)
{
	size_t n = strspn(p, "0123456789");

	if (n == 0 || n > 3 || (n > 1 && *p == '0'))
		return NULL;
	for (*v = 0; n; n--)
		*v = *v * 10 + (uint32_t)(*p++ - '0');
	return *v <= max ? p : NULL;
}

/* What is wrong with the text of a block, NULL if nothing. */
static const char *block_read(const char *p, struct block *b)
{
	uint32_t i, v;

	b->addr = 0;
	for (i = 0; i < 4; i++) {
		p = number(p, 255, &v);
		if (!p)
			return N_("an address has four numbers from 0 to 255");
		if (i < 3 && *p++ != '.')
			return N_("an address has four numbers from 0 to 255");
		b->addr = b->addr << 8 | v;
	}
	if (*p != '/')
		return N_("it has no mask");
	p = number(p + 1, 32, &b->mask);
	return p && !*p ? NULL : N_("its mask is no number from 0 to 32");
}

static const struct range {
	const char *text;
	uint32_t addr, bits, min, max;
} ranges[] = {
	{ "10.0.0.0/8", 10u << 24, 8, 12, 24 },
	{ "172.16.0.0/12", 172u << 24 | 16 << 16, 12, 12, 24 },
	{ "192.168.0.0/16", 192u << 24 | 168 << 16, 16, 16, 24 },
};

static const struct range *range_of(uint32_t addr)
{
	size_t i;

	for (i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if ((addr ^ ranges[i].addr) >> (32 - ranges[i].bits) == 0)
			return &ranges[i];
	return NULL;
}

static const char *block_text(struct session *s, uint32_t addr, uint32_t mask)
{
	return arena_printf(s->diags->arena, "%u.%u.%u.%u/%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255, mask);
}

static void host_bits(struct session *s, const struct jval *v, const struct block *b)
{
	uint32_t net = b->mask ? b->addr & ~0u << (32 - b->mask) : 0;
	const char *text = block_text(s, net, b->mask);

	if (net == b->addr)
		return;
	diag_error(s->diags, W0570, v->span, "address block `%s` has bits behind its mask", name_str(s->names, v->s));
	diag_help(s->diags, "write %s", text);
	fix_value(s, v->span, name_str(s->names, v->s), text);
}

static void cidr_check(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *text = name_str(s->names, v->s), *why;
	const struct range *r;
	struct block b;

	(void)t;
	if (!*text)
		return;
	why = block_read(text, &b);
	if (why) {
		diag_error(s->diags, E0570, v->span, "address block `%s` is malformed: %s", text, tr(why));
		diag_help(s->diags, "write a block such as 192.168.0.0/16");
		return;
	}
	r = range_of(b.addr);
	if (!r) {
		diag_error(s->diags, E0571, v->span, "address block `%s` is not private", text);
		diag_help(s->diags, "take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
	} else if (b.mask < r->min || b.mask > r->max) {
		diag_error(s->diags, E0572, v->span, "mask of address block `%s` is too %s", text,
			b.mask < r->min ? _("short") : _("long"));
		diag_note(s->diags, "in %s masks have %u to %u bits", r->text, r->min, r->max);
	} else
		host_bits(s, v, &b);
}

void check_cidr(struct session *s)
{
	each_setting(s, SET_VPC_CIDR, cidr_check);
}

static void vpc_alone(struct session *s, const struct jtask *t, const struct jval *v)
{
	if (!name_len(s->names, v->s) || set_text(s, t, SET_VPC_CIDR) || front_of(s->main) == FRONT_CFG) /* E0179 there */
		return;
	diag_error(s->diags, E0573, v->span, "vpc `%s` is given without an address block", name_str(s->names, v->s));
	diag_help(s->diags, "add the part of its addresses that the machines get, such as 192.168.0.0/24");
}

void check_vpc(struct session *s)
{
	each_setting(s, SET_VPC_ID, vpc_alone);
}

static void both_networks(struct session *s, const struct jtask *t, const struct jval *v)
{
	const struct jval *cidr = task_set(t, SET_VPC_CIDR);

	if (!v->n || !set_text(s, t, SET_VPC_CIDR))
		return;
	diag_error(s->diags, W0571, v->span, "rules of the classic network stand beside a VPC");
	diag_at(s->diags, cidr->span, "the VPC's block");
	diag_note(s->diags, "a cluster lies in one of the two; the rules are for the classic network only");
}

void check_networks(struct session *s)
{
	static const enum setting classic[] = { SET_CLASSIC_GROUP, SET_CLASSIC_GROUP_OUT, SET_CLASSIC_IP, SET_CLASSIC_IP_OUT };
	size_t i;

	for (i = 0; i < sizeof classic / sizeof *classic; i++)
		each_setting(s, classic[i], both_networks);
}

static void bcs_network(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *machine = set_text(s, t, SET_MACHINE);
	struct machine m;

	if (!machine || !name_len(s->names, v->s) || !machine_find(s->site, machine, &m) || !m.old)
		return;
	diag_error(s->diags, W0572, v->span, "machine `%s` does not work in a VPC", machine);
	diag_at(s->diags, task_set(t, SET_MACHINE)->span, "the machine");
}

void check_bcs_network(struct session *s)
{
	each_setting(s, SET_VPC_CIDR, bcs_network);
}

/* ---- blocks of one VPC ---- */

struct net {
	name vpc;
	uint32_t lo, hi; /* first and last address */
	const struct jval *v;
};

static int net_order(const void *a, const void *b)
{
	const struct net *x = a, *y = b;

	if (x->vpc != y->vpc)
		return x->vpc < y->vpc ? -1 : 1;
	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return x->hi != y->hi ? (x->hi > y->hi ? -1 : 1) : x->v->span.lo < y->v->span.lo ? -1 : x->v->span.lo > y->v->span.lo;
}

static uint32_t host_mask(uint32_t bits)
{
	return bits >= 32 ? 0 : ~0u >> bits;
}

static uint32_t nets_of(const struct session *s, struct net *v)
{
	uint32_t i, n = 0;
	struct block b;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		const struct jval *cidr = task_set(t, SET_VPC_CIDR);

		if (t->bad || t->skipped || !cidr || !set_text(s, t, SET_VPC_ID) || block_read(name_str(s->names, cidr->s), &b))
			continue;
		v[n++] = (struct net){ task_set(t, SET_VPC_ID)->s, b.addr & ~host_mask(b.mask), b.addr | host_mask(b.mask), cidr };
	}
	return n;
}

/* In order of their addresses each is compared with the widest before it; equal ones are one network. */
void check_overlap(struct session *s)
{
	struct net *v = xcalloc((size_t)s->job->ntask + 1, sizeof *v);
	uint32_t n = nets_of(s, v), i, wide = 0;
	struct seen seen = { 0 };

	if (n)
		qsort(v, n, sizeof *v, net_order);
	for (i = 1; i < n; i++) {
		if (v[i].vpc != v[wide].vpc || v[i].lo > v[wide].hi) {
			wide = i;
			continue;
		}
		if ((v[i].lo == v[wide].lo && v[i].hi == v[wide].hi) || !seen_add(&seen, 0, v[i].v->span))
			continue;
		diag_error(s->diags, W0574, v[i].v->span, "address block `%s` overlaps another one of VPC `%s`",
			name_str(s->names, v[i].v->s), name_str(s->names, v[i].vpc));
		diag_at(s->diags, v[wide].v->span, "the other one");
		diag_help(s->diags, "give each cluster a block of its own, or all of them the same one");
	}
	seen_free(&seen);
	free(v);
}

enum { RESERVED = 4 }; /* addresses of a block that no machine gets */

void check_block_room(struct session *s)
{
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		const struct jval *v = task_set(t, SET_VPC_CIDR);
		int64_t machines, room;
		struct span sp;
		struct block b;

		if (t->bad || t->skipped || !v || block_read(name_str(s->names, v->s), &b))
			continue;
		machines = task_machines(s, t, &sp);
		room = (int64_t)host_mask(b.mask) + 1 - RESERVED;
		if (machines <= room || !seen_add(&seen, 0, sp))
			continue;
		diag_error(s->diags, W0575, v->span, "address block `%s` is too small for %lld machines: it has room for %lld",
			name_str(s->names, v->s), (long long)machines, (long long)(room > 0 ? room : 0));
		diag_at(s->diags, sp, "the machines");
		diag_help(s->diags, "take a block with a shorter mask");
	}
	seen_free(&seen);
}
