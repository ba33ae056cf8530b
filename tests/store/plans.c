/* No statement's cost may grow with the table: every one that reads or changes rows is explained by the database
 * itself. On SQLite, in memory, where a plan depends on the schema alone; on PostgreSQL with rows in its tables and
 * fresh statistics, since it asks those. SAMTYKKE_TEST_STORE names a migrated PostgreSQL store. */
#include "t.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "store/migrate.h"

/* Those that are meant to read a whole table: administration, export, integrity. */
static const enum stmt whole[] = { SQL_steps,     SQL_entries_each,  SQL_holdings_each, SQL_parties_each,
				   SQL_keys_each, SQL_check_orphans, SQL_check_last };

/* Those that sort no more rows than they are told to read, or than one consent has events or one giver has requests
 * (PostgreSQL sorts the ten of each giver here rather than walk the index). */
static const enum stmt sorts_a_page[] = { SQL_events_after, SQL_events_of_after, SQL_consents_all, SQL_events_of_all };

/* Those that sort what one person represents, which no other rows make longer. */
static const enum stmt sorts_a_person[] = { SQL_authority_parties };

static bool is_one_of(enum stmt stmt, const enum stmt *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == stmt)
			return true;
	}
	return false;
}

static bool may_scan(enum stmt stmt)
{
	return is_one_of(stmt, whole, LEN(whole));
}

static bool may_sort(enum stmt stmt)
{
	return may_scan(stmt) || is_one_of(stmt, sorts_a_page, LEN(sorts_a_page)) ||
	       is_one_of(stmt, sorts_a_person, LEN(sorts_a_person));
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
	if (strstr(detail, "AUTOMATIC")) /* an index made for this statement alone, from the whole table */
		return true;
	return strncmp(detail, "SCAN ", 5) == 0 && strstr(detail, "CONSTANT ROW") == NULL &&
	       strcmp(detail, "SCAN t") != 0 && strcmp(detail, "SCAN h") != 0 && strcmp(detail, "SCAN e") != 0;
}

static bool sqlite_sorts(const char *detail)
{
	return strstr(detail, "TEMP B-TREE") != NULL;
}

static void test_plans__sqlite_neither_scans_nor_sorts_a_table(void **state)
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
			if ((sqlite_scans(detail) && !may_scan((enum stmt)i)) ||
			    (sqlite_sorts(detail) && !may_sort((enum stmt)i)))
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
		buf_z(&b, type == 'i' ? "7::bigint" : type == 't' ? "'x'::text" : "uuid_send(md5('7')::uuid)");
	}
	return str_of(buf_cstr(&b));
}

