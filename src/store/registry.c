#include <assert.h>

#include "store/internal.h"
#include "store/keys.h"
#include "store/rows.h"

static const struct col entry_cols[] = {
	COL(struct entry, kind),
	COL(struct entry, key),
	COL(struct entry, version),
	COL(struct entry, body),
};
static const struct col holding_cols[] = {
	COL(struct holding, party),
	COL(struct holding, holder),
	COL(struct holding, kind),
	COL(struct holding, value),
};
static const struct col key_cols[] = {
	COL(struct key_row, kid),          COL(struct key_row, alg),       COL(struct key_row, public_json),
	COL_BYTES(struct key_row, sealed), COL(struct key_row, published), COL(struct key_row, active_from),
	COL(struct key_row, retire_at),    COL(struct key_row, remove_at), COL(struct key_row, token_uri),
	COL(struct key_row, compromised),  COL(struct key_row, use),
};

static enum rc version_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	*(int64_t *)ctx = cols[0].i;
	return RC_OK;
}

enum rc store_registry_version(struct reader *r, int64_t *out)
{
	int64_t version = 0;
	TRY(reader_query(r, SQL_version, NULL, 0, version_row, &version));
	*out = version;
	return RC_OK;
}

enum rc store_registry_epoch(struct reader *r, int64_t *out)
{
	int64_t epoch = 0;
	TRY(reader_query(r, SQL_epoch, NULL, 0, version_row, &epoch));
	*out = epoch;
	return RC_OK;
}

/* One of the functions is set. A row lives until the next one. */
struct each {
	struct arena a;
	entry_fn *entry;
	holding_fn *holding;
	key_fn *key;
	void *ctx;
};

static enum rc each_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct each *e = ctx;
	arena_reset(&e->a);
	if (e->entry) {
		struct entry row = { 0 };
		assert(n == LEN(entry_cols));
		TRY(cols_read(&e->a, entry_cols, n, cols, &row));
		return e->entry(e->ctx, &row);
	}
	if (e->holding) {
		struct holding row = { 0 };
		assert(n == LEN(holding_cols));
		TRY(cols_read(&e->a, holding_cols, n, cols, &row));
		return e->holding(e->ctx, &row);
	}
	struct key_row row = { 0 };
	assert(n == LEN(key_cols));
	TRY(cols_read(&e->a, key_cols, n, cols, &row));
	return e->key(e->ctx, &row);
}

static enum rc each(struct reader *r, enum stmt stmt, const struct db_val *args, size_t n, struct each *e)
{
	enum rc rc = reader_query(r, stmt, args, n, each_row, e);
	arena_finish(&e->a);
	return rc;
}

enum rc entries_each(struct reader *r, entry_fn *fn, void *ctx)
{
	return each(r, SQL_entries_each, NULL, 0, &(struct each){ .entry = fn, .ctx = ctx });
}

enum rc holdings_of(struct reader *r, const struct holding_pair *pairs, size_t n, holding_fn *fn, void *ctx)
{
	struct db_val args[2 * HOLDING_PAIRS_MAX];
	if (n > HOLDING_PAIRS_MAX)
		return RC_TOO_LARGE;
	for (size_t i = 0; i < HOLDING_PAIRS_MAX; i++) {
		args[2 * i] = db_blob(i < n ? uuid_bytes(&pairs[i].holder) : STR(""));
		args[2 * i + 1] = db_blob(i < n ? uuid_bytes(&pairs[i].party) : STR(""));
	}
	return each(r, SQL_holdings_of, args, LEN(args), &(struct each){ .holding = fn, .ctx = ctx });
}

enum rc holdings_each(struct reader *r, holding_fn *fn, void *ctx)
{
	return each(r, SQL_holdings_each, NULL, 0, &(struct each){ .holding = fn, .ctx = ctx });
}

enum rc keys_each(struct reader *r, key_fn *fn, void *ctx)
{
	return each(r, SQL_keys_each, NULL, 0, &(struct each){ .key = fn, .ctx = ctx });
}

/* ---- changes of administration ---- */
void change_entry(struct change *c, const struct entry *e)
{
	CHANGE_OP(c, SQL_entry_put, db_text(e->kind), db_text(e->key), db_int(e->version), db_text(e->body));
}

void change_entry_delete(struct change *c, struct str kind, struct str key, int64_t version)
{
	CHANGE_OP(c, SQL_entry_delete, db_text(kind), db_text(key), db_int(version));
}

