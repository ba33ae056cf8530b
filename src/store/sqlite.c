#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/sqlite_log.h"
#include "store/sqlite_map.h"

#define MAX_COLS 40
#define BUSY_US (5 * CLOCK_SECOND) /* of a wait for another process's transaction */
#define BUSY_STEP_US 1000          /* between two looks: a process with much to write rests longer than that (seed.h) */
#define ERR_MAX 256
#define CHECKPOINT_PAGES 4000 /* of the log */

enum command { COMMAND_BEGIN, COMMAND_BEGIN_WRITE, COMMAND_COMMIT, COMMAND_ROLLBACK, COMMAND_OVERWRITE, COMMAND__MAX };
/* COMMAND_OVERWRITE is the smallest commit: it writes the first page, with another change counter. */
static const char *const command_sql[COMMAND__MAX] = { "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK",
						       "PRAGMA user_version = 0" };

/* The writer's cache holds the changed pages of a batch. Readers need little cache: they share a mapping, from which
 * the writer, too, takes pages that it only reads. */
static const char setup_writer[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
				   "PRAGMA mmap_size = 0; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;"
				   "PRAGMA journal_size_limit = 67108864;";
static const char setup_reader[] = "PRAGMA query_only = ON; PRAGMA foreign_keys = OFF; PRAGMA mmap_size = 0;"
				   "PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY;";

struct sqlite_db {
	struct db base;
	sqlite3 *h;
	struct sqlite_file *file;
	struct sqlite_mapped mapped;
	struct sqlite_log log;
	bool broken;        /* what the connection has in memory of the file may be wrong: it must be closed */
	int log_pages;      /* after the last commit */
	int64_t busy_since; /* clock_mono() */
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
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return RC_BUSY;
	default:
		return RC_FAIL;
	}
}

/* The rc of a call, whose code may tell that the connection is of no more use. */
static enum rc outcome(struct sqlite_db *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_NOMEM:
	case SQLITE_PROTOCOL:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_READONLY:
		db->broken = true;
		break;
	default:
		break;
	}
	return rc_of(code);
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
	sqlite_log_free(&db->log);
	sqlite_file_leave(db->file);
	free(db);
}

/* With memory statistics, all connections would take one lock at each allocation. */
static void sqlite_setup(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_initialize();
}

/* SQLite's own steps grow to a tenth of a second, in which another process begins anew again and again. */
static int busy_wait(void *ctx, int times)
{
	struct sqlite_db *db = ctx;
	int64_t now = clock_mono();
	if (times == 0)
		db->busy_since = now;
	if (now - db->busy_since > BUSY_US)
		return 0;
	usleep(BUSY_STEP_US);
	return 1;
}

static int log_pages_note(void *ctx, sqlite3 *h, const char *name, int pages)
{
	(void)h, (void)name;
	((struct sqlite_db *)ctx)->log_pages = pages;
	return SQLITE_OK;
}

static enum rc sqlite_open_at(struct sqlite_db *db, const char *path, bool writer)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	(void)pthread_once(&once, sqlite_setup);
	if (writer && !sqlite_file_is_open(path))
		flags |= SQLITE_OPEN_CREATE;
	TRY(rc_of(sqlite3_open_v2(path, &db->h, flags, NULL)));
	/* A file that cannot be opened for writing is opened for reading without an error. */
	if (writer && sqlite3_db_readonly(db->h, "main"))
		return RC_BUSY;
	TRY(sqlite_file_join(path, sqlite3_db_filename(db->h, "main"), &db->file));
	if (writer)
		sqlite_file_protect(db->file);
	sqlite3_busy_handler(db->h, busy_wait, db);
	TRY(rc_of(sqlite3_exec(db->h, writer ? setup_writer : setup_reader, NULL, NULL, NULL)));
	if (writer)
		sqlite3_wal_hook(db->h, log_pages_note, db);
	sqlite_map_use(&db->mapped, db->file, db->h);
	return RC_OK;
}

