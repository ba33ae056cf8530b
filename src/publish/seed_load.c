/* Parties and holdings as they are stored. They are looked up when the document names them, several at once, so that
 * the work grows with the document and not with the register. What was looked up is not asked for again. */
#include <assert.h>
#include <inttypes.h>

#include "publish/seed_internal.h"

static struct str number_name(struct arena *a, char kind, int64_t n)
{
	return arena_fmt(a, "%c%" PRId64, kind, n);
}

/* ---- one party ---- */

struct seed_party *seed_party_new(struct seed_doc *d, struct str ident)
{
	assert(ident.n && !map_get(&d->idents, ident));
	struct seed_party *p = arena_new(d->a, struct seed_party);
	map_put(&d->idents, d->a, ident, p);
	*d->parties_last = p;
	d->parties_last = &p->next;
	return p;
}

void seed_party_uuid(struct seed_doc *d, struct seed_party *p, struct uuid u)
{
	map_put(&d->uuids, d->a, uuid_str(d->a, u), p);
}

void seed_party_number(struct seed_doc *d, struct seed_party *p, char kind, int64_t n)
{
	if (n)
		map_put(&d->numbers, d->a, number_name(d->a, kind, n), p);
}

/* The party of the document that stands for a stored one; made at the first call. */
static struct seed_party *party_known(struct seed_doc *d, const struct party *p)
{
	struct seed_party *known = map_get(&d->idents, p->ident);
	if (known)
		return known;
	known = seed_party_new(d, p->ident);
	known->stored = known->wanted = *p;
	seed_party_uuid(d, known, p->uuid);
	seed_party_number(d, known, 'p', p->party_id);
	seed_party_number(d, known, 'u', p->user_id);
	return known;
}

/* ---- several at once ---- */

/* Waits until a statement is full. */
struct load {
	struct seed_doc *d;
	struct str idents[PARTIES_MAX];
	size_t n_idents;
	struct uuid uuids[PARTIES_MAX];
	size_t n_uuids;
	int64_t users[PARTIES_MAX];
	size_t n_users;
	int64_t ids[PARTIES_MAX];
	size_t n_ids;
	struct holding_pair pairs[HOLDING_PAIRS_MAX];
	size_t n_pairs;
};

/* The store is asked once for each name. */
static bool asks(struct seed_doc *d, char kind, struct str name)
{
	struct buf b = BUF(d->a);
	buf_c(&b, kind);
	buf_add(&b, name); /* may hold any byte */
	struct str key = buf_str(&b);
	if (!d->reader || map_get(&d->asked, key))
		return false;
	map_put(&d->asked, d->a, key, d);
	return true;
}

