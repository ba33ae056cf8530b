#include "jose_t.h"

static void test_jws__vectors_verify(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *key, *token;
		enum jose_alg alg;
		const char *payload;
	} rows[] = {
		{ VECTOR_RSA_JWK_PUBLIC, VECTOR_RSA_TOKEN, JOSE_RS256,
		  "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}" },
		{ VECTOR_EC_JWK, VECTOR_EC_TOKEN, JOSE_ES256,
		  "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}" },
		{ VECTOR_ED_JWK, VECTOR_ED_TOKEN, JOSE_EDDSA, "Example of Ed25519 signing" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k = key_of(&a, str_of(rows[i].key));
		struct jws s;
		CHECK_RC(jws_parse(&a, str_of(rows[i].token), &s), RC_OK);
		CHECK(s.alg == rows[i].alg && !s.kid.p && !s.typ.p && js_is(s.header, JS_OBJECT));
		CHECK_STR(s.payload, str_of(rows[i].payload));
		CHECK_RC(jws_verify(&s, k), RC_OK);
		jwk_unref(k);
	}
	arena_finish(&a);
}

/* Both algorithms are deterministic: signing gives the RFCs' very text. */
static void test_jws__vectors_are_signed_to_the_byte(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const rows[][2] = { { VECTOR_RSA_JWK, VECTOR_RSA_TOKEN },
					       { VECTOR_ED_JWK, VECTOR_ED_TOKEN } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k = key_of(&a, str_of(rows[i][0]));
		struct jws s;
		struct str again;
		CHECK_RC(jws_parse(&a, str_of(rows[i][1]), &s), RC_OK);
		CHECK_RC(jws_sign(&a, k, s.alg, STR_NONE, s.payload, &again), RC_OK);
		CHECK_STR(again, str_of(rows[i][1]));
		struct str sig;
		CHECK_RC(jose_sign(&a, k, s.alg, s.signing_input, &sig), RC_OK);
		CHECK_STR(sig, s.signature);
		jwk_unref(k);
	}
	arena_finish(&a);
}

static struct jwk *public_of(struct arena *a, const struct jwk *k)
{
	return key_of(a, key_text(a, k, false));
}

static void test_jws__every_algorithm_signs_and_verifies(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct jwk *k = key_new((enum jose_alg)i), *public = public_of(&a, k),
			   *other = key_new((enum jose_alg)i);
		struct str token;
		struct jws s;
		CHECK_RC(jws_sign(&a, k, (enum jose_alg)i, STR("\"typ\":\"JWT\""), STR("{\"a\":1}"), &token), RC_OK);
		CHECK_RC(jws_parse(&a, token, &s), RC_OK);
		CHECK(s.alg == (enum jose_alg)i);
		CHECK_STR(s.kid, jwk_kid(k));
		CHECK_STR(s.typ, STR("JWT"));
		CHECK_STR(s.payload, STR("{\"a\":1}"));
		CHECK_RC(jws_verify(&s, public), RC_OK);
		CHECK_RC(jws_verify(&s, k), RC_OK);
		CHECK_RC(jws_verify(&s, other), RC_DENIED);
		CHECK_RC(jws_verify(&s, public), RC_OK);
		jwk_unref(other);
		jwk_unref(public);
		jwk_unref(k);
	}
	arena_finish(&a);
}

static void bytes_tampered(struct arena *a, const struct jwk *k, struct str header, struct str payload, struct str sig)
{
	struct str parts[] = { header, payload, sig };
	for (size_t part = 0; part < LEN(parts); part++) {
		for (size_t at = 0; at < parts[part].n; at++) {
			struct arena scratch = { 0 };
			struct str original = parts[part];
			char *copy = arena_alloc(&scratch, original.n);
			memcpy(copy, original.p, original.n);
			copy[at] = (char)(copy[at] ^ 1);
			parts[part].p = copy;
			enum rc rc = token_check(&scratch, token_of(&scratch, parts[0], parts[1], parts[2]), k);
			if (rc == RC_OK)
				fail_msg("part %zu, byte %zu: accepted", part, at);
			if (part > 0 && rc != RC_DENIED)
				fail_msg("part %zu, byte %zu: %s", part, at, rc_name(rc));
			parts[part] = original;
			arena_finish(&scratch);
		}
	}
	CHECK_RC(token_check(a, token_of(a, header, payload, sig), k), RC_OK);
}