static const char *path_of(const char *uri)
{
	return uri + sizeof("sqlite:") - 1;
}

static enum rc sqlite_open(struct arena *a, const char *uri, bool writer, struct db **out, struct str *err_out)
{
	const char *path = path_of(uri);
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
	bool by_sqlite = sqlite3_errcode(db->h) != SQLITE_OK;
	if (!writer && access(path, F_OK) != 0 && errno == ENOENT)
		*err_out =
			arena_fmt(a, "%s does not exist: the store is not migrated; run samtykke store migrate", path);
	else
		*err_out = arena_fmt(a, "%s: %s", path, by_sqlite ? sqlite3_errmsg(db->h) : "the file cannot be used");
	sqlite_close(&db->base);
	return rc;
}

static enum rc statement_prepare(struct sqlite_db *db, sqlite3_stmt **slot, const char *sql)
{
	if (*slot)
		return RC_OK;
	return outcome(db, sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL));
}

static enum rc command_run(struct sqlite_db *db, enum command which)
{
	TRY(statement_prepare(db, &db->commands[which], command_sql[which]));
	int code = sqlite3_step(db->commands[which]);
	sqlite3_reset(db->commands[which]);
	return outcome(db, code);
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
	return outcome(db, code);
}

static enum rc sqlite_rollback(struct db *base)
{
	struct sqlite_db *db = sqlite_of(base);
	if (sqlite3_get_autocommit(db->h))
		return RC_OK;
	enum rc rc = command_run(db, COMMAND_ROLLBACK);
	db->broken |= rc != RC_OK; /* a transaction stays open */
	return rc;
}

/* ---- commits ---- */

/* Of the last system call that failed on the log; 0 = not known. sqlite3_system_errno has another one by then. */
static int log_errno(struct sqlite_db *db)
{
	sqlite3_file *log = NULL;
	int error = 0;
	if (sqlite3_file_control(db->h, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log ||
	    !log->pMethods || log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error) != SQLITE_OK)
		return 0;
	return error;
}

/* Can the frames of a commit that failed be whole in the log? The last write of a commit completes them. It is known
 * not to have happened when a write found no room. */
