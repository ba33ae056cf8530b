#include <assert.h>

#include "store/internal.h"
#include "store/lists.h"
#include "store/rows.h"

/* ---- requests ---- */
enum request_state request_state(const struct consent *c)
{
	switch (c->status) {
	case ST_CREATED:
		return c->opened ? REQUEST_OPENED : REQUEST_UNOPENED;
	case ST_REJECTED:
		return REQUEST_REJECTED;
	case ST_DELETED:
		return REQUEST_DELETED;
	case ST_ACCEPTED:
	case ST_REVOKED:
	case ST_EXPIRED:
	case ST__MAX:
		break;
	}
	return REQUEST_ACCEPTED;
}

int64_t request_changed(const struct consent *c)
{
	if (c->answered)
		return c->answered;
	return c->opened ? c->opened : c->created;
}

struct request_rows {
	struct arena *a;
	struct consent **items;
	size_t n;
	size_t cap;
};

static enum rc request_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct request_rows *l = ctx;
	arena_room(l->a, l->items, l->n, &l->cap, 32);
	return consent_read(l->a, cols, n, &l->items[l->n++]);
}

enum rc requests_of(struct reader *r, struct arena *a, const struct requests_filter *f, struct consent **out[],
		    size_t *n_out)
{
	static const enum stmt statements[REQUEST_ROLE__MAX] = {
		[REQUEST_TO] = SQL_requests_to,
		[REQUEST_HANDLER] = SQL_requests_handler,
		[REQUEST_FROM] = SQL_requests_from,
	};
	static_assert(ST_CREATED == 0 && ST_REJECTED == 1 && ST_DELETED == 4 && REQUEST_DELETED == 4,
		      "REQUEST_STATE in statements.def has these numbers");
	if (f->limit > CONSENTS_MAX)
		return RC_TOO_LARGE;
	assert((unsigned)f->role < REQUEST_ROLE__MAX && (unsigned)f->state < REQUEST_STATES);
	struct request_rows l = { .a = a };
	TRY(READER_QUERY(r, statements[f->role], request_row, &l, db_blob(uuid_bytes(&f->party)), db_int(f->state),
			 db_int(f->after.at), db_int(f->after.key), db_int((int64_t)f->limit)));
	*out = l.items;
	*n_out = l.n;
	return RC_OK;
}

/* ---- consents to a resource ---- */
static const struct col listed_cols[] = {
	COL(struct listed_row, changed.at), COL(struct listed_row, changed.key),
	COL(struct listed_row, ended),      COL(struct listed_row, id),
	COL(struct listed_row, created),    COL(struct listed_row, valid_to),
	COL(struct listed_row, from_urn),   COL(struct listed_row, to_urn),
	COL(struct listed_row, from.type),  COL(struct listed_row, from.ident),
	COL(struct listed_row, from.name),  COL(struct listed_row, from.unit_type),
	COL(struct listed_row, to.type),    COL(struct listed_row, to.ident),
	COL(struct listed_row, to.name),    COL(struct listed_row, to.unit_type),
};

struct listed_rows {
	struct arena *a;
	struct listed_row *rows;
	size_t n;
	size_t cap;
};

static enum rc listed_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct listed_rows *l = ctx;
	assert(n == LEN(listed_cols));
	arena_room(l->a, l->rows, l->n, &l->cap, 64);
	l->rows[l->n] = (struct listed_row){ 0 };
	return cols_read(l->a, listed_cols, n, cols, &l->rows[l->n++]);
}

enum rc listed_of(struct reader *r, struct arena *a, const struct listed_filter *f, struct listed_row *out[],
		  size_t *n_out)
{
	if (f->limit > CONSENTS_MAX)
		return RC_TOO_LARGE;
	struct listed_rows l = { .a = a };
	TRY(READER_QUERY(r, SQL_listed_of, listed_row, &l, db_text(f->resource), db_int(f->ended), db_int(f->after.at),
			 db_int(f->after.key), db_int(f->now), db_int((int64_t)f->limit)));
	*out = l.rows;
	*n_out = l.n;
	return RC_OK;
}

enum rc listed_prune(struct store *s, struct arena *a, int64_t until)
{
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_listed_prune, db_int(until), db_int(LISTED_PRUNE_MAX));
	return store_change(s, c);
}
