#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"
#include "store/sessions.h"

static const struct col login_cols[] = {
	COL_BYTES(struct login, state_hash),
	COL_BYTES(struct login, browser),
	COL(struct login, nonce),
	COL(struct login, verifier),
	COL(struct login, back),
	COL(struct login, level),
	COL(struct login, fresh),
	COL(struct login, created),
};

enum rc logins_insert(struct store *s, struct arena *a, const struct login *n)
{
	struct db_val args[LEN(login_cols)];
	if (n->state_hash.n != HASH_BYTES || n->browser.n != HASH_BYTES)
		return RC_INVALID;
	struct change *c = change_new(a);
	c->guarded = true;
	cols_args(a, login_cols, LEN(login_cols), n, args);
	change_op(c, SQL_login_insert, args, LEN(args));
	return store_change(s, c);
}

struct get {
	struct arena *a;
	struct login *found;
};

static enum rc get_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct get *g = ctx;
	assert(n == LEN(login_cols));
	g->found = arena_new(g->a, struct login);
	return cols_read(g->a, login_cols, n, cols, g->found);
}

enum rc logins_get(struct reader *r, struct arena *a, struct str state_hash, struct login **out)
{
	struct get g = { .a = a };
	TRY(READER_QUERY(r, SQL_login_get, get_row, &g, db_blob(state_hash)));
	if (!g.found)
		return RC_NOT_FOUND;
	*out = g.found;
	return RC_OK;
}

enum rc logins_take(struct store *s, struct arena *a, struct str state_hash, struct str browser)
{
	struct change *c = change_new(a);
	c->guarded = true;
	CHANGE_OP(c, SQL_login_take, db_blob(state_hash), db_blob(browser));
	return store_change(s, c);
}

enum rc logins_prune(struct store *s, struct arena *a, int64_t created_before, int64_t now)
{
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_login_prune, db_int(created_before));
	CHANGE_OP(c, SQL_logout_token_prune, db_int(now));
	return store_change(s, c);
}
