#include "store/internal.h"
#include "store/rows.h"
#include "store/sessions.h"

enum rc logins_take(struct store *s, struct arena *a, struct str state_hash, int64_t until)
{
	if (state_hash.n != HASH_BYTES)
		return RC_INVALID;
	struct change *c = change_new(a);
	c->guarded = true;
	CHANGE_OP(c, SQL_login_take, db_blob(state_hash), db_int(until));
	return store_change(s, c);
}

static enum rc taken_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)cols;
	(void)n;
	*(bool *)ctx = true;
	return RC_OK;
}

enum rc logins_taken(struct reader *r, struct str state_hash, bool *out)
{
	bool taken = false;
	TRY(READER_QUERY(r, SQL_login_taken, taken_row, &taken, db_blob(state_hash)));
	*out = taken;
	return RC_OK;
}

enum rc logins_prune(struct store *s, struct arena *a, int64_t now)
{
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_login_prune, db_int(now));
	CHANGE_OP(c, SQL_logout_token_prune, db_int(now));
	return store_change(s, c);
}
