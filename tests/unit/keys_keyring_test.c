#include "keys_kit.h"

static void test_keyring__sandbox_key(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL, *again = NULL;
	kit_open(&k, STORE_SANDBOX);
	struct keyring_config c = { .fixed_jwks = keyring_sandbox_jwks() };
	CHECK_RC(keyring_open(k.store, &c, &ring), RC_OK);
	CHECK_RC(keyring_open(k.store, &c, &again), RC_OK);
	CHECK_STR(kid_of(ring), STR("samtykke-sandbox-1"));
	struct str jwks = jwks_of(&k, ring);
	CHECK_STR(jwks_of(&k, again), jwks); /* the certificate too */
	CHECK(str_find(jwks, STR("\"x5c\"")) > 0 && str_find(jwks, STR("\"x5t\"")) > 0);
	CHECK(str_find(jwks, STR("\"d\"")) < 0);
	struct str t = token(&k, ring);
	CHECK_RC(verify(&k, again, t), RC_OK);
	char *bad = (char *)arena_cstr(&k.a, t);
	bad[t.n - 10] = bad[t.n - 10] == 'A' ? 'B' : 'A';
	CHECK_RC(verify(&k, ring, str_span(bad, t.n)), RC_DENIED);
	keyring_close(ring);
	keyring_close(again);
	kit_close(&k);
}

static void test_keyring__none(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_NOT_FOUND);
	keyring_close(NULL);
	kit_close(&k);
}

static void test_keyring__sealed(void **state)
{
	(void)state;
	struct kit k;
	struct str kid;
	struct keyring *ring = NULL;
	struct signer *s = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &kid), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = other_master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ 0 }, &ring), RC_OK); /* published only */
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &s), RC_NOT_FOUND);
	assert_int_equal(published(&k, ring), 1);
	struct keyring *signing = NULL;
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &signing), RC_OK);
	CHECK_STR(kid_of(signing), kid);
	CHECK_RC(verify(&k, ring, token(&k, signing)), RC_OK);
	CHECK(str_find(jwks_of(&k, signing), STR("\"x5c\"")) > 0);
	keyring_close(signing);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__sandbox_key_in_a_store(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL;
	struct jwks fixed;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &kid), RC_OK);
	CHECK_RC(jwks_parse(&k.a, keyring_sandbox_jwks(), &fixed), RC_OK);
	struct buf b = BUF(&k.a);
	struct jsw w = JSW(&b);
	jwk_write_public(&w, fixed.keys[2]);
	struct key_row row = { .kid = STR("another-name"),
			       .alg = STR("ES256"),
			       .public_json = buf_str(&b),
			       .sealed = STR("x"),
			       .published = 1,
			       .active_from = 1 };
	CHECK_RC(keys_insert(k.store, &k.a, &row), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ 0 }, &ring), RC_DENIED);
	jwks_finish(&fixed);
	kit_close(&k);
}

