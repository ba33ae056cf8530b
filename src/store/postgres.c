#include "store/db.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define MAX_PARAMS 40
#define MAX_COLS 40
#define MAX_SQL 4096
#define ERR_MAX 256
#define HURRY_LOCK_MS "20"
#define FLUSH_EVERY 64 /* statements: libpq keeps in memory what the socket does not take */
#define WRITER_IDLE_S 10
#define READER_IDLE_S 60
#define SCRIPT_SETUP "SET lock_timeout = '10s'; SET statement_timeout = 0"

/* pg_type.dat: built-in types have fixed numbers. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };
enum prep { PREP_NOT, PREP_SENT, PREP_DONE };

struct pg_db {
	struct db base;
	PGconn *conn;
	const struct db_waits *waits;
	const char *uri;
	bool writer;
	int64_t answer_us; /* as waits->answer_us, but for a script */
	unsigned silences; /* of the patience, when the connection was made */
	enum prep prep[SQL__MAX];
	bool in_snapshot;
	bool dead; /* it answered too late, or part of a pipeline was sent: it cannot be used any more */
	char err[ERR_MAX];
};

/* Arguments of one execution, as libpq takes them; integers in network order. */
struct params {
	const char *values[MAX_PARAMS];
	int lengths[MAX_PARAMS];
	int formats[MAX_PARAMS];
	uint64_t ints[MAX_PARAMS];
};

static struct pg_db *pg_of(struct db *db)
{
	return (struct pg_db *)db;
}

static bool pg_lost(const struct db *base)
{
	const struct pg_db *db = (const struct pg_db *)base;
	const struct patience *p = db->waits->judges ? NULL : db->waits->patience;
	bool old = p && atomic_load(&p->silences) != db->silences;
	return old || db->dead || PQstatus(db->conn) != CONNECTION_OK;
}

/* The first line of libpq's message. Messages name no data of the store. */
static struct str err_line(struct pg_db *db)
{
	struct str head, tail;
	str_cut(str_of(PQerrorMessage(db->conn)), '\n', &head, &tail);
	if (head.n == 0)
		head = STR("the database does not answer");
	snprintf(db->err, sizeof db->err, "%.*s", STR_FMT(head));
	return str_of(db->err);
}

