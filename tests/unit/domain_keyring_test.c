#include "domain/keyring.h"
#include "domain_seed_kit.h"

static const uint8_t master[32] = { 1, 2, 3 }, other_master[32] = { 9 };

static struct str jwks_of(struct kit *k, struct keyring *ring)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	keyring_write_jwks(ring, &w);
	return buf_str(&b);
}

static struct str kid_of(struct keyring *ring)
{
	struct signer *s = NULL;
	CHECK_RC(keyring_signer(ring, &s), RC_OK);
	return jwk_kid(signer_key(s));
}

static struct str token(struct kit *k, struct keyring *ring)
{
	struct signer *s = NULL;
	struct str out = STR_NONE;
	CHECK_RC(keyring_signer(ring, &s), RC_OK);
	CHECK_RC(signer_sign(s, &k->a, STR_NONE, STR("{\"a\":1}"), &out), RC_OK);
	return out;
}

static enum rc verify(struct kit *k, struct keyring *ring, struct str compact)
{
	struct jws jws;
	CHECK_RC(jws_parse(&k->a, compact, &jws), RC_OK);
	return keyring_verify(ring, &jws);
}

static size_t published(struct kit *k, struct keyring *ring)
{
	const struct js *v;
	CHECK_RC(js_parse(&k->a, jwks_of(k, ring), NULL, &v, NULL), RC_OK);
	return js_get(v, "keys")->n;
}

static void test_keyring__sandbox_key(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL, *again = NULL;
	kit_open(&k, STORE_SANDBOX);
	struct keyring_config c = { .fixed_jwk = domain_seed("sandbox-signing-key.json") };
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
	CHECK_RC(keyring_create(k.store, &k.a, JOSE_RS256, STR("Test issuer"), master, 0, &kid), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = other_master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ 0 }, &ring), RC_OK); /* published only */
	CHECK_RC(keyring_signer(ring, &s), RC_NOT_FOUND);
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

/* A verifier may have fetched the set 24 hours before it meets a token. */
static void test_keyring__rotation(void **state)
{
	(void)state;
	struct kit k;
	struct str first, second;
	struct keyring *ring = NULL;
	const int64_t lead = 48 * CLOCK_HOUR, keep = 25 * CLOCK_HOUR;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(keyring_rotate(k.store, &k.a, JOSE_RS256, master, lead, keep, &second), RC_NOT_FOUND);
	CHECK_RC(keyring_create(k.store, &k.a, JOSE_RS256, STR("Test issuer"), master, 0, &first), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_RC(keyring_rotate(k.store, &k.a, JOSE_RS256, master, lead, keep, &second), RC_OK);
	CHECK_STR(kid_of(ring), first);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(kid_of(ring), first);
	assert_int_equal(published(&k, ring), 2); /* from now on, two days before its first use */
	struct signer *held = NULL;
	CHECK_RC(keyring_signer(ring, &held), RC_OK);

	clock_set_offset(lead - CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), first);
	struct str last_of_first = token(&k, ring);
	struct str cached = jwks_of(&k, ring);
	CHECK(str_find(cached, second) > 0);
	clock_set_offset(lead + CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), second);
	CHECK_RC(verify(&k, ring, last_of_first), RC_OK);
	clock_set_offset(lead + 24 * CLOCK_HOUR);
	assert_int_equal(published(&k, ring), 2);
	clock_set_offset(lead + keep + CLOCK_MINUTE);
	assert_int_equal(published(&k, ring), 1);
	CHECK_RC(verify(&k, ring, last_of_first), RC_DENIED);
	CHECK_STR(kid_of(ring), second);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(jwk_kid(signer_key(held)), first); /* what was borrowed stays */
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__sandbox_key_in_a_store(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL;
	const struct js *v;
	const char *why;
	struct jwk *fixed = NULL;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(keyring_create(k.store, &k.a, JOSE_RS256, STR("Test issuer"), master, 0, &kid), RC_OK);
	CHECK_RC(js_parse(&k.a, domain_seed("sandbox-signing-key.json"), NULL, &v, NULL), RC_OK);
	CHECK_RC(jwk_parse(v, &fixed, &why), RC_OK);
	struct buf b = BUF(&k.a);
	struct jsw w = JSW(&b);
	jwk_write_public(&w, fixed);
	struct key_row row = { .kid = STR("another-name"),
			       .alg = STR("RS256"),
			       .public_json = buf_str(&b),
			       .sealed = STR("x"),
			       .published = 1,
			       .active_from = 1 };
	CHECK_RC(keys_insert(k.store, &k.a, &row), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ 0 }, &ring), RC_DENIED);
	jwk_unref(fixed);
	kit_close(&k);
}

static void test_keyring__limit(void **state)
{
	(void)state;
	struct kit k;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	for (int i = 0; i < KEYRING_MAX; i++)
		CHECK_RC(keyring_create(k.store, &k.a, JOSE_ES256, STR("T"), master, 0, &kid), RC_OK);
	CHECK_RC(keyring_create(k.store, &k.a, JOSE_ES256, STR("T"), master, 0, &kid), RC_TOO_LARGE);
	CHECK_RC(keyring_rotate(k.store, &k.a, JOSE_ES256, master, 0, 0, &kid), RC_TOO_LARGE);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_keyring__sandbox_key), cmocka_unit_test(test_keyring__none),
       cmocka_unit_test(test_keyring__sealed), cmocka_unit_test(test_keyring__rotation),
       cmocka_unit_test(test_keyring__sandbox_key_in_a_store), cmocka_unit_test(test_keyring__limit))