static void test_jws__every_byte_counts(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct jwk *k = key_new((enum jose_alg)i);
		struct str token, head, rest;
		struct jws s;
		CHECK_RC(jws_sign(&a, k, (enum jose_alg)i, STR_NONE, STR("{\"sub\":\"me\"}"), &token), RC_OK);
		CHECK_RC(jws_parse(&a, token, &s), RC_OK);
		CHECK(str_cut(token, '.', &head, &rest));
		struct str header;
		CHECK_RC(b64url_decode(&a, head, &header), RC_OK);
		bytes_tampered(&a, k, header, s.payload, s.signature);
		jwk_unref(k);
	}
	arena_finish(&a);
}

static void test_jws__every_prefix_and_any_suffix_is_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const rows[][2] = { { VECTOR_RSA_JWK_PUBLIC, VECTOR_RSA_TOKEN },
					       { VECTOR_EC_JWK, VECTOR_EC_TOKEN },
					       { VECTOR_ED_JWK, VECTOR_ED_TOKEN } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k = key_of(&a, str_of(rows[i][0]));
		struct str token = str_of(rows[i][1]);
		for (size_t n = 0; n < token.n; n++)
			CHECK(token_check(&a, str_span(token.p, n), k) != RC_OK);
		static const char *const suffixes[] = { "A", "AA", "AAAA", ".", "=", "==", " ", "\n", ".AAAA" };
		for (size_t j = 0; j < LEN(suffixes); j++)
			CHECK(token_check(&a, arena_fmt(&a, "%.*s%s", STR_FMT(token), suffixes[j]), k) != RC_OK);
		CHECK(token_check(&a, arena_fmt(&a, " %.*s", STR_FMT(token)), k) == RC_INVALID);
		jwk_unref(k);
	}
	arena_finish(&a);
}

/* ---- headers ---- */

/* RFC 7515 sections 4 (names are unique), 4.1.11 (crit). */
static void test_jws__headers(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *header;
		enum rc rc;
	} rows[] = {
		{ "{\"alg\":\"RS256\"}", RC_OK },
		{ "{\"alg\":\"RS256\",\"jku\":\"https://evil.test\",\"jwk\":{},\"x5c\":[\"MAA=\"]}", RC_OK },
		{ "{\"alg\":\"RS256\",\"kid\":\"\xc3\xb8\",\"typ\":\"\"}", RC_OK },
		{ "{\"alg\":\"none\"}", RC_DENIED },
		{ "{\"alg\":\"NONE\"}", RC_DENIED },
		{ "{\"alg\":\"HS256\"}", RC_DENIED },
		{ "{\"alg\":\"PS384\"}", RC_DENIED },
		{ "{\"alg\":\"ES384\"}", RC_DENIED },
		{ "{\"alg\":\"rs256\"}", RC_DENIED },
		{ "{\"alg\":\"\"}", RC_DENIED },
		{ "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}", RC_DENIED },
		{ "{}", RC_INVALID },
		{ "[]", RC_INVALID },
		{ "\"RS256\"", RC_INVALID },
		{ "null", RC_INVALID },
		{ "", RC_INVALID },
		{ "{\"alg\":\"RS256\"", RC_INVALID },
		{ "{\"alg\":\"RS256\"}}", RC_INVALID },
		{ "{\"alg\":null}", RC_INVALID },
		{ "{\"alg\":256}", RC_INVALID },
		{ "{\"alg\":[\"RS256\"]}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"alg\":\"RS256\"}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"\\u0061lg\":\"none\"}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"kid\":\"a\",\"kid\":\"b\"}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"crit\":[\"exp\"],\"exp\":1}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"crit\":[]}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"crit\":null}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"b64\":false}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"b64\":true}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"kid\":1}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"kid\":null}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"kid\":\"\"}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"kid\":\"a\\u0007\"}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"typ\":{}}", RC_INVALID },
		{ "{\"alg\":\"RS256\",\"typ\":\"\xff\"}", RC_INVALID },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jws s = { .alg = JOSE_EDDSA };
		struct str token = token_of(&a, str_of(rows[i].header), STR("{}"), STR("sig"));
		enum rc rc = jws_parse(&a, token, &s);
		if (rc != rows[i].rc)
			fail_msg("%s: %s", rows[i].header, rc_name(rc));
		CHECK(rc == RC_OK || s.alg == JOSE_EDDSA); /* untouched */
	}
	arena_finish(&a);
}