static void notice_none(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

static void pg_close(struct db *base)
{
	if (!base)
		return;
	PQfinish(pg_of(base)->conn);
	free(base);
}

/* ---- waits: libpq never blocks ---- */
static enum rc io_wait(struct pg_db *db, short events)
{
	int64_t until = db->answer_us ? clock_mono() + db->answer_us : 0;
	enum rc rc = patience_wait(db->waits, PQsocket(db->conn), events, until);
	db->dead |= rc != RC_OK;
	return rc;
}

static bool flush(struct pg_db *db)
{
	int left;
	while ((left = PQflush(db->conn)) > 0)
		if (io_wait(db, POLLIN | POLLOUT) != RC_OK || !PQconsumeInput(db->conn))
			return false;
	return left == 0;
}

/* As PQgetResult. NULL: the end of the results, or the connection is dead. */
static PGresult *result_next(struct pg_db *db)
{
	while (!db->dead && PQisBusy(db->conn))
		if (io_wait(db, POLLIN) == RC_OK && !PQconsumeInput(db->conn))
			break; /* PQgetResult tells of the loss */
	return db->dead ? NULL : PQgetResult(db->conn);
}

/* Takes the result of one command, and the NULL that ends it. */
static PGresult *result_take(struct pg_db *db)
{
	PGresult *r = result_next(db);
	if (r)
		PQclear(result_next(db));
	return r;
}

/* As PQexec: the result of the last command of `sql`, or of the one that failed. NULL: no answer. */
static PGresult *sql_run(struct pg_db *db, const char *sql)
{
	PGresult *last = NULL;
	if (!PQsendQuery(db->conn, sql) || !flush(db))
		return NULL;
	for (PGresult *r = result_next(db); r; r = result_next(db)) {
		PQclear(last);
		last = r;
	}
	if (!db->dead)
		return last;
	PQclear(last);
	return NULL;
}

static enum rc command_run(struct pg_db *db, const char *sql)
{
	PGresult *r = sql_run(db, sql);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	if (ok)
		return RC_OK;
	return pg_lost(&db->base) ? RC_BUSY : RC_FAIL;
}

/* ---- connections ---- */

/* Other processes wait for rows that a writer has locked: it must neither wait nor sleep for ever. */
static enum rc session_setup(struct pg_db *db)
{
	char sql[256];
	snprintf(sql, sizeof sql,
		 "SET lock_timeout = %d; SET statement_timeout = %d; SET idle_in_transaction_session_timeout = '%ds'",
		 db->waits->lock_ms, db->waits->statement_ms, db->writer ? WRITER_IDLE_S : READER_IDLE_S);
	return command_run(db, sql);
}

/* The hosts of a URI, each with its address and port, as libpq reads them. */
struct hosts {
	struct str lists[3];
	unsigned n;
};
enum { HOST_NAME, HOST_ADDRESS, HOST_PORT };
static const char *const host_keys[] = { [HOST_NAME] = "host", [HOST_ADDRESS] = "hostaddr", [HOST_PORT] = "port" };

static unsigned list_length(struct str list)
{
	unsigned n = 0;
	struct str part;
	while (str_next(&list, ',', &part))
		n++;
	return n;
}

/* One port counts for all hosts. */
static struct str list_at(struct str list, unsigned at)
{
	struct str part = STR_NONE;
	if (list_length(list) == 1)
		return list;
	for (unsigned i = 0; i <= at && str_next(&list, ',', &part); i++)
		;
	return part;
}

static void hosts_read(struct arena *a, const char *uri, struct hosts *out)
{
	PQconninfoOption *all = PQconninfoParse(uri, NULL);
	*out = (struct hosts){ .n = 1 };
	for (const PQconninfoOption *o = all; o && o->keyword; o++)
		for (size_t i = 0; i < LEN(host_keys); i++)
			if (o->val && strcmp(o->keyword, host_keys[i]) == 0)
				out->lists[i] = arena_str(a, str_of(o->val));
	PQconninfoFree(all);
	for (size_t i = HOST_NAME; i <= HOST_ADDRESS; i++)
		if (list_length(out->lists[i]) > out->n)
			out->n = list_length(out->lists[i]);
}

static enum rc connect_finish(struct pg_db *db)
{
	int64_t most = PATIENCE_CONNECT_US, own = db->waits->answer_us;
	int64_t until = clock_mono() + (own && own < most ? own : most);
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;
	while (next != PGRES_POLLING_OK) {
		short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		if (PQstatus(db->conn) == CONNECTION_BAD || next == PGRES_POLLING_FAILED)
			return RC_BUSY;
		TRY(patience_wait(db->waits, PQsocket(db->conn), events, until));
		next = PQconnectPoll(db->conn);
	}
	return PQsetnonblocking(db->conn, 1) == 0 ? RC_OK : RC_BUSY;
}

/* libpq would try the next one only after the first has refused. */
static enum rc connect_host(struct pg_db *db, struct arena *a, const struct hosts *hosts, unsigned at)
{
	static const char *const first[][2] = {
		{ "tcp_user_timeout", "10000" },
		{ "keepalives_idle", "30" },
		{ "keepalives_interval", "5" },
		{ "keepalives_count", "3" },
		{ "fallback_application_name", "samtykke" },
	};
	const char *keys[LEN(first) + LEN(host_keys) + 3], *values[LEN(keys)];
	size_t n = 0;
	for (; n < LEN(first); n++) {
		keys[n] = first[n][0];
		values[n] = first[n][1];
	}
	keys[n] = "dbname";
	values[n++] = db->uri;
	for (size_t i = 0; hosts->n > 1 && i < LEN(host_keys); i++) {
		if (!hosts->lists[i].p)
			continue;
		keys[n] = host_keys[i];
		values[n++] = arena_cstr(a, list_at(hosts->lists[i], at));
	}
	keys[n] = "client_encoding";
	values[n++] = "UTF8";
	keys[n] = NULL;
	PQfinish(db->conn);
	db->conn = PQconnectStartParams(keys, values, 1);
	PQsetNoticeProcessor(db->conn, notice_none, NULL);
	TRY(connect_finish(db));
	return session_setup(db);
}

/* Begins with the host that answered last: another one may be silent. */
static enum rc connect_any(struct pg_db *db)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct patience *p = db->waits->patience;
	struct hosts hosts;
	if (patience_lost(db->waits))
		return RC_BUSY;
	hosts_read(&a, db->uri, &hosts);
	unsigned start = p ? atomic_load(&p->host) : 0;
	for (unsigned i = 0; i < hosts.n; i++) {
		unsigned at = (start + i) % hosts.n;
		db->silences = p ? atomic_load(&p->silences) : 0;
		db->dead = false;
		memset(db->prep, 0, sizeof db->prep);
		if (connect_host(db, &a, &hosts, at) != RC_OK)
			continue;
		if (p)
			atomic_store(&p->host, at);
		return RC_OK;
	}
	return RC_BUSY;
}

