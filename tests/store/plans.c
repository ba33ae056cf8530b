/* No statement's cost may grow with the table: every one that reads or changes rows is explained by the database
 * itself. SAMTYKKE_TEST_STORE names a migrated PostgreSQL store; unset: SQLite in memory. */
#include "t.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "store/migrate.h"

/* Those that are meant to read a whole table: administration, export, integrity. */
static const enum stmt whole[] = { SQL_steps,     SQL_entries_each,  SQL_holdings_each, SQL_parties_each,
				   SQL_keys_each, SQL_check_orphans, SQL_check_last };

static bool may_scan(enum stmt stmt)
{
	for (size_t i = 0; i < LEN(whole); i++) {
		if (whole[i] == stmt)
			return true;
	}
	return false;
}

static sqlite3 *sqlite_made(struct arena *a)
{
	sqlite3 *h = NULL;
	CHECK(sqlite3_open(":memory:", &h) == SQLITE_OK);
	CHECK(sqlite3_exec(h, "CREATE TABLE schema_step (step INTEGER NOT NULL UNIQUE)", NULL, NULL, NULL) ==
	      SQLITE_OK);
	for (size_t i = 0; store_schema[i].name; i++)
		CHECK(sqlite3_exec(h, arena_cstr(a, store_schema[i].data), NULL, NULL, NULL) == SQLITE_OK);
	return h;
}

/* "SCAN t", "SCAN e": sub-queries that are already narrow; a table's own name or alias is a scan of it. */
static bool sqlite_scans(const char *detail)
{
	return strncmp(detail, "SCAN ", 5) == 0 && strstr(detail, "CONSTANT ROW") == NULL &&
	       strcmp(detail, "SCAN t") != 0 && strcmp(detail, "SCAN h") != 0 && strcmp(detail, "SCAN e") != 0;
}

static void test_plans__sqlite_scans_no_table(void **state)
{
	(void)state;
	struct arena a = { 0 };
	sqlite3 *h = sqlite_made(&a);
	for (size_t i = 0; i < SQL__MAX; i++) {
		sqlite3_stmt *st = NULL;
		struct str sql = arena_fmt(&a, "EXPLAIN QUERY PLAN %s", sql_texts[i].sql);
		if (sqlite3_prepare_v2(h, sql.p, (int)sql.n, &st, NULL) != SQLITE_OK)
			fail_msg("%s: %s", sql_texts[i].name, sqlite3_errmsg(h));
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *detail = (const char *)sqlite3_column_text(st, 3);
			if (sqlite_scans(detail) && !may_scan((enum stmt)i))
				fail_msg("%s: %s", sql_texts[i].name, detail);
		}
		sqlite3_finalize(st);
	}
	sqlite3_close(h);
	arena_finish(&a);
}

/* A value of the parameter's type in place of each mark. */
static struct str filled(struct arena *a, const struct sql_text *t)
{
	struct buf b = BUF(a);
	const char *sig = t->sig;
	buf_z(&b, "EXPLAIN ");
	for (const char *p = t->sql; *p; p++) {
		if (*p != '?') {
			buf_c(&b, *p);
			continue;
		}
		char type = (char)(*sig++ | 0x20);
		buf_z(&b, type == 'i' ? "7::bigint" : type == 't' ? "'x'::text" : "'\\x00'::bytea");
	}
	return str_of(buf_cstr(&b));
}

static void test_plans__postgresql_scans_no_table(void **state)
{
	(void)state;
	struct arena a = { 0 };
	const char *uri = getenv("SAMTYKKE_TEST_STORE");
	if (!uri)
		fail_msg("SAMTYKKE_TEST_STORE names no migrated PostgreSQL database");
	PGconn *conn = PQconnectdb(uri);
	PQclear(PQexec(conn, "SET enable_seqscan = off"));
	for (size_t i = 0; i < SQL__MAX; i++) {
		PGresult *r = PQexec(conn, filled(&a, &sql_texts[i]).p);
		if (PQresultStatus(r) != PGRES_TUPLES_OK)
			fail_msg("%s: %s", sql_texts[i].name, PQerrorMessage(conn));
		for (int row = 0; row < PQntuples(r); row++) {
			if (strstr(PQgetvalue(r, row, 0), "Seq Scan") && !may_scan((enum stmt)i))
				fail_msg("%s: %s", sql_texts[i].name, PQgetvalue(r, row, 0));
		}
		PQclear(r);
	}
	PQfinish(conn);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_plans__sqlite_scans_no_table), cmocka_unit_test(test_plans__postgresql_scans_no_table))
