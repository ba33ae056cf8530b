#include "jose_t.h"

static void test_signer__signs_with_the_keys_own_algorithm(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct jwk *k = key_new((enum jose_alg)i);
		struct signer *s = signer_local(k);
		jwk_unref(k); /* the signer has its own reference */
		struct str token;
		struct jws parsed;
		CHECK_RC(signer_sign(s, &a, STR("\"typ\":\"JWT\""), STR("{}"), &token), RC_OK);
		CHECK_RC(jws_parse(&a, token, &parsed), RC_OK);
		CHECK(parsed.alg == (enum jose_alg)i);
		CHECK_RC(jws_verify(&parsed, signer_key(s)), RC_OK);
		signer_destroy(s);
	}
	arena_finish(&a);
}

static void test_signer__public_keys_are_denied(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_RSA_JWK_PUBLIC));
	struct signer *s = signer_local(k);
	struct str token;
	CHECK_RC(signer_sign(s, &a, STR_NONE, STR("{}"), &token), RC_DENIED);
	signer_destroy(s);
	signer_destroy(NULL);
	jwk_unref(k);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_signer__signs_with_the_keys_own_algorithm),
       cmocka_unit_test(test_signer__public_keys_are_denied))