static enum rc pg_open_to(const struct db_waits *waits, struct arena *a, const char *uri, bool writer, struct db **out,
			  struct str *err_out)
{
	struct pg_db *db = calloc(1, sizeof *db);
	if (!db) {
		*err_out = STR("out of memory");
		return RC_BUSY;
	}
	db->base.driver = &db_postgres;
	db->waits = waits;
	db->uri = uri;
	db->writer = writer;
	db->answer_us = waits->answer_us;
	if (connect_any(db) == RC_OK) {
		*out = &db->base;
		return RC_OK;
	}
	*err_out = arena_str(a, err_line(db));
	pg_close(&db->base);
	return RC_BUSY;
}

static enum rc pg_open(struct arena *a, const char *uri, bool writer, struct db **out, struct str *err_out)
{
	static const struct db_waits command = { .lock_ms = 10000 };
	return pg_open_to(&command, a, uri, writer, out, err_out);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* ? becomes $1, $2 …; statements have no question mark in quotes. */
static void sql_numbered(const char *sql, char out[MAX_SQL])
{
	int param = 0;
	size_t n = 0;
	for (const char *p = sql; *p; p++) {
		assert(n + 8 < MAX_SQL);
		if (*p == '?')
			n += (size_t)snprintf(out + n, MAX_SQL - n, "$%d", ++param);
		else
			out[n++] = *p;
	}
	out[n] = '\0';
}

static int param_oids(const char *sig, Oid oids[MAX_PARAMS])
{
	int n = 0;
	for (; sig[n]; n++) {
		assert(n < MAX_PARAMS);
		char c = (char)(sig[n] | 0x20);
		oids[n] = c == 'i' ? OID_INT8 : c == 't' ? OID_TEXT : OID_BYTEA;
	}
	return n;
}

static int params_fill(struct params *p, const struct db_val *args, size_t n)
{
	assert(n <= MAX_PARAMS);
	for (size_t i = 0; i < n; i++) {
		assert(args[i].s.n <= INT_MAX);
		p->formats[i] = 1;
		p->lengths[i] = (int)args[i].s.n;
		p->values[i] = args[i].s.p;
		if (args[i].type == DB_INT) {
			p->ints[i] = htobe64((uint64_t)args[i].i);
			p->values[i] = (const char *)&p->ints[i];
			p->lengths[i] = sizeof p->ints[i];
		} else if (args[i].type == DB_NULL) {
			p->values[i] = NULL;
		}
	}
	return (int)n;
}

static struct db_val value_at(const PGresult *r, int row, int col)
{
	if (PQgetisnull(r, row, col))
		return DB_VAL_NULL;
	struct str s = str_span(PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col));
	if (PQftype(r, col) == OID_BYTEA)
		return db_blob(s);
	if (PQftype(r, col) != OID_INT8)
		return db_text(s);
	uint64_t be;
	assert(s.n == sizeof be);
	memcpy(&be, s.p, sizeof be);
	return db_int((int64_t)be64toh(be));
}

