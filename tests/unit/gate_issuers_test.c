#include "gate/issuers.h"

#include <semaphore.h>

#include "base/clock.h"
#include "tiny_server.h"

#define ISS "https://issuer.example/"

/* Publishes a set; holds the first request when told to. */
struct site {
	struct tiny server;
	struct arena a;
	struct jwk *key;
	const char *jwks;
	sem_t came, go;
	bool hold;
	struct net_pool *pool;
	struct issuers *issuers;
};

static void answer(struct tiny *t, int fd, const char *request)
{
	struct site *s = t->ctx;
	(void)request;
	if (s->hold) {
		sem_post(&s->came);
		while (sem_wait(&s->go) != 0)
			;
	}
	tiny_reply(fd, s->jwks ? 200 : 500, "", s->jwks ? s->jwks : "");
}

static void publish(struct site *s)
{
	struct buf b = BUF(&s->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	jwk_write_public(&w, s->key);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	s->jwks = arena_cstr(&s->a, buf_str(&b));
}

static struct site *start(int64_t min_wait_us, int max_waiting)
{
	struct site *s = calloc(1, sizeof *s);
	struct str err;
	CHECK(s);
	sem_init(&s->came, 0, 0);
	sem_init(&s->go, 0, 0);
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k1"), &s->key), RC_OK);
	publish(s);
	tiny_start(&s->server, answer, s);
	CHECK_RC(net_pool_create(2, 8, &s->pool), RC_OK);
	const struct issuers_config c = {
		.text = arena_fmt(&s->a, " %s  %s/jwk , https://people.example/ %s/jwk enduser", ISS, s->server.url,
				  s->server.url)
				.p,
		.pool = s->pool,
		.min_wait_us = min_wait_us,
		.max_waiting = max_waiting,
	};
	CHECK_RC(issuers_create(&s->a, &c, &s->issuers, &err), RC_OK);
	return s;
}

static void stop(struct site *s)
{
	issuers_destroy(s->issuers);
	issuers_destroy(NULL);
	net_pool_destroy(s->pool);
	tiny_stop(&s->server);
	jwk_unref(s->key);
	arena_finish(&s->a);
	free(s);
}

static enum rc verified(struct site *s, struct arena *a, const char *iss, const struct jwk *key, bool *enduser_out)
{
	struct str token;
	struct jws jws;
	CHECK_RC(jws_sign(a, key, JOSE_ES256, STR_NONE, STR("{}"), &token), RC_OK);
	CHECK_RC(jws_parse(a, token, &jws), RC_OK);
	struct issued_by by = { .enduser = *enduser_out };
	enum rc rc = issuers_verify(s->issuers, str_of(iss), &jws, &by);
	*enduser_out = by.enduser;
	return rc;
}

static enum rc check(struct site *s, const struct jwk *key)
{
	bool enduser = false;
	return verified(s, &s->a, ISS, key, &enduser);
}

static void test_issuers__who_is_who(void **state)
{
	(void)state;
	struct site *s = start(CLOCK_SECOND * 1000, 1);
	bool enduser = true;
	CHECK_RC(verified(s, &s->a, "https://issuer.example", s->key, &enduser), RC_NOT_FOUND);
	CHECK(s->server.hits == 0);
	CHECK_RC(verified(s, &s->a, ISS, s->key, &enduser), RC_OK);
	CHECK(!enduser);
	CHECK_RC(verified(s, &s->a, "https://people.example/", s->key, &enduser), RC_OK);
	CHECK(enduser && s->server.hits == 2);
	stop(s);
}

static void test_issuers__unknown_keys_cause_few_fetches(void **state)
{
	(void)state;
	struct site *s = start(CLOCK_SECOND * 1000, 1);
	struct jwk *next, *forged;
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k2"), &next), RC_OK);
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k1"), &forged), RC_OK);
	CHECK_RC(check(s, s->key), RC_OK);
	for (int i = 0; i < 5; i++) {
		CHECK_RC(check(s, next), RC_DENIED);
		CHECK_RC(check(s, forged), RC_DENIED);
	}
	CHECK(s->server.hits == 1);
	stop(s);
	s = start(0, 1); /* no wait between fetches */
	CHECK_RC(check(s, s->key), RC_OK);
	CHECK_RC(check(s, next), RC_DENIED);
	CHECK(s->server.hits == 2);
	jwk_unref(s->key);
	s->key = jwk_ref(next);
	publish(s);
	CHECK_RC(check(s, next), RC_OK);
	CHECK(s->server.hits == 3);
	s->jwks = NULL; /* it fails: what is there goes on */
	CHECK_RC(check(s, forged), RC_DENIED);
	CHECK_RC(check(s, next), RC_OK);
	CHECK(s->server.hits == 4);
	jwk_unref(next);
	jwk_unref(forged);
	stop(s);
}

static void test_issuers__no_keys_is_busy(void **state)
{
	(void)state;
	static const char *const bad[] = { NULL, "no json", "{\"keys\":[]}", "{}", "[]" };
	struct site *s = start(0, 1);
	for (size_t i = 0; i < LEN(bad); i++) {
		s->jwks = bad[i];
		CHECK_RC(check(s, s->key), RC_BUSY);
	}
	publish(s);
	CHECK_RC(check(s, s->key), RC_OK);
	stop(s);
}

struct lead {
	struct site *site;
	struct arena a;
	enum rc rc;
};

static void *lead_run(void *arg)
{
	struct lead *l = arg;
	bool enduser = false;
	l->rc = verified(l->site, &l->a, ISS, l->site->key, &enduser);
	return NULL;
}

static void test_issuers__one_more_than_may_wait_is_refused(void **state)
{
	(void)state;
	struct site *s = start(0, 0);
	struct lead lead = { .site = s };
	pthread_t thread;
	s->hold = true;
	CHECK(pthread_create(&thread, NULL, lead_run, &lead) == 0);
	while (sem_wait(&s->came) != 0)
		;
	CHECK_RC(check(s, s->key), RC_BUSY); /* would wait for the fetch that is held */
	s->hold = false;
	sem_post(&s->go);
	pthread_join(thread, NULL);
	CHECK_RC(lead.rc, RC_OK);
	CHECK_RC(check(s, s->key), RC_OK);
	CHECK(s->server.hits == 1);
	arena_finish(&lead.a);
	stop(s);
}

static void test_issuers__many_at_once_share_a_fetch(void **state)
{
	(void)state;
	struct site *s = start(CLOCK_SECOND * 1000, 8);
	struct lead leads[8];
	pthread_t threads[8];
	for (size_t i = 0; i < LEN(leads); i++) {
		leads[i] = (struct lead){ .site = s };
		CHECK(pthread_create(&threads[i], NULL, lead_run, &leads[i]) == 0);
	}
	for (size_t i = 0; i < LEN(leads); i++) {
		pthread_join(threads[i], NULL);
		CHECK_RC(leads[i].rc, RC_OK);
		arena_finish(&leads[i].a);
	}
	CHECK(s->server.hits == 1);
	stop(s);
}

T_MAIN(cmocka_unit_test(test_issuers__who_is_who), cmocka_unit_test(test_issuers__unknown_keys_cause_few_fetches),
       cmocka_unit_test(test_issuers__no_keys_is_busy),
       cmocka_unit_test(test_issuers__one_more_than_may_wait_is_refused),
       cmocka_unit_test(test_issuers__many_at_once_share_a_fetch))
