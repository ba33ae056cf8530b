/* The store under test and what its cases share: fresh rows, readers, threads. Included once. */
#pragma once
#include "t.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "model/roles.h"
#include "store/db.h"
#include "store/status.h"

#define THREADS 16
#define NOW INT64_C(1780000000000000)

static char folder[] = "/tmp/samtykke-store-XXXXXX";
static const char *uri;
static struct store *store;
static struct arena arena;

static inline struct store *open_store(enum store_mode mode, bool migrate, bool offline, enum rc want)
{
	struct store *s = NULL;
	struct str err;
	struct store_config c = { .uri = uri, .mode = mode, .migrate = migrate, .map_mb = 16, .offline = offline };
	CHECK_RC(store_open(&c, &s, &arena, &err), want);
	CHECK(want == RC_OK || err.n > 0);
	return s;
}

static inline int setup(void **state)
{
	(void)state;
	uri = getenv("SAMTYKKE_TEST_STORE");
	if (!uri) {
		if (!mkdtemp(folder))
			return -1;
		uri = arena_cstr(&arena, arena_fmt(&arena, "sqlite:%s/store.db", folder));
	}
	open_store(STORE_SANDBOX, false, false, strncmp(uri, "sqlite:", 7) == 0 ? RC_BUSY : RC_CONFLICT);
	store = open_store(STORE_SANDBOX, true, false, RC_OK);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	store_close(store);
	static const char *const files[] = { "/store.db", "/store.db-wal", "/store.db-shm", "" };
	for (size_t i = 0; !getenv("SAMTYKKE_TEST_STORE") && i < LEN(files); i++)
		remove(arena_cstr(&arena, arena_fmt(&arena, "%s%s", folder, files[i])));
	arena_finish(&arena);
	return 0;
}

static inline bool on_sqlite(void)
{
	return strncmp(uri, "sqlite:", 7) == 0;
}

static inline struct reader *reader(bool snapshot)
{
	struct reader *r = NULL;
	CHECK_RC(reader_open(store, snapshot, &r), RC_OK);
	return r;
}

static inline int64_t version(void)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	int64_t v = 0;
	CHECK_RC(store_registry_version(r, &v), RC_OK);
	return v;
}

static inline struct str person(struct arena *a)
{
	static _Atomic int64_t next = 1017000000;
	for (;;) {
		struct str s = arena_fmt(a, "%011lld", (long long)next++);
		if (model_pid_valid(s))
			return s;
	}
}

static inline struct str bytes32(struct arena *a)
{
	char *p = arena_alloc(a, 32);
	rand_bytes(p, 32);
	return str_span(p, 32);
}

static inline struct urn org_urn(void)
{
	return (struct urn){ .kind = URN_ORG, .value = STR("810419512") };
}

static inline struct consent *consent_new(struct arena *a, struct uuid to)
{
	struct consent *c = arena_new(a, struct consent);
	*c = (struct consent){
		.id = uuid_v4(),
		.from = { .kind = URN_PERSON, .value = person(a) },
		.to = org_urn(),
		.from_uuid = uuid_v4(),
		.to_uuid = to,
		.created = NOW,
		.valid_to = NOW + CLOCK_DAY,
		.valid_to_text = STR("2026-06-01T12:00:00+00:00"),
		.rights_json = STR("[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\","
				   "\"value\":\"ttd_inntektsopplysninger\",\"version\":\"1\"}],"
				   "\"metadata\":{\"inntektsaar\":\"2024\"}}]"),
		.redirect_url = STR("https://bank.example/back?a=æ"),
		.template_id = STR("default"),
		.template_version = 3,
	};
	return c;
}

static inline enum rc create_in(struct store *s, struct arena *a, struct consent *c, struct event *e)
{
	return consents_create(s, a, c, c->to, c->to_uuid, &(struct basis){ 0 }, e);
}

static inline struct consent *created(struct arena *a)
{
	struct event e;
	struct consent *c = consent_new(a, uuid_v4());
	CHECK_RC(create_in(store, a, c, &e), RC_OK);
	return c;
}

static inline struct answer answer_of(const struct consent *c, enum consent_status to)
{
	return (struct answer){ .id = c->id,
				.to = to,
				.now = NOW + CLOCK_HOUR,
				.performed_by = c->from,
				.performed_by_uuid = c->from_uuid,
				.language = STR("nn"),
				.snapshot_json = STR("{\"t\":1}"),
				.shown_sha256 = STR("abcd") };
}

static inline enum rc answer(const struct consent *c, enum consent_status to)
{
	struct event e;
	struct answer w = answer_of(c, to);
	return consents_answer(store, &arena, &w, &e);
}

static inline struct consent *loaded(struct uuid id)
{
	struct reader *r CLEANUP(reader_closep) = reader(true);
	struct consent *c = NULL;
	CHECK_RC(consents_get(r, &arena, id, true, &c, NULL), RC_OK);
	return c;
}

/* Runs fn in THREADS threads, each with its number. */
static inline void in_threads(void *(*fn)(void *))
{
	pthread_t t[THREADS];
	for (intptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, fn, (void *)i), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}
