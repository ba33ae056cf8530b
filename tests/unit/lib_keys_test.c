#include "lib_kit.h"
#include "tiny_server.h"

#define THREADS 32
#define ROUNDS 100

/* An issuer that publishes what it is told to. */
struct issuer {
	struct tiny server;
	struct arena a;
	pthread_mutex_t lock;
	const char *jwks, *discovery;
	int status;
	atomic_int sets, documents; /* how often each was fetched */
	struct jwk *key[2];
	struct samtykke_verifier *v;
	char iss[80], jwks_url[96];
};

static void answer(struct tiny *t, int fd, const char *request)
{
	struct issuer *is = t->ctx;

	pthread_mutex_lock(&is->lock);
	if (is->status != 200) {
		tiny_reply(fd, is->status, "", "{}");
	} else if (strncmp(request, "GET /jwks ", 10) == 0) {
		atomic_fetch_add(&is->sets, 1);
		tiny_reply(fd, 200, "", is->jwks);
	} else if (strncmp(request, "GET /.well-known/oauth-authorization-server ", 44) == 0) {
		atomic_fetch_add(&is->documents, 1);
		tiny_reply(fd, 200, "", is->discovery);
	} else {
		tiny_reply(fd, 404, "", "");
	}
	pthread_mutex_unlock(&is->lock);
}

static void publish(struct issuer *is, int status, struct str jwks)
{
	pthread_mutex_lock(&is->lock);
	is->status = status;
	is->jwks = jwks.p;
	pthread_mutex_unlock(&is->lock);
}

static struct issuer *issuer_start(bool discover, int max_age_s, int min_wait_s)
{
	struct issuer *is = calloc(1, sizeof *is);
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;

	CHECK(is);
	pthread_mutex_init(&is->lock, NULL);
	is->key[0] = key_new(JOSE_EDDSA);
	is->key[1] = key_new(JOSE_EDDSA);
	publish(is, 200, set_of(&is->a, is->key, 1));
	tiny_start(&is->server, answer, is);
	snprintf(is->iss, sizeof is->iss, "%s/", is->server.url);
	snprintf(is->jwks_url, sizeof is->jwks_url, "%s/jwks", is->server.url);
	is->discovery = arena_fmt(&is->a, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", is->iss, is->jwks_url).p;
	o.issuer = is->iss;
	o.jwks_url = discover ? NULL : is->jwks_url;
	o.jwks_max_age_s = max_age_s;
	o.jwks_min_wait_s = min_wait_s;
	CHECK_SRC(samtykke_verifier_create(&o, &is->v), SAMTYKKE_OK);
	CHECK(is->server.hits == 0); /* nothing is fetched yet */
	return is;
}

static void issuer_stop(struct issuer *is)
{
	samtykke_verifier_destroy(is->v);
	tiny_stop(&is->server);
	jwk_unref(is->key[0]);
	jwk_unref(is->key[1]);
	arena_finish(&is->a);
	pthread_mutex_destroy(&is->lock);
	free(is);
}

static struct str issued(struct issuer *is, const struct jwk *key, const char *iss)
{
	int64_t now = clock_real() / CLOCK_SECOND;

