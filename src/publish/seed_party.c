/* Parties, and the roles and rights that they hold for each other. */
#include <assert.h>

#include "model/roles.h"
#include "publish/seed_internal.h"

/* ---- parties ---- */

static void party_fault(struct seed_doc *d, const struct seed_party *p, const char *member, const char *why)
{
	struct seed_path list = { .name = STR("parties") };
	struct seed_path at = { .up = &list, .index = p->index };
	seed_fault(d, member ? &(struct seed_path){ .up = &at, .name = str_of(member) } : &at, "%s", why);
}

static void uuid_plan(struct seed_doc *d, struct seed_party *p)
{
	struct uuid u;
	struct str text = seed_text(p->doc, "uuid");
	if (!p->stored.key)
		p->wanted.uuid = uuid_v4();
	if (text.n && uuid_parse(text, &u) == RC_OK) {
		if (p->stored.key && !uuid_eq(u, p->stored.uuid))
			party_fault(d, p, "uuid", "is another than the registered one");
		p->wanted.uuid = u;
	}
	const struct seed_party *other = seed_party_by_uuid(d, p->wanted.uuid);
	if (other && other != p)
		party_fault(d, p, "uuid", "belongs to another party");
	seed_party_uuid(d, p, p->wanted.uuid);
}

/* A number of the document must be unique and, for a stored party, the stored one. */
static void number_plan(struct seed_doc *d, struct seed_party *p, char kind, int64_t stored, int64_t *wanted)
{
	const char *member = kind == 'p' ? "partyId" : "userId";
	int64_t n = seed_number(p->doc, member);
	*wanted = n ? n : stored;
	if (!*wanted)
		return;
	if (stored && n && n != stored)
		party_fault(d, p, member, "is another than the registered one");
	const struct seed_party *other = seed_party_by_number(d, kind, *wanted);
	if (other && other != p)
		party_fault(d, p, member, "belongs to another party");
	seed_party_number(d, p, kind, *wanted);
}

static void party_plan(struct seed_doc *d, const struct js *v, size_t index)
{
	struct str pid = seed_text(v, "nationalId");
	struct str ident = pid.n ? pid : seed_text(v, "organizationNumber");
	struct seed_party *p = map_get(&d->idents, ident);
	if (!p)
		p = seed_party_new(d, ident);
	bool twice = p->doc != NULL;
	p->doc = v;
	p->index = index;
	p->removed = seed_absent(v);
	if (twice)
		party_fault(d, p, NULL, "is named twice");
	p->wanted = p->stored;
	p->wanted.ident = ident;
	p->wanted.type = pid.n ? PARTY_PERSON : PARTY_ORG;
	struct str name = seed_text(v, "name"), unit = seed_text(v, "unitType");
	if (name.n)
		p->wanted.name = name;
	if (unit.n)
		p->wanted.unit_type = unit;
	uuid_plan(d, p);
	number_plan(d, p, 'p', p->stored.party_id, &p->wanted.party_id);
	number_plan(d, p, 'u', p->stored.user_id, &p->wanted.user_id);
}

static enum rc parent_plan(struct seed_doc *d, struct seed_party *p)
{
	struct str text = seed_text(p->doc, "parent");
	struct urn u;
	struct seed_party *parent = NULL;
	if (!text.n || urn_parse(d->a, text, &u) != RC_OK)
		return RC_OK;
	TRY(seed_party_find(d, u, &parent));
	if (!parent || parent->removed)
		party_fault(d, p, "parent", "no such party");
	else if (parent == p || parent->wanted.type != PARTY_ORG)
		party_fault(d, p, "parent", "must be another organisation");
	else
		p->parent = parent;
	if (p->parent)
		p->wanted.parent = parent->wanted.uuid;
	return RC_OK;
}

