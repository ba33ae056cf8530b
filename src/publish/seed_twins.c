/* Finds entries whose keys differ by letter case alone: people take them for one, programs do not. A document can add
 * none. Stored ones stay. */
#include "publish/seed_internal.h"

/* A key's first node that is to stay, by section and key in lower case. */
static struct seed_node *first_of(struct seed_doc *d, struct map *seen, struct seed_node *n)
{
	struct str name = arena_fmt(d->a, "%u %.*s", n->section, STR_FMT(arena_lower(d->a, n->key)));
	struct seed_node *first = map_get(seen, name);
	if (!first)
		map_put(seen, d->a, name, n);
	return first ? first : n;
}

static bool key_is_stored(struct seed_doc *d, const struct seed_node *n)
{
	for (const struct seed_node *v = seed_node_find(d, n->section, n->key); v; v = v->sibling)
		if (v->stored.n)
			return true;
	return false;
}

/* The paths of a document's member. */
struct place {
	struct seed_path up;
	struct seed_path list;
	struct seed_path at;
	struct seed_path member;
};

/* member2: a member of the member, or NULL. */
static void fault(struct seed_doc *d, const struct seed_node *n, const char *member, const char *member2,
		  const char *what)
{
	const struct seed_section *s = &seed_sections[n->section];
	struct place p = { .up = { .name = str_of(s->parent) } };
	p.list = (struct seed_path){ .up = s->parent ? &p.up : NULL, .name = str_of(s->list) };
	p.at = (struct seed_path){ .up = &p.list, .index = n->index };
	p.member = (struct seed_path){ .up = &p.at, .name = str_of(member) };
	struct seed_path inner = { .up = &p.member, .name = str_of(member2) };
	seed_fault(d, member2 ? &inner : &p.member, "differs by letter case alone from that of %s", what);
}

/* Nodes of the store come first, so the node that is found is the older one. */
static void keys_check(struct seed_doc *d)
{
	struct map seen = { 0 };
	for (struct seed_node *n = d->first; n; n = n->next) {
		const struct seed_section *s = &seed_sections[n->section];
		if (!n->body.n)
			continue;
		const struct seed_node *first = first_of(d, &seen, n);
		if (!n->doc || str_eq(first->key, n->key) || key_is_stored(d, n))
			continue;
		struct str what = arena_fmt(d->a, "%s %.*s", s->word, STR_FMT(first->key));
		fault(d, n, s->key[1] ? s->key[1] : s->key[0], NULL, what.p);
	}
}

/* ---- owner codes: policies name them in any letter case ---- */

struct owner {
	struct str code;
	struct str orgno;
};

static struct owner owner_of(struct seed_doc *d, struct seed_node *n)
{
	const struct js *o = js_get(seed_tree(d, n), "hasCompetentAuthority");
	struct owner owner = { 0 };
	if (js_member_str(o, "orgcode", &owner.code) != RC_OK ||
	    js_member_str(o, "organization", &owner.orgno) != RC_OK)
		owner.code = STR_NONE;
	return owner;
}

static bool owner_is_stored(struct seed_doc *d, const struct seed_node *n, struct owner want)
{
	for (struct seed_node *v = d->first; v; v = v->next) {
		if (v->section != n->section || v == n || !v->stored.n)
			continue;
		struct owner o = owner_of(d, v);
		if (str_eq(o.code, want.code) && str_eq(o.orgno, want.orgno))
			return true;
	}
	return false;
}

/* Calls fn for each resource whose owner code another organisation's resource has in another letter case. */
typedef void owner_fn(struct seed_doc *d, struct seed_node *n, struct owner own, struct owner other);
static void owners_each(struct seed_doc *d, owner_fn *fn)
{
	struct map seen = { 0 };
	for (struct seed_node *n = d->first; n; n = n->next) {
		struct owner *o = arena_new(d->a, struct owner);
		if (n->section != SECTION_RESOURCE || !n->body.n)
			continue;
		*o = owner_of(d, n);
		struct str folded = arena_lower(d->a, o->code);
		const struct owner *first = o->code.n ? map_get(&seen, folded) : NULL;
		if (first && !str_eq(first->code, o->code) && !str_eq(first->orgno, o->orgno))
			fn(d, n, *o, *first);
		if (o->code.n && !first)
			map_put(&seen, d->a, folded, o);
	}
}

static void owner_check(struct seed_doc *d, struct seed_node *n, struct owner own, struct owner other)
{
	if (n->doc && !n->stored.n && !owner_is_stored(d, n, own))
		fault(d, n, "hasCompetentAuthority", "orgcode", arena_cstr(d->a, other.orgno));
}

void seed_twins(struct seed_doc *d)
{
	keys_check(d);
	owners_each(d, owner_check);
}

/* ---- stored ones ---- */

static void owner_report(struct seed_doc *d, struct seed_node *n, struct owner own, struct owner other)
{
	buf_fmt(&d->report->changes,
		"resource %.*s %lld: its owner code %.*s differs by letter case alone from %.*s of %.*s\n",
		STR_FMT(n->key), (long long)n->version, STR_FMT(own.code), STR_FMT(other.code), STR_FMT(other.orgno));
}

enum rc seed_twins_stored(struct store *s, struct arena *a, struct str *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	const struct seed_options o = { 0 };
	struct seed_report report;
	struct map seen = { 0 };
	struct seed_doc d;
	seed_doc_init(&d, a, &o, &report);
	TRY(reader_open(s, true, &r));
	d.reader = r;
	TRY(seed_state_load(&d));
	for (struct seed_node *n = d.first; n; n = n->next) {
		const struct seed_node *first = first_of(&d, &seen, n);
		if (n == seed_node_find(&d, n->section, n->key) && !str_eq(first->key, n->key))
			buf_fmt(&report.changes, "%s %.*s differs by letter case alone from %.*s\n",
				seed_sections[n->section].word, STR_FMT(n->key), STR_FMT(first->key));
	}
	owners_each(&d, owner_report);
	*out = buf_str(&report.changes);
	return RC_OK;
}