static void holding_op(struct change *c, enum stmt stmt, const struct holding *h)
{
	change_touch_all(c);
	struct holding *copy = arena_new(c->a, struct holding);
	struct db_val args[LEN(holding_cols)];
	*copy = *h;
	cols_args(c->a, holding_cols, LEN(holding_cols), copy, args);
	change_op(c, stmt, args, LEN(args));
}

void change_holding(struct change *c, const struct holding *h)
{
	holding_op(c, SQL_holding_put, h);
}

void change_holding_delete(struct change *c, const struct holding *h)
{
	holding_op(c, SQL_holding_delete, h);
}

/* The first statement locks the version, so that two processes of administration take turns. */
static void bump_first(struct change *c)
{
	assert(!c->guarded); /* guard_at would be another statement */
	change_op(c, SQL_version_bump, NULL, 0);
	struct db_op bump = c->ops[c->n_ops - 1];
	memmove(c->ops + 1, c->ops, (c->n_ops - 1) * sizeof *c->ops);
	c->ops[0] = bump;
	c->bump = true;
}

void change_at(struct change *c, int64_t registry_version)
{
	c->basis = (struct basis){ .version = registry_version };
}

void change_since(struct change *c, int64_t registry_version)
{
	c->basis = (struct basis){ .version = registry_version, .narrow = true };
}

void change_touch(struct change *c, struct subject s)
{
	CHANGE_OP(c, SQL_subject_touch, db_text(str_of(s.kind)), db_text(s.name));
	c->touches = true;
}

void change_touch_all(struct change *c)
{
	c->touches_all = true;
}

/* Subjects that the new epoch covers are forgotten. */
static void epoch_raise(struct change *c)
{
	CHANGE_OP(c, SQL_epoch_raise, db_int(c->touches && !c->touches_all ? TOUCHED_VERSIONS : 0));
	change_op(c, SQL_subjects_forget, NULL, 0);
}

enum rc store_apply(struct store *s, struct change *c, bool bump)
{
	if (bump && !c->bump) {
		bump_first(c);
		epoch_raise(c);
	}
	return c->n_ops ? store_change(s, c) : RC_OK;
}

/* ---- signing keys ---- */
static void bump_key(struct change *c, const struct key_row *k)
{
	CHANGE_OP(c, SQL_version_bump_key, db_text(k->kid), db_int(k->published));
	CHANGE_OP(c, SQL_epoch_raise_key, db_text(k->kid), db_int(k->published));
	c->bump = true;
}

static struct change *key_insertion(struct arena *a, const struct key_row *k)
{
	struct change *c = change_new(a);
	struct db_val args[LEN(key_cols)];
	struct key_row row = *k;
	if (!row.sealed.p)
		row.sealed = STR("");
	if (!row.token_uri.p)
		row.token_uri = STR("");
	if (!row.use.p)
		row.use = STR(KEY_USE_TOKEN);
	c->guarded = true;
	cols_args(a, key_cols, LEN(key_cols), &row, args);
	change_op(c, SQL_key_insert, args, LEN(args));
	return c;
}

static void key_times(struct change *c, const struct key_row *k)
{
	CHANGE_OP(c, SQL_key_set_times, db_int(k->published), db_int(k->active_from), db_int(k->retire_at),
		  db_int(k->remove_at), db_int(k->compromised), db_text(k->kid));
}

enum rc keys_insert(struct store *s, struct arena *a, const struct key_row *k)
{
	return keys_rotate(s, a, k, NULL, 0);
}

enum rc keys_rotate(struct store *s, struct arena *a, const struct key_row *k, const struct key_row *old, size_t n)
{
	struct change *c = key_insertion(a, k);
	for (size_t i = 0; i < n; i++)
		key_times(c, &old[i]);
	bump_key(c, k);
	return store_change(s, c);
}

enum rc keys_set_times(struct store *s, struct arena *a, const struct key_row *k, size_t n)
{
	struct change *c = change_new(a);
	c->guarded = true;
	for (size_t i = 0; i < n; i++)
		key_times(c, &k[i]);
	bump_key(c, k);
	return store_change(s, c);
}

enum rc keys_set_public(struct store *s, struct arena *a, const struct key_row *k)
{
	struct change *c = change_new(a);
	c->guarded = true;
	CHANGE_OP(c, SQL_key_set_public, db_text(k->public_json), db_text(k->kid));
	bump_key(c, k);
	return store_change(s, c);
}

enum rc keys_set_sealed(struct store *s, struct arena *a, const struct key_row *k, size_t n)
{
	struct change *c = change_new(a);
	for (size_t i = 0; i < n; i++)
		CHANGE_OP(c, SQL_key_set_sealed, db_blob(k[i].sealed), db_text(k[i].kid));
	return n ? store_apply(s, c, true) : RC_OK;
}
