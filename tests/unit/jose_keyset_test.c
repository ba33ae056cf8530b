#include "jose/keyset.h"

#include <pthread.h>
#include <semaphore.h>

#include "base/clock.h"
#include "jose_t.h"

#define LONG (1000 * CLOCK_SECOND)
#define SHORT 20000 /* µs */

/* Where sets are fetched: publishes the first `n` of two keys, or fails; holds a fetch when told to. */
struct site {
	struct jwk *keys[2];
	size_t n;
	bool fails;
	bool holds;
	sem_t came;
	sem_t go;
	_Atomic int fetches;
	struct keyset *set;
};

static enum rc fetch(void *ctx, struct jwks *out)
{
	struct site *s = ctx;

	atomic_fetch_add(&s->fetches, 1);
	if (s->holds) {
		sem_post(&s->came);
		while (sem_wait(&s->go) != 0)
			;
	}
	if (s->fails)
		return RC_FAIL;
	for (size_t i = 0; i < s->n; i++)
		out->keys[i] = jwk_ref(s->keys[i]);
	out->n = s->n;
	return RC_OK;
}

static void start(struct site *s, struct keyset_rule rule)
{
	*s = (struct site){ .n = 1 };
	sem_init(&s->came, 0, 0);
	sem_init(&s->go, 0, 0);
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("k1"), &s->keys[0]), RC_OK);
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("k2"), &s->keys[1]), RC_OK);
	rule.fetch = fetch;
	rule.ctx = s;
	CHECK_RC(keyset_create(&rule, &s->set), RC_OK);
}

static void stop(struct site *s)
{
	keyset_destroy(s->set);
	jwk_unref(s->keys[0]);
	jwk_unref(s->keys[1]);
	sem_destroy(&s->came);
	sem_destroy(&s->go);
}

static enum rc ask(struct site *s, struct str kid)
{
	struct jwk *key = NULL;
	enum rc rc = keyset_key(s->set, kid, JOSE_EDDSA, &key);

	CHECK((rc == RC_OK) == (key != NULL));
	jwk_unref(key);
	return rc;
}

static void test_keyset__a_fixed_set_is_never_fetched(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "{}", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"new\"}]}" };
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	struct jsw w = JSW(&b);
	struct keyset *set = NULL;
	struct jwk *k, *found;

	for (size_t i = 0; i < LEN(bad); i++)
		CHECK_RC(keyset_create_fixed(str_of(bad[i]), NULL, &set), RC_INVALID);
	CHECK(!set);
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("k1"), &k), RC_OK);
	buf_lit(&b, "{\"keys\":[");
	jwk_write_public(&w, k);
	buf_lit(&b, "]}");
	CHECK_RC(keyset_create_fixed(buf_str(&b), NULL, &set), RC_OK);
	CHECK_RC(keyset_key(set, STR("k2"), JOSE_EDDSA, &found), RC_NOT_FOUND);
	CHECK_RC(keyset_key(set, STR_NONE, JOSE_EDDSA, &found), RC_OK); /* there is no choice */
	jwk_unref(found);
	CHECK_RC(keyset_key(set, STR("k1"), JOSE_EDDSA, &found), RC_OK);
	keyset_destroy(set); /* the key outlives its set */
	CHECK_STR(jwk_kid(found), STR("k1"));
	jwk_unref(found);
	jwk_unref(k);
	keyset_destroy(NULL);
}

static void test_keyset__without_a_kid_the_only_key_answers(void **state)
{
	(void)state;
	struct site s;
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG });
	CHECK_RC(ask(&s, STR_NONE), RC_OK);
	stop(&s);
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG });
	s.n = 2;
	CHECK_RC(ask(&s, STR_NONE), RC_NOT_FOUND);
	stop(&s);
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG, .kid_required = true });
	CHECK_RC(ask(&s, STR_NONE), RC_NOT_FOUND);
	stop(&s);
}

static void test_keyset__fetches_without_a_set_wait_for_each_other(void **state)
{
	(void)state;
	struct site s;
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG });
	CHECK(s.fetches == 0);
	s.fails = true;
	CHECK_RC(ask(&s, STR("k1")), RC_BUSY);
	CHECK_RC(ask(&s, STR("k1")), RC_BUSY);
	CHECK(s.fetches == 2); /* empty_wait 0 */
	s.fails = false;
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	stop(&s);
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG, .empty_wait = LONG });
	s.fails = true;
	CHECK_RC(ask(&s, STR("k1")), RC_BUSY);
	s.fails = false;
	CHECK_RC(ask(&s, STR("k1")), RC_BUSY);
	CHECK(s.fetches == 1);
	stop(&s);
}

static void test_keyset__an_old_set_is_used_while_no_newer_one_comes(void **state)
{
	(void)state;
	struct site s;
	start(&s, (struct keyset_rule){ .max_age = 0, .wait = SHORT });
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	s.fails = true;
	CHECK_RC(ask(&s, STR("k1")), RC_OK); /* too soon after the fetch */
	CHECK(s.fetches == 1);
	usleep(SHORT);
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	CHECK(s.fetches == 2);
	usleep(SHORT);
	s.fails = false;
	s.n = 2;
	CHECK_RC(ask(&s, STR("k2")), RC_OK);
	CHECK(s.fetches == 3);
	stop(&s);
}