	return signed_by(&is->a, key,
			 arena_fmt(&is->a, "{\"iss\":\"%s\",\"iat\":%lld,\"exp\":%lld}", iss, (long long)now,
				   (long long)now + 600));
}

static enum samtykke_rc verified(struct issuer *is, struct str token)
{
	return samtykke_verify(is->v, token.p, token.n, NULL, NULL);
}

static void test_keys__one_fetch_serves_until_an_unknown_kid_comes(void **state)
{
	(void)state;
	struct issuer *is = issuer_start(false, 0, 1);
	struct str known = issued(is, is->key[0], is->iss), rotated = issued(is, is->key[1], is->iss);
	for (int i = 0; i < 10; i++)
		CHECK_SRC(verified(is, known), SAMTYKKE_OK);
	CHECK(is->sets == 1 && is->documents == 0);
	for (int i = 0; i < 10; i++) /* too soon after the first fetch */
		CHECK_SRC(verified(is, rotated), SAMTYKKE_UNKNOWN_KEY);
	CHECK(is->sets == 1);
	usleep(1100000);
	for (int i = 0; i < 10; i++) /* one fetch, in vain */
		CHECK_SRC(verified(is, rotated), SAMTYKKE_UNKNOWN_KEY);
	CHECK(is->sets == 2);
	publish(is, 200, set_of(&is->a, is->key + 1, 1));
	usleep(1100000);
	CHECK_SRC(verified(is, rotated), SAMTYKKE_OK);
	CHECK_SRC(verified(is, known), SAMTYKKE_UNKNOWN_KEY); /* withdrawn */
	CHECK(is->sets == 3);
	issuer_stop(is);
}

static void test_keys__a_strangers_token_causes_no_fetch(void **state)
{
	(void)state;
	struct issuer *is = issuer_start(true, 0, 1);
	CHECK_SRC(verified(is, issued(is, is->key[0], "https://stranger.test/")), SAMTYKKE_WRONG_ISSUER);
	CHECK_SRC(verified(is, STR("a.b.c")), SAMTYKKE_MALFORMED);
	CHECK(is->server.hits == 0);
	CHECK_SRC(verified(is, issued(is, is->key[0], is->iss)), SAMTYKKE_OK);
	CHECK(is->documents == 1 && is->sets == 1);
	issuer_stop(is);
}

static void test_keys__a_failing_refresh_keeps_the_old_set(void **state)
{
	(void)state;
	struct issuer *is = issuer_start(false, 1, 1);
	struct str token = issued(is, is->key[0], is->iss);
	CHECK_SRC(verified(is, token), SAMTYKKE_OK);
	static const struct {
		int status;
		const char *jwks;
	} bad[] = { { 500, "" }, { 200, "no json" }, { 200, "{\"keys\":[]}" } };
	for (size_t i = 0; i < LEN(bad); i++) {
		publish(is, bad[i].status, str_of(bad[i].jwks));
		usleep(1100000); /* too old now: fetched at the next token, in vain */
		int before = is->server.hits;
		CHECK_SRC(verified(is, token), SAMTYKKE_OK);
		CHECK_SRC(verified(is, token), SAMTYKKE_OK);
		CHECK(is->server.hits == before + 1);
	}
	publish(is, 200, set_of(&is->a, is->key + 1, 1));
	usleep(1100000);
	CHECK_SRC(verified(is, token), SAMTYKKE_UNKNOWN_KEY);
	issuer_stop(is);
}

static void test_keys__none_at_all_is_unavailable(void **state)
{
	(void)state;
	struct issuer *is = issuer_start(false, 0, 0);
	struct str token = issued(is, is->key[0], is->iss);
	publish(is, 503, STR(""));
	CHECK_SRC(verified(is, token), SAMTYKKE_UNAVAILABLE);
	CHECK_SRC(verified(is, token), SAMTYKKE_UNAVAILABLE);
	publish(is, 200, set_of(&is->a, is->key, 1)); /* without a set nothing is throttled */
	CHECK_SRC(verified(is, token), SAMTYKKE_OK);
	issuer_stop(is);
}

static void test_keys__a_discovery_document_must_name_its_issuer(void **state)
{
	(void)state;
	static const char *const t[] = {
		"{\"issuer\":\"https://stranger.test/\",\"jwks_uri\":\"%s\"}",
		"{\"jwks_uri\":\"%s\"}",
		"{\"issuer\":\"%s\"}",
		"[]",
		"x",
	};
	struct issuer *is = issuer_start(true, 0, 0);
	const char *good = is->discovery;
	struct str token = issued(is, is->key[0], is->iss);
	for (size_t i = 0; i < LEN(t); i++) {
		ptrdiff_t at = str_find(str_of(t[i]), STR("%s"));
		is->discovery = at < 0 ? t[i] : replaced(&is->a, str_of(t[i]), "%s", i == 2 ? is->iss : is->jwks_url).p;
		CHECK_SRC(verified(is, token), SAMTYKKE_UNAVAILABLE);
	}
	is->discovery = arena_fmt(&is->a, "{\"issuer\":\"%s\",\"jwks_uri\":\"file:///etc/hostname\"}", is->iss).p;
	CHECK_SRC(verified(is, token), SAMTYKKE_UNAVAILABLE);
	CHECK(is->sets == 0);
	is->discovery = good;
	/* A loaded machine may lose a connection; then the next call fetches again. */
	enum samtykke_rc rc = SAMTYKKE_UNAVAILABLE;
	for (int i = 0; i < 50 && rc == SAMTYKKE_UNAVAILABLE; i++)
		rc = verified(is, token);
	CHECK_SRC(rc, SAMTYKKE_OK);
	issuer_stop(is);
}

struct load {
	struct issuer *is;
	struct str old_token, new_token;
	atomic_int ready, wrong;
	atomic_bool rotated;
};

static void *verify_much(void *arg)
{
	struct load *l = arg;

	for (int i = 0; i < ROUNDS; i++)
		if (verified(l->is, l->old_token) != SAMTYKKE_OK)
			atomic_fetch_add(&l->wrong, 1);
	atomic_fetch_add(&l->ready, 1);
	while (!atomic_load(&l->rotated))
		usleep(1000);
	for (int i = 0; i < ROUNDS; i++)
		if (verified(l->is, l->new_token) != SAMTYKKE_OK || verified(l->is, l->old_token) != SAMTYKKE_OK)
			atomic_fetch_add(&l->wrong, 1);
	return NULL;
}

/* Everybody meets the new key at once: one fetches, and nobody is told that a good key is unknown. */
static void test_keys__rotate_under_many_threads(void **state)
{
	(void)state;
	pthread_t threads[THREADS];
	struct issuer *is = issuer_start(false, 0, 1);
	struct load l = { .is = is,
			  .old_token = issued(is, is->key[0], is->iss),
			  .new_token = issued(is, is->key[1], is->iss) };
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, verify_much, &l) == 0);
	while (atomic_load(&l.ready) < THREADS)
		usleep(1000);
	CHECK(is->sets == 1);
	publish(is, 200, set_of(&is->a, is->key, 2));
	usleep(1100000);
	atomic_store(&l.rotated, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(l.wrong == 0);
	CHECK(is->sets == 2);
	issuer_stop(is);
}

T_MAIN(cmocka_unit_test(test_keys__one_fetch_serves_until_an_unknown_kid_comes),
       cmocka_unit_test(test_keys__a_strangers_token_causes_no_fetch),
       cmocka_unit_test(test_keys__a_failing_refresh_keeps_the_old_set),
       cmocka_unit_test(test_keys__none_at_all_is_unavailable),
       cmocka_unit_test(test_keys__a_discovery_document_must_name_its_issuer),
       cmocka_unit_test(test_keys__rotate_under_many_threads))
