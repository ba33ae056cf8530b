/* Writers through an outage: store_outage URI SECONDS. Whoever runs it stops and starts the database meanwhile. At the
 * end what was acknowledged is there, what was refused is not, and only a commit that was on its way may be either. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store.h"

#define WRITERS 16
#define NOTES_MAX 200000

struct note {
	struct uuid id;
	enum rc rc;
};

static struct store *store;
static struct note *notes;
static _Atomic size_t n_notes;
static int64_t until;

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
		.rights_json = STR("[]"),
		.redirect_url = STR("https://bank.example/back"),
	};
}

static void *writer(void *arg)
{
	struct arena a = { 0 };
	(void)arg;
	while (clock_mono() < until && n_notes < NOTES_MAX - WRITERS) {
		struct consent c = consent_new();
		struct event e;
		enum rc rc = consents_create(store, &a, &c, c.to, c.to_uuid, 0, &e);
		notes[n_notes++] = (struct note){ c.id, rc };
		arena_reset(&a);
		usleep(rc == RC_OK ? 500 : 20000);
	}
	arena_finish(&a);
	return NULL;
}

static enum rc found(struct arena *a, struct uuid id)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	struct consent *c;
	TRY(reader_open(store, false, &r));
	return consents_get(r, a, id, false, &c, NULL);
}

static int verify(int counts[RC__MAX])
{
	struct arena a = { 0 };
	int wrong = 0;
	for (size_t i = 0; i < n_notes; i++) {
		enum rc rc = found(&a, notes[i].id);
		counts[notes[i].rc]++;
		if (notes[i].rc == RC_UNCERTAIN)
			wrong += rc != RC_OK && rc != RC_NOT_FOUND;
		else
			wrong += rc != (notes[i].rc == RC_OK ? RC_OK : RC_NOT_FOUND);
		arena_reset(&a);
	}
	arena_finish(&a);
	return wrong;
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct str err = STR_NONE;
	pthread_t t[WRITERS];
	int counts[RC__MAX] = { 0 };
	if (argc != 3)
		return 2;
	notes = arena_array(&a, struct note, NOTES_MAX);
	struct store_config c = { .uri = argv[1], .migrate = true };
	if (store_open(&c, &store, &a, &err) != RC_OK) {
		fprintf(stderr, "%.*s\n", STR_FMT(err));
		return 1;
	}
	until = clock_mono() + strtol(argv[2], NULL, 10) * CLOCK_SECOND;
	for (size_t i = 0; i < WRITERS; i++)
		if (pthread_create(&t[i], NULL, writer, NULL) != 0)
			return 1;
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(t[i], NULL);
	int wrong = verify(counts);
	for (int i = 0; i < RC__MAX; i++)
		if (counts[i])
			printf("# %s %d\n", rc_name((enum rc)i), counts[i]);
	printf("%s - what was acknowledged is there and nothing else\n", wrong || !counts[RC_OK] ? "not ok" : "ok");
	store_close(store);
	arena_finish(&a);
	return wrong != 0 || !counts[RC_OK];
}
