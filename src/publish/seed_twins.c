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

static void fault(struct seed_doc *d, const struct seed_node *n, const char *member, const char *what)
{
	const struct seed_section *s = &seed_sections[n->section];
	struct place p = { .up = { .name = str_of(s->parent) } };
	p.list = (struct seed_path){ .up = s->parent ? &p.up : NULL, .name = str_of(s->list) };
	p.at = (struct seed_path){ .up = &p.list, .index = n->index };
	p.member = (struct seed_path){ .up = &p.at, .name = str_of(member) };
	seed_fault(d, &p.member, "differs by letter case alone from that of %s", what);
}

/* Nodes of the store come first, so the node that is found is the older one. */
void seed_twins(struct seed_doc *d)
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
		fault(d, n, s->key[1] ? s->key[1] : s->key[0], what.p);
	}
}

/* ---- stored ones ---- */

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
	*out = buf_str(&report.changes);
	return RC_OK;
}
