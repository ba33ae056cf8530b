#include "jose/trust_kept.h"

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

static struct kept_id id_of(const char *leaf, const char *next, uint64_t files)
{
	const struct str der[2] = { str_of(leaf), str_of(next) };
	return kept_id(der, *next ? 2 : 1, files);
}

static bool there(struct kept *k, struct kept_id id, int64_t now_s)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct org_cert c = { 0 };
	if (!kept_find(k, &id, now_s, &a, &c))
		return false;
	CHECK_STR(c.orgno, STR("810419512"));
	CHECK(c.kind == ORG_CERT_SEAL && c.key == key);
	jwk_unref(c.key);
	return true;
}

static void put(struct kept *k, struct kept_id id, int64_t from_s, int64_t until_s)
{
	const struct org_cert c = { STR("810419512"), ORG_CERT_SEAL, key };
	kept_put(k, &id, (struct kept_span){ from_s, until_s }, &c);
}

static void test_trust_kept__within_its_span_its_chain_and_its_files(void **state)
{
	(void)state;
	struct kept *k = kept_create();
	put(k, id_of("leaf", "next", 7), 100, 200);
	CHECK(there(k, id_of("leaf", "next", 7), 100) && there(k, id_of("leaf", "next", 7), 200));
	CHECK(!there(k, id_of("leaf", "next", 7), 99) && !there(k, id_of("leaf", "next", 7), 201));
	CHECK(!there(k, id_of("leaf", "next", 8), 150));
	CHECK(!there(k, id_of("leaf", "", 7), 150));
	CHECK(!there(k, id_of("leafnext", "", 7), 150));
	CHECK(!there(k, id_of("leafn", "ext", 7), 150)); /* the same bytes, cut elsewhere */
	CHECK(!there(k, id_of("next", "leaf", 7), 150));
	kept_destroy(k);
	kept_destroy(NULL);
}

static void test_trust_kept__a_newer_span_takes_the_place(void **state)
{
	(void)state;
	struct kept *k = kept_create();
	put(k, id_of("leaf", "", 1), 100, 200);
	put(k, id_of("leaf", "", 2), 150, 300);
	CHECK(!there(k, id_of("leaf", "", 1), 160));
	CHECK(there(k, id_of("leaf", "", 2), 160) && !there(k, id_of("leaf", "", 2), 140));
	kept_destroy(k);
}

/* Many more chains than places: each of the last ones is found as itself, and the first ones make room. */
static void test_trust_kept__is_bounded(void **state)
{
	(void)state;
	struct kept *k = kept_create();
	char name[16];
	size_t found = 0;
	for (int i = 0; i < 4 * TRUST_KEPT; i++) {
		snprintf(name, sizeof name, "%d", i);
		put(k, id_of(name, "", 1), i, i);
		CHECK(there(k, id_of(name, "", 1), i));
	}
	for (int i = 0; i < 4 * TRUST_KEPT; i++) {
		snprintf(name, sizeof name, "%d", i);
		found += there(k, id_of(name, "", 1), i);
	}
	CHECK(found <= TRUST_KEPT && found > TRUST_KEPT / 2);
	kept_destroy(k);
}

T_MAIN_WITH(setup, teardown, cmocka_unit_test(test_trust_kept__within_its_span_its_chain_and_its_files),
	    cmocka_unit_test(test_trust_kept__a_newer_span_takes_the_place),
	    cmocka_unit_test(test_trust_kept__is_bounded))