/* RC_CONFLICT: lock_timeout, statement_timeout or a deadlock. Resources, operator intervention, a standby: the same
 * change may pass later. */
static enum rc rc_of(const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	if (!state)
		return RC_BUSY;
	if (strcmp(state, "55P03") == 0 || strcmp(state, "57014") == 0 || strcmp(state, "40P01") == 0)
		return RC_CONFLICT;
	bool busy = strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 || strncmp(state, "58", 2) == 0 ||
		    strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0;
	return busy ? RC_BUSY : RC_FAIL;
}

/* ---- transactions: one pipeline per run ---- */
static bool command_send(struct pg_db *db, const char *sql)
{
	return PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 1);
}

static bool op_send(struct pg_db *db, const struct db_op *op)
{
	const struct sql_text *t = &sql_texts[op->stmt];
	assert(op->n_args == strlen(t->sig));
	if (db->prep[op->stmt] == PREP_NOT) {
		char sql[MAX_SQL];
		Oid oids[MAX_PARAMS];
		sql_numbered(t->sql, sql);
		if (!PQsendPrepare(db->conn, t->name, sql, param_oids(t->sig, oids), oids))
			return false;
		db->prep[op->stmt] = PREP_SENT;
	}
	struct params p;
	int n = params_fill(&p, op->args, op->n_args);
	return PQsendQueryPrepared(db->conn, t->name, n, p.values, p.lengths, p.formats, 1);
}

static bool ops_send(struct pg_db *db, unsigned flags, const struct db_op *ops, size_t n)
{
	if (flags & DB_BEGIN && !command_send(db, "BEGIN ISOLATION LEVEL READ COMMITTED"))
		return false;
	if (flags & DB_HURRY && !command_send(db, "SET LOCAL lock_timeout = " HURRY_LOCK_MS))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!op_send(db, &ops[i]) || (i % FLUSH_EVERY == FLUSH_EVERY - 1 && !flush(db)))
			return false;
	}
	if (flags & DB_COMMIT && !command_send(db, "COMMIT"))
		return false;
	return PQpipelineSync(db->conn) && flush(db);
}

/* Why a run failed. by_server: the server reported the error, so no command after it was done. */
struct outcome {
	enum rc rc;
	size_t failed;
	bool by_server;
};

static bool outcome_note(struct outcome *o, const PGresult *r, size_t at)
{
	ExecStatusType status = PQresultStatus(r);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return true;
	if (o->rc != RC_OK)
		return false;
	o->rc = r ? rc_of(r) : RC_BUSY;
	o->failed = at;
	o->by_server = r && PQresultErrorField(r, PG_DIAG_SQLSTATE);
	return false;
}

static void op_result(struct db_op *op, PGresult *r)
{
	op->has_returned = false;
	op->rows = PQntuples(r);
	if (PQresultStatus(r) != PGRES_TUPLES_OK) {
		uint64_t rows = 0;
		op->rows = str_u64(str_of(PQcmdTuples(r)), &rows) == RC_OK ? (int64_t)rows : 0;
		return;
	}
	if (op->rows == 0)
		return;
	struct db_val v = value_at(r, 0, 0);
	op->has_returned = v.type != DB_NULL;
	if (v.type == DB_INT)
		op->returned_int = v.i;
	if (v.type == DB_BLOB && v.s.n == sizeof op->returned)
		memcpy(op->returned, v.s.p, sizeof op->returned);
}

static void op_receive(struct pg_db *db, struct db_op *op, size_t at, struct outcome *o)
{
	if (db->prep[op->stmt] == PREP_SENT) {
		PGresult *r = result_take(db);
		db->prep[op->stmt] = outcome_note(o, r, at) ? PREP_DONE : PREP_NOT;
		PQclear(r);
	}
	PGresult *r = result_take(db);
	if (outcome_note(o, r, at))
		op_result(op, r);
	PQclear(r);
}

static void command_receive(struct pg_db *db, size_t at, struct outcome *o)
{
	PGresult *r = result_take(db);
	outcome_note(o, r, at);
	PQclear(r);
}

