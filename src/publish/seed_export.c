/* Writes the store as one document, entry by entry in canonical form. */
#include <assert.h>
#include <stdlib.h>

#include "publish/seed_internal.h"

#define ROWS_FIRST 64

/* Entries of one section; the store's order is that of kinds and keys. */
struct export_row {
	struct str key;
	struct str body;
	struct export_row *next;
};
struct export
{
	struct arena *a;
	struct buf *out;
	struct export_row *first[SECTION__MAX], **last[SECTION__MAX];
	struct party *parties;
	const struct party **by_uuid;
	size_t n_parties, cap_parties;
	struct holding *holdings;
	size_t n_holdings, cap_holdings;
	bool comma;
};

/* ---- reading ---- */

static enum rc entry_row(void *ctx, const struct entry *e)
{
	struct export *x = ctx;
	enum section_id s = seed_section_of(e->kind, e->key);
	if (s == SECTION__MAX)
		return RC_OK;
	struct export_row *row = arena_new(x->a, struct export_row);
	*row = (struct export_row){ arena_str(x->a, e->key), arena_str(x->a, e->body), NULL };
	assert(x->last[s]);
	*x->last[s] = row;
	x->last[s] = &row->next;
	return RC_OK;
}

static enum rc party_row(void *ctx, const struct party *p)
{
	struct export *x = ctx;
	arena_room(x->a, x->parties, x->n_parties, &x->cap_parties, ROWS_FIRST);
	struct party *row = &x->parties[x->n_parties++];
	*row = *p;
	row->ident = arena_str(x->a, p->ident);
	row->name = p->name.p ? arena_str(x->a, p->name) : STR_NONE;
	row->unit_type = p->unit_type.p ? arena_str(x->a, p->unit_type) : STR_NONE;
	return RC_OK;
}

static enum rc holding_row(void *ctx, const struct holding *h)
{
	struct export *x = ctx;
	arena_room(x->a, x->holdings, x->n_holdings, &x->cap_holdings, ROWS_FIRST);
	struct holding *row = &x->holdings[x->n_holdings++];
	*row = *h;
	row->kind = arena_str(x->a, h->kind);
	row->value = arena_str(x->a, h->value);
	return RC_OK;
}

static int party_cmp(const void *a, const void *b)
{
	const struct party *const *x = a, *const *y = b;
	return uuid_cmp((*x)->uuid, (*y)->uuid);
}

static int holding_cmp(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;
	int c = uuid_cmp(x->party, y->party);
	c = c ? c : uuid_cmp(x->holder, y->holder);
	c = c ? c : str_cmp(x->kind, y->kind);
	return c ? c : str_cmp(x->value, y->value);
}

static void sort(struct export *x)
{
	x->by_uuid = arena_array(x->a, const struct party *, x->n_parties + 1);
	for (size_t i = 0; i < x->n_parties; i++)
		x->by_uuid[i] = &x->parties[i];
	qsort(x->by_uuid, x->n_parties, sizeof *x->by_uuid, party_cmp);
	if (x->n_holdings)
		qsort(x->holdings, x->n_holdings, sizeof *x->holdings, holding_cmp);
}

static struct str party_text(const struct export *x, struct uuid u)
{
	struct party probe = { .uuid = u };
	const struct party *key = &probe;
	const struct party **found = bsearch(&key, x->by_uuid, x->n_parties, sizeof *x->by_uuid, party_cmp);
	if (found)
		return urn_str(x->a, party_urn(*found));
	return urn_str(x->a, (struct urn){ .kind = URN_PARTY_UUID, .value = uuid_str(x->a, u), .uuid = u });
}

/* ---- writing ---- */

static void party_write(const struct export *x, struct jsw *w, const struct party *p)
{
	jsw_obj(w);
	jsw_kstr(w, "uuid", uuid_str(x->a, p->uuid));
	jsw_ki64(w, "partyId", p->party_id);
	if (p->user_id)
		jsw_ki64(w, "userId", p->user_id);
	jsw_kz(w, "type", party_type_name(p->type));
	jsw_kstr(w, p->type == PARTY_ORG ? "organizationNumber" : "nationalId", p->ident);
	if (p->name.n)
		jsw_kstr(w, "name", p->name);
	if (p->unit_type.n)
		jsw_kstr(w, "unitType", p->unit_type);
	if (!uuid_is_nil(p->parent))
		jsw_kstr(w, "parent", party_text(x, p->parent));
	jsw_end_obj(w);
}

static void entry_begin(struct export *x) /* one entry a line, so that a diff of two exports can be read */
{
	buf_z(x->out, x->comma ? ",\n" : "\n");
	x->comma = true;
}

static void list_begin(struct export *x, const char *name, bool *more)
{
	buf_fmt(x->out, "%s\"%s\": [", *more ? ",\n" : "\n", name);
	*more = true;
	x->comma = false;
}

