/* Parties, and the roles and rights that they hold for each other. They are looked up when the document names them, so
 * that the work grows with the document and not with the register. */
#include <assert.h>
#include <inttypes.h>

#include "model/roles.h"
#include "publish/seed_internal.h"

static struct str text_of(const struct js *v, const char *name) /* STR_NONE: absent or null */
{
	const struct js *m = js_get(v, name);
	return js_is(m, JS_STRING) ? m->s : STR_NONE;
}

static int64_t number_of(const struct js *v, const char *name)
{
	int64_t n = 0;
	return js_member_i64(v, name, &n) == RC_OK ? n : 0;
}

static struct str number_name(struct arena *a, char kind, int64_t n)
{
	return arena_fmt(a, "%c%" PRId64, kind, n);
}

/* ---- finding ---- */

static struct seed_party *party_new(struct seed_doc *d, struct str ident)
{
	assert(ident.n && !map_get(&d->idents, ident));
	struct seed_party *p = arena_new(d->a, struct seed_party);
	map_put(&d->idents, d->a, ident, p);
	*d->parties_last = p;
	d->parties_last = &p->next;
	return p;
}

/* The party of the document that stands for a stored one; made at the first call. */
static struct seed_party *party_known(struct seed_doc *d, const struct party *p)
{
	struct seed_party *known = map_get(&d->idents, p->ident);
	if (known)
		return known;
	known = party_new(d, p->ident);
	known->stored = known->wanted = *p;
	return known;
}

static enum rc by_ident(struct seed_doc *d, struct str ident, struct seed_party **out)
{
	struct party *found[1] = { NULL };
	*out = map_get(&d->idents, ident);
	if (*out || !d->reader)
		return RC_OK;
	TRY(parties_by_ident(d->reader, d->a, &ident, 1, found, NULL));
	if (found[0])
		*out = party_known(d, found[0]);
	return RC_OK;
}

static enum rc by_uuid(struct seed_doc *d, struct uuid u, struct seed_party **out)
{
	struct party *found[1] = { NULL };
	*out = map_get(&d->uuids, uuid_str(d->a, u));
	if (*out || !d->reader)
		return RC_OK;
	TRY(parties_by_uuid(d->reader, d->a, &u, 1, found));
	if (found[0])
		*out = party_known(d, found[0]);
	return RC_OK;
}