enum rc seed_parties_plan(struct seed_doc *d)
{
	size_t i = 0;
	TRY(seed_parties_load(d));
	JS_EACH(v, seed_list(d, &seed_sections[SECTION_PARTY]))
		party_plan(d, v, i++);
	for (struct seed_party *p = d->parties; p; p = p->next)
		if (p->doc && !p->removed)
			TRY(parent_plan(d, p));
	return RC_OK;
}

/* ---- holdings ---- */

struct claim { /* one entry of roles or rights */
	const struct js *v;
	struct seed_path at;
	const struct seed_party *party;
	const struct seed_party *holder;
};

static enum rc claim_party(struct seed_doc *d, const struct claim *c, const char *member, const struct seed_party **out)
{
	struct urn u;
	struct seed_party *p = NULL;
	if (urn_parse(d->a, seed_text(c->v, member), &u) == RC_OK)
		TRY(seed_party_find(d, u, &p));
	bool missing = !p || (p->removed && !seed_absent(c->v));
	if (missing)
		seed_fault(d, &(struct seed_path){ .up = &c->at, .name = str_of(member) }, "no such party");
	*out = missing ? NULL : p;
	return RC_OK;
}

static void holding_change(struct seed_doc *d, const struct claim *c, const struct holding *h, bool remove)
{
	assert(c->party && c->holder);
	struct seed_holding *n = arena_new(d->a, struct seed_holding);
	*n = (struct seed_holding){ .h = *h, .remove = remove, .party = c->party, .holder = c->holder };
	*d->holdings_last = n;
	d->holdings_last = &n->next;
	map_put(&d->holdings_named, d->a, seed_holding_name(d->a, h), n);
}

static void holding_want(struct seed_doc *d, const struct claim *c, const char *kind, struct str value, bool wanted)
{
	struct holding h = { c->party->wanted.uuid, c->holder->wanted.uuid, str_of(kind), value };
	if (seed_holds(d, &h) != wanted)
		holding_change(d, c, &h, !wanted);
}

/* A holding has one spelling: two names of one role, in any letter case, are one holding. */
static struct str held_value(struct seed_doc *d, const struct claim *c)
{
	struct str role = seed_text(c->v, "role");
	return role.n ? role_canonical(d->a, role) : seed_text(c->v, "package");
}

static struct holding_pair pair_of(const struct claim *c)
{
	return (struct holding_pair){ c->holder->wanted.uuid, c->party->wanted.uuid };
}

static void role_plan(struct seed_doc *d, const struct claim *c)
{
	const char *kind = js_get(c->v, "role") ? "role" : "package";
	const struct holding_pair pair = pair_of(c);
	struct str value = held_value(d, c);
	for (const struct seed_holding *n = seed_held(d, &pair, kind, value); n; n = n->next)
		if (!str_eq(n->h.value, value))
			holding_change(d, c, &n->h, true); /* an older spelling */
	holding_want(d, c, kind, value, !seed_absent(c->v));
}

static bool action_named(const struct js *entry, struct str action)
{
	if (seed_absent(entry))
		return false;
	JS_EACH(v, js_get(entry, "actions"))
		if (str_eq(v->s, action))
			return true;
	return false;
}

/* The list of actions replaces the stored one. */
static void right_plan(struct seed_doc *d, const struct claim *c)
{
	struct str resource = seed_text(c->v, "resource");
	struct str head = arena_fmt(d->a, "%.*s/", STR_FMT(resource));
	const struct holding_pair pair = pair_of(c);
	for (const struct seed_holding *n = seed_held(d, &pair, "right", resource); n; n = n->next)
		if (str_starts(n->h.value, head) &&
		    !action_named(c->v, str_span(n->h.value.p + head.n, n->h.value.n - head.n)))
			holding_change(d, c, &n->h, true);
	const struct js *actions = seed_absent(c->v) ? NULL : js_get(c->v, "actions");
	JS_EACH(v, actions)
		holding_want(d, c, "right", arena_fmt(d->a, "%.*s%.*s", STR_FMT(head), STR_FMT(v->s)), true);
}

