#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"

/* In the order of PARTY_COLS in statements.def. */
static const struct col party_cols[] = {
	COL(struct party, key),     COL(struct party, uuid),      COL(struct party, party_id),
	COL(struct party, user_id), COL(struct party, type),      COL(struct party, ident),
	COL(struct party, name),    COL(struct party, unit_type), COL(struct party, parent),
};

struct party_rows {
	struct arena *a;
	/* one of the four */
	const struct str *idents;
	const struct uuid *uuids;
	const int64_t *party_ids;
	const int64_t *user_ids;
	size_t n;
	struct party **found;
	int64_t epoch;
};

static bool wanted_is(const struct party_rows *p, size_t i, const struct party *row)
{
	if (p->idents)
		return str_eq(p->idents[i], row->ident);
	if (p->uuids)
		return uuid_eq(p->uuids[i], row->uuid);
	return p->party_ids ? p->party_ids[i] == row->party_id : p->user_ids[i] == row->user_id;
}

/* A value of the same type that no party has. */
static struct db_val wanted_nothing(const struct party_rows *p)
{
	if (p->idents)
		return db_text(STR(""));
	return p->uuids ? db_blob(STR("")) : db_int(0);
}

static struct db_val wanted_value(const struct party_rows *p, size_t i)
{
	if (p->idents)
		return db_text(p->idents[i]);
	if (p->uuids)
		return db_blob(uuid_bytes(&p->uuids[i]));
	return db_int(p->party_ids ? p->party_ids[i] : p->user_ids[i]);
}

/* One row has the registry epoch alone; each other row has a party. */
static enum rc match_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct party_rows *p = ctx;
	if (cols[0].type != DB_NULL) {
		p->epoch = cols[0].i;
		return RC_OK;
	}
	struct party *row = arena_new(p->a, struct party);
	assert(n == LEN(party_cols) + 1);
	TRY(cols_read(p->a, party_cols, n - 1, cols + 1, row));
	for (size_t i = 0; i < p->n; i++) {
		if (wanted_is(p, i, row))
			p->found[i] = row;
	}
	return RC_OK;
}

static enum rc match(struct reader *r, enum stmt stmt, struct party_rows *p)
{
	if (p->n > PARTIES_MAX)
		return RC_TOO_LARGE;
	struct db_val args[PARTIES_MAX];
	for (size_t i = 0; i < PARTIES_MAX; i++)
		args[i] = i < p->n ? wanted_value(p, i) : wanted_nothing(p);
	memset(p->found, 0, p->n * sizeof *p->found);
	return reader_query(r, stmt, args, PARTIES_MAX, match_row, p);
}

enum rc parties_by_ident(struct reader *r, struct arena *a, const struct str *idents, size_t n, struct party *found[],
			 int64_t *epoch_out)
{
	struct party_rows p = { .a = a, .idents = idents, .n = n, .found = found };
	TRY(match(r, SQL_parties_by_ident, &p));
	if (epoch_out)
		*epoch_out = p.epoch;
	return RC_OK;
}

enum rc parties_by_uuid(struct reader *r, struct arena *a, const struct uuid *uuids, size_t n, struct party *found[],
			int64_t *epoch_out)
{
	struct party_rows p = { .a = a, .uuids = uuids, .n = n, .found = found };
	TRY(match(r, SQL_parties_by_uuid, &p));
	if (epoch_out)
		*epoch_out = p.epoch;
	return RC_OK;
}

enum rc parties_by_numbers(struct reader *r, struct arena *a, bool users, const int64_t *numbers, size_t n,
			   struct party *found[])
{
	struct party_rows p = { .a = a, .n = n, .found = found };
	if (users)
		p.user_ids = numbers;
	else
		p.party_ids = numbers;
	return match(r, users ? SQL_parties_by_user_id : SQL_parties_by_party_id, &p);
}

struct one {
	struct arena *a;
	struct party *found;
};

static enum rc one_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct one *o = ctx;
	assert(n == LEN(party_cols));
	o->found = arena_new(o->a, struct party);
	return cols_read(o->a, party_cols, n, cols, o->found);
}

enum rc parties_by_number(struct reader *r, struct arena *a, int64_t user_id, int64_t party_id, struct party **out)
{
	struct one o = { .a = a };
	enum stmt stmt = user_id ? SQL_party_by_user : SQL_party_by_party_id;
	TRY(READER_QUERY(r, stmt, one_row, &o, db_int(user_id ? user_id : party_id)));
	if (!o.found)
		return RC_NOT_FOUND;
	*out = o.found;
	return RC_OK;
}

struct several {
	struct arena *a;
	struct party **out;
	size_t n;
	size_t max;
};