/* Every table that grows, with so many rows that reading one whole would be dear. */
static const char *const rows[] = {
	"CREATE FUNCTION pg_temp.u(n bigint) RETURNS bytea LANGUAGE sql AS $$ SELECT uuid_send(md5(n::text)::uuid) $$",
	"INSERT INTO party (uuid, party_id, user_id, type, ident, name)"
	" SELECT pg_temp.u(n), 900000000 + n, 900000000 + n, 0, 'plans ' || n, 'X' FROM generate_series(1, 20000) n",
	"INSERT INTO holding (party, holder, kind, value)"
	" SELECT pg_temp.u(n / 3), pg_temp.u(n), 'role', 'x' FROM generate_series(1, 20000) n",
	"INSERT INTO consent (key, id, from_urn, to_urn, from_uuid, to_uuid, by_owner, created, valid_to, answered,"
	" valid_to_text, status, rights, redirect_url, view_mode, template_version, last_event, origin) OVERRIDING SYSTEM VALUE"
	" SELECT 900000000 + n, pg_temp.u(n), 'f', 't', pg_temp.u(n % 2000), pg_temp.u(n % 20), 0, n, n, 0, 'x', n % 4,"
	" repeat('x', 300), 'x', n % 2, 1, pg_temp.u(n), n / 2 % 2 FROM generate_series(1, 20000) n",
	"INSERT INTO event (id, type, created, performed_by, consent, to_uuid, handled_by_uuid, consent_id)"
	" SELECT pg_temp.u(n), 0, n, 'x', 900000000 + n / 2, pg_temp.u(n % 20),"
	" CASE WHEN n % 10 = 0 THEN pg_temp.u(n % 30) END, pg_temp.u(n / 2) FROM generate_series(1, 40000) n",
	"INSERT INTO listed (resource, state, changed, consent, valid_to)"
	" SELECT 'r' || n % 20, n % 2, n, 900000000 + n, n FROM generate_series(1, 20000) n",
	"INSERT INTO feed (receiver, last) SELECT pg_temp.u(n), pg_temp.u(n) FROM generate_series(1, 20000) n",
	"INSERT INTO token (id, client_id, guard, consent, issued, expires, guard_until)"
	" SELECT pg_temp.u(n), 'x', pg_temp.u(n), pg_temp.u(n), n, n, n FROM generate_series(1, 20000) n",
	"INSERT INTO trail (from_uuid, at, id, kind, consent)"
	" SELECT pg_temp.u(n % 2000), n, pg_temp.u(n), 0, 900000000 + n / 2 FROM generate_series(1, 40000) n",
	"INSERT INTO session (id_hash, party, level, csrf, created, last_seen, sid)"
	" SELECT pg_temp.u(n), pg_temp.u(n), 4, pg_temp.u(n), 7, 7, n::text"
	" FROM generate_series(1, 20000) n",
	"INSERT INTO login_taken (state_hash, until) SELECT pg_temp.u(n), n FROM generate_series(1, 20000) n",
	"INSERT INTO logout_token (jti_hash, mark, until)"
	" SELECT pg_temp.u(n), pg_temp.u(n), n FROM generate_series(1, 20000) n",
	"INSERT INTO subject (kind, name, version) SELECT 'plans', n::text, n FROM generate_series(1, 20000) n",
	"ANALYZE",
};

static void pg_run(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	PQclear(r);
}

/* Tables of a few rows, whatever happens: reading one whole is right. */
static bool pg_scans(const char *line)
{
	return strstr(line, "Seq Scan") && !strstr(line, " on meta") && !strstr(line, " on entry") &&
	       !strstr(line, " on signing_key") && !strstr(line, " on schema_step");
}

static bool pg_sorts(const char *line)
{
	const char *word = line + strspn(line, " ->");
	return strncmp(word, "Sort ", 5) == 0 || strncmp(word, "Incremental Sort ", 17) == 0;
}

static void pg_explain(PGconn *conn, struct arena *a, enum stmt stmt)
{
	PGresult *r = PQexec(conn, filled(a, &sql_texts[stmt]).p);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql_texts[stmt].name, PQerrorMessage(conn));
	for (int row = 0; row < PQntuples(r); row++) {
		const char *line = PQgetvalue(r, row, 0);
		if ((pg_scans(line) && !may_scan(stmt)) || (pg_sorts(line) && !may_sort(stmt)))
			fail_msg("%s: %s", sql_texts[stmt].name, line);
	}
	PQclear(r);
}

static void test_plans__postgresql_neither_scans_nor_sorts_a_table(void **state)
{
	(void)state;
	struct arena a = { 0 };
	const char *uri = getenv("SAMTYKKE_TEST_STORE");
	if (!uri)
		fail_msg("SAMTYKKE_TEST_STORE names no migrated PostgreSQL database");
	PGconn *conn = PQconnectdb(uri);
	pg_run(conn, "BEGIN");
	for (size_t i = 0; i < LEN(rows); i++)
		pg_run(conn, rows[i]);
	for (size_t i = 0; i < SQL__MAX; i++)
		pg_explain(conn, &a, (enum stmt)i);
	pg_run(conn, "ROLLBACK");
	PQfinish(conn);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_plans__sqlite_neither_scans_nor_sorts_a_table),
       cmocka_unit_test(test_plans__postgresql_neither_scans_nor_sorts_a_table))