/* RFC 7515 section 7.1: three parts; RFC 7516 section 7.1 has five. */
static void test_jws__shapes(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *token;
		enum rc rc;
	} rows[] = {
		{ "", RC_INVALID },
		{ ".", RC_INVALID },
		{ "..", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.AA", RC_OK },
		{ "eyJhbGciOiJSUzI1NiJ9..AA", RC_OK },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.", RC_OK }, /* no signature verifies */
		{ "eyJhbGciOiJub25lIn0.e30.", RC_DENIED },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.AA.", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.AA.AA", RC_INVALID },
		{ "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.AB", RC_INVALID }, /* unused bits */
		{ "eyJhbGciOiJSUzI1NiJ9.e31.AA", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30=.AA", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.A+", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9.e30.A", RC_INVALID },
		{ "eyJhbGciOiJSUzI1NiJ9 .e30.AA", RC_INVALID },
		{ "{\"payload\":\"\",\"signatures\":[]}", RC_INVALID },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jws s;
		enum rc rc = jws_parse(&a, str_of(rows[i].token), &s);
		if (rc != rows[i].rc)
			fail_msg("%s: %s", rows[i].token, rc_name(rc));
	}
	struct jws s;
	CHECK_RC(jws_parse(&a, STR_NONE, &s), RC_INVALID);
	CHECK_RC(jws_parse(&a, str_span("eyJhbGciOiJSUzI1NiJ9.e30.A\0", 27), &s), RC_INVALID);
	struct jwk *k = key_of(&a, STR(VECTOR_RSA_JWK_PUBLIC));
	CHECK_RC(token_check(&a, STR("eyJhbGciOiJSUzI1NiJ9.e30."), k), RC_DENIED);
	jwk_unref(k);
	arena_finish(&a);
}

static void test_jws__kid_limit(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (int over = 0; over <= 1; over++) {
		struct buf b = BUF(&a);
		buf_lit(&b, "{\"alg\":\"RS256\",\"kid\":\"");
		for (int i = 0; i < JOSE_KID_MAX + over; i++)
			buf_c(&b, 'k');
		buf_lit(&b, "\"}");
		struct jws s;
		CHECK_RC(jws_parse(&a, token_of(&a, buf_str(&b), STR("{}"), STR("s")), &s), over ? RC_INVALID : RC_OK);
	}
	arena_finish(&a);
}

static void test_jws__size_limit(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jws s;
	struct str head = STR("eyJhbGciOiJSUzI1NiJ9.e30.");
	char *text = arena_alloc(&a, JOSE_COMPACT_MAX + 4);
	memset(text, 'A', JOSE_COMPACT_MAX + 4);
	memcpy(text, head.p, head.n);
	/* 25 characters before the signature; it must not be 1 modulo 4 */
	CHECK_RC(jws_parse(&a, str_span(text, JOSE_COMPACT_MAX), &s), RC_OK);
	CHECK_RC(jws_parse(&a, str_span(text, JOSE_COMPACT_MAX + 1), &s), RC_TOO_LARGE);
	char *longer = arena_alloc(&a, JOSE_LONG_MAX + 4);
	memset(longer, 'A', JOSE_LONG_MAX + 4);
	memcpy(longer, head.p, head.n);
	CHECK_RC(jws_parse_long(&a, str_span(longer, JOSE_LONG_MAX), &s), RC_OK);
	CHECK_RC(jws_parse_long(&a, str_span(longer, JOSE_LONG_MAX + 1), &s), RC_TOO_LARGE);
	arena_finish(&a);
}