static void test_keyset__a_set_past_its_end_is_not_used(void **state)
{
	(void)state;
	struct site s;
	start(&s, (struct keyset_rule){ .max_age = LONG, .end_age = SHORT, .wait = LONG });
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	s.fails = true;
	usleep(SHORT);
	CHECK_RC(ask(&s, STR("k1")), RC_BUSY);
	s.fails = false;
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	CHECK(s.fetches == 3);
	stop(&s);
}

static void test_keyset__missing_keys_cause_few_fetches(void **state)
{
	(void)state;
	struct site s;
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG });
	for (int i = 0; i < 10; i++)
		CHECK_RC(ask(&s, STR("k2")), RC_NOT_FOUND);
	CHECK(s.fetches == 1);
	stop(&s);
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG, .unknown_burst = 3, .unknown_wait = LONG });
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	for (int i = 0; i < 10; i++)
		CHECK_RC(ask(&s, STR("k2")), RC_NOT_FOUND);
	CHECK(s.fetches == 1 + 3);
	stop(&s);
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = LONG, .unknown_burst = 1, .unknown_wait = SHORT });
	for (int i = 0; i < 2; i++)
		CHECK_RC(ask(&s, STR("k2")), RC_NOT_FOUND);
	CHECK(s.fetches == 2);
	usleep(SHORT);
	s.n = 2;
	CHECK_RC(ask(&s, STR("k2")), RC_OK);
	CHECK(s.fetches == 3);
	stop(&s);
}

static void test_keyset__a_failed_fetch_for_a_missing_key(void **state)
{
	(void)state;
	struct site s;
	start(&s, (struct keyset_rule){ .max_age = LONG });
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	s.fails = true;
	CHECK_RC(ask(&s, STR("k2")), RC_NOT_FOUND);
	CHECK(s.fetches == 2);
	stop(&s);
	start(&s, (struct keyset_rule){ .max_age = LONG, .wait = SHORT, .unknown_is_busy = true });
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	CHECK_RC(ask(&s, STR("k2")), RC_NOT_FOUND); /* too soon for a fetch */
	usleep(SHORT);
	s.fails = true;
	CHECK_RC(ask(&s, STR("k2")), RC_BUSY);
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	stop(&s);
}

struct caller {
	struct site *site;
	pthread_t thread;
	enum rc rc;
};

static void *caller_run(void *arg)
{
	struct caller *c = arg;

	c->rc = ask(c->site, STR("k1"));
	return NULL;
}

static void caller_start(struct caller *c, struct site *s)
{
	*c = (struct caller){ .site = s };
	CHECK(pthread_create(&c->thread, NULL, caller_run, c) == 0);
}

static void held(struct site *s)
{
	while (sem_wait(&s->came) != 0)
		;
}

static void test_keyset__callers_wait_for_one_fetch(void **state)
{
	(void)state;
	struct site s;
	struct caller callers[8];
	_Atomic int waiting = 0;
	start(&s, (struct keyset_rule){
			  .max_age = LONG, .wait = LONG, .waiting = &waiting, .max_waiting = LEN(callers) - 1 });
	s.holds = true;
	for (size_t i = 0; i < LEN(callers); i++)
		caller_start(&callers[i], &s);
	held(&s);
	while (waiting < (int)LEN(callers) - 1)
		usleep(100);
	CHECK_RC(ask(&s, STR("k1")), RC_BUSY); /* one more than may wait */
	CHECK(waiting == LEN(callers) - 1);
	sem_post(&s.go);
	for (size_t i = 0; i < LEN(callers); i++) {
		pthread_join(callers[i].thread, NULL);
		CHECK_RC(callers[i].rc, RC_OK);
	}
	CHECK(s.fetches == 1 && waiting == 0);
	stop(&s);
}

static void test_keyset__a_key_in_an_old_set_waits_for_nobody(void **state)
{
	(void)state;
	struct site s;
	struct caller lead;
	start(&s, (struct keyset_rule){ .max_age = 0, .max_waiting = 0 });
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	s.holds = true;
	caller_start(&lead, &s);
	held(&s);
	CHECK_RC(ask(&s, STR("k1")), RC_OK);
	CHECK_RC(ask(&s, STR("k2")), RC_BUSY);
	sem_post(&s.go);
	pthread_join(lead.thread, NULL);
	CHECK_RC(lead.rc, RC_OK);
	CHECK(s.fetches == 2);
	stop(&s);
}

T_MAIN(cmocka_unit_test(test_keyset__a_fixed_set_is_never_fetched),
       cmocka_unit_test(test_keyset__without_a_kid_the_only_key_answers),
       cmocka_unit_test(test_keyset__fetches_without_a_set_wait_for_each_other),
       cmocka_unit_test(test_keyset__an_old_set_is_used_while_no_newer_one_comes),
       cmocka_unit_test(test_keyset__a_set_past_its_end_is_not_used),
       cmocka_unit_test(test_keyset__missing_keys_cause_few_fetches),
       cmocka_unit_test(test_keyset__a_failed_fetch_for_a_missing_key),
       cmocka_unit_test(test_keyset__callers_wait_for_one_fetch),
       cmocka_unit_test(test_keyset__a_key_in_an_old_set_waits_for_nobody))