static void parties_write(struct export *x)
{
	for (size_t i = 0; i < x->n_parties; i++) {
		struct jsw w = JSW(x->out);
		entry_begin(x);
		party_write(x, &w, &x->parties[i]);
	}
}

static void holder_write(const struct export *x, struct jsw *w, const struct holding *h)
{
	jsw_obj(w);
	jsw_kstr(w, "party", party_text(x, h->party));
	jsw_kstr(w, "holder", party_text(x, h->holder));
}

static void roles_write(struct export *x)
{
	for (size_t i = 0; i < x->n_holdings; i++) {
		const struct holding *h = &x->holdings[i];
		struct jsw w = JSW(x->out);
		if (str_is(h->kind, "right"))
			continue;
		entry_begin(x);
		holder_write(x, &w, h);
		jsw_kstr(&w, str_is(h->kind, "role") ? "role" : "package", h->value);
		jsw_end_obj(&w);
	}
}

static bool same_right(const struct holding *a, const struct holding *b)
{
	struct str resource, other_resource, action;
	(void)str_cut(a->value, '/', &resource, &action);
	(void)str_cut(b->value, '/', &other_resource, &action);
	return str_is(b->kind, "right") && uuid_eq(a->party, b->party) && uuid_eq(a->holder, b->holder) &&
	       str_eq(resource, other_resource);
}

/* Writes the rights to one resource as one entry with a list of actions. Returns the index after them. */
static size_t right_write(struct export *x, size_t i)
{
	const struct holding *first = &x->holdings[i];
	struct str resource, action;
	struct jsw w = JSW(x->out);
	entry_begin(x);
	holder_write(x, &w, first);
	(void)str_cut(first->value, '/', &resource, &action);
	jsw_kstr(&w, "resource", resource);
	jsw_key(&w, "actions");
	jsw_arr(&w);
	for (; i < x->n_holdings && same_right(first, &x->holdings[i]); i++) {
		(void)str_cut(x->holdings[i].value, '/', &resource, &action);
		jsw_str(&w, action);
	}
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	return i;
}

static void rights_list_write(struct export *x)
{
	for (size_t i = 0; i < x->n_holdings;)
		i = str_is(x->holdings[i].kind, "right") ? right_write(x, i) : i + 1;
}

/* Entries are exported as they are stored, without secret members. */
static enum rc entries_write(struct export *x, enum section_id s)
{
	for (const struct export_row *row = x->first[s]; row; row = row->next) {
		entry_begin(x);
		if (s != SECTION_CLIENT) {
			buf_add(x->out, row->body);
			continue;
		}
		const struct js *v;
		struct str state;
		struct jsw w = JSW(x->out);
		TRY(js_parse(x->a, row->body, NULL, &v, NULL));
		jsw_obj(&w);
		seed_write_members(&w, seed_sections[s].rows, v, NULL, SEED_SECRET);
		if (js_member_str(v, "state", &state) == RC_OK)
			jsw_kstr(&w, "state", state);
		jsw_end_obj(&w);
	}
	return RC_OK;
}

static enum rc section_write(struct export *x, enum section_id s, bool *more)
{
	list_begin(x, seed_sections[s].list, more);
	if (s == SECTION_PARTY)
		parties_write(x);
	if (s == SECTION_ROLE)
		roles_write(x);
	if (s == SECTION_RIGHT)
		rights_list_write(x);
	TRY(entries_write(x, s));
	buf_z(x->out, x->comma ? "\n]" : "]");
	return RC_OK;
}

/* The sections of an extension follow each other, under the member that they have in common. */
static enum rc extras_write(struct export *x)
{
	const char *parent = NULL;
	bool more = false;
	for (int s = SECTION_EXTRA; s < SECTION__MAX && seed_sections[s].list; s++) {
		if (!parent || strcmp(parent, seed_sections[s].parent) != 0) {
			buf_fmt(x->out, "%s,\n\"%s\": {", parent ? "\n}" : "", seed_sections[s].parent);
			more = false;
		}
		parent = seed_sections[s].parent;
		TRY(section_write(x, (enum section_id)s, &more));
	}
	buf_z(x->out, parent ? "\n}" : "");
	return RC_OK;
}

static enum rc document_write(struct export *x)
{
	bool more = false;
	buf_c(x->out, '{');
	for (int s = 0; s < SECTION_EXTRA; s++)
		TRY(section_write(x, (enum section_id)s, &more));
	TRY(extras_write(x));
	buf_lit(x->out, "\n}\n");
	return RC_OK;
}

enum rc seed_export(struct store *s, struct buf *out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct export x = { .a = &a, .out = out };
	for (int i = 0; i < SECTION__MAX; i++)
		x.last[i] = &x.first[i];
	TRY(reader_open(s, true, &r));
	TRY(parties_each(r, party_row, &x));
	TRY(holdings_each(r, holding_row, &x));
	TRY(entries_each(r, entry_row, &x));
	sort(&x);
	return document_write(&x);
}
