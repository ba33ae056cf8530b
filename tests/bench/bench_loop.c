/* bench_loop URI N BATCH: writes N consents and their Created events, the rows that a create writes, in transactions of
 * BATCH consents, with nothing around it: prepared statements, one feed row a batch, PostgreSQL in pipeline mode. The
 * schema is the store's own (samtykke store migrate). Prints the CPU of this process per consent. */
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define CONSENT_SQL                                                                                                    \
	"INSERT INTO consent (id, from_urn, to_urn, delegator_urn, handled_by_urn, from_uuid, to_uuid, "               \
	"delegator_uuid, handled_by_uuid, "                                                                            \
	"by_owner, created, valid_to, answered, valid_to_text, consented_text, status, rights, message, "              \
	"redirect_url, view_mode, "                                                                                    \
	"template_id, template_version, shown_language, shown_sha256, last_event) VALUES "
#define EVENT_SQL                                                                                                      \
	"INSERT INTO event (id, type, created, performed_by, performed_by_uuid, consent, to_uuid, handled_by_uuid, "   \
	"consent_id) "                                                                                                 \
	"VALUES "
#define FEED_SQL(q1, q2)                                                                                               \
	"INSERT INTO feed (receiver, last) VALUES (" q1 ", " q2                                                        \
	") ON CONFLICT (receiver) DO UPDATE SET last = excluded.last"

#define FROM "urn:altinn:person:identifier-no:01025161013"
#define TO "urn:altinn:organization:identifier-no:810419512"
#define RIGHTS                                                                                                         \
	"[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"ttd_"                  \
	"inntektsopplysninger\",\"version\":\"4\"}],"                                                                  \
	"\"metadata\":{\"inntektsaar\":\"2025\"}}]"
#define MESSAGE "{\"en\":\"Please approve this consent request\"}"
#define REDIRECT "https://www.example.no/loan?id=0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01"
#define VALID_TO "2026-11-26T08:36:13.123456+00:00"

static unsigned char from_uuid[16] = { 1 }, to_uuid[16] = { 2 }, id[16], event_id[16];
static uint64_t sequence;

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fail(const char *what)
{
	fprintf(stderr, "bench_loop: %s\n", what);
	exit(1);
}

/* A random id as clients make them, an ascending event id as the committer does. */
static void ids_next(void)
{
	uint64_t n = htobe64(++sequence + ((uint64_t)time(NULL) << 26));

	if (getrandom(id, sizeof id, 0) != (ssize_t)sizeof id)
		fail("getrandom");
	memcpy(event_id, &n, sizeof n);
}

/* ---- SQLite ---- */

static sqlite3 *db;

static void sq(int rc, int want)
{
	if (rc != want)
		fail(sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *s;

	sq(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL), SQLITE_OK);
	return s;
}

static void blob(sqlite3_stmt *s, int i, const void *p)
{
	sq(sqlite3_bind_blob(s, i, p, 16, SQLITE_STATIC), SQLITE_OK);
}

static void text(sqlite3_stmt *s, int i, const char *z)
{
	sq(sqlite3_bind_text(s, i, z, (int)strlen(z), SQLITE_STATIC), SQLITE_OK);
}

static void step(sqlite3_stmt *s)
{
	sq(sqlite3_step(s), SQLITE_DONE);
	sq(sqlite3_reset(s), SQLITE_OK);
}

static void sqlite_consent(sqlite3_stmt *s)
{
	blob(s, 1, id);
	text(s, 2, FROM);
	text(s, 3, TO);
	blob(s, 6, from_uuid);
	blob(s, 7, to_uuid);
	sqlite3_bind_int64(s, 10, 0);
	sqlite3_bind_int64(s, 11, 1795077373123456);
	sqlite3_bind_int64(s, 12, 1795509373123456);
	sqlite3_bind_int64(s, 13, 0);
	text(s, 14, VALID_TO);
	sqlite3_bind_int64(s, 16, 0);
	text(s, 17, RIGHTS);
	text(s, 18, MESSAGE);
	text(s, 19, REDIRECT);
	sqlite3_bind_int64(s, 20, 0);
	text(s, 21, "default");
	sqlite3_bind_int64(s, 22, 1);
	blob(s, 25, event_id);
	step(s);
}

static void sqlite_event(sqlite3_stmt *s)
{
	blob(s, 1, event_id);
	sqlite3_bind_int64(s, 2, 0);
	sqlite3_bind_int64(s, 3, 1795077373123456);
	text(s, 4, TO);
	blob(s, 5, to_uuid);
	sqlite3_bind_int64(s, 6, sqlite3_last_insert_rowid(db));
	blob(s, 7, to_uuid);
	blob(s, 9, id);
	step(s);
}