static enum rc several_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct several *s = ctx;
	assert(n == LEN(party_cols));
	if (s->n == s->max)
		return RC_FAIL;
	struct party *p = s->out[s->n++] = arena_new(s->a, struct party);
	return cols_read(s->a, party_cols, n, cols, p);
}

enum rc parties_represented(struct reader *r, struct arena *a, struct uuid person, size_t limit, struct party *out[],
			    size_t *n_out)
{
	static_assert(PARTY_ORG == 1, "SQL_authority_parties names the type by its number");
	struct several s = { .a = a, .out = out, .max = limit };
	struct db_val holder = db_blob(uuid_bytes(&person));
	TRY(READER_QUERY(r, SQL_authority_parties, several_row, &s, holder, holder, holder, db_int((int64_t)limit)));
	*n_out = s.n;
	return RC_OK;
}

static enum rc any_row(void *ctx, const struct db_val *cols, size_t n)
{
	bool *any = ctx;
	assert(n == 1);
	*any = cols[0].i > 0;
	return RC_OK;
}

enum rc parties_any_person(struct reader *r, bool *out)
{
	return reader_query(r, SQL_party_any_person, NULL, 0, any_row, out);
}

struct each {
	struct arena a; /* of one row */
	party_fn *fn;
	void *ctx;
};

static enum rc each_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct each *e = ctx;
	struct party p = { 0 };
	arena_reset(&e->a);
	TRY(cols_read(&e->a, party_cols, n, cols, &p));
	return e->fn(e->ctx, &p);
}

enum rc parties_each(struct reader *r, party_fn *fn, void *ctx)
{
	struct each e = { .fn = fn, .ctx = ctx };
	enum rc rc = reader_query(r, SQL_parties_each, NULL, 0, each_row, &e);
	arena_finish(&e.a);
	return rc;
}

/* ---- changes ---- */
static struct db_val int_or_null(int64_t i)
{
	return i ? db_int(i) : DB_VAL_NULL;
}

void change_party(struct change *c, const struct party *p)
{
	bool person = p->type == PARTY_PERSON;
	struct uuid *uuid = arena_new(c->a, struct uuid), *parent = arena_new(c->a, struct uuid);
	*uuid = uuid_is_nil(p->uuid) ? uuid_v4() : p->uuid;
	*parent = p->parent;
	change_touch_all(c);
	if (!p->party_id)
		CHANGE_OP(c, SQL_party_mint_id, db_int(1));
	if (!p->user_id && person)
		CHANGE_OP(c, SQL_party_mint_user, db_int(1));
	CHANGE_OP(c, SQL_party_put, db_blob(uuid_bytes(uuid)), int_or_null(p->party_id), int_or_null(p->user_id),
		  db_int(person), db_int(p->type), db_text(p->ident), db_text(p->name), db_text(p->unit_type),
		  db_uuid(parent), uuid_is_nil(p->uuid) ? DB_VAL_NULL : db_blob(uuid_bytes(uuid)),
		  int_or_null(p->party_id), int_or_null(p->user_id));
}

void change_party_name(struct change *c, struct str ident, struct str name)
{
	change_touch_all(c);
	CHANGE_OP(c, SQL_party_name_fill, db_text(name), db_text(ident));
}

void change_party_new(struct change *c, const struct party *p)
{
	struct uuid *uuids = arena_array(c->a, struct uuid, 2);
	assert(!uuid_is_nil(p->uuid) && p->party_id && (p->user_id || p->type != PARTY_PERSON));
	uuids[0] = p->uuid;
	uuids[1] = p->parent;
	change_touch_all(c);
	CHANGE_OP(c, SQL_party_new, db_uuid(&uuids[0]), db_int(p->party_id), int_or_null(p->user_id), db_int(p->type),
		  db_text(p->ident), db_text(p->name), db_text(p->unit_type), db_uuid(&uuids[1]));
}

enum rc parties_take_numbers(struct store *s, struct arena *a, size_t n_party_ids, size_t n_user_ids,
			     int64_t *party_id_out, int64_t *user_id_out)
{
	struct change *c = change_new(a);
	c->returns = true;
	CHANGE_OP(c, SQL_party_mint_id, db_int((int64_t)n_party_ids));
	CHANGE_OP(c, SQL_party_mint_user, db_int((int64_t)n_user_ids));
	TRY(store_change(s, c));
	*party_id_out = c->ops[0].returned_int - (int64_t)n_party_ids + 1;
	*user_id_out = c->ops[1].returned_int - (int64_t)n_user_ids + 1;
	return RC_OK;
}

void change_party_delete(struct change *c, struct str ident)
{
	change_touch_all(c);
	CHANGE_OP(c, SQL_party_delete, db_text(ident));
}