static struct outcome ops_receive(struct pg_db *db, unsigned flags, struct db_op *ops, size_t n)
{
	struct outcome o = { .failed = n };
	if (flags & DB_BEGIN)
		command_receive(db, n, &o);
	if (flags & DB_HURRY)
		command_receive(db, n, &o);
	for (size_t i = 0; i < n; i++)
		op_receive(db, &ops[i], i, &o);
	if (flags & DB_COMMIT) {
		bool failed_before = o.rc != RC_OK;
		PGresult *r = result_take(db);
		/* After an error the server answers COMMIT with OK and the tag ROLLBACK. */
		if (outcome_note(&o, r, n) && strcmp(PQcmdStatus(r), "COMMIT") != 0)
			o = (struct outcome){ .rc = RC_FAIL, .failed = n, .by_server = true };
		else if (!failed_before && o.rc != RC_OK && pg_lost(&db->base))
			o.by_server = false;
		PQclear(r);
	}
	PQclear(result_next(db)); /* the sync */
	return o;
}

static enum rc pg_rollback(struct db *base)
{
	if (pg_lost(base))
		return RC_OK;
	return PQtransactionStatus(pg_of(base)->conn) == PQTRANS_IDLE ? RC_OK : command_run(pg_of(base), "ROLLBACK");
}

static enum rc pg_run(struct db *base, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	struct pg_db *db = pg_of(base);
	*failed_out = n;
	if (pg_lost(base) || !PQenterPipelineMode(db->conn))
		return RC_BUSY;
	if (!ops_send(db, flags, ops, n)) {
		db->dead = true;
		return flags & DB_COMMIT ? RC_UNCERTAIN : RC_BUSY;
	}
	struct outcome o = ops_receive(db, flags, ops, n);
	db->dead |= !PQexitPipelineMode(db->conn);
	if (o.rc == RC_OK && (!db->dead || flags & DB_COMMIT))
		return RC_OK;
	*failed_out = o.failed;
	if (flags & DB_COMMIT && !o.by_server)
		return RC_UNCERTAIN;
	if (db->dead || pg_rollback(base) != RC_OK)
		return RC_BUSY;
	return o.rc;
}

static size_t schema_word(const char *p)
{
	size_t n = 0;
	while (is_word(p[n]))
		n++;
	return n;
}

/* The schema has SQLite's types. Text sorts by bytes, as in SQLite. */
static const struct {
	struct str from;
	struct str to;
} schema_words[] = {
	{ STR_INIT("INTEGER PRIMARY KEY"), STR_INIT("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY") },
	{ STR_INIT("INTEGER"), STR_INIT("BIGINT") },
	{ STR_INIT("BLOB"), STR_INIT("BYTEA") },
	{ STR_INIT("TEXT"), STR_INIT("TEXT COLLATE \"C\"") },
	{ STR_INIT("WITHOUT ROWID"), STR_INIT("") },
};

static size_t schema_rewrite_word(const char *p, FILE *f)
{
	for (size_t i = 0; i < LEN(schema_words); i++) {
		struct str from = schema_words[i].from;
		if (strncmp(p, from.p, from.n) != 0 || is_word(p[from.n]))
			continue;
		fwrite(schema_words[i].to.p, 1, schema_words[i].to.n, f);
		return from.n;
	}
	size_t n = schema_word(p);
	fwrite(p, 1, n, f);
	return n;
}

/* Two programs may migrate at once: with the lock the second one waits, and then finds the step done. */
static char *schema_rewrite(const char *sql)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return NULL;
	fputs("SELECT pg_advisory_xact_lock(7308332045);\n", f);
	for (const char *p = sql; *p;) {
		if (strncmp(p, "--", 2) == 0)
			p += strcspn(p, "\n");
		else if (!is_word(*p))
			fputc(*p++, f);
		else
			p += schema_rewrite_word(p, f);
	}
	return fclose(f) == 0 ? text : NULL;
}