static void parties_known(struct seed_doc *d, struct party *const found[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (found[i])
			party_known(d, found[i]);
}

static enum rc idents_end(struct load *l)
{
	struct party *found[PARTIES_MAX];
	if (l->n_idents)
		TRY(parties_by_ident(l->d->reader, l->d->a, l->idents, l->n_idents, found, NULL));
	parties_known(l->d, found, l->n_idents);
	l->n_idents = 0;
	return RC_OK;
}

static enum rc uuids_end(struct load *l)
{
	struct party *found[PARTIES_MAX];
	if (l->n_uuids)
		TRY(parties_by_uuid(l->d->reader, l->d->a, l->uuids, l->n_uuids, found, NULL));
	parties_known(l->d, found, l->n_uuids);
	l->n_uuids = 0;
	return RC_OK;
}

static enum rc numbers_end(struct load *l, bool users)
{
	struct party *found[PARTIES_MAX];
	const int64_t *numbers = users ? l->users : l->ids;
	size_t *n = users ? &l->n_users : &l->n_ids;
	if (*n)
		TRY(parties_by_numbers(l->d->reader, l->d->a, users, numbers, *n, found));
	parties_known(l->d, found, *n);
	*n = 0;
	return RC_OK;
}

static enum rc load_ident(struct load *l, struct str ident)
{
	if (!ident.n || map_get(&l->d->idents, ident) || !asks(l->d, 'i', ident))
		return RC_OK;
	l->idents[l->n_idents++] = ident;
	return l->n_idents == PARTIES_MAX ? idents_end(l) : RC_OK;
}

static enum rc load_uuid(struct load *l, struct uuid u)
{
	struct str name = uuid_str(l->d->a, u);
	if (map_get(&l->d->uuids, name) || !asks(l->d, 'g', name))
		return RC_OK;
	l->uuids[l->n_uuids++] = u;
	return l->n_uuids == PARTIES_MAX ? uuids_end(l) : RC_OK;
}

static enum rc load_number(struct load *l, char kind, int64_t number)
{
	bool users = kind == 'u';
	struct str name = number_name(l->d->a, kind, number);
	if (!number || map_get(&l->d->numbers, name) || !asks(l->d, 'n', name))
		return RC_OK;
	size_t *n = users ? &l->n_users : &l->n_ids;
	(users ? l->users : l->ids)[(*n)++] = number;
	return *n == PARTIES_MAX ? numbers_end(l, users) : RC_OK;
}

static enum rc load_party(struct load *l, struct urn u)
{
	uint64_t n = 0;
	assert((unsigned)u.kind < URN__MAX);
	switch (u.kind) {
	case URN_PERSON:
	case URN_ORG:
		return load_ident(l, u.value);
	case URN_PARTY_UUID:
		return load_uuid(l, u.uuid);
	case URN_PARTY_ID:
		return str_u64(u.value, &n) == RC_OK && n <= INT64_MAX ? load_number(l, 'p', (int64_t)n) : RC_OK;
	case URN__MAX:
		break;
	}
	return RC_OK;
}

static enum rc load_end(struct load *l)
{
	TRY(idents_end(l));
	TRY(uuids_end(l));
	TRY(numbers_end(l, true));
	return numbers_end(l, false);
}

/* ---- finding ---- */

static struct seed_party *party_found(const struct seed_doc *d, struct urn u)
{
	uint64_t n = 0;
	if (u.kind == URN_PARTY_UUID)
		return map_get(&d->uuids, uuid_str(d->a, u.uuid));
	if (u.kind != URN_PARTY_ID)
		return map_get(&d->idents, u.value);
	bool fits = str_u64(u.value, &n) == RC_OK && n && n <= INT64_MAX;
	return fits ? map_get(&d->numbers, number_name(d->a, 'p', (int64_t)n)) : NULL;
}

enum rc seed_party_find(struct seed_doc *d, struct urn u, struct seed_party **out)
{
	struct load l = { .d = d };
	*out = NULL;
	TRY(load_party(&l, u));
	TRY(load_end(&l));
	*out = party_found(d, u);
	return RC_OK;
}

struct seed_party *seed_party_by_uuid(const struct seed_doc *d, struct uuid u)
{
	return party_found(d, (struct urn){ .kind = URN_PARTY_UUID, .uuid = u });
}

struct seed_party *seed_party_by_number(const struct seed_doc *d, char kind, int64_t n)
{
	return map_get(&d->numbers, number_name(d->a, kind, n));
}

/* ---- all that the document names ---- */

struct str seed_text(const struct js *v, const char *name)
{
	const struct js *m = js_get(v, name);
	return js_is(m, JS_STRING) ? m->s : STR_NONE;
}

int64_t seed_number(const struct js *v, const char *name)
{
	int64_t n = 0;
	return js_member_i64(v, name, &n) == RC_OK ? n : 0;
}

static enum rc load_named(struct load *l, const struct js *v, const char *member)
{
	struct urn u;
	struct str text = seed_text(v, member);
	return text.n && urn_parse(l->d->a, text, &u) == RC_OK ? load_party(l, u) : RC_OK;
}

static enum rc load_numbers_of(struct load *l, const struct js *v)
{
	struct uuid u;
	struct str text = seed_text(v, "uuid");
	if (text.n && uuid_parse(text, &u) == RC_OK)
		TRY(load_uuid(l, u));
	TRY(load_number(l, 'p', seed_number(v, "partyId")));
	return load_number(l, 'u', seed_number(v, "userId"));
}

enum rc seed_parties_load(struct seed_doc *d)
{
	static const struct {
		enum section_id section;
		const char *urns[2];
		const char *idents[2];
	} places[] = {
		{ SECTION_PARTY, { "parent", NULL }, { "nationalId", "organizationNumber" } },
		{ SECTION_ROLE, { "party", "holder" }, { NULL, NULL } },
		{ SECTION_RIGHT, { "party", "holder" }, { NULL, NULL } },
		{ SECTION_PREFIX, { NULL, NULL }, { "owner", NULL } },
		{ SECTION_SCOPE, { NULL, NULL }, { "owner", NULL } },
	};
	struct load l = { .d = d };
	for (size_t i = 0; i < LEN(places); i++)
		JS_EACH(v, seed_list(d, &seed_sections[places[i].section]))
			for (size_t k = 0; k < 2; k++) {
				if (places[i].urns[k])
					TRY(load_named(&l, v, places[i].urns[k]));
				if (places[i].idents[k])
					TRY(load_ident(&l, seed_text(v, places[i].idents[k])));
			}
	TRY(load_end(&l));
	/* Most of these belong to the parties that are known by now. */
	JS_EACH(v, seed_list(d, &seed_sections[SECTION_PARTY]))
		TRY(load_numbers_of(&l, v));
	return load_end(&l);
}

/* ---- holdings ---- */

struct str seed_holding_name(struct arena *a, const struct holding *h)
{
	struct buf b = BUF(a);
	buf_add(&b, uuid_bytes(&h->party));
	buf_add(&b, uuid_bytes(&h->holder));
	buf_add(&b, h->kind);
	buf_c(&b, ' ');
	buf_add(&b, h->value);
	return buf_str(&b);
}

/* Holdings that are looked for together: of a right all actions on its resource, of others all spellings. */
static struct str group_name(struct arena *a, const struct holding_pair *pair, const char *kind, struct str value)
{
	const struct holding h = { pair->party, pair->holder, str_of(kind), arena_lower(a, value) };
	return seed_holding_name(a, &h);
}

static enum rc stored_row(void *ctx, const struct holding *h)
{
	struct seed_doc *d = ctx;
	const struct holding_pair pair = { h->holder, h->party };
	struct seed_holding *n = arena_new(d->a, struct seed_holding);
	struct str group, action;
	n->h = (struct holding){ h->party, h->holder, arena_str(d->a, h->kind), arena_str(d->a, h->value) };
	map_put(&d->held, d->a, seed_holding_name(d->a, &n->h), n);
	group = n->h.value;
	if (str_is(n->h.kind, "right"))
		(void)str_cut(n->h.value, '/', &group, &action);
	struct str name = group_name(d->a, &pair, arena_cstr(d->a, n->h.kind), group);
	n->next = map_get(&d->groups, name);
	map_put(&d->groups, d->a, name, n);
	return RC_OK;
}

static enum rc pairs_end(struct load *l)
{
	size_t n = l->n_pairs;
	l->n_pairs = 0;
	return n ? holdings_of(l->d->reader, l->pairs, n, stored_row, l->d) : RC_OK;
}

enum rc seed_holdings_load(struct seed_doc *d, const struct holding_pair *pairs, size_t n)
{
	struct load l = { .d = d };
	for (size_t i = 0; i < n; i++) {
		if (!asks(d, 'h', group_name(d->a, &pairs[i], "pair", STR(""))))
			continue;
		l.pairs[l.n_pairs++] = pairs[i];
		if (l.n_pairs == HOLDING_PAIRS_MAX)
			TRY(pairs_end(&l));
	}
	return pairs_end(&l);
}

bool seed_holds(const struct seed_doc *d, const struct holding *h)
{
	return map_get(&d->held, seed_holding_name(d->a, h)) != NULL;
}

const struct seed_holding *seed_held(const struct seed_doc *d, const struct holding_pair *pair, const char *kind,
				     struct str value)
{
	return map_get(&d->groups, group_name(d->a, pair, kind, value));
}
