#include "jose/trust_cache_internal.h"

#include "t.h"

static struct jwk *key;

static int setup(void **state)
{
	(void)state;
	return jwk_generate(JOSE_ES256, STR_NONE, &key) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	jwk_unref(key);
	return 0;
}

static struct chain_id id_of(const char *leaf, const char *next, uint64_t files)
{
	const struct str der[2] = { str_of(leaf), str_of(next) };
	return trust_cache_id(der, *next ? 2 : 1, files);
}

static bool there(struct trust_cache *cache, struct chain_id id, int64_t now_s)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct org_cert c = { 0 };
	if (!trust_cache_find(cache, &id, now_s, &a, &c))
		return false;
	CHECK_STR(c.orgno, STR("810419512"));
	CHECK(c.kind == ORG_CERT_SEAL && c.key == key);
	jwk_unref(c.key);
	return true;
}

static void put(struct trust_cache *cache, struct chain_id id, int64_t from_s, int64_t until_s)
{
	const struct org_cert c = { STR("810419512"), ORG_CERT_SEAL, key };
	trust_cache_put(cache, &id, (struct trust_span){ from_s, until_s }, &c);
}

static void test_trust_cache__within_its_span_its_chain_and_its_files(void **state)
{
	(void)state;
	struct trust_cache *cache = trust_cache_create();
	put(cache, id_of("leaf", "next", 7), 100, 200);
	CHECK(there(cache, id_of("leaf", "next", 7), 100) && there(cache, id_of("leaf", "next", 7), 200));
	CHECK(!there(cache, id_of("leaf", "next", 7), 99) && !there(cache, id_of("leaf", "next", 7), 201));
	CHECK(!there(cache, id_of("leaf", "next", 8), 150));
	CHECK(!there(cache, id_of("leaf", "", 7), 150));
	CHECK(!there(cache, id_of("leafnext", "", 7), 150));
	CHECK(!there(cache, id_of("leafn", "ext", 7), 150)); /* the same bytes, cut elsewhere */
	CHECK(!there(cache, id_of("next", "leaf", 7), 150));
	trust_cache_destroy(cache);
	trust_cache_destroy(NULL);
}

static void test_trust_cache__a_newer_span_takes_the_place(void **state)
{
	(void)state;
	struct trust_cache *cache = trust_cache_create();
	put(cache, id_of("leaf", "", 1), 100, 200);
	put(cache, id_of("leaf", "", 2), 150, 300);
	CHECK(!there(cache, id_of("leaf", "", 1), 160));
	CHECK(there(cache, id_of("leaf", "", 2), 160) && !there(cache, id_of("leaf", "", 2), 140));
	trust_cache_destroy(cache);
}

/* Many more chains than places: each of the last ones is found as itself, and the first ones make room. */
static void test_trust_cache__is_bounded(void **state)
{
	(void)state;
	struct trust_cache *cache = trust_cache_create();
	char name[16];
	size_t found = 0;
	for (int i = 0; i < 4 * TRUST_CACHE_CHAINS; i++) {
		snprintf(name, sizeof name, "%d", i);
		put(cache, id_of(name, "", 1), i, i);
		CHECK(there(cache, id_of(name, "", 1), i));
	}
	for (int i = 0; i < 4 * TRUST_CACHE_CHAINS; i++) {
		snprintf(name, sizeof name, "%d", i);
		found += there(cache, id_of(name, "", 1), i);
	}
	CHECK(found <= TRUST_CACHE_CHAINS && found > TRUST_CACHE_CHAINS / 2);
	trust_cache_destroy(cache);
}

T_MAIN_WITH(setup, teardown, cmocka_unit_test(test_trust_cache__within_its_span_its_chain_and_its_files),
	    cmocka_unit_test(test_trust_cache__a_newer_span_takes_the_place),
	    cmocka_unit_test(test_trust_cache__is_bounded))
