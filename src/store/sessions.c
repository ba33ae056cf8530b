#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"
#include "store/sessions.h"

static const struct col session_cols[] = {
	COL_BYTES(struct session, id_hash), COL(struct session, party),    COL(struct session, level),
	COL_BYTES(struct session, csrf),    COL(struct session, created),  COL(struct session, last_seen),
	COL(struct session, leaving),       COL(struct session, language), COL(struct session, sid),
	COL(struct session, auth_time),     COL(struct session, acr),
};

static struct change *guarded(struct arena *a)
{
	struct change *c = change_new(a);
	c->guarded = true;
	return c;
}

enum rc sessions_insert(struct store *s, struct arena *a, const struct session *n)
{
	if (n->id_hash.n != HASH_BYTES || n->csrf.n != HASH_BYTES)
		return RC_INVALID;
	struct change *c = guarded(a);
	struct db_val args[LEN(session_cols)];
	cols_args(a, session_cols, LEN(session_cols), n, args);
	change_op(c, SQL_session_insert, args, LEN(args));
	return store_change(s, c);
}

struct get {
	struct arena *a;
	struct session *found;
};

static enum rc get_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct get *g = ctx;
	assert(n == LEN(session_cols));
	g->found = arena_new(g->a, struct session);
	return cols_read(g->a, session_cols, n, cols, g->found);
}

enum rc sessions_get(struct reader *r, struct arena *a, struct str id_hash, struct session **out)
{
	struct get g = { .a = a };
	if (id_hash.n != HASH_BYTES)
		return RC_NOT_FOUND;
	TRY(READER_QUERY(r, SQL_session_get, get_row, &g, db_blob(id_hash)));
	if (!g.found)
		return RC_NOT_FOUND;
	*out = g.found;
	return RC_OK;
}

enum rc sessions_touch(struct store *s, struct arena *a, struct str id_hash, int64_t now)
{
	struct change *c = guarded(a);
	CHANGE_OP(c, SQL_session_touch, db_int(now), db_blob(id_hash));
	return store_change(s, c);
}

enum rc sessions_leave(struct store *s, struct arena *a, struct str id_hash, struct uuid consent, int64_t now)
{
	struct change *c = guarded(a);
	CHANGE_OP(c, SQL_session_leave, db_uuid(&consent), db_int(now), db_blob(id_hash));
	return store_change(s, c);
}

enum rc sessions_delete(struct store *s, struct arena *a, struct str id_hash)
{
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_session_delete, db_blob(id_hash));
	return store_change(s, c);
}

enum rc sessions_prune(struct store *s, struct arena *a, const struct sessions_over *over)
{
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_session_prune_created, db_int(over->created_before));
	CHANGE_OP(c, SQL_session_prune_seen, db_int(over->seen_before));
	CHANGE_OP(c, SQL_session_prune_left, db_int(over->left_before));
	CHANGE_OP(c, SQL_session_prune_created_after, db_int(over->ahead));
	CHANGE_OP(c, SQL_session_prune_seen_after, db_int(over->ahead));
	return store_change(s, c);
}

enum rc sessions_delete_sid(struct store *s, struct arena *a, struct str sid)
{
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_session_delete_sid, db_text(sid));
	return store_change(s, c);
}

/* The mark tells this call's row of the logout token from an earlier row: an earlier one deletes no session. */
enum rc sessions_end_sid(struct store *s, struct arena *a, struct str sid, struct str jti_hash, int64_t until)
{
	struct uuid mark = uuid_v4();
	if (jti_hash.n != HASH_BYTES)
		return RC_INVALID;
	struct change *c = guarded(a);
	CHANGE_OP(c, SQL_logout_token_insert, db_blob(jti_hash), db_uuid(&mark), db_int(until));
	CHANGE_OP(c, SQL_session_end_sid, db_text(sid), db_blob(jti_hash), db_uuid(&mark));
	return store_change(s, c);
}
