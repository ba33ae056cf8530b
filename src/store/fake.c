#include "store/fake.h"

#include <assert.h>
#include <stdlib.h>

struct fake_db {
	struct db base;
	struct fake *f;
	bool in_tx;
	bool dead;
};

/* open() gets a URI alone, so the script lies beside it. */
static struct fake *current;

void fake_use(struct fake *f)
{
	current = f;
	if (f)
		pthread_mutex_init(&f->lock, NULL);
}

static struct fake_db *fake_of(struct db *db)
{
	return (struct fake_db *)db;
}

static bool count_down(int *n)
{
	if (*n <= 0)
		return false;
	(*n)--;
	return true;
}

static enum rc fake_open(struct arena *a, const char *uri, bool writer, struct db **out, struct str *err_out)
{
	(void)a;
	(void)uri;
	(void)writer;
	*err_out = STR("fake: refused");
	if (!current || count_down(&current->refused_opens))
		return RC_BUSY;
	struct fake_db *db = calloc(1, sizeof *db);
	if (!db)
		return RC_BUSY;
	db->base.driver = &db_fake;
	db->f = current;
	current->opens++;
	*out = &db->base;
	return RC_OK;
}

static void fake_close(struct db *db)
{
	free(db);
}

static enum rc fake_script(struct db *db, const char *sql, struct str *err_out)
{
	(void)db;
	(void)sql;
	(void)err_out;
	return RC_OK;
}

static bool has_text(const struct db_val *args, size_t n, struct str text)
{
	for (size_t i = 0; text.p && i < n; i++) {
		if (args[i].type == DB_TEXT && str_eq(args[i].s, text))
			return true;
	}
	return false;
}

/* Logs the statement and takes its answer. */
static enum rc answer(struct fake *f, enum stmt stmt, const struct db_val *args, size_t n,
		      const struct fake_answer **out)
{
	assert(n == strlen(sql_texts[stmt].sig));
	if (f->n_log < FAKE_LOG_MAX)
		f->log[f->n_log++] = stmt;
	*out = NULL;
	if (f->fail_nth > 0 && --f->fail_nth == 0)
		return RC_FAIL;
	if (has_text(args, n, f->fail_text))
		return RC_FAIL;
	if (has_text(args, n, f->lock_text) && count_down(&f->locks))
		return RC_CONFLICT;
	if (!f->script)
		return RC_OK;
	if (f->at >= f->n_script || f->script[f->at].stmt != stmt)
		return RC_FAIL;
	*out = &f->script[f->at++];
	return RC_OK;
}

static enum rc op_run(struct fake *f, struct db_op *op)
{
	const struct fake_answer *with;
	TRY(answer(f, op->stmt, op->args, op->n_args, &with));
	op->rows = with ? with->rows : !f->zero_rows;
	op->returned_int = f->version;
	memset(op->returned, 0, sizeof op->returned);
	op->has_returned = true;
	if (!with || with->n_cols == 0)
		return RC_OK;
	op->returned_int = with->cols[0].i;
	if (with->cols[0].type == DB_BLOB && with->cols[0].s.n == sizeof op->returned)
		memcpy(op->returned, with->cols[0].s.p, sizeof op->returned);
	return RC_OK;
}

static enum rc begin(struct fake_db *db)
{
	struct fake *f = db->f;
	if (f->hold) {
		pthread_mutex_unlock(&f->lock);
		if (f->held)
			sem_post(f->held);
		sem_wait(f->hold);
		pthread_mutex_lock(&f->lock);
	}
	f->begins++;
	if (count_down(&f->busy_begins)) {
		db->dead = f->die_on_begin;
		return RC_BUSY;
	}
	db->in_tx = true;
	return RC_OK;
}

static enum rc commit(struct fake_db *db)
{
	db->in_tx = false;
	if (count_down(&db->f->fail_commits))
		return RC_FAIL;
	if (count_down(&db->f->uncertain_commits))
		return RC_UNCERTAIN;
	db->f->commits++;
	return RC_OK;
}

static enum rc run_locked(struct fake_db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	*failed_out = n;
	if (flags & DB_BEGIN)
		TRY(begin(db));
	for (size_t i = 0; i < n; i++) {
		*failed_out = i;
		TRY(op_run(db->f, &ops[i]));
	}
	*failed_out = n;
	return flags & DB_COMMIT ? commit(db) : RC_OK;
}

static enum rc fake_rollback(struct db *base)
{
	struct fake_db *db = fake_of(base);
	if (db->in_tx)
		db->f->rollbacks++;
	db->in_tx = false;
	return RC_OK;
}

static enum rc fake_run(struct db *base, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	struct fake_db *db = fake_of(base);
	pthread_mutex_lock(&db->f->lock);
	enum rc rc = run_locked(db, flags, ops, n, failed_out);
	if (rc != RC_OK)
		(void)!fake_rollback(base);
	pthread_mutex_unlock(&db->f->lock);
	return rc;
}

static enum rc fake_query(struct db *base, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
			  void *ctx)
{
	struct fake_db *db = fake_of(base);
	const struct fake_answer *with;
	pthread_mutex_lock(&db->f->lock);
	enum rc rc = answer(db->f, stmt, args, n_args, &with);
	pthread_mutex_unlock(&db->f->lock);
	TRY(rc);
	for (int64_t i = 0; with && i < with->rows; i++)
		TRY(row(ctx, with->cols + (size_t)i * with->n_cols, with->n_cols));
	return RC_OK;
}

static enum rc fake_snapshot_begin(struct db *db)
{
	(void)db;
	return RC_OK;
}

static void fake_snapshot_end(struct db *db)
{
	(void)db;
}

static bool fake_lost(const struct db *db)
{
	return ((const struct fake_db *)db)->dead;
}

const struct db_driver db_fake = {
	.name = "fake",
	.open = fake_open,
	.close = fake_close,
	.script = fake_script,
	.run = fake_run,
	.rollback = fake_rollback,
	.query = fake_query,
	.snapshot_begin = fake_snapshot_begin,
	.snapshot_end = fake_snapshot_end,
	.lost = fake_lost,
};
