#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"

static const struct col token_cols[] = {
	COL(struct token_row, id),          COL(struct token_row, client_id), COL_BYTES(struct token_row, guard),
	COL(struct token_row, consumer),    COL(struct token_row, supplier),  COL(struct token_row, scope),
	COL(struct token_row, consent),     COL(struct token_row, issued),    COL(struct token_row, expires),
	COL(struct token_row, guard_until),
};

enum rc tokens_insert(struct store *s, struct arena *a, const struct token_row *t)
{
	if (t->guard.n != HASH_BYTES)
		return RC_INVALID;
	struct change *c = change_new(a);
	struct db_val args[LEN(token_cols) + 3];
	cols_args(a, token_cols, LEN(token_cols), t, args);
	args[LEN(token_cols)] =
		uuid_is_nil(t->consent) || t->elsewhere ? DB_VAL_NULL : db_blob(uuid_bytes(&t->consent));
	args[LEN(token_cols) + 1] = db_blob(uuid_bytes(&t->consent));
	args[LEN(token_cols) + 2] = db_int(t->issued);
	static_assert(ST_ACCEPTED == 2, "SQL_token_insert names the status by its number");
	change_op(c, SQL_token_insert, args, LEN(args));
	if (!uuid_is_nil(t->consent))
		CHANGE_OP(c, SQL_trail_token, db_blob(t->guard), db_blob(uuid_bytes(&t->id)));
	c->guarded = true;
	c->registry_version = t->registry_version;
	return store_change(s, c);
}

static enum rc id_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	return val_uuid(&cols[0], ctx);
}

enum rc tokens_guard_id(struct reader *r, struct str guard, struct uuid *id_out)
{
	struct uuid id = { { 0 } };
	TRY(READER_QUERY(r, SQL_token_guard_id, id_row, &id, db_blob(guard)));
	if (uuid_is_nil(id))
		return RC_NOT_FOUND;
	*id_out = id;
	return RC_OK;
}
