#include "keys_kit.h"

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

T_MAIN(cmocka_unit_test(test_keys_seal__rekey))
