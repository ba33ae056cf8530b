#include "store/db.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/sqlite_map.h"

#define MAX_COLS 40
#define BUSY_MS 5000
#define ERR_MAX 256

enum command { COMMAND_BEGIN, COMMAND_BEGIN_WRITE, COMMAND_COMMIT, COMMAND_ROLLBACK, COMMAND__MAX };
static const char *const command_sql[COMMAND__MAX] = { "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK" };

/* The writer's cache holds the changed pages of a batch. Readers need little cache: they share a mapping. */
static const char setup_writer[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
				   "PRAGMA mmap_size = 0; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;"
				   "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;";
static const char setup_reader[] = "PRAGMA query_only = ON; PRAGMA foreign_keys = OFF; PRAGMA mmap_size = 0;"
				   "PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY;";

struct sqlite_db {
	struct db base;
	sqlite3 *h;
	struct sqlite_mapped mapped;
	sqlite3_stmt *stmts[SQL__MAX];
	sqlite3_stmt *commands[COMMAND__MAX];
	char err[ERR_MAX];
};

static struct sqlite_db *sqlite_of(struct db *db)
{
	return (struct sqlite_db *)db;
}

static enum rc rc_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return RC_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_NOMEM:
	case SQLITE_PROTOCOL:
		return RC_BUSY;
	default:
		return RC_FAIL;
	}
}

static void sqlite_close(struct db *base)
{
	if (!base)
		return;
	struct sqlite_db *db = sqlite_of(base);
	for (size_t i = 0; i < SQL__MAX; i++)
		sqlite3_finalize(db->stmts[i]);
	for (size_t i = 0; i < COMMAND__MAX; i++)
		sqlite3_finalize(db->commands[i]);
	sqlite3_close(db->h);
	sqlite_map_leave(&db->mapped);
	free(db);
}

/* With memory statistics, all connections would take one lock at each allocation. */
static void sqlite_setup(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_initialize();
}

static enum rc sqlite_open_at(struct sqlite_db *db, const char *path, bool writer)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	(void)pthread_once(&once, sqlite_setup);
	if (writer)
		flags |= SQLITE_OPEN_CREATE;
	TRY(rc_of(sqlite3_open_v2(path, &db->h, flags, NULL)));
	sqlite3_busy_timeout(db->h, BUSY_MS);
	TRY(rc_of(sqlite3_exec(db->h, writer ? setup_writer : setup_reader, NULL, NULL, NULL)));
	sqlite_map_join(&db->mapped, db->h, !writer);
	return RC_OK;
}

static enum rc sqlite_open(struct arena *a, const char *uri, bool writer, struct db **out, struct str *err_out)
{
	const char *path = uri + sizeof("sqlite:") - 1;
	struct sqlite_db *db = calloc(1, sizeof *db);
	if (!db) {
		*err_out = STR("out of memory");
		return RC_BUSY;
	}
	db->base.driver = &db_sqlite;
	enum rc rc = sqlite_open_at(db, path, writer);
	if (rc == RC_OK) {
		*out = &db->base;
		return RC_OK;
	}
	*err_out = arena_fmt(a, "%s: %s", path, sqlite3_errmsg(db->h));
	sqlite_close(&db->base);
	return rc;
}

static enum rc statement_prepare(struct sqlite_db *db, sqlite3_stmt **slot, const char *sql)
{
	if (*slot)
		return RC_OK;
	return rc_of(sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL));
}

static enum rc command_run(struct sqlite_db *db, enum command which)
{
	TRY(statement_prepare(db, &db->commands[which], command_sql[which]));
	int code = sqlite3_step(db->commands[which]);
	sqlite3_reset(db->commands[which]);
	return rc_of(code);
}