static void test_jws__sign_stops_at_the_same_limit(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_ED_JWK));
	size_t framing = STR(VECTOR_ED_TOKEN).n - B64URL_LEN(STR("Example of Ed25519 signing").n);
	size_t fits = (JOSE_COMPACT_MAX - framing) / 4 * 3;
	while (B64URL_LEN(fits + 1) + framing <= JOSE_COMPACT_MAX)
		fits++;
	char *payload = arena_alloc(&a, JOSE_COMPACT_MAX + 1);
	struct str token = STR_NONE;
	CHECK_RC(jws_sign(&a, k, JOSE_EDDSA, STR_NONE, str_span(payload, fits + 1), &token), RC_TOO_LARGE);
	CHECK_RC(jws_sign(&a, k, JOSE_EDDSA, STR_NONE, str_span(payload, JOSE_COMPACT_MAX + 1), &token), RC_TOO_LARGE);
	CHECK(!token.p);
	CHECK_RC(jws_sign(&a, k, JOSE_EDDSA, STR_NONE, str_span(payload, fits), &token), RC_OK);
	CHECK(token.n <= JOSE_COMPACT_MAX);
	CHECK_RC(token_check(&a, token, k), RC_OK);
	CHECK_RC(jws_sign_long(&a, k, JOSE_EDDSA, STR_NONE, str_span(payload, fits + 1), &token), RC_OK);
	CHECK(token.n > JOSE_COMPACT_MAX);
	char *longer = arena_alloc(&a, JOSE_LONG_MAX);
	CHECK_RC(jws_sign_long(&a, k, JOSE_EDDSA, STR_NONE, str_span(longer, JOSE_LONG_MAX), &token), RC_TOO_LARGE);
	struct signer *signer = signer_local(k);
	CHECK_RC(signer_sign(signer, &a, STR_NONE, str_span(payload, fits + 1), &token), RC_TOO_LARGE);
	CHECK_RC(signer_sign(signer, &a, STR_NONE, str_span(payload, fits), &token), RC_OK);
	CHECK_RC(signer_sign_long(signer, &a, STR_NONE, str_span(payload, fits + 1), &token), RC_OK);
	signer_destroy(signer);
	jwk_unref(k);
	arena_finish(&a);
}

/* ---- confusion ---- */

static void test_jws__hmac_with_the_public_key_is_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_RSA_JWK_PUBLIC));
	CHECK_RC(token_check(&a, STR(VECTOR_HS256_TOKEN), k), RC_DENIED);
	jwk_unref(k);
	arena_finish(&a);
}

/* A key of every algorithm against a token of every algorithm: only its own is accepted. */
static void test_jws__a_key_verifies_its_own_algorithm_only(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *keys[JOSE_ALG__MAX];
	for (int i = 0; i < JOSE_ALG__MAX; i++)
		keys[i] = key_new((enum jose_alg)i);
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct str token, sig = STR("untouched");
		CHECK_RC(jws_sign(&a, keys[i], (enum jose_alg)i, STR_NONE, STR("{}"), &token), RC_OK);
		for (int j = 0; j < JOSE_ALG__MAX; j++) {
			CHECK_RC(token_check(&a, token, keys[j]), i == j ? RC_OK : RC_DENIED);
			if (i == j)
				continue;
			CHECK_RC(jws_sign(&a, keys[i], (enum jose_alg)j, STR_NONE, STR("{}"), &token), RC_DENIED);
			CHECK_RC(jose_sign(&a, keys[i], (enum jose_alg)j, STR("x"), &sig), RC_DENIED);
		}
		CHECK_STR(sig, STR("untouched"));
	}
	for (int i = 0; i < JOSE_ALG__MAX; i++)
		jwk_unref(keys[i]);
	arena_finish(&a);
}

/* The same numbers under another "alg": a good signature that the key does not stand for. */
/* RFC 8725 section 3.1: "exactly one algorithm" a key. */
static void test_jws__the_declared_algorithm_binds(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *pss = key_new(JOSE_PS256);
	struct str text = key_text(&a, pss, true), token;
	struct jwk *rs256 = key_of(&a, replaced(&a, text, "\"alg\":\"PS256\"", "\"alg\":\"RS256\""));
	struct jwk *open = key_of(&a, replaced(&a, text, "\"alg\":\"PS256\",", ""));
	CHECK_RC(jws_sign(&a, pss, JOSE_PS256, STR_NONE, STR("{}"), &token), RC_OK);
	CHECK_RC(token_check(&a, token, pss), RC_OK);
	CHECK_RC(token_check(&a, token, rs256), RC_DENIED);
	CHECK_RC(token_check(&a, token, open), RC_DENIED);
	CHECK_RC(jws_sign(&a, open, JOSE_RS384, STR_NONE, STR("{}"), &token), RC_OK);
	CHECK_RC(token_check(&a, token, open), RC_OK);
	CHECK_RC(token_check(&a, token, rs256), RC_DENIED);
	CHECK_RC(token_check(&a, token, pss), RC_DENIED);
	jwk_unref(open);
	jwk_unref(rs256);
	jwk_unref(pss);
	arena_finish(&a);
}