static bool may_be_whole(struct sqlite_db *db, int code)
{
	if ((code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY)
		return false;
	int error = code == SQLITE_IOERR_WRITE ? log_errno(db) : 0;
	return error != EDQUOT && error != EFBIG;
}

/* Puts a commit in the place of one that failed: from then on that one cannot appear any more. */
static enum rc overwrite(struct sqlite_db *db)
{
	TRY(command_run(db, COMMAND_OVERWRITE));
	sqlite_file_committed(db->file);
	return RC_OK;
}

static enum rc begin(struct sqlite_db *db)
{
	if (sqlite_file_fault(db->file, true))
		return RC_BUSY;
	if (db->file && db->file->unfinished)
		TRY(overwrite(db));
	TRY(command_run(db, COMMAND_BEGIN_WRITE));
	sqlite_log_use(&db->log, db->h);
	return RC_OK;
}

static enum rc commit_failed(struct sqlite_db *db, int code)
{
	if (!may_be_whole(db, code))
		return outcome(db, code);
	db->broken = true;
	if (!db->file)
		return RC_BUSY;
	db->file->unfinished = true;
	return sqlite_rollback(&db->base) == RC_OK && overwrite(db) == RC_OK ? RC_BUSY : RC_UNCERTAIN;
}

/* A commit into a file that was removed or cut meanwhile is one that the next start may not find. The checkpoint comes
 * after that look: it writes into the file. */
static enum rc commit(struct sqlite_db *db)
{
	TRY(statement_prepare(db, &db->commands[COMMAND_COMMIT], command_sql[COMMAND_COMMIT]));
	int code = sqlite3_step(db->commands[COMMAND_COMMIT]);
	sqlite3_reset(db->commands[COMMAND_COMMIT]);
	if (code != SQLITE_DONE)
		return commit_failed(db, code);
	sqlite_file_committed(db->file);
	if (sqlite_file_fault(db->file, true))
		return RC_UNCERTAIN;
	if (db->log_pages >= CHECKPOINT_PAGES)
		(void)sqlite3_wal_checkpoint_v2(db->h, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return RC_OK;
}

static enum rc ops_run(struct sqlite_db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	*failed_out = n;
	if (flags & DB_BEGIN)
		TRY(begin(db));
	for (size_t i = 0; i < n; i++) {
		*failed_out = i;
		TRY(op_run(db, &ops[i]));
	}
	*failed_out = n;
	if (sqlite_map_torn(&db->mapped)) /* what a statement has read may be wrong */
		return RC_BUSY;
	return flags & DB_COMMIT ? commit(db) : RC_OK;
}

/* To a statement, a file that is gone or empty looks like a wrong statement. */
static enum rc blame(struct sqlite_db *db, enum rc rc)
{
	return rc == RC_FAIL && sqlite_file_fault(db->file, true) ? RC_BUSY : rc;
}

static enum rc sqlite_run(struct db *base, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	struct sqlite_file *before = sqlite_map_reading(sqlite_of(base)->file);
	enum rc rc = ops_run(sqlite_of(base), flags, ops, n, failed_out);
	(void)sqlite_map_reading(before);
	if (rc != RC_OK && sqlite_rollback(base) != RC_OK && rc != RC_UNCERTAIN)
		return RC_BUSY;
	return blame(sqlite_of(base), rc);
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

static enum rc query_rows(struct sqlite_db *db, sqlite3_stmt *st, db_row_fn *row, void *ctx)
{
	struct db_val cols[MAX_COLS];
	int n = sqlite3_column_count(st);
	assert(n <= MAX_COLS);
	int code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++)
			cols[i] = value_at(st, i);
		if (sqlite_map_torn(&db->mapped))
			return RC_BUSY;
		TRY(row(ctx, cols, (size_t)n));
	}
	return outcome(db, code);
}

static enum rc sqlite_query(struct db *base, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
			    void *ctx)
{
	struct sqlite_db *db = sqlite_of(base);
	sqlite3_stmt *st;
	if (sqlite_file_fault(db->file, false))
		return RC_BUSY;
	struct sqlite_file *before = sqlite_map_reading(db->file);
	enum rc rc = statement_bind(db, stmt, args, n_args, &st);
	if (rc == RC_OK) {
		rc = query_rows(db, st, row, ctx);
		sqlite3_reset(st);
	}
	(void)sqlite_map_reading(before);
	return sqlite_map_torn(&db->mapped) ? RC_BUSY : blame(db, rc);
}

static bool sqlite_lost(const struct db *base)
{
	const struct sqlite_db *db = (const struct sqlite_db *)base;
	return db->broken || sqlite_map_torn(&db->mapped);
}

static const char *sqlite_fault(const char *uri)
{
	return sqlite_file_fault_at(path_of(uri));
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
	struct sqlite_db *db = sqlite_of(base);
	sqlite3_stmt *st = NULL;
	TRY(outcome(db, sqlite3_prepare_v2(db->h, "PRAGMA integrity_check(1)", -1, &st, NULL)));
	struct sqlite_file *before = sqlite_map_reading(db->file);
	enum rc rc = sqlite3_step(st) == SQLITE_ROW ? RC_OK : RC_FAIL;
	struct str report = rc == RC_OK ? value_at(st, 0).s : STR("the integrity check did not run");
	if (sqlite_map_torn(&db->mapped))
		report = STR("a page of the file cannot be read");
	if (!str_is(report, "ok")) {
		*report_out = arena_str(a, report);
		rc = RC_FAIL;
	}
	(void)sqlite_map_reading(before);
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
	.lost = sqlite_lost,
	.fault = sqlite_fault,
	.check = sqlite_check,
};