static enum rc pg_script(struct db *base, const char *sql, struct str *err_out)
{
	struct pg_db *db = pg_of(base);
	char *text = schema_rewrite(sql);
	if (!text)
		return RC_BUSY;
	db->answer_us = 0;
	PGresult *r = NULL;
	/* Several statements in one simple query are one transaction. */
	if (command_run(db, SCRIPT_SETUP) == RC_OK)
		r = sql_run(db, text);
	free(text);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	enum rc rc = ok ? RC_OK : rc_of(r);
	PQclear(r);
	if (!ok)
		*err_out = err_line(db);
	db->answer_us = db->waits->answer_us;
	if (ok)
		return session_setup(db);
	return rc == RC_CONFLICT ? RC_BUSY : rc;
}

/* ---- reads ---- */
static PGresult *query_once(struct pg_db *db, enum stmt stmt, const struct db_val *args, size_t n_args)
{
	const struct sql_text *t = &sql_texts[stmt];
	assert(n_args == strlen(t->sig));
	if (db->prep[stmt] != PREP_DONE) {
		char sql[MAX_SQL];
		Oid oids[MAX_PARAMS];
		sql_numbered(t->sql, sql);
		if (!PQsendPrepare(db->conn, t->name, sql, param_oids(t->sig, oids), oids) || !flush(db))
			return NULL;
		PGresult *r = result_take(db);
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			return r;
		PQclear(r);
		db->prep[stmt] = PREP_DONE;
	}
	struct params p;
	int n = params_fill(&p, args, n_args);
	if (!PQsendQueryPrepared(db->conn, t->name, n, p.values, p.lengths, p.formats, 1) || !flush(db))
		return NULL;
	return result_take(db);
}

static enum rc query_rows(const PGresult *r, db_row_fn *row, void *ctx)
{
	struct db_val cols[MAX_COLS];
	int n = PQnfields(r), rows = PQntuples(r);
	assert(n <= MAX_COLS);
	for (int i = 0; i < rows; i++) {
		for (int c = 0; c < n; c++)
			cols[c] = value_at(r, i, c);
		TRY(row(ctx, cols, (size_t)n));
	}
	return RC_OK;
}

/* After a restart of the database the connection has ended: one more try. One that answered too late gets none. */
static bool is_ended(const struct pg_db *db)
{
	return !db->dead && !db->in_snapshot && PQstatus(db->conn) != CONNECTION_OK;
}

static enum rc pg_query(struct db *base, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
			void *ctx)
{
	struct pg_db *db = pg_of(base);
	if (pg_lost(base) && (db->in_snapshot || connect_any(db) != RC_OK))
		return RC_BUSY;
	PGresult *r = query_once(db, stmt, args, n_args);
	if (is_ended(db) && connect_any(db) == RC_OK) {
		PQclear(r);
		r = query_once(db, stmt, args, n_args);
	}
	enum rc rc = rc_of(r);
	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		rc = query_rows(r, row, ctx);
	else if (rc == RC_CONFLICT)
		rc = RC_BUSY;
	PQclear(r);
	return rc;
}

static enum rc pg_snapshot_begin(struct db *base)
{
	static const char begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
	struct pg_db *db = pg_of(base);
	if (pg_lost(base))
		TRY(connect_any(db));
	enum rc rc = command_run(db, begin);
	if (is_ended(db)) {
		TRY(connect_any(db));
		rc = command_run(db, begin);
	}
	db->in_snapshot = rc == RC_OK;
	return rc;
}

static void pg_snapshot_end(struct db *base)
{
	pg_of(base)->in_snapshot = false;
	if (pg_lost(base))
		return;
	if (command_run(pg_of(base), "COMMIT") != RC_OK)
		(void)!pg_rollback(base);
}

const struct db_driver db_postgres = {
	.name = "postgresql",
	.pipelines = true,
	.open = pg_open,
	.open_to = pg_open_to,
	.close = pg_close,
	.script = pg_script,
	.run = pg_run,
	.rollback = pg_rollback,
	.query = pg_query,
	.snapshot_begin = pg_snapshot_begin,
	.snapshot_end = pg_snapshot_end,
	.lost = pg_lost,
};
