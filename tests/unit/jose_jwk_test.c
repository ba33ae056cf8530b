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

struct refusal {
	const char *text, *from, *to; /* the first `from` becomes `to` */
	const char *why;
};

/* clang-format off */
static const struct refusal refusals[] = {
	{ VECTOR_RSA_JWK, "\"kty\":\"RSA\",", "", "kty is missing or no string" },
	{ VECTOR_RSA_JWK, "\"RSA\"", "null", "kty is missing or no string" },
	{ VECTOR_RSA_JWK, "\"RSA\"", "\"oct\"", "kty is not RSA, EC or OKP" },
	{ VECTOR_RSA_JWK, "\"RSA\"", "\"rsa\"", "kty is not RSA, EC or OKP" },
	{ VECTOR_RSA_JWK, "{", "{\"use\":\"enc\",", "use is not sig" },
	{ VECTOR_RSA_JWK, "{", "{\"use\":1,", "use is no string" },
	{ VECTOR_RSA_JWK, "{", "{\"key_ops\":[],", "key_ops has neither sign nor verify" },
	{ VECTOR_RSA_JWK, "{", "{\"key_ops\":[\"encrypt\",\"wrapKey\"],", "key_ops has neither sign nor verify" },
	{ VECTOR_RSA_JWK, "{", "{\"key_ops\":\"sign\",", "key_ops is no array" },
	{ VECTOR_RSA_JWK, "{", "{\"key_ops\":[\"sign\",1],", "key_ops holds something else than strings" },
	{ VECTOR_RSA_JWK, "{", "{\"alg\":7,", "alg is no string" },
	{ VECTOR_RSA_JWK, "{", "{\"alg\":\"HS256\",", "alg is not supported" },
	{ VECTOR_RSA_JWK, "{", "{\"alg\":\"RSA-OAEP\",", "alg is not supported" },
	{ VECTOR_RSA_JWK, "{", "{\"alg\":\"ES256\",", "alg is of another kind of key" },
	{ VECTOR_EC_JWK, "{", "{\"alg\":\"RS256\",", "alg is of another kind of key" },
	{ VECTOR_RSA_JWK, "{", "{\"kid\":\"\",", "kid must be a string of 1 to 128 characters" },
	{ VECTOR_RSA_JWK, "{", "{\"kid\":3,", "kid must be a string of 1 to 128 characters" },
	{ VECTOR_RSA_JWK, "{", "{\"kid\":\"a\\nb\",", "kid must be a string of 1 to 128 characters" },
	{ VECTOR_RSA_JWK, "{", "{\"oth\":[],", "RSA keys with more than two primes are not supported" },
	{ VECTOR_RSA_JWK, "\"e\":\"AQAB\"", "\"f\":1", "a member of the key is missing or no string" },
	{ VECTOR_RSA_JWK, "AQAB", "", "a member of the key is empty or too long" },
	{ VECTOR_RSA_JWK, "AQAB", "AQ==", "a member of the key is no base64url" },
	{ VECTOR_RSA_JWK, "AQAB", "AQA", "e must be odd, at least 65537 and at most 32 bits long" },
	{ VECTOR_RSA_JWK, "AQAB", "AQAA", "e must be odd, at least 65537 and at most 32 bits long" },
	{ VECTOR_RSA_JWK, "AQAB", "AQ", "e must be odd, at least 65537 and at most 32 bits long" },
	{ VECTOR_RSA_JWK_PUBLIC, "AQAB", "AQAAAAE", "e must be odd, at least 65537 and at most 32 bits long" },
	{ VECTOR_RSA_JWK, "AQAB", "AAEAAQ", "a number begins with a zero octet" },
	{ VECTOR_RSA_JWK, "\"n\":\"o", "\"n\":\"AA", "a number begins with a zero octet" },
	{ VECTOR_RSA_JWK_PUBLIC, "uXpoQ\"", "uXpoA\"", "the public key is not sound" },
	{ VECTOR_RSA_JWK_PUBLIC, "{", "{\"p\":\"AQ\",", "private members without d" },
	{ VECTOR_RSA_JWK, "\"d\":\"Eq", "\"d\":\"Fq", "the private part does not fit the public part" },
	{ VECTOR_RSA_JWK, "\"dp\":\"Bw", "\"dp\":\"Cw", "the private part does not fit the public part" },
	{ VECTOR_RSA_JWK, "\"q\":\"uQ", "\"q\":\"vQ", "the private part does not fit the public part" },
	{ VECTOR_RSA_JWK, "\"qi\":", "\"qj\":", "a member of the key is missing or no string" },
	{ VECTOR_RSA_1024_JWK, "{", "{", "an RSA key must have 2048 to 8192 bits" },
	{ VECTOR_RSA_E3_JWK, "{", "{", "e must be odd, at least 65537 and at most 32 bits long" },
	{ VECTOR_EC_JWK, "\"crv\":\"P-256\",", "", "crv is missing or no string" },
	{ VECTOR_EC_JWK, "P-256", "P-384", "crv is not P-256 or Ed25519" },
	{ VECTOR_EC_JWK, "P-256", "Ed25519", "crv is not P-256 or Ed25519" },
	{ VECTOR_EC_JWK, "RVEU", "RVEQ", "the numbers are no key" },  /* not on the curve */
	{ VECTOR_EC_JWK, "RVEU", "RVE", "a member of the key is no base64url" },
	{ VECTOR_EC_JWK, "\"x\":\"f83O", "\"x\":\"", "a member of the key has the wrong length" },
	{ VECTOR_EC_JWK, "\"x\":\"f83O", "\"x\":\"AAAAf83O", "a member of the key is empty or too long" },
	{ VECTOR_EC_JWK, "-E9LI", "-E9LM", "the private part does not fit the public part" },
	{ VECTOR_ED_JWK, "Ed25519", "X25519", "crv is not P-256 or Ed25519" },
	{ VECTOR_ED_JWK, "yuf2A", "yuf2E", "the private part does not fit the public part" },
	{ VECTOR_ED_JWK, "\"x\":\"11qY", "\"x\":\"", "a member of the key has the wrong length" },
	{ VECTOR_ED_JWK, "{", "{\"x5c\":[],", "x5c must be 1 to 8 certificates in base64, of 16384 bytes at most" },
	{ VECTOR_ED_JWK, "{", "{\"x5c\":\"MAA=\",", "x5c must be 1 to 8 certificates in base64, of 16384 bytes at most" },
	{ VECTOR_ED_JWK, "{", "{\"x5c\":[\"*\"],", "x5c must be 1 to 8 certificates in base64, of 16384 bytes at most" },
	{ VECTOR_ED_JWK, "{", "{\"x5c\":[\"MAA=\"],", "x5c is not the certificate of this key" },
};
/* clang-format on */