/* SQLITE_STATIC: the values live until the statement has run, and each parameter is bound again before the next run. */
static int value_bind(sqlite3_stmt *st, int at, const struct db_val *v)
{
	switch (v->type) {
	case DB_NULL:
		return sqlite3_bind_null(st, at);
	case DB_INT:
		return sqlite3_bind_int64(st, at, v->i);
	case DB_TEXT:
		return sqlite3_bind_text64(st, at, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(st, at, v->s.p, v->s.n, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

static enum rc statement_bind(struct sqlite_db *db, enum stmt stmt, const struct db_val *args, size_t n,
			      sqlite3_stmt **out)
{
	TRY(statement_prepare(db, &db->stmts[stmt], sql_texts[stmt].sql));
	sqlite3_stmt *st = db->stmts[stmt];
	assert(n == strlen(sql_texts[stmt].sig) && (int)n == sqlite3_bind_parameter_count(st));
	for (size_t i = 0; i < n; i++)
		TRY(rc_of(value_bind(st, (int)i + 1, &args[i])));
	*out = st;
	return RC_OK;
}

static struct db_val value_at(sqlite3_stmt *st, int i)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		return db_int(sqlite3_column_int64(st, i));
	case SQLITE_TEXT: {
		const void *p = sqlite3_column_text(st, i);
		return db_text(str_span(p ? p : "", (size_t)sqlite3_column_bytes(st, i)));
	}
	case SQLITE_BLOB: {
		const void *p = sqlite3_column_blob(st, i);
		return db_blob(str_span(p ? p : "", (size_t)sqlite3_column_bytes(st, i)));
	}
	default:
		return DB_VAL_NULL;
	}
}

static void op_returned(struct db_op *op, struct db_val v)
{
	if (v.type == DB_INT)
		op->returned_int = v.i;
	if (v.type == DB_BLOB && v.s.n == sizeof op->returned)
		memcpy(op->returned, v.s.p, sizeof op->returned);
	op->has_returned = v.type != DB_NULL;
}

static enum rc op_run(struct sqlite_db *db, struct db_op *op)
{
	sqlite3_stmt *st;
	TRY(statement_bind(db, op->stmt, op->args, op->n_args, &st));
	op->rows = 0;
	op->has_returned = false;
	int code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (op->rows++ == 0)
			op_returned(op, value_at(st, 0));
	}
	if (code == SQLITE_DONE && sqlite3_column_count(st) == 0)
		op->rows = sqlite3_changes64(db->h);
	sqlite3_reset(st);
	return rc_of(code);
}

static enum rc sqlite_rollback(struct db *base)
{
	struct sqlite_db *db = sqlite_of(base);
	return sqlite3_get_autocommit(db->h) ? RC_OK : command_run(db, COMMAND_ROLLBACK);
}

static enum rc ops_run(struct sqlite_db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	*failed_out = n;
	if (flags & DB_BEGIN)
		TRY(command_run(db, COMMAND_BEGIN_WRITE));
	for (size_t i = 0; i < n; i++) {
		*failed_out = i;
		TRY(op_run(db, &ops[i]));
	}
	*failed_out = n;
	return flags & DB_COMMIT ? command_run(db, COMMAND_COMMIT) : RC_OK;
}

static enum rc sqlite_run(struct db *base, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	enum rc rc = ops_run(sqlite_of(base), flags, ops, n, failed_out);
	if (rc != RC_OK && sqlite_rollback(base) != RC_OK)
		return RC_BUSY;
	return rc;
}

static enum rc sqlite_script(struct db *base, const char *sql, struct str *err_out)
{
	struct sqlite_db *db = sqlite_of(base);
	TRY(command_run(db, COMMAND_BEGIN_WRITE));
	int code = sqlite3_exec(db->h, sql, NULL, NULL, NULL);
	snprintf(db->err, sizeof db->err, "%s", sqlite3_errmsg(db->h));
	enum rc rc = code == SQLITE_OK ? command_run(db, COMMAND_COMMIT) : rc_of(code);
	if (rc == RC_OK)
		return RC_OK;
	*err_out = str_of(db->err);
	return sqlite_rollback(base) == RC_OK ? rc : RC_BUSY;
}

static enum rc query_rows(sqlite3_stmt *st, db_row_fn *row, void *ctx)
{
	struct db_val cols[MAX_COLS];
	int n = sqlite3_column_count(st);
	assert(n <= MAX_COLS);
	int code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++)
			cols[i] = value_at(st, i);
		TRY(row(ctx, cols, (size_t)n));
	}
	return rc_of(code);
}

static enum rc sqlite_query(struct db *base, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
			    void *ctx)
{
	sqlite3_stmt *st;
	TRY(statement_bind(sqlite_of(base), stmt, args, n_args, &st));
	enum rc rc = query_rows(st, row, ctx);
	sqlite3_reset(st);
	return rc;
}

static enum rc sqlite_snapshot_begin(struct db *base)
{
	return command_run(sqlite_of(base), COMMAND_BEGIN);
}

static void sqlite_snapshot_end(struct db *base)
{
	if (command_run(sqlite_of(base), COMMAND_COMMIT) != RC_OK)
		(void)!sqlite_rollback(base);
}

static enum rc sqlite_check(struct db *base, struct arena *a, struct str *report_out)
{
	sqlite3_stmt *st = NULL;
	TRY(rc_of(sqlite3_prepare_v2(sqlite_of(base)->h, "PRAGMA integrity_check(1)", -1, &st, NULL)));
	enum rc rc = sqlite3_step(st) == SQLITE_ROW ? RC_OK : RC_FAIL;
	struct str report = rc == RC_OK ? value_at(st, 0).s : STR("the integrity check did not run");
	if (!str_is(report, "ok")) {
		*report_out = arena_str(a, report);
		rc = RC_FAIL;
	}
	sqlite3_finalize(st);
	return rc;
}

const struct db_driver db_sqlite = {
	.name = "sqlite",
	.single_writer = true,
	.open = sqlite_open,
	.map = sqlite_map_space,
	.close = sqlite_close,
	.script = sqlite_script,
	.run = sqlite_run,
	.rollback = sqlite_rollback,
	.query = sqlite_query,
	.snapshot_begin = sqlite_snapshot_begin,
	.snapshot_end = sqlite_snapshot_end,
	.check = sqlite_check,
};
