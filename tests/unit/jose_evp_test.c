#include "jose_t.h"

#include <pthread.h>

/* More keys than a thread keeps contexts for, used in turn, so that every call but the first few replaces one. */
static void test_evp__more_keys_than_contexts(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *keys[40];
	struct str tokens[LEN(keys)];
	for (size_t i = 0; i < LEN(keys); i++) {
		keys[i] = key_new(JOSE_ES256);
		CHECK_RC(jws_sign(&a, keys[i], JOSE_ES256, STR_NONE, STR("{}"), &tokens[i]), RC_OK);
	}
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < LEN(keys); i++) {
			CHECK_RC(token_check(&a, tokens[i], keys[i]), RC_OK);
			CHECK_RC(token_check(&a, tokens[i], keys[(i + 1) % LEN(keys)]), RC_DENIED);
		}
	}
	for (size_t i = 0; i < LEN(keys); i++)
		jwk_unref(keys[i]);
	arena_finish(&a);
}

/* A key at the address of one that was freed must not be taken for it. */
static void test_evp__a_freed_key_is_not_remembered(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *first = key_new(JOSE_ES256);
	struct str token;
	CHECK_RC(jws_sign(&a, first, JOSE_ES256, STR_NONE, STR("{}"), &token), RC_OK);
	CHECK_RC(token_check(&a, token, first), RC_OK);
	jwk_unref(first);
	for (int i = 0; i < 50; i++) {
		struct jwk *k = key_new(JOSE_ES256);
		CHECK_RC(token_check(&a, token, k), RC_DENIED);
		jwk_unref(k);
	}
	arena_finish(&a);
}

struct shared {
	struct jwk *keys[JOSE_ALG__MAX];
	int failures[4];
};
struct job {
	struct shared *shared;
	size_t n;
};

static void *sign_and_verify(void *p)
{
	struct job *job = p;
	for (int i = 0; i < 60; i++) {
		struct arena a = { 0 };
		struct jwk *k = job->shared->keys[i % JOSE_ALG__MAX];
		struct str token;
		if (jws_sign(&a, k, jwk_alg(k), STR_NONE, STR("{\"a\":1}"), &token) != RC_OK ||
		    token_check(&a, token, k) != RC_OK)
			job->shared->failures[job->n]++;
		arena_finish(&a);
	}
	return NULL;
}

static void test_evp__one_key_in_many_threads(void **state)
{
	(void)state;
	struct shared shared = { 0 };
	for (int i = 0; i < JOSE_ALG__MAX; i++)
		shared.keys[i] = key_new((enum jose_alg)i);
	pthread_t threads[LEN(shared.failures)];
	struct job jobs[LEN(threads)];
	for (size_t i = 0; i < LEN(threads); i++) {
		jobs[i] = (struct job){ &shared, i };
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, &jobs[i]), 0);
	}
	for (size_t i = 0; i < LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(shared.failures[i], 0);
	}
	for (int i = 0; i < JOSE_ALG__MAX; i++)
		jwk_unref(shared.keys[i]);
}

T_MAIN(cmocka_unit_test(test_evp__more_keys_than_contexts), cmocka_unit_test(test_evp__a_freed_key_is_not_remembered),
       cmocka_unit_test(test_evp__one_key_in_many_threads))