static void test_jwk__unsound_keys_are_refused_with_a_reason(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct jwk *k = NULL;
		const char *why = NULL;
		struct str text = replaced(&a, str_of(r->text), r->from, r->to);
		enum rc rc = key_read(&a, text, &k, &why);
		if (rc != RC_INVALID || k || strcmp(why, r->why) != 0)
			fail_msg("row %zu (%s): %s, %s", i, r->why, rc_name(rc), why ? why : "no reason");
	}
	arena_finish(&a);
}

static void test_jwk__what_is_no_object_is_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const texts[] = { "[]", "null", "\"x\"", "1", "{}" };
	for (size_t i = 0; i < LEN(texts); i++) {
		struct jwk *k = NULL;
		CHECK_RC(key_read(&a, str_of(texts[i]), &k, NULL), RC_INVALID);
		CHECK(!k);
	}
	struct jwk *k = NULL;
	CHECK_RC(jwk_parse(NULL, &k, NULL), RC_INVALID);
	CHECK_RC(key_read(&a, with_member(&a, STR(VECTOR_ED_JWK), "\"kty\":\"OKP\""), &k, NULL), RC_INVALID);
	arena_finish(&a);
}

static void test_jwk__key_ops_with_sign_or_verify_are_fine(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const members[] = { "\"key_ops\":[\"verify\"]", "\"key_ops\":[\"encrypt\",\"sign\"]",
					       "\"use\":\"sig\",\"unknown\":{\"a\":[1]}" };
	for (size_t i = 0; i < LEN(members); i++)
		jwk_unref(key_of(&a, with_member(&a, STR(VECTOR_EC_JWK), members[i])));
	arena_finish(&a);
}