/* A header that names another algorithm of the family over a signature made with the first. */
static void test_jws__a_renamed_algorithm_is_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_RSA_JWK));
	struct str input = STR("eyJhbGciOiJSUzM4NCJ9.e30"), sig; /* RS384 */
	CHECK_RC(jose_sign(&a, k, JOSE_RS256, input, &sig), RC_OK);
	struct str token = arena_fmt(&a, "%.*s.%.*s", STR_FMT(input), STR_FMT(b64url(&a, sig)));
	CHECK_RC(token_check(&a, token, k), RC_DENIED);
	jwk_unref(k);
	arena_finish(&a);
}

static void test_jws__ecdsa_signatures_are_two_numbers_not_der(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_EC_JWK));
	struct jws s;
	CHECK_RC(jws_parse(&a, STR(VECTOR_EC_TOKEN), &s), RC_OK);
	uint8_t der[80] = { 0x30, 0x45, 0x02, 0x20 }; /* r begins below 0x80, s at 0xc5 */
	memcpy(der + 4, s.signature.p, 32);
	memcpy(der + 36, "\x02\x21\x00", 3);
	memcpy(der + 39, s.signature.p + 32, 32);
	struct jws t = s;
	t.signature = str_span(der, 71);
	CHECK_RC(jws_verify(&t, k), RC_DENIED);
	char zeros[64] = { 0 };
	t.signature = str_span(zeros, 64);
	CHECK_RC(jws_verify(&t, k), RC_DENIED);
	memcpy(zeros, s.signature.p, 32);
	CHECK_RC(jws_verify(&t, k), RC_DENIED);
	CHECK_RC(jws_verify(&s, k), RC_OK);
	for (int i = 0; i < 200; i++) { /* short r and s come up now and then */
		struct str token;
		CHECK_RC(jws_sign(&a, k, JOSE_ES256, STR_NONE, STR("{}"), &token), RC_OK);
		CHECK_RC(token_check(&a, token, k), RC_OK);
	}
	jwk_unref(k);
	arena_finish(&a);
}

static void test_jws__public_keys_do_not_sign(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_RSA_JWK_PUBLIC));
	struct str token;
	CHECK_RC(jws_sign(&a, k, JOSE_RS256, STR_NONE, STR("{}"), &token), RC_DENIED);
	CHECK_RC(jose_sign(&a, k, JOSE_RS256, STR("x"), &token), RC_DENIED);
	jwk_unref(k);
	arena_finish(&a);
}

static void test_jws__header_is_alg_kid_then_what_is_given(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k;
	struct str token, head, rest, header;
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("a\"b"), &k), RC_OK);
	CHECK_RC(jws_sign(&a, k, JOSE_EDDSA, STR("\"typ\":\"JWT\",\"n\":1"), STR("{}"), &token), RC_OK);
	CHECK(str_cut(token, '.', &head, &rest));
	CHECK_RC(b64url_decode(&a, head, &header), RC_OK);
	CHECK_STR(header, STR("{\"alg\":\"EdDSA\",\"kid\":\"a\\\"b\",\"typ\":\"JWT\",\"n\":1}"));
	jwk_unref(k);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_jws__vectors_verify), cmocka_unit_test(test_jws__vectors_are_signed_to_the_byte),
       cmocka_unit_test(test_jws__every_algorithm_signs_and_verifies), cmocka_unit_test(test_jws__every_byte_counts),
       cmocka_unit_test(test_jws__every_prefix_and_any_suffix_is_refused), cmocka_unit_test(test_jws__headers),
       cmocka_unit_test(test_jws__shapes), cmocka_unit_test(test_jws__kid_limit),
       cmocka_unit_test(test_jws__size_limit), cmocka_unit_test(test_jws__sign_stops_at_the_same_limit),
       cmocka_unit_test(test_jws__hmac_with_the_public_key_is_refused),
       cmocka_unit_test(test_jws__a_key_verifies_its_own_algorithm_only),
       cmocka_unit_test(test_jws__the_declared_algorithm_binds),
       cmocka_unit_test(test_jws__a_renamed_algorithm_is_refused),
       cmocka_unit_test(test_jws__ecdsa_signatures_are_two_numbers_not_der),
       cmocka_unit_test(test_jws__public_keys_do_not_sign),
       cmocka_unit_test(test_jws__header_is_alg_kid_then_what_is_given))
