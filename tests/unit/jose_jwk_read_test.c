#include "jose_t.h"

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
	CHECK_RC(jwks_find(&set, STR("2011-04-29"), JOSE_RS256, &k), RC_OK);
	CHECK(k == set.keys[0]);
	CHECK_RC(jwks_find(&set, STR("2011-04-2"), JOSE_RS256, &k), RC_NOT_FOUND);
	CHECK_RC(jwks_find(&set, STR(""), JOSE_RS256, &k), RC_NOT_FOUND);
	CHECK_RC(jwks_find(&set, STR_NONE, JOSE_RS256, &k), RC_NOT_FOUND);
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

/* ---- published sets ---- */

struct skips {
	size_t n;
	struct str kid;
	const char *why;
};

static void skip_note(void *ctx, struct str kid, const char *why)
{
	struct skips *s = ctx;
	s->n++;
	s->kid = kid;
	s->why = why;
}

static enum rc published(struct arena *a, struct str json, struct skips *skips, struct jwks *out)
{
	*skips = (struct skips){ .n = 0 };
	return jwks_parse_published(a, json, &(struct jwks_skip){ skip_note, skips }, out);
}

static struct str among_good(struct arena *a, const char *bad, const char *good)
{
	return arena_fmt(a, "{\"keys\":[%s,%s,%s]}", good, bad, VECTOR_ED_JWK);
}

#define BAD_KID "\"kid\":\"bad\","
#define EC_X "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""

/* RFC 7517 section 5: "that are missing required members, or for which values are out of the supported ranges" */
static void test_jwks__malformed_keys_of_others_are_skipped(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *key;
		const char *why;
	} rows[] = {
		{ "{" BAD_KID EC_X "}", "a member of the key is missing or no string" },
		{ "{" BAD_KID "\"kty\":\"RSA\",\"e\":\"AQAB\"}", "a member of the key is missing or no string" },
		{ "{" BAD_KID "\"kty\":\"RSA\",\"n\":\"AQAB==\",\"e\":\"AQAB\"}",
		  "a member of the key is no base64url" },
		{ "{" BAD_KID "\"kty\":\"RSA\",\"n\":\"AAEC\",\"e\":\"AQAB\"}", "a number begins with a zero octet" },
		{ "{" BAD_KID "\"e\":\"AQAB\"}", "kty is missing or no string" },
		{ "{" BAD_KID "\"kty\":\"RSA\",\"kty\":\"RSA\"}", "a member of the key stands twice" },
		{ "{" BAD_KID "\"x5c\":[\"MAA=\"],\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
		  "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		  "x5c is not the certificate of this key" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct skips skips;
		struct jwks set;
		struct str json = among_good(&a, rows[i].key, VECTOR_THUMBPRINT_JWK);
		CHECK_RC(jwks_parse(&a, json, &set), RC_INVALID);
		CHECK_RC(published(&a, json, &skips, &set), RC_OK);
		assert_int_equal(set.n, 2);
		assert_int_equal(skips.n, 1);
		CHECK_STR(skips.kid, STR("bad"));
		assert_string_equal(skips.why, rows[i].why);
		jwks_finish(&set);
		CHECK_RC(jwks_parse_published(&a, json, NULL, &set), RC_OK);
		jwks_finish(&set);
	}
	arena_finish(&a);
}

/* A kid is text of another party, so an unsound one is not told. */
static void test_jwks__keys_without_a_sound_kid_are_skipped_too(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const keys[] = {
		"1", "null", "[]", "{}", "{\"kty\":\"EC\",\"kid\":3}", "{\"kid\":\"a\\nb\"}"
	};
	for (size_t i = 0; i < LEN(keys); i++) {
		struct skips skips;
		struct jwks set;
		CHECK_RC(published(&a, among_good(&a, keys[i], VECTOR_EC_JWK), &skips, &set), RC_OK);
		CHECK(set.n == 2 && skips.n == 1 && !skips.kid.p);
		jwks_finish(&set);
	}
	struct skips skips;
	struct jwks set;
	CHECK_RC(published(&a, among_good(&a, "{\"kty\":\"oct\",\"k\":\"AA\"}", VECTOR_EC_JWK), &skips, &set), RC_OK);
	CHECK(set.n == 2 && skips.n == 0); /* another kind of key is no fault */
	jwks_finish(&set);
	arena_finish(&a);
}

