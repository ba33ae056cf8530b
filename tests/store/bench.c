/* Process CPU of one durable create: THREADS writers through the committer, and a bare loop of the same two inserts.
 * store_bench URI [THREADS [CREATES]]; one JSON line. The database is an empty one. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "store/db.h"
#include "store/store.h"

#define THREADS_MAX 256

static struct store *store;
static int creates;

static double cpu_us(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static struct consent consent_new(void)
{
	return (struct consent){
		.id = uuid_v4(),
		.from = { .kind = URN_ORG, .value = STR("991825827") },
		.to = { .kind = URN_ORG, .value = STR("810419512") },
		.from_uuid = uuid_v4(),
		.to_uuid = { { 1 } },
		.created = clock_now(),
		.valid_to = clock_now() + CLOCK_DAY,
		.valid_to_text = STR("2026-06-01T12:00:00+00:00"),
		.rights_json = STR(
			"[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":"
			"\"ttd_inntektsopplysninger\",\"version\":\"1\"}],\"metadata\":{\"inntektsaar\":\"2024\"}}]"),
		.redirect_url = STR("https://bank.example/back"),
		.template_id = STR("default"),
	};
}

static void *work(void *arg)
{
	struct arena a = { 0 };
	struct event e;
	(void)arg;
	for (int i = 0; i < creates; i++) {
		struct consent c = consent_new();
		if (consents_create(store, &a, &c, c.to, c.to_uuid, 0, &e) != RC_OK)
			abort();
		arena_reset(&a);
	}
	arena_finish(&a);
	return NULL;
}

static void bare_args(struct db_val *v, const struct consent *c, const struct uuid *event)
{
	struct db_val urn = db_text(STR("urn:altinn:organization:identifier-no:810419512"));
	const struct db_val row[] = {
		db_blob(uuid_bytes(&c->id)),
		urn,
		urn,
		DB_VAL_NULL,
		DB_VAL_NULL,
		db_blob(uuid_bytes(&c->from_uuid)),
		db_blob(uuid_bytes(&c->to_uuid)),
		DB_VAL_NULL,
		DB_VAL_NULL,
		db_int(0),
		db_int(c->created),
		db_int(c->valid_to),
		db_int(0),
		db_text(c->valid_to_text),
		DB_VAL_NULL,
		db_int(0),
		db_text(c->rights_json),
		DB_VAL_NULL,
		db_text(c->redirect_url),
		db_int(0),
		db_text(c->template_id),
		db_int(0),
		DB_VAL_NULL,
		DB_VAL_NULL,
		db_blob(uuid_bytes(event)),
		/* the event */
		db_blob(uuid_bytes(event)),
		db_int(0),
		db_int(c->created),
		urn,
		DB_VAL_NULL,
		db_blob(uuid_bytes(&c->id)),
		db_blob(uuid_bytes(event)),
	};
	memcpy(v, row, sizeof row);
}

static double bare(const char *uri, int total, int batch)
{
	struct arena a = { 0 };
	struct str err;
	const struct db_driver *d;
	struct db *db;
	if (db_driver_for(uri, &d) != RC_OK || db_open(d, &a, uri, true, &db, &err) != RC_OK)
		abort();
	struct consent *c = arena_array(&a, struct consent, (size_t)batch);
	struct uuid *events = arena_array(&a, struct uuid, (size_t)batch), last = { { 0 } };
	struct db_val *args = arena_array(&a, struct db_val, (size_t)batch * 32);
	struct db_op *ops = arena_array(&a, struct db_op, (size_t)batch * 2);
	double start = cpu_us();
	int rounds = total / batch;
	for (int r = 0; r < rounds; r++) {
		for (int i = 0; i < batch; i++) {
			c[i] = consent_new();
			events[i] = uuid_v7_after(&last, clock_real());
			bare_args(args + i * 32, &c[i], &events[i]);
			ops[2 * i] = (struct db_op){ .stmt = SQL_consent_insert, .args = args + i * 32, .n_args = 25 };
			ops[2 * i + 1] =
				(struct db_op){ .stmt = SQL_event_insert, .args = args + i * 32 + 25, .n_args = 7 };
		}
		size_t failed;
		if (db_run(db, DB_BEGIN | DB_COMMIT, ops, (size_t)batch * 2, &failed) != RC_OK)
			abort();
	}
	double us = (cpu_us() - start) / (rounds * batch);
	db_close(db);
	arena_finish(&a);
	return us;
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct str err = STR_NONE;
	pthread_t t[THREADS_MAX];
	if (argc < 2)
		return 2;
	long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 32;
	creates = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 500;
	if (threads < 1 || threads > THREADS_MAX || creates < 1)
		return 2;
	struct store_config c = { .uri = argv[1], .migrate = true };
	if (store_open(&c, &store, &a, &err) != RC_OK) {
		fprintf(stderr, "%.*s\n", STR_FMT(err));
		return 1;
	}
	double start = cpu_us();
	int64_t wall = clock_mono();
	for (long i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, work, NULL) != 0)
			return 1;
	for (long i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	wall = clock_mono() - wall;
	int total = (int)threads * creates;
	double us = (cpu_us() - start) / total;
	struct store_stats s = store_stats(store);
	store_close(store);
	int batch = (int)(s.changes / s.batches);
	double loop = bare(argv[1], total, batch > 0 ? batch : 1);
	printf("{\"create_us\":%.1f,\"bare_us\":%.1f,\"create_ratio\":%.2f,\"mean_batch\":%d,\"per_s\":%.0f}\n", us,
	       loop, us / loop, batch, total / ((double)wall / 1e6));
	arena_finish(&a);
	return 0;
}
