#include "jose_t.h"

static void test_jwk__thumbprint_vectors(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *rsa = key_of(&a, STR(VECTOR_THUMBPRINT_JWK)), *ed = key_of(&a, STR(VECTOR_ED_JWK));
	CHECK_STR(jwk_thumbprint(rsa, &a), STR("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
	CHECK_STR(jwk_thumbprint(ed, &a), STR("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
	CHECK_STR(jwk_kid(rsa), STR("2011-04-29"));
	CHECK(jwk_has_alg(rsa) && jwk_alg(rsa) == JOSE_RS256 && !jwk_is_private(rsa));
	CHECK(!jwk_kid(ed).p && !jwk_has_alg(ed) && jwk_alg(ed) == JOSE_EDDSA && jwk_is_private(ed));
	jwk_unref(rsa);
	jwk_unref(ed);
	arena_finish(&a);
}

static void test_jwk__thumbprint_of_ec_is_over_the_sorted_members(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_EC_JWK));
	struct str text = STR("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			      "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}");
	CHECK_STR(jwk_thumbprint(k, &a), b64url(&a, jose_sha256(&a, text)));
	jwk_unref(k);
	arena_finish(&a);
}

static void test_jwk__sha256_vector(void **state)
{
	(void)state;
	struct arena a = { 0 };
	CHECK_STR(b64url(&a, jose_sha256(&a, STR("abc"))), STR("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"));
	CHECK_STR(b64url(&a, jose_sha256(&a, STR_NONE)), STR("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"));
	arena_finish(&a);
}

static void test_jwk__what_is_written_reads_back(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const texts[] = { VECTOR_RSA_JWK, VECTOR_EC_JWK, VECTOR_ED_JWK };
	for (size_t i = 0; i < LEN(texts); i++) {
		struct jwk *k = key_of(&a, str_of(texts[i]));
		CHECK(jwk_is_private(k));
		struct jwk *with = key_of(&a, key_text(&a, k, true)), *without = key_of(&a, key_text(&a, k, false));
		CHECK(jwk_is_private(with) && !jwk_is_private(without));
		CHECK_STR(key_text(&a, with, true), key_text(&a, k, true));
		CHECK_STR(key_text(&a, without, true), key_text(&a, k, false));
		CHECK_STR(jwk_thumbprint(without, &a), jwk_thumbprint(k, &a));
		CHECK(str_find(key_text(&a, k, false), STR("\"d\"")) < 0);
		jwk_unref(without);
		jwk_unref(with);
		jwk_unref(k);
	}
	struct jwk *k = key_of(&a, STR(VECTOR_ED_JWK));
	CHECK_STR(key_text(&a, k, true),
		  STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
		      "\"use\":\"sig\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"));
	jwk_unref(k);
	arena_finish(&a);
}

static void test_jwk__without_alg_the_family_decides(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *text;
		bool allows[JOSE_ALG__MAX];
	} rows[] = {
		{ VECTOR_RSA_JWK_PUBLIC, { [JOSE_RS256] = true, [JOSE_RS384] = true, [JOSE_RS512] = true } },
		{ VECTOR_EC_JWK, { [JOSE_ES256] = true } },
		{ VECTOR_ED_JWK, { [JOSE_EDDSA] = true } },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k = key_of(&a, str_of(rows[i].text));
		for (int alg = 0; alg < JOSE_ALG__MAX; alg++)
			CHECK(jwk_allows(k, (enum jose_alg)alg) == rows[i].allows[alg]);
		jwk_unref(k);
	}
	arena_finish(&a);
}

static struct str repeated(struct arena *a, const char *what, size_t n)
{
	struct buf b = BUF(a);
	while (n--)
		buf_z(&b, what);
	return buf_str(&b);
}

static void test_jwk__kid_limit_counts_characters(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const units[] = { "k", "ø", "😀" };
	for (size_t i = 0; i < LEN(units); i++) {
		struct str fits = repeated(&a, units[i], JOSE_KID_MAX);
		struct str over = repeated(&a, units[i], JOSE_KID_MAX + 1);
		struct jwk *k;
		CHECK_RC(jwk_generate(JOSE_EDDSA, fits, &k), RC_OK);
		CHECK_STR(jwk_kid(k), fits);
		jwk_unref(k);
		CHECK_RC(jwk_generate(JOSE_EDDSA, over, &k), RC_INVALID);
		struct str json =
			with_member(&a, STR(VECTOR_ED_JWK), arena_fmt(&a, "\"kid\":\"%.*s\"", STR_FMT(over)).p);
		CHECK_RC(key_read(&a, json, &k, NULL), RC_INVALID);
	}
	struct jwk *k;
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR(""), &k), RC_INVALID);
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("a\x7f"), &k), RC_INVALID);
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("\xff"), &k), RC_INVALID);
	arena_finish(&a);
}

static void test_jwk__references(void **state)
{
	(void)state;
	jwk_unref(NULL);
	struct jwk *k = key_new(JOSE_EDDSA);
	CHECK(jwk_ref(k) == k);
	jwk_unref(k);
	CHECK(jwk_is_private(k));
	jwk_unref(k);
}

T_MAIN(cmocka_unit_test(test_jwk__thumbprint_vectors),
       cmocka_unit_test(test_jwk__thumbprint_of_ec_is_over_the_sorted_members),
       cmocka_unit_test(test_jwk__sha256_vector), cmocka_unit_test(test_jwk__what_is_written_reads_back),
       cmocka_unit_test(test_jwk__without_alg_the_family_decides),
       cmocka_unit_test(test_jwk__kid_limit_counts_characters), cmocka_unit_test(test_jwk__references))
