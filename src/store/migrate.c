#include "store/migrate.h"

static const char bootstrap[] = "CREATE TABLE IF NOT EXISTS schema_step (step INTEGER NOT NULL UNIQUE)";
static const struct str mode_names[] = {
	[STORE_SANDBOX] = STR_INIT("sandbox"),
	[STORE_PRODUCTION] = STR_INIT("production"),
};

struct steps {
	int64_t n;
	bool gap;
};

static enum rc step_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	struct steps *s = ctx;
	s->gap |= cols[0].i != ++s->n;
	return RC_OK;
}

static int64_t steps_known(void)
{
	int64_t n = 0;
	while (store_schema[n].name)
		n++;
	return n;
}

static enum rc steps_read(struct db *db, struct arena *a, int64_t *done_out, struct str *err_out)
{
	struct steps s = { 0 };
	TRY(db_query(db, SQL_steps, NULL, 0, step_row, &s));
	if (s.gap) {
		*err_out = STR("the store's schema steps have a gap");
		return RC_FAIL;
	}
	if (s.n > steps_known()) {
		*err_out = arena_fmt(a, "the store is at schema step %lld, this program knows %lld: it is too old",
				     (long long)s.n, (long long)steps_known());
		return RC_FAIL;
	}
	*done_out = s.n;
	return RC_OK;
}

struct stamp {
	bool found;
	bool same;
	struct str want;
};

static enum rc stamp_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	struct stamp *s = ctx;
	s->found = true;
	s->same = str_eq(cols[0].s, s->want);
	return RC_OK;
}

/* RC_NOT_FOUND: the store has no stamp yet. */
static enum rc stamp_check(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out)
{
	struct stamp s = { .want = mode_names[mode] };
	TRY(db_query(db, SQL_stamp_get, NULL, 0, stamp_row, &s));
	if (!s.found)
		return RC_NOT_FOUND;
	if (s.same)
		return RC_OK;
	*err_out = arena_fmt(a, "the store was made for the %s and is not opened for the %s",
			     mode == STORE_SANDBOX ? "production" : "sandbox",
			     mode == STORE_SANDBOX ? "sandbox" : "production");
	return RC_DENIED;
}

static enum rc stamp_set(struct db *db, enum store_mode mode)
{
	struct db_val arg = db_text(mode_names[mode]);
	struct db_op op = { .stmt = SQL_stamp_set, .args = &arg, .n_args = 1 };
	size_t failed;
	return db_run(db, DB_BEGIN | DB_COMMIT, &op, 1, &failed);
}

static enum rc step_apply(struct db *db, struct arena *a, int64_t *applied, struct str *err_out)
{
	const struct embed *file = &store_schema[*applied];
	struct str why = STR_NONE;
	enum rc rc = db_script(db, arena_cstr(a, file->data), &why);
	int64_t recorded = *applied;
	if (rc != RC_OK)
		*err_out = arena_fmt(a, "%s: %.*s", file->name, STR_FMT(why));
	TRY(steps_read(db, a, &recorded, err_out));
	/* Another process may have applied the same step meanwhile. */
	if (recorded <= *applied)
		return rc == RC_OK ? RC_FAIL : rc;
	*applied = recorded;
	return RC_OK;
}

enum rc migrate_run(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out)
{
	struct str why = STR_NONE;
	enum rc rc = db_script(db, bootstrap, &why);
	if (rc != RC_OK) {
		*err_out = arena_str(a, why);
		return rc;
	}
	int64_t applied = 0;
	TRY(steps_read(db, a, &applied, err_out));
	rc = applied > 0 ? stamp_check(db, a, mode, err_out) : RC_NOT_FOUND;
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	while (applied < steps_known())
		TRY(step_apply(db, a, &applied, err_out));
	if (rc == RC_NOT_FOUND)
		TRY(stamp_set(db, mode));
	return stamp_check(db, a, mode, err_out);
}

enum rc migrate_check(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out)
{
	int64_t applied = 0;
	enum rc rc = steps_read(db, a, &applied, err_out);
	if (rc == RC_FAIL && err_out->p)
		return rc;
	if (rc == RC_BUSY)
		return rc;
	if (rc == RC_OK && applied == steps_known())
		rc = stamp_check(db, a, mode, err_out);
	else
		rc = RC_NOT_FOUND;
	if (rc != RC_NOT_FOUND)
		return rc;
	*err_out = STR("the store is not migrated: run samtykke store migrate");
	return RC_CONFLICT;
}
