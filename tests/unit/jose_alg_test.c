#include "jose_t.h"

static void test_alg__every_name_reads_back(void **state)
{
	(void)state;
	static const char *const names[] = { "RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA" };
	assert_int_equal(LEN(names), JOSE_ALG__MAX);
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		enum jose_alg alg = JOSE_ALG__MAX;
		assert_string_equal(jose_alg_name((enum jose_alg)i), names[i]);
		CHECK_RC(jose_alg_parse(str_of(names[i]), &alg), RC_OK);
		assert_int_equal(alg, i);
	}
}

static void test_alg__others_are_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "",       "none",  "None",  "HS256",    "HS512",
					     "PS384",  "PS512", "ES384", "ES256K",   "rs256",
					     "RS256 ", "RS25",  "eddsa", "RSA-OAEP", "dir" };
	enum jose_alg alg = JOSE_EDDSA;
	for (size_t i = 0; i < LEN(names); i++)
		CHECK_RC(jose_alg_parse(str_of(names[i]), &alg), RC_INVALID);
	CHECK_RC(jose_alg_parse(STR_NONE, &alg), RC_INVALID);
	assert_int_equal(alg, JOSE_EDDSA);
}

T_MAIN(cmocka_unit_test(test_alg__every_name_reads_back), cmocka_unit_test(test_alg__others_are_refused))
