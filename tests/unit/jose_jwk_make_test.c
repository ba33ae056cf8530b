#include "jose_t.h"

static void test_jwk__every_algorithm_is_generated(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		enum jose_alg alg = (enum jose_alg)i;
		struct jwk *k = key_new(alg), *named;
		CHECK(jwk_has_alg(k) && jwk_alg(k) == alg && jwk_is_private(k));
		CHECK_STR(jwk_kid(k), jwk_thumbprint(k, &a));
		for (int other = 0; other < JOSE_ALG__MAX; other++)
			CHECK(jwk_allows(k, (enum jose_alg)other) == (other == i));
		struct jwk *again = key_of(&a, key_text(&a, k, true));
		CHECK(jwk_is_private(again) && jwk_alg(again) == alg);
		jwk_unref(again);
		jwk_unref(k);
		CHECK_RC(jwk_generate(alg, STR("mine"), &named), RC_OK);
		CHECK_STR(jwk_kid(named), STR("mine"));
		jwk_unref(named);
	}
	arena_finish(&a);
}

static void test_jwk__pem(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *pem;
		enum jose_alg alg;
		enum rc rc;
		bool is_private;
	} rows[] = {
		{ VECTOR_RSA_PEM, JOSE_RS256, RC_OK, true },
		{ VECTOR_RSA_PEM, JOSE_PS256, RC_OK, true },
		{ VECTOR_RSA_PUBLIC_PEM, JOSE_RS512, RC_OK, false },
		{ VECTOR_EC_PEM, JOSE_ES256, RC_OK, true },
		{ VECTOR_EC_PUBLIC_PEM, JOSE_ES256, RC_OK, false },
		{ VECTOR_ED_PEM, JOSE_EDDSA, RC_OK, true },
		{ VECTOR_RSA_PEM, JOSE_ES256, RC_INVALID, false },
		{ VECTOR_EC_PEM, JOSE_RS256, RC_INVALID, false },
		{ VECTOR_ED_PEM, JOSE_ES256, RC_INVALID, false },
		{ VECTOR_RSA_1024_PEM, JOSE_RS256, RC_INVALID, false },
		{ VECTOR_RSA_PSS_PEM, JOSE_PS256, RC_INVALID, false },
		{ VECTOR_P384_PEM, JOSE_ES256, RC_INVALID, false },
		{ VECTOR_EC_ENCRYPTED_PEM, JOSE_ES256, RC_INVALID, false },
		{ "", JOSE_RS256, RC_INVALID, false },
		{ "-----BEGIN PUBLIC KEY-----\n", JOSE_RS256, RC_INVALID, false },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k = NULL;
		CHECK_RC(jwk_from_pem(str_of(rows[i].pem), rows[i].alg, STR_NONE, &k), rows[i].rc);
		if (!k)
			continue;
		CHECK(jwk_alg(k) == rows[i].alg && jwk_has_alg(k) && jwk_is_private(k) == rows[i].is_private);
		CHECK_STR(jwk_kid(k), jwk_thumbprint(k, &a));
		jwk_unref(k);
	}
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_jwk__every_algorithm_is_generated), cmocka_unit_test(test_jwk__pem))
