/* bench_status FILE RUNS: CPU that it takes to bring a status list up to date in which one consent has ended since the
 * last look: reading what has ended, setting the bit, packing and signing (RS256); the median of RUNS. FILE becomes an
 * SQLite store with STATUS_LIST_SIZE - 1 consents in one list, a tenth of them withdrawn. One JSON object. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "publish/seed.h"
#include "proof/status.h"

#define MAX_RUNS 1000
#define ROWS "1048575"
#define LIVE_FIRST 1000 /* rows that are not withdrawn, for the runs */

static const char fill[] =
	"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN;"
	"WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < " ROWS ")"
	" INSERT INTO consent (key, id, from_urn, to_urn, from_uuid, to_uuid, by_owner, created, valid_to, answered,"
	" valid_to_text, status, rights, redirect_url, view_mode, template_version, last_event)"
	" SELECT k, id_of(k), 'urn:altinn:person:identifier-no:01025161013',"
	" 'urn:altinn:organization:identifier-no:810419512', id_of(-k), id_of(0), 0, 1, 4102444800000000, 1,"
	" '2100-01-01T00:00:00+00:00', CASE WHEN k > 1000 AND abs(random()) % 10 = 0 THEN 3 ELSE 2 END, '[]',"
	" 'https://bank.example/', 1, 1, id_of(k) FROM n;"
	"COMMIT;";

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_status: %s failed\n", what);
	exit(1);
}

/* Ids that follow from keys; as ids of events they are older than any that the store gives. */
static struct uuid id_of(uint64_t key)
{
	struct uuid id = { { 1 } };
	for (size_t i = 0; i < sizeof key; i++)
		id.b[sizeof id.b - 1 - i] = (uint8_t)(key >> 8 * i);
	return id;
}

static void id_function(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct uuid id = id_of((uint64_t)sqlite3_value_int64(v[0]));
	(void)n;
	sqlite3_result_blob(c, id.b, sizeof id.b, SQLITE_TRANSIENT);
}

static void rows_fill(const char *file)
{
	sqlite3 *db;
	must(sqlite3_open(file, &db) == SQLITE_OK, "sqlite3_open");
	must(sqlite3_create_function(db, "id_of", 1, SQLITE_UTF8, NULL, id_function, NULL, NULL) == SQLITE_OK,
	     "sqlite3_create_function");
	must(sqlite3_exec(db, fill, NULL, NULL, NULL) == SQLITE_OK, "the fill");
	sqlite3_close(db);
}

static struct store *store_at(struct arena *a, const char *file)
{
	struct store_config c = { .mode = STORE_SANDBOX, .migrate = true };
	struct store *s;
	struct str why;
	c.uri = arena_cstr(a, arena_fmt(a, "sqlite:%s", file));
	must(store_open(&c, &s, a, &why) == RC_OK, "store_open");
	return s;
}

static void withdraw(struct store *s, struct arena *a, struct uuid id)
{
	struct event e;
	struct urn giver = { .kind = URN_PERSON, .value = STR("01025161013") };
	struct answer w = { .id = id,
			    .to = ST_REVOKED,
			    .now = clock_now(),
			    .performed_by = giver,
			    .performed_by_uuid = id_of(1),
			    .to_uuid = id_of(2),
			    .language = STR("nb") };
	must(consents_answer(s, a, &w, &e) == RC_OK, "a withdrawal");
}

static double thread_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* CPU of one look; *bytes_out: of the list that is served then. */
static double look_us(struct status_lists *l, size_t *bytes_out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str jwt;
	int64_t since = clock_mono();
	must(status_get(l, &a, 0, since, &jwt) == RC_BUSY, "asking for the list");
	double from = thread_us();
	must(status_work(l) == RC_OK, "status_work");
	double us = thread_us() - from;
	must(status_get(l, &a, 0, since, &jwt) == RC_OK, "status_get");
	*bytes_out = jwt.n;
	return us;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void measure(struct store *store, struct status_lists *l, size_t runs)
{
	static double us[MAX_RUNS];
	struct arena a CLEANUP(arena_finish) = { 0 };
	size_t bytes;
	double whole = look_us(l, &bytes);
	for (size_t i = 0; i < runs; i++) {
		withdraw(store, &a, id_of(i + 1));
		us[i] = look_us(l, &bytes);
	}
	qsort(us, runs, sizeof *us, by_value);
	printf("{\"rebuild_us\":%.1f,\"build_ms\":%.1f,\"bytes\":%zu}\n", us[runs / 2], whole / 1e3, bytes);
}

int main(int argc, char **argv)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct keyring *keys;
	struct status_lists *l;
	size_t runs = argc == 3 ? (size_t)strtoul(argv[2], NULL, 10) : 0;
	if (runs == 0 || runs > MAX_RUNS || runs > LIVE_FIRST)
		return 2;
	store_close(store_at(&a, argv[1])); /* makes the tables */
	rows_fill(argv[1]);
	struct store *store = store_at(&a, argv[1]);
	struct keyring_config kc = { .fixed_jwks = keyring_sandbox_jwks() };
	must(keyring_open(store, &kc, &keys) == RC_OK, "keyring_open");
	struct status_config sc = { store, keys, JOSE_RS256, STR("https://consent.example"), STATUS_TTL_MAX_S };
	must(status_open(&sc, &l) == RC_OK, "status_open");
	measure(store, l, runs);
	status_close(l);
	keyring_close(keys);
	store_close(store);
	return 0;
}