/* kind: 'p' partyId, 'u' userId. */
static enum rc by_number(struct seed_doc *d, char kind, int64_t n, struct seed_party **out)
{
	struct party *found = NULL;
	*out = map_get(&d->numbers, number_name(d->a, kind, n));
	if (*out || !d->reader)
		return RC_OK;
	enum rc rc = parties_by_number(d->reader, d->a, kind == 'u' ? n : 0, kind == 'p' ? n : 0, &found);
	if (rc == RC_OK)
		*out = party_known(d, found);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc seed_party_find(struct seed_doc *d, struct urn u, struct seed_party **out)
{
	uint64_t n = 0;
	assert((unsigned)u.kind < URN__MAX);
	*out = NULL;
	switch (u.kind) {
	case URN_PERSON:
	case URN_ORG:
		return by_ident(d, u.value, out);
	case URN_PARTY_UUID:
		return by_uuid(d, u.uuid, out);
	case URN_PARTY_ID:
		return str_u64(u.value, &n) == RC_OK && n ? by_number(d, 'p', (int64_t)n, out) : RC_OK;
	case URN__MAX:
		break;
	}
	return RC_OK;
}

/* ---- parties ---- */

static void party_fault(struct seed_doc *d, const struct seed_party *p, const char *member, const char *why)
{
	struct seed_path list = { .name = STR("parties") };
	struct seed_path at = { .up = &list, .index = p->index };
	seed_fault(d, member ? &(struct seed_path){ .up = &at, .name = str_of(member) } : &at, "%s", why);
}

static enum rc uuid_plan(struct seed_doc *d, struct seed_party *p)
{
	struct uuid u;
	struct seed_party *other = NULL;
	struct str text = text_of(p->doc, "uuid");
	if (!p->stored.key)
		p->wanted.uuid = uuid_v4();
	if (text.n && uuid_parse(text, &u) == RC_OK) {
		if (p->stored.key && !uuid_eq(u, p->stored.uuid))
			party_fault(d, p, "uuid", "is another than the registered one");
		p->wanted.uuid = u;
	}
	TRY(by_uuid(d, p->wanted.uuid, &other));
	if (other && other != p)
		party_fault(d, p, "uuid", "belongs to another party");
	map_put(&d->uuids, d->a, uuid_str(d->a, p->wanted.uuid), p);
	return RC_OK;
}

/* A number of the document must be unique and, for a stored party, the stored one. */
static enum rc number_plan(struct seed_doc *d, struct seed_party *p, char kind, int64_t stored, int64_t *wanted)
{
	const char *member = kind == 'p' ? "partyId" : "userId";
	struct seed_party *other = NULL;
	int64_t n = number_of(p->doc, member);
	*wanted = n ? n : stored;
	if (!*wanted)
		return RC_OK;
	if (stored && n && n != stored)
		party_fault(d, p, member, "is another than the registered one");
	TRY(by_number(d, kind, *wanted, &other));
	if (other && other != p)
		party_fault(d, p, member, "belongs to another party");
	map_put(&d->numbers, d->a, number_name(d->a, kind, *wanted), p);
	return RC_OK;
}

static enum rc party_plan(struct seed_doc *d, const struct js *v, size_t index)
{
	struct str pid = text_of(v, "nationalId");
	struct str ident = pid.n ? pid : text_of(v, "organizationNumber");
	struct seed_party *p = NULL;
	TRY(by_ident(d, ident, &p));
	if (!p)
		p = party_new(d, ident);
	bool twice = p->doc != NULL;
	p->doc = v;
	p->index = index;
	p->removed = seed_absent(v);
	if (twice)
		party_fault(d, p, NULL, "is named twice");
	p->wanted = p->stored;
	p->wanted.ident = ident;
	p->wanted.type = pid.n ? PARTY_PERSON : PARTY_ORG;
	struct str name = text_of(v, "name"), unit = text_of(v, "unitType");
	if (name.n)
		p->wanted.name = name;
	if (unit.n)
		p->wanted.unit_type = unit;
	TRY(uuid_plan(d, p));
	TRY(number_plan(d, p, 'p', p->stored.party_id, &p->wanted.party_id));
	return number_plan(d, p, 'u', p->stored.user_id, &p->wanted.user_id);
}

static enum rc parent_plan(struct seed_doc *d, struct seed_party *p)
{
	struct str text = text_of(p->doc, "parent");
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
		p->wanted.parent = parent->wanted.uuid;
	return RC_OK;
}

enum rc seed_parties_plan(struct seed_doc *d)
{
	size_t i = 0;
	JS_EACH(v, seed_list(d, &seed_sections[SECTION_PARTY]))
		TRY(party_plan(d, v, i++));
	for (struct seed_party *p = d->parties; p; p = p->next)
		if (p->doc && !p->removed)
			TRY(parent_plan(d, p));
	return RC_OK;
}

/* ---- holdings ---- */

struct pair { /* the stored roles and rights that one party holds for another */
	struct arena *a;
	struct seed_holding *first;
};

static enum rc pair_row(void *ctx, const struct holding *h)
{
	struct pair *pair = ctx;
	struct seed_holding *n = arena_new(pair->a, struct seed_holding);
	n->h = (struct holding){ h->party, h->holder, arena_str(pair->a, h->kind), arena_str(pair->a, h->value) };
	n->next = pair->first;
	pair->first = n;
	return RC_OK;
}

struct claim { /* one entry of roles or rights */
	const struct js *v;
	struct seed_path at;
	const struct seed_party *party;
	const struct seed_party *holder;
	struct pair pair;
};

static enum rc claim_party(struct seed_doc *d, const struct claim *c, const char *member, const struct seed_party **out)
{
	struct urn u;
	struct seed_party *p = NULL;
	if (urn_parse(d->a, text_of(c->v, member), &u) == RC_OK)
		TRY(seed_party_find(d, u, &p));
	bool missing = !p || (p->removed && !seed_absent(c->v));
	if (missing)
		seed_fault(d, &(struct seed_path){ .up = &c->at, .name = str_of(member) }, "no such party");
	*out = missing ? NULL : p;
	return RC_OK;
}

static struct str holding_name(struct arena *a, const struct holding *h)
{
	struct buf b = BUF(a);
	buf_add(&b, uuid_bytes(&h->party));
	buf_add(&b, uuid_bytes(&h->holder));
	buf_add(&b, h->kind);
	buf_c(&b, ' ');
	buf_add(&b, h->value);
	return buf_str(&b);
}

static void holding_change(struct seed_doc *d, const struct claim *c, const struct holding *h, bool remove)
{
	assert(c->party && c->holder);
	struct seed_holding *n = arena_new(d->a, struct seed_holding);
	*n = (struct seed_holding){ .h = *h, .remove = remove, .party = c->party, .holder = c->holder };
	*d->holdings_last = n;
	d->holdings_last = &n->next;
	map_put(&d->holdings_named, d->a, holding_name(d->a, h), n);
}

static bool pair_has(const struct claim *c, const char *kind, struct str value)
{
	for (const struct seed_holding *n = c->pair.first; n; n = n->next)
		if (str_is(n->h.kind, kind) && str_eq(n->h.value, value))
			return true;
	return false;
}

static void holding_want(struct seed_doc *d, const struct claim *c, const char *kind, struct str value, bool wanted)
{
	struct holding h = { c->party->wanted.uuid, c->holder->wanted.uuid, str_of(kind), value };
	if (pair_has(c, kind, value) != wanted)
		holding_change(d, c, &h, !wanted);
}

/* A holding has one spelling: two names of one role, in any letter case, are one holding. */
static struct str held_value(struct seed_doc *d, const struct claim *c)
{
	struct str role = text_of(c->v, "role");
	return role.n ? role_canonical(d->a, role) : text_of(c->v, "package");
}

static void role_plan(struct seed_doc *d, const struct claim *c)
{
	const char *kind = js_get(c->v, "role") ? "role" : "package";
	struct str value = held_value(d, c);
	bool wanted = !seed_absent(c->v);
	for (const struct seed_holding *n = c->pair.first; n; n = n->next)
		if (str_is(n->h.kind, kind) && !str_eq(n->h.value, value) && str_ieq(n->h.value, value))
			holding_change(d, c, &n->h, true); /* an older spelling */
	holding_want(d, c, kind, value, wanted);
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
	struct str resource = text_of(c->v, "resource");
	struct str head = arena_fmt(d->a, "%.*s/", STR_FMT(resource));
	for (const struct seed_holding *n = c->pair.first; n; n = n->next) {
		bool same = str_is(n->h.kind, "right") && str_starts(n->h.value, head);
		if (same && !action_named(c->v, str_span(n->h.value.p + head.n, n->h.value.n - head.n)))
			holding_change(d, c, &n->h, true);
	}
	const struct js *actions = seed_absent(c->v) ? NULL : js_get(c->v, "actions");
	JS_EACH(v, actions)
		holding_want(d, c, "right", arena_fmt(d->a, "%.*s%.*s", STR_FMT(head), STR_FMT(v->s)), true);
}

/* A role that is named twice, or two lists of actions for one right, is a fault. */
static bool claim_twice(struct seed_doc *d, const struct claim *c, bool right, struct map *named)
{
	struct str value = right ? text_of(c->v, "resource") : held_value(d, c);
	struct holding h = { c->party->wanted.uuid, c->holder->wanted.uuid, STR("named"), value };
	struct str name = holding_name(d->a, &h);
	if (map_get(named, name)) {
		seed_fault(d, &c->at, "is named twice");
		return true;
	}
	map_put(named, d->a, name, d);
	return false;
}

static enum rc claim_plan(struct seed_doc *d, struct claim *c, bool right, struct map *named)
{
	TRY(claim_party(d, c, "party", &c->party));
	TRY(claim_party(d, c, "holder", &c->holder));
	if (!c->party || !c->holder || claim_twice(d, c, right, named))
		return RC_OK;
	if (c->party->stored.key && c->holder->stored.key)
		TRY(holdings_of(d->reader, c->holder->stored.uuid, c->party->stored.uuid, pair_row, &c->pair));
	if (right)
		right_plan(d, c);
	else
		role_plan(d, c);
	return RC_OK;
}

static enum rc claims_plan(struct seed_doc *d, enum section_id id)
{
	struct map named = { 0 };
	struct seed_path list = { .name = str_of(seed_sections[id].list) };
	size_t i = 0;
	JS_EACH(v, seed_list(d, &seed_sections[id])) {
		struct claim c = { .v = v, .at = { .up = &list, .index = i++ }, .pair = { .a = d->a } };
		TRY(claim_plan(d, &c, id == SECTION_RIGHT, &named));
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
	const struct seed_holding *named = map_get(&d->holdings_named, holding_name(d->a, h));
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