static void test_keyring__one_key_of_each_algorithm_signs(void **state)
{
	(void)state;
	struct kit k;
	struct str rs, es, es2, ed;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &rs), RC_OK);
	CHECK_RC(make(&k, JOSE_ES256, 0, &es), RC_OK);
	CHECK_RC(make(&k, JOSE_EDDSA, CLOCK_HOUR, &ed), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_RS256), rs);
	CHECK_STR(signer_kid(ring, JOSE_ES256), es);
	CHECK_STR(signer_kid(ring, JOSE_PS256), STR("none")); /* an RSA key of another algorithm is no substitute */
	CHECK_STR(signer_kid(ring, JOSE_EDDSA), STR("none"));
	CHECK_RC(keyring_ready(ring, JOSE_ES256), RC_OK);
	CHECK_RC(keyring_ready(ring, JOSE_EDDSA), RC_NOT_FOUND);
	assert_int_equal(published(&k, ring), 3);

	CHECK_RC(rotate(&k, JOSE_PS256, -1, -1, &es2), RC_NOT_FOUND);
	CHECK_RC(rotate(&k, JOSE_ES256, -1, -1, &es2), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	clock_set_offset(KEYRING_LEAD + CLOCK_MINUTE);
	CHECK_STR(signer_kid(ring, JOSE_RS256), rs);
	CHECK_STR(signer_kid(ring, JOSE_ES256), es2);
	CHECK_STR(signer_kid(ring, JOSE_EDDSA), ed);
	clock_set_offset(KEYRING_LEAD + KEYRING_KEEP + CLOCK_MINUTE);
	CHECK(str_find(jwks_of(&k, ring), es) < 0 && str_find(jwks_of(&k, ring), rs) > 0);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__algorithms_of_tokens(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum rc rc;
	} rows[] = { { "RS256", RC_OK },      { "PS256", RC_OK },      { "ES256", RC_OK },      { "EdDSA", RC_OK },
		     { "RS384", RC_INVALID }, { "RS512", RC_INVALID }, { "HS256", RC_INVALID }, { "none", RC_INVALID },
		     { "rs256", RC_INVALID }, { "", RC_INVALID } };
	for (size_t i = 0; i < LEN(rows); i++) {
		enum jose_alg alg;
		CHECK_RC(keyring_alg(str_of(rows[i].name), &alg), rows[i].rc);
	}
}

static struct str altinn2_set(struct kit *k, struct keyring *ring)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	keyring_write_altinn2_jwks(ring, &w);
	return buf_str(&b);
}

static void test_keyring__keys_for_altinn_2(void **state)
{
	(void)state;
	struct kit k;
	struct str token_kid, kid, next;
	struct keyring *ring = NULL;
	struct signer *s = NULL;
	const char *why = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &token_kid), RC_OK);
	struct key_order o = order(JOSE_ES256);
	o.use = STR(KEY_USE_ALTINN2);
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_INVALID);
	CHECK(o.why);
	o.alg = JOSE_RS256;
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_OK); /* the first of its use signs at once */
	assert_int_equal(kid.n, 27);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_RS256), token_kid);
	CHECK_RC(keyring_altinn2_signer(ring, &s), RC_OK);
	CHECK_STR(jwk_kid(signer_key(s)), kid);
	CHECK_STR(jwk_x5t(signer_key(s), &k.a), kid);
	assert_int_equal(published(&k, ring), 1);
	struct str set = altinn2_set(&k, ring);
	CHECK(str_find(set, kid) > 0 && str_find(set, token_kid) < 0 && str_find(set, STR("==\"")) > 0);
	CHECK(str_find(set, STR("\"alg\"")) < 0);
	CHECK_RC(keyring_certify(k.store, &k.a, kid, STR("x"), &why), RC_INVALID);
	CHECK(why);

	CHECK_RC(keyring_rotate(k.store, &k.a, &o, &next), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	set = altinn2_set(&k, ring);
	CHECK(str_find(set, kid) > 0 && str_find(set, next) > str_find(set, kid)); /* secondary in good time */
	clock_set_offset(KEYRING_LEAD + CLOCK_MINUTE);
	CHECK_RC(keyring_altinn2_signer(ring, &s), RC_OK);
	CHECK_STR(jwk_kid(signer_key(s)), next);
	CHECK_STR(signer_kid(ring, JOSE_RS256), token_kid); /* another use is not replaced */
	set = altinn2_set(&k, ring);
	CHECK(str_find(set, kid) > str_find(set, next));
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_keyring__keys_for_altinn_2), cmocka_unit_test(test_keyring__sandbox_key),
       cmocka_unit_test(test_keyring__none), cmocka_unit_test(test_keyring__sealed),
       cmocka_unit_test(test_keyring__sandbox_key_in_a_store),
       cmocka_unit_test(test_keyring__one_key_of_each_algorithm_signs),
       cmocka_unit_test(test_keyring__algorithms_of_tokens))
