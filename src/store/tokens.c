#include "store/tokens.h"

#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"

static const struct col token_cols[] = {
	COL(struct token_row, id),          COL(struct token_row, client_id), COL_BYTES(struct token_row, guard),
	COL(struct token_row, consumer),    COL(struct token_row, supplier),  COL(struct token_row, scope),
	COL(struct token_row, consent),     COL(struct token_row, issued),    COL(struct token_row, expires),
	COL(struct token_row, guard_until),
};

static struct db_val text_or_null(struct str s)
{
	return s.p ? db_text(s) : DB_VAL_NULL;
}

/* release: takes the guard from a row whose time is over first, in the same transaction. */
static struct change *insertion(struct arena *a, const struct token_row *t, bool release)
{
	struct change *c = change_new(a);
	struct db_val args[LEN(token_cols) + 4];
	bool here = !uuid_is_nil(t->consent) && !t->elsewhere;
	cols_args(a, token_cols, LEN(token_cols), t, args);
	args[LEN(token_cols)] = here ? db_int(t->consent_key) : DB_VAL_NULL;
	args[LEN(token_cols) + 1] = db_int(t->consent_key);
	args[LEN(token_cols) + 2] = db_blob(uuid_bytes(&t->consent));
	args[LEN(token_cols) + 3] = db_int(t->issued);
	static_assert(ST_ACCEPTED == 2, "SQL_token_insert names the status by its number");
	if (release)
		CHANGE_OP(c, SQL_token_release, db_blob(t->guard), db_int(t->issued));
	c->guarded = true;
	c->guard_at = c->n_ops;
	change_op(c, SQL_token_insert, args, LEN(args));
	if (here)
		CHANGE_OP(c, SQL_trail_token, db_blob(uuid_bytes(&t->giver)), db_int(t->issued),
			  db_blob(uuid_bytes(&t->id)), db_int(t->consent_key), text_or_null(t->consumer),
			  text_or_null(t->supplier), db_blob(t->guard), db_blob(uuid_bytes(&t->id)));
	c->basis = t->basis;
	return c;
}

struct guard {
	struct uuid id;
	int64_t until;
};

static enum rc guard_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct guard *g = ctx;
	(void)n;
	g->until = cols[1].i;
	return val_uuid(&cols[0], &g->id);
}

/* RC_NOT_FOUND: no token has the guard. */
static enum rc guard_find(struct reader *r, struct str guard, struct guard *out)
{
	*out = (struct guard){ .until = 0 };
	TRY(READER_QUERY(r, SQL_token_guard, guard_row, out, db_blob(guard)));
	return uuid_is_nil(out->id) ? RC_NOT_FOUND : RC_OK;
}

/* A guard is a token's own before `until`, and free from then on; token_release says the same in SQL. */
static bool guard_free(int64_t until, int64_t now)
{
	return until <= now;
}

static bool guard_is_over(struct store *s, const struct token_row *t)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct guard g;
	return reader_open(s, false, &r) == RC_OK && guard_find(r, t->guard, &g) == RC_OK &&
	       guard_free(g.until, t->issued);
}

/* Guards whose time is over are rare: they are looked for only after a conflict. */
enum rc tokens_insert(struct store *s, struct arena *a, const struct token_row *t)
{
	if (t->guard.n != HASH_BYTES)
		return RC_INVALID;
	enum rc rc = store_change(s, insertion(a, t, false));
	if (rc != RC_CONFLICT || !guard_is_over(s, t))
		return rc;
	return store_change(s, insertion(a, t, true));
}

enum rc tokens_guard_id(struct reader *r, struct str guard, int64_t now, struct uuid *id_out)
{
	struct guard g;
	TRY(guard_find(r, guard, &g));
	if (guard_free(g.until, now))
		return RC_NOT_FOUND;
	*id_out = g.id;
	return RC_OK;
}