static void test_jwks__what_is_no_set_of_another_is_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const texts[] = {
		"",   "[]", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "{\"keys\":[{\"a\":1,\"a\":1}],\"keys\":[]}",
		"{}", "1",  "{\"keys\":[}",
	};
	struct jwks set;
	struct skips skips;
	for (size_t i = 0; i < LEN(texts); i++)
		CHECK_RC(published(&a, str_of(texts[i]), &skips, &set), RC_INVALID);
	CHECK_RC(published(&a, set_of(&a, "1", JWKS_MAX + 1), &skips, &set), RC_TOO_LARGE);
	CHECK_RC(published(&a, set_of(&a, "1", JWKS_MAX), &skips, &set), RC_OK);
	CHECK(set.n == 0 && skips.n == JWKS_MAX);
	CHECK_RC(published(&a, STR("{\"more\":1,\"more\":2,\"keys\":[" VECTOR_ED_JWK "]}"), &skips, &set), RC_OK);
	CHECK(set.n == 1 && skips.n == 0);
	jwks_finish(&set);
	arena_finish(&a);
}

static struct str keyed(struct arena *a, const char *key, const char *members)
{
	return with_member(a, str_of(key), members);
}

/* RFC 7517 section 4.5: equivalent alternatives may share a kid. */
static void test_jwks__of_keys_with_one_kid_the_fitting_one_counts(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str keys[] = {
		keyed(&a, VECTOR_RSA_JWK_PUBLIC, "\"kid\":\"k\",\"alg\":\"RS512\""),
		keyed(&a, VECTOR_EC_JWK, "\"kid\":\"k\""),
		keyed(&a, VECTOR_RSA_JWK_PUBLIC, "\"kid\":\"k\""),
		keyed(&a, VECTOR_RSA_JWK_PUBLIC, "\"kid\":\"k\",\"alg\":\"RS256\""),
	};
	static const struct {
		enum jose_alg alg;
		size_t want;
	} rows[] = { { JOSE_RS512, 0 }, { JOSE_ES256, 1 }, { JOSE_RS384, 2 }, { JOSE_RS256, 3 } };
	for (size_t first = 0; first < LEN(keys); first++) {
		struct buf b = BUF(&a);
		for (size_t i = 0; i < LEN(keys); i++)
			buf_fmt(&b, "%s%.*s", i ? "," : "", STR_FMT(keys[(first + i) % LEN(keys)]));
		struct jwks set;
		struct jwk *k;
		CHECK_RC(jwks_parse(&a, arena_fmt(&a, "{\"keys\":[%.*s]}", STR_FMT(buf_str(&b))), &set), RC_OK);
		for (size_t i = 0; i < LEN(rows); i++) {
			CHECK_RC(jwks_find(&set, STR("k"), rows[i].alg, &k), RC_OK);
			CHECK(k == set.keys[(rows[i].want + LEN(keys) - first) % LEN(keys)]);
		}
		CHECK_RC(jwks_find(&set, STR("k"), JOSE_EDDSA, &k), RC_OK); /* none allows it: the first */
		CHECK(k == set.keys[0]);
		jwks_finish(&set);
	}
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_jwk__unsound_keys_are_refused_with_a_reason),
       cmocka_unit_test(test_jwk__what_is_no_object_is_refused),
       cmocka_unit_test(test_jwk__key_ops_with_sign_or_verify_are_fine), cmocka_unit_test(test_jwk__rsa_sizes),
       cmocka_unit_test(test_jwks__what_is_not_supported_is_skipped),
       cmocka_unit_test(test_jwks__malformed_sets_are_refused), cmocka_unit_test(test_jwks__checked_once),
       cmocka_unit_test(test_jwks__at_most_so_many_keys),
       cmocka_unit_test(test_jwks__malformed_keys_of_others_are_skipped),
       cmocka_unit_test(test_jwks__keys_without_a_sound_kid_are_skipped_too),
       cmocka_unit_test(test_jwks__what_is_no_set_of_another_is_refused),
       cmocka_unit_test(test_jwks__of_keys_with_one_kid_the_fitting_one_counts))