/* A composite number of so many bits, which is all that can be asked of a public key. */
static struct str modulus(struct arena *a, size_t bits)
{
	size_t n = (bits + 7) / 8;
	uint8_t *p = arena_alloc(a, n);
	memset(p, 0xa5, n);
	p[0] = (uint8_t)(1u << ((bits - 1) % 8));
	return arena_fmt(a, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%.*s\"}", STR_FMT(b64url(a, str_span(p, n))));
}

/* RFC 7518 section 3.3: "2048 bits or larger". */
static void test_jwk__rsa_sizes(void **state)
{
	(void)state;
	struct arena a = { 0 };
	jwk_unref(key_of(&a, modulus(&a, JOSE_RSA_MIN_BITS)));
	jwk_unref(key_of(&a, STR(VECTOR_RSA_8192_JWK)));
	static const struct {
		size_t bits;
		const char *why;
	} rows[] = { { 512, "an RSA key must have 2048 to 8192 bits" },
		     { JOSE_RSA_MIN_BITS - 1, "an RSA key must have 2048 to 8192 bits" },
		     { JOSE_RSA_MAX_BITS + 1, "an RSA key must have 2048 to 8192 bits" },
		     { JOSE_RSA_MAX_BITS + 9, "a member of the key is empty or too long" },
		     { 100000, "a member of the key is empty or too long" } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k;
		const char *why = "";
		CHECK_RC(key_read(&a, modulus(&a, rows[i].bits), &k, &why), RC_INVALID);
		assert_string_equal(why, rows[i].why);
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

/* ---- sets ---- */

static struct str set_of(struct arena *a, const char *key, size_t n)
{
	struct buf b = BUF(a);
	buf_lit(&b, "{\"keys\":[");
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s%s", i ? "," : "", key);
	buf_lit(&b, "]}");
	return buf_str(&b);
}

/* RFC 7517 section 5: "ignore JWKs within a JWK Set that use "kty" (key type) values that are not understood". */
static void test_jwks__what_is_not_supported_is_skipped(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct buf b = BUF(&a);
	buf_lit(&b, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"},{\"kty\":\"AKP\"},"
		    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"\",\"y\":\"\"},"
		    "{\"kty\":\"RSA\",\"alg\":\"RSA-OAEP\"},{\"kty\":\"RSA\",\"use\":\"enc\"},");
	buf_z(&b, VECTOR_RSA_1024_JWK "," VECTOR_THUMBPRINT_JWK "," VECTOR_ED_JWK "]}");
	struct jwks set;
	struct jwk *k;
	CHECK_RC(jwks_parse(&a, buf_str(&b), &set), RC_OK);
	assert_int_equal(set.n, 2);
	CHECK_RC(jwks_find(&set, STR("2011-04-29"), &k), RC_OK);
	CHECK(k == set.keys[0]);
	CHECK_RC(jwks_find(&set, STR("2011-04-2"), &k), RC_NOT_FOUND);
	CHECK_RC(jwks_find(&set, STR(""), &k), RC_NOT_FOUND);
	CHECK_RC(jwks_find(&set, STR_NONE, &k), RC_NOT_FOUND);
	jwks_finish(&set);
	assert_int_equal(set.n, 0);
	arena_finish(&a);
}

static void test_jwks__malformed_sets_are_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const texts[] = { "",
					     "[]",
					     "{}",
					     "{\"keys\":{}}",
					     "{\"keys\":null}",
					     "{\"keys\":[1]}",
					     "{\"keys\":[{}]}",
					     "{\"keys\":[],\"keys\":[]}",
					     "{\"keys\":[]} ]",
					     "{\"keys\":[" VECTOR_ED_JWK
					     ",{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}" };
	struct jwks set = { .n = 77 };
	for (size_t i = 0; i < LEN(texts); i++)
		CHECK_RC(jwks_parse(&a, str_of(texts[i]), &set), RC_INVALID);
	assert_int_equal(set.n, 77);
	CHECK_RC(jwks_parse(&a, STR("{\"keys\":[],\"more\":1}"), &set), RC_OK);
	assert_int_equal(set.n, 0);
	arena_finish(&a);
}

/* What has been checked once is still looked at, but for the costly part. */
static void test_jwks__checked_once(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwks set = { 0 };
	const char *even = arena_cstr(&a, replaced(&a, STR(VECTOR_RSA_JWK_PUBLIC), "uXpoQ\"", "uXpoA\""));
	const char *long_e = arena_cstr(&a, replaced(&a, STR(VECTOR_RSA_JWK_PUBLIC), "AQAB", "AQAAAAE"));
	CHECK_RC(jwks_parse(&a, set_of(&a, even, 1), &set), RC_INVALID);
	CHECK_RC(jwks_parse_checked(&a, set_of(&a, even, 1), &set), RC_OK);
	assert_int_equal(set.n, 1);
	jwks_finish(&set);
	CHECK_RC(jwks_parse_checked(&a, set_of(&a, VECTOR_RSA_1024_JWK, 2), &set), RC_OK);
	assert_int_equal(set.n, 0);
	CHECK_RC(jwks_parse_checked(&a, set_of(&a, long_e, 2), &set), RC_OK);
	assert_int_equal(set.n, 0);
	CHECK_RC(jwks_parse_checked(&a, set_of(&a, VECTOR_RSA_JWK_PUBLIC, 2), &set), RC_OK);
	assert_int_equal(set.n, 2);
	jwks_finish(&set);
	arena_finish(&a);
}

static void test_jwks__at_most_so_many_keys(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwks set = { 0 };
	CHECK_RC(jwks_parse(&a, set_of(&a, VECTOR_ED_JWK, JWKS_MAX), &set), RC_OK);
	assert_int_equal(set.n, JWKS_MAX);
	jwks_finish(&set);
	CHECK_RC(jwks_parse(&a, set_of(&a, VECTOR_ED_JWK, JWKS_MAX + 1), &set), RC_TOO_LARGE);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_jwk__thumbprint_vectors),
       cmocka_unit_test(test_jwk__thumbprint_of_ec_is_over_the_sorted_members),
       cmocka_unit_test(test_jwk__sha256_vector), cmocka_unit_test(test_jwk__what_is_written_reads_back),
       cmocka_unit_test(test_jwk__every_algorithm_is_generated),
       cmocka_unit_test(test_jwk__without_alg_the_family_decides),
       cmocka_unit_test(test_jwk__unsound_keys_are_refused_with_a_reason),
       cmocka_unit_test(test_jwk__what_is_no_object_is_refused),
       cmocka_unit_test(test_jwk__key_ops_with_sign_or_verify_are_fine), cmocka_unit_test(test_jwk__rsa_sizes),
       cmocka_unit_test(test_jwk__kid_limit_counts_characters), cmocka_unit_test(test_jwk__pem),
       cmocka_unit_test(test_jwk__references), cmocka_unit_test(test_jwks__what_is_not_supported_is_skipped),
       cmocka_unit_test(test_jwks__malformed_sets_are_refused), cmocka_unit_test(test_jwks__at_most_so_many_keys),
       cmocka_unit_test(test_jwks__checked_once))
