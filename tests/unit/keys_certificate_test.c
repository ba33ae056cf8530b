#include "base/b64.h"
#include "keys_kit.h"

static struct str pem_of(struct kit *k, struct keyring *ring, enum jose_alg alg)
{
	struct signer *s;
	const struct str *der;
	size_t n;
	CHECK_RC(keyring_signer(ring, alg, &s), RC_OK);
	CHECK_RC(jwk_x5c(signer_key(s), &der, &n), RC_OK);
	return arena_fmt(&k->a, "-----BEGIN CERTIFICATE-----\n%.*s\n-----END CERTIFICATE-----\n",
			 STR_FMT(b64(&k->a, der[0])));
}

static void test_keys_certificate__a_certificate_takes_anothers_place(void **state)
{
	(void)state;
	struct kit k, other;
	struct str kid, imported, pem;
	struct keyring *ring = NULL, *away = NULL;
	struct signer *held = NULL;
	const char *why = NULL;
	kit_open(&k, STORE_PRODUCTION);
	kit_open(&other, STORE_PRODUCTION);
	struct key_order o = order(JOSE_ES256);
	o.import = str_of(ec_pem);
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_OK);
	o.subject = STR("CN=From an authority");
	CHECK_RC(keyring_create(other.store, &other.a, &o, &imported), RC_OK);
	CHECK_RC(keyring_open(other.store, &(struct keyring_config){ .master = master }, &away), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_RC(keyring_signer(ring, JOSE_ES256, &held), RC_OK);
	pem = pem_of(&other, away, JOSE_ES256);
	CHECK_RC(keyring_certify(k.store, &k.a, STR("nobody"), pem, &why), RC_NOT_FOUND);
	CHECK_RC(keyring_certify(k.store, &k.a, kid, STR("x"), &why), RC_INVALID);
	CHECK_RC(keyring_certify(k.store, &k.a, kid, pem, &why), RC_OK);
	CHECK_STR(cert_of(&k, kid).subject, STR("CN=From an authority"));
	struct str before = jwks_of(&k, ring);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK(!str_eq(jwks_of(&k, ring), before)); /* a running server publishes it */
	assert_int_equal(published(&k, ring), 1);
	CHECK_STR(signer_kid(ring, JOSE_ES256), kid);
	CHECK_STR(jwk_kid(signer_key(held)), kid); /* what was borrowed stays */

	struct key_order with = { .master = master };
	CHECK_RC(keyring_csr(k.store, &k.a, kid, &with, &pem), RC_OK);
	CHECK(str_starts(pem, STR("-----BEGIN CERTIFICATE REQUEST-----\n")));
	with.master = other_master;
	CHECK_RC(keyring_csr(k.store, &k.a, kid, &with, &pem), RC_DENIED);
	keyring_close(ring);
	keyring_close(away);
	kit_close(&other);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_keys_certificate__a_certificate_takes_anothers_place))