static void sqlite_run(const char *path, long n, long batch)
{
	sq(sqlite3_open(path, &db), SQLITE_OK);
	sq(sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_stmt *consent = prepare(CONSENT_SQL "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	sqlite3_stmt *event = prepare(EVENT_SQL "(?,?,?,?,?,?,?,?,?)"), *feed = prepare(FEED_SQL("?", "?"));
	sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
	for (long i = 0; i < n; i++) {
		if (i % batch == 0)
			step(begin);
		ids_next();
		sqlite_consent(consent);
		sqlite_event(event);
		if (i % batch == batch - 1 || i == n - 1) {
			blob(feed, 1, to_uuid);
			blob(feed, 2, event_id);
			step(feed);
			step(commit);
		}
	}
}

/* ---- PostgreSQL ---- */

static PGconn *pg;

static int64_t big(int64_t v)
{
	return (int64_t)htobe64((uint64_t)v);
}

static void pg_ok(PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK && s != PGRES_PIPELINE_SYNC)
		fail(PQerrorMessage(pg));
	PQclear(r);
}

struct param {
	char kind; /* i t b, or 0 for NULL */
	const void *p;
};

static void pg_send(const char *name, const struct param *v, int n)
{
	static int64_t ints[32];
	const char *values[32] = { 0 };
	int lengths[32] = { 0 }, formats[32] = { 0 };

	for (int i = 0; i < n; i++) {
		formats[i] = 1;
		values[i] = v[i].p;
		lengths[i] = v[i].kind == 'b' ? 16 : v[i].kind == 'i' ? 8 : v[i].p ? (int)strlen(v[i].p) : 0;
		if (v[i].kind == 'i') {
			ints[i] = big(*(const int64_t *)v[i].p);
			values[i] = (const char *)&ints[i];
		}
	}
	if (!PQsendQueryPrepared(pg, name, n, values, lengths, formats, 1))
		fail(PQerrorMessage(pg));
}

static void pg_prepare(const char *name, const char *sql, const char *sig)
{
	Oid types[32];
	int n = 0;

	for (const char *p = sig; *p; p++)
		types[n++] = *p == 'i' ? 20 : *p == 'b' ? 17 : 25;
	pg_ok(PQprepare(pg, name, sql, n, types));
}

static const int64_t zero = 0, one = 1, created = 1795077373123456, valid_to = 1795509373123456;

static void pg_pair(void)
{
	const struct param consent[] = {
		{ 'b', id },
		{ 't', FROM },
		{ 't', TO },
		{ 0 },
		{ 0 },
		{ 'b', from_uuid },
		{ 'b', to_uuid },
		{ 0 },
		{ 0 },
		{ 'i', &zero },
		{ 'i', &created },
		{ 'i', &valid_to },
		{ 'i', &zero },
		{ 't', VALID_TO },
		{ 0 },
		{ 'i', &zero },
		{ 't', RIGHTS },
		{ 't', MESSAGE },
		{ 't', REDIRECT },
		{ 'i', &zero },
		{ 't', "default" },
		{ 'i', &one },
		{ 0 },
		{ 0 },
		{ 'b', event_id },
	};
	const struct param event[] = { { 'b', event_id }, { 'i', &zero },   { 'i', &created }, { 't', TO },
				       { 'b', to_uuid },  { 'b', to_uuid }, { 'b', id } };

	pg_send("consent", consent, 25);
	pg_send("event", event, 7);
}

static void pg_drain(long results)
{
	for (long got = 0; got < results;) {
		PGresult *r = PQgetResult(pg);
		if (!r)
			continue; /* the NULL between two statements */
		got++;
		pg_ok(r);
	}
}

static void pg_run(const char *uri, long n, long batch)
{
	pg = PQconnectdb(uri);
	if (PQstatus(pg) != CONNECTION_OK)
		fail(PQerrorMessage(pg));
	pg_prepare("consent",
		   CONSENT_SQL
		   "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25)",
		   "bttttbbbbiiiittittti"
		   "titt"
		   "b");
	pg_prepare("event", EVENT_SQL "($1,$2,$3,$4,$5,lastval(),$6,NULL,$7)", "biitbbb");
	pg_prepare("feed", FEED_SQL("$1", "$2"), "bb");
	pg_prepare("begin", "BEGIN", "");
	pg_prepare("commit", "COMMIT", "");
	if (!PQenterPipelineMode(pg))
		fail("pipeline mode");
	for (long i = 0; i < n;) {
		long in_batch = 0;
		pg_send("begin", NULL, 0);
		for (; in_batch < batch && i < n; in_batch++, i++) {
			ids_next();
			pg_pair();
		}
		const struct param feed[] = { { 'b', to_uuid }, { 'b', event_id } };
		pg_send("feed", feed, 2);
		pg_send("commit", NULL, 0);
		if (!PQpipelineSync(pg))
			fail(PQerrorMessage(pg));
		pg_drain(2 * in_batch + 4);
	}
	PQfinish(pg);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	long n = strtol(argv[2], NULL, 10), batch = strtol(argv[3], NULL, 10);
	if (n < 1 || batch < 1)
		return 2;
	double t = cpu_us();
	if (strncmp(argv[1], "sqlite:", 7) == 0)
		sqlite_run(argv[1] + 7, n, batch);
	else
		pg_run(argv[1], n, batch);
	printf("{\"cpu_us\":%.3f}\n", (cpu_us() - t) / (double)n);
	return 0;
}
