#include <pthread.h>

#include "gate/internal.h"
#include "t.h"

static void key_of(uint32_t n, uint8_t key[32])
{
	jose_sha256_into(str_span(&n, sizeof n), key);
}

static const struct bearer sample = {
	.consumer = STR_INIT("810419512"),
	.scope = STR_INIT("a:b"),
	.prefixes = STR_INIT("p q"),
	.level = 3,
	.exp = 100,
	.party = { { 7 } },
};

static void test_token_cache__remembers(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct token_cache *c;
	struct bearer got;
	uint8_t key[32], other[32];
	key_of(1, key);
	key_of(2, other);
	CHECK_RC(token_cache_create(&c), RC_OK);
	CHECK(!token_cache_get(c, key, 10, &a, &got));
	token_cache_put(c, key, &sample);
	CHECK(token_cache_get(c, key, 99, &a, &got));
	CHECK_STR(got.consumer, sample.consumer);
	CHECK_STR(got.scope, sample.scope);
	CHECK_STR(got.prefixes, sample.prefixes);
	CHECK(!got.supplier.p && got.level == 3 && uuid_eq(got.party, sample.party));
	CHECK(!token_cache_get(c, key, 100, &a, &got));
	CHECK(!token_cache_get(c, key, 99 - BEARER_CACHE_S, &a, &got)); /* the clock was ahead */
	CHECK(!token_cache_get(c, other, 10, &a, &got));
	token_cache_destroy(c);
	token_cache_destroy(NULL);
}

static void test_token_cache__bounded(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct token_cache *c;
	struct bearer got;
	uint8_t key[32];
	size_t kept = 0;
	CHECK_RC(token_cache_create(&c), RC_OK);
	for (uint32_t i = 0; i < 20000; i++) {
		key_of(i, key);
		token_cache_put(c, key, &sample);
		CHECK(token_cache_get(c, key, 10, &a, &got)); /* the newest is always there */
	}
	for (uint32_t i = 0; i < 20000; i++) {
		key_of(i, key);
		kept += token_cache_get(c, key, 10, &a, &got);
	}
	assert_int_equal(kept, 4096);
	token_cache_destroy(c);
}

static void test_token_cache__scope_limit(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct token_cache *c;
	struct bearer b = sample, got;
	uint8_t key[32];
	char *text = arena_alloc(&a, BEARER_MAX_SCOPE + 1);
	memset(text, 'x', BEARER_MAX_SCOPE + 1);
	CHECK_RC(token_cache_create(&c), RC_OK);
	key_of(1, key);
	b.prefixes = STR_NONE;
	b.scope = str_span(text, BEARER_MAX_SCOPE + 1);
	token_cache_put(c, key, &b);
	CHECK(!token_cache_get(c, key, 10, &a, &got));
	b.scope.n--;
	b.prefixes = STR("p"); /* the limit is of both together */
	token_cache_put(c, key, &b);
	CHECK(!token_cache_get(c, key, 10, &a, &got));
	b.prefixes = STR_NONE;
	token_cache_put(c, key, &b);
	CHECK(token_cache_get(c, key, 10, &a, &got));
	token_cache_destroy(c);
}

static void *hammer(void *cache)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct bearer got;
	uint8_t key[32];
	for (uint32_t i = 0; i < 30000; i++) {
		key_of(i % 6000, key);
		if (!token_cache_get(cache, key, 10, &a, &got))
			token_cache_put(cache, key, &sample);
		else if (!str_is(got.scope, "a:b"))
			abort();
		if (i % 256 == 0)
			arena_reset(&a);
	}
	return NULL;
}

static void test_token_cache__threads(void **state)
{
	(void)state;
	struct token_cache *c;
	pthread_t threads[4];
	CHECK_RC(token_cache_create(&c), RC_OK);
	for (size_t i = 0; i < LEN(threads); i++)
		pthread_create(&threads[i], NULL, hammer, c);
	for (size_t i = 0; i < LEN(threads); i++)
		pthread_join(threads[i], NULL);
	token_cache_destroy(c);
}

T_MAIN(cmocka_unit_test(test_token_cache__remembers), cmocka_unit_test(test_token_cache__bounded),
       cmocka_unit_test(test_token_cache__scope_limit), cmocka_unit_test(test_token_cache__threads))
