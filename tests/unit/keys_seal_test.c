#include "base/b64.h"
#include "freed.h"
#include "keys_kit.h"
#include "keys/seal_internal.h"

static void test_keys_seal__rekey(void **state)
{
	(void)state;
	struct kit k;
	struct str one, two;
	struct keyring *ring = NULL;
	size_t n = 0;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &one), RC_OK);
	CHECK_RC(make(&k, JOSE_EDDSA, 0, &two), RC_OK);
	CHECK_RC(keyring_rekey(k.store, &k.a, other_master, master, &n), RC_DENIED);
	CHECK_RC(keyring_rekey(k.store, &k.a, master, other_master, &n), RC_OK);
	assert_int_equal(n, 2);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = other_master }, &ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_RS256), one);
	CHECK_STR(signer_kid(ring, JOSE_EDDSA), two);
	keyring_close(ring);
	kit_close(&k);
}

/* The private part of a P-256 key, as base64url and as octets. */
#define PRIVATE "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
static const char key_text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"alg\":\"ES256\","
			       "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			       "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"" PRIVATE "\"}";

static void seal_and_open(void)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwk *k = NULL, *again = NULL;
	struct key_row row = { .kid = STR("k") };
	CHECK_RC(keyring_jwk(&a, str_of(key_text), &k), RC_OK);
	CHECK_RC(keyring_seal(&a, k, master, &row), RC_OK);
	CHECK_RC(keyring_unseal(&row, master, NULL, &again), RC_OK);
	CHECK(jwk_is_private(again));
	jwk_unref(again);
	jwk_unref(k);
}

/* Reading, sealing and unsealing leave no block of memory with the private part, in either form. */
static void test_keys_seal__leaves_no_private_octets(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str octets;
	CHECK_RC(b64url_decode(&a, STR(PRIVATE), &octets), RC_OK);
	freed_watch(STR(PRIVATE));
	seal_and_open();
	assert_int_equal(freed_seen(), 0);
	freed_watch(octets);
	seal_and_open();
	assert_int_equal(freed_seen(), 0);
}

T_MAIN(cmocka_unit_test(test_keys_seal__leaves_no_private_octets), cmocka_unit_test(test_keys_seal__rekey))