/* A role that is named twice, or two lists of actions for one right, is a fault. */
static bool claim_twice(struct seed_doc *d, const struct claim *c, bool right, struct map *named)
{
	struct str value = right ? seed_text(c->v, "resource") : held_value(d, c);
	struct holding h = { c->party->wanted.uuid, c->holder->wanted.uuid, STR("named"), value };
	struct str name = seed_holding_name(d->a, &h);
	if (map_get(named, name)) {
		seed_fault(d, &c->at, "is named twice");
		return true;
	}
	map_put(named, d->a, name, d);
	return false;
}

/* What parties that are both stored hold for each other. */
static enum rc claims_load(struct seed_doc *d, const struct claim *claims, size_t n)
{
	struct holding_pair *pairs = arena_array(d->a, struct holding_pair, n + 1);
	size_t n_pairs = 0;
	for (size_t i = 0; i < n; i++)
		if (claims[i].party->stored.key && claims[i].holder->stored.key)
			pairs[n_pairs++] = pair_of(&claims[i]);
	return seed_holdings_load(d, pairs, n_pairs);
}

static enum rc claims_plan(struct seed_doc *d, enum section_id id)
{
	struct map named = { 0 };
	struct seed_path path = { .name = str_of(seed_sections[id].list) };
	const struct js *list = seed_list(d, &seed_sections[id]);
	bool right = id == SECTION_RIGHT;
	struct claim *claims = arena_array(d->a, struct claim, (list ? list->n : 0) + 1);
	size_t i = 0, n = 0;
	JS_EACH(v, list) {
		struct claim *c = &claims[n];
		*c = (struct claim){ .v = v, .at = { .up = &path, .index = i++ } };
		TRY(claim_party(d, c, "party", &c->party));
		TRY(claim_party(d, c, "holder", &c->holder));
		n += c->party && c->holder && !claim_twice(d, c, right, &named);
	}
	TRY(claims_load(d, claims, n));
	for (i = 0; i < n; i++) {
		if (right)
			right_plan(d, &claims[i]);
		else
			role_plan(d, &claims[i]);
	}
	return RC_OK;
}

/* ---- removed parties that others need ---- */

static struct seed_party *party_removed(struct seed_doc *d, struct uuid u)
{
	struct seed_party *p = map_get(&d->uuids, uuid_str(d->a, u));
	return p && p->removed ? p : NULL;
}

static enum rc holding_row(void *ctx, const struct holding *h)
{
	struct seed_doc *d = ctx;
	const struct seed_party *p = party_removed(d, h->party), *holder = party_removed(d, h->holder);
	const struct seed_holding *named = map_get(&d->holdings_named, seed_holding_name(d->a, h));
	if (named && named->remove)
		return RC_OK;
	if (p)
		party_fault(d, p, NULL, "roles or rights for it are held");
	if (holder && holder != p)
		party_fault(d, holder, NULL, "holds roles or rights");
	return RC_OK;
}

static enum rc parent_row(void *ctx, const struct party *row)
{
	struct seed_doc *d = ctx;
	const struct seed_party *child = map_get(&d->idents, row->ident);
	struct uuid parent = child ? child->wanted.parent : row->parent;
	const struct seed_party *p = uuid_is_nil(parent) ? NULL : party_removed(d, parent);
	if (p && !(child && child->removed))
		party_fault(d, p, NULL, "is the parent of another party");
	return RC_OK;
}

enum rc seed_holdings_plan(struct seed_doc *d)
{
	TRY(claims_plan(d, SECTION_ROLE));
	TRY(claims_plan(d, SECTION_RIGHT));
	bool removes = false;
	for (const struct seed_party *p = d->parties; p; p = p->next)
		removes = removes || (p->removed && p->stored.key);
	if (!removes || !d->reader)
		return RC_OK;
	TRY(holdings_each(d->reader, holding_row, d));
	return parties_each(d->reader, parent_row, d);
}
