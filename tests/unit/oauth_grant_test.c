#include "base/clock.h"
#include "oauth_kit.h"

static void expect(const char *what, struct str header, struct str claims, enum oauth_fault want)
{
	struct grant g;
	enum oauth_fault got = kit_check(header, claims, &g);
	if (got != want)
		fail_msg("%s: fault %d, want %d", what, (int)got, (int)want);
}

/* RFC 7523 section 3, points 4, 5 and 6: exp, nbf, iat. */
static void test_grant__times(void **state)
{
	(void)state;
	static const struct {
		long iat, exp;
		enum oauth_fault want;
	} rows[] = {
		{ 0, 120, OF_NONE },        { 0, 121, OF_LIFETIME }, { 9, 100, OF_NONE },
		{ 11, 100, OF_NOT_YET },    { 0, 10, OF_NONE },      { -100, -9, OF_NONE },
		{ -100, -11, OF_EXPIRED },  { 0, -1, OF_LIFETIME },  { -130, -5, OF_LIFETIME },
		{ -140, -15, OF_LIFETIME },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		expect("times", STR(HEADER), kit_claims(rows[i].iat, rows[i].exp, ""), rows[i].want);
}

/* RFC 7515 section 4.1; RFC 8725 sections 3.1 (algorithms) and 3.11 (typ). */
static void test_grant__headers(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		enum oauth_fault want;
	} rows[] = {
		{ HEADER, OF_NONE },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", OF_NONE },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"jwt\"}", OF_NONE },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}", OF_ASSERTION },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"dpop+jwt\"}", OF_ASSERTION },
		{ "{\"alg\":\"PS256\",\"kid\":\"k1\"}", OF_SIGNATURE },
		{ "{\"alg\":\"ES256\",\"kid\":\"k1\"}", OF_SIGNATURE },
		{ "{\"alg\":\"HS256\",\"kid\":\"k1\"}", OF_ASSERTION },
		{ "{\"alg\":\"none\",\"kid\":\"k1\"}", OF_ASSERTION },
		{ "{\"alg\":\"RS384\",\"kid\":\"k1\"}", OF_SIGNATURE },
		{ "{\"alg\":\"RS256\",\"kid\":\"k2\"}", OF_KID_UNKNOWN },
		{ "{\"alg\":\"RS256\"}", OF_KID_REQUIRED },
		{ "{\"alg\":\"RS256\",\"x5c\":[\"MIIB\"]}", OF_KID_REQUIRED },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5c\":[\"MIIB\"]}", OF_NONE },
		{ "{\"alg\":\"RS256\",\"x5c\":\"MIIB\"}", OF_X5C },
		{ "{\"alg\":\"RS256\",\"x5c\":[]}", OF_X5C },
		{ "{\"alg\":\"RS256\",\"x5c\":[1]}", OF_X5C },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"jku\":\"https://x.example\"}", OF_ASSERTION },
		{ "{\"alg\":\"RS256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}", OF_ASSERTION },
		{ "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"k1\"}", OF_ASSERTION },
		{ "[]", OF_ASSERTION },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		expect(rows[i].header, str_of(rows[i].header), kit_claims(0, 60, ""), rows[i].want);
}

/* RFC 7523 section 3, points 1 to 3: iss, sub, aud; RFC 7519 section 4.1.3: aud as text or list. */
static void test_grant__claims(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		enum oauth_fault want;
	} rows[] = {
		{ ",\"jti\":\"a\"", OF_NONE },
		{ ",\"jti\":\"\"", OF_ASSERTION },
		{ ",\"jti\":1", OF_ASSERTION },
		{ ",\"sub\":\"" CLIENT_ID "\"", OF_NONE },
		{ ",\"sub\":\"somebody\"", OF_ASSERTION },
		{ ",\"nbf\":1800000010", OF_NONE },
		{ ",\"nbf\":1800000011", OF_ASSERTION },
		{ ",\"nbf\":\"1\"", OF_ASSERTION },
		{ ",\"extra\":1", OF_ASSERTION },
		{ ",\"consumer_orgno\":\"" OTHER_ORG "\"", OF_ASSERTION },
		{ ",\"iss_onbehalfof\":\"x\"", OF_ASSERTION },
		{ ",\"consumer_org\":\"" OTHER_ORG "\"", OF_NONE },
		{ ",\"consumer_org\":\"991825826\"", OF_ASSERTION },
		{ ",\"consumer_org\":null", OF_ASSERTION },
		{ ",\"consumer_org\":991825827", OF_ASSERTION },
		{ ",\"resource\":\"https://a.example\"", OF_NONE },
		{ ",\"resource\":[\"https://a.example\",\"urn:x:y\"]", OF_NONE },
		{ ",\"resource\":[]", OF_ASSERTION },
		{ ",\"resource\":[1]", OF_ASSERTION },
		{ ",\"resource\":{}", OF_ASSERTION },
		{ ",\"pid\":\"01859090083\"", OF_NONE },
		{ ",\"pid\":1", OF_ASSERTION },
		{ ",\"iss\":\"" CLIENT_ID "\"", OF_ASSERTION },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		expect(rows[i].more, STR(HEADER), kit_claims(0, 60, rows[i].more), rows[i].want);
}

static void test_grant__iss_and_sub_have_a_limit(void **state)
{
	(void)state;
	static char iss[OAUTH_MAX_ISS + 2];
	static const struct {
		int length;
		bool sub;
		enum oauth_fault want;
	} rows[] = { { OAUTH_MAX_ISS, false, OF_CLIENT },
		     { OAUTH_MAX_ISS, true, OF_CLIENT },
		     { OAUTH_MAX_ISS + 1, false, OF_ASSERTION },
		     { OAUTH_MAX_ISS + 1, true, OF_ASSERTION } };
	memset(iss, 'i', sizeof iss);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str sub = rows[i].sub ? arena_fmt(&kit.a, ",\"sub\":\"%.*s\"", rows[i].length, iss) : STR("");
		struct str claims = arena_fmt(&kit.a,
					      "{\"iss\":\"%.*s\",\"aud\":\"" ISSUER
					      "\",\"scope\":\"s\",\"iat\":1800000000,\"exp\":1800000060%.*s}",
					      rows[i].length, iss, STR_FMT(sub));
		struct grant g;
		assert_int_equal(kit_check(STR(HEADER), claims, &g), rows[i].want);
	}
}

/* RFC 7519 section 7.2, RFC 8725 section 3.7: JSON in UTF-8, each member once. */
static void test_grant__whole_bodies(void **state)
{
	(void)state;
#define BASE "\"scope\":\"s\",\"iat\":1800000000,\"exp\":1800000060"
	static const struct {
		const char *claims;
		enum oauth_fault want;
	} rows[] = {
		{ "{\"iss\":\"nobody\",\"aud\":\"" ISSUER "\"," BASE "}", OF_CLIENT },
		{ "{\"aud\":\"" ISSUER "\"," BASE "}", OF_ASSERTION },
		{ "{\"iss\":\"" CLIENT_ID "\"," BASE "}", OF_AUDIENCE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER "token\"," BASE "}", OF_NONE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":[\"" ISSUER "\"]," BASE "}", OF_NONE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":[\"" ISSUER "\",\"x\"]," BASE "}", OF_AUDIENCE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"https://issuer.example\"," BASE "}", OF_AUDIENCE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER "tokens\"," BASE "}", OF_AUDIENCE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":7," BASE "}", OF_ASSERTION },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER "\",\"scope\":\"s\",\"exp\":1800000060}",
		  OF_ASSERTION },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER "\",\"scope\":\"s\",\"iat\":1800000000}",
		  OF_ASSERTION },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER "\",\"iat\":1800000000,\"exp\":1800000060}",
		  OF_ASSERTION },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER
		  "\",\"scope\":\"s\",\"iat\":1800000000.5,\"exp\":1800000060}",
		  OF_NONE },
		{ "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER
		  "\",\"scope\":\"s\",\"iat\":-9000000000000000000,\"exp\":9000000000000000000}",
		  OF_ASSERTION },
		{ "[]", OF_ASSERTION },
		{ "", OF_ASSERTION },
		{ "{\"iss\":\"" CLIENT_ID "\"} ", OF_ASSERTION },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		expect(rows[i].claims, STR(HEADER), str_of(rows[i].claims), rows[i].want);
}

static struct str repeated(char c, size_t n)
{
	struct buf b = BUF(&kit.a);
	for (size_t i = 0; i < n; i++)
		buf_c(&b, c);
	return buf_str(&b);
}

static struct str scope_claims(struct str scope)
{
	return arena_fmt(&kit.a,
			 "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER
			 "\",\"scope\":\"%.*s\",\"iat\":1800000000,\"exp\":1800000060}",
			 STR_FMT(scope));
}

static struct str numbered_scopes(int n)
{
	struct buf b = BUF(&kit.a);
	for (int i = 0; i < n; i++)
		buf_fmt(&b, "s:%d ", i);
	return buf_str(&b);
}

static struct str text_claim(const char *name, size_t n)
{
	struct str text = repeated('x', n);
	return kit_claims(0, 60, arena_cstr(&kit.a, arena_fmt(&kit.a, ",\"%s\":\"%.*s\"", name, STR_FMT(text))));
}

static struct str resource_list(int n)
{
	struct buf b = BUF(&kit.a);
	buf_lit(&b, ",\"resource\":[");
	for (int i = 0; i < n; i++)
		buf_fmt(&b, "%s\"urn:r:%d\"", i ? "," : "", i);
	buf_c(&b, ']');
	return kit_claims(0, 60, buf_cstr(&b));
}

static void test_grant__limits(void **state)
{
	(void)state;
	expect("scope", STR(HEADER), scope_claims(repeated('s', OAUTH_MAX_SCOPE)), OF_NONE);
	expect("scope + 1", STR(HEADER), scope_claims(repeated('s', OAUTH_MAX_SCOPE + 1)), OF_ASSERTION);
	expect("scopes", STR(HEADER), scope_claims(numbered_scopes(OAUTH_MAX_SCOPES)), OF_NONE);
	expect("scopes + 1", STR(HEADER), scope_claims(numbered_scopes(OAUTH_MAX_SCOPES + 1)), OF_ASSERTION);
	expect("jti", STR(HEADER), text_claim("jti", OAUTH_MAX_JTI), OF_NONE);
	expect("jti + 1", STR(HEADER), text_claim("jti", OAUTH_MAX_JTI + 1), OF_ASSERTION);
	expect("resource", STR(HEADER), text_claim("resource", OAUTH_MAX_RESOURCE), OF_NONE);
	expect("resource + 1", STR(HEADER), text_claim("resource", OAUTH_MAX_RESOURCE + 1), OF_ASSERTION);
	expect("resources", STR(HEADER), resource_list(OAUTH_MAX_RESOURCES), OF_NONE);
	expect("resources + 1", STR(HEADER), resource_list(OAUTH_MAX_RESOURCES + 1), OF_ASSERTION);
	struct grant g;
	struct oauth_error err;
	struct str long_one = repeated('a', OAUTH_MAX_ASSERTION + 1);
	CHECK_RC(oauth_grant_parse(&kit.a, long_one, &g, &err), RC_DENIED);
	assert_int_equal(err.fault, OF_ASSERTION);
}

/* RFC 6749 section 3.3: the order of scopes says nothing. */
static void test_grant__scopes_are_split_once(void **state)
{
	(void)state;
	struct grant g;
	assert_int_equal(kit_check(STR(HEADER), scope_claims(STR("  a:b  c:d\\ta:b ")), &g), OF_NONE);
	assert_int_equal(g.n_scopes, 2);
	CHECK_STR(g.scope_text, STR("a:b c:d"));
	assert_int_equal(kit_check(STR(HEADER), scope_claims(STR("  ")), &g), OF_NONE);
	assert_int_equal(g.n_scopes, 0);
}

/* RFC 7523 section 3, point 7: what keeps a grant from being used twice. */
static void test_grant__guard(void **state)
{
	(void)state;
	struct grant one, same, other, bare, bare_again;
	assert_int_equal(kit_check(STR(HEADER), kit_claims(0, 60, ",\"jti\":\"a\""), &one), OF_NONE);
	assert_int_equal(kit_check(STR(HEADER), kit_claims(1, 61, ",\"jti\":\"a\""), &same), OF_NONE);
	assert_int_equal(kit_check(STR(HEADER), kit_claims(0, 60, ",\"jti\":\"b\""), &other), OF_NONE);
	assert_int_equal(kit_check(STR(HEADER), kit_claims(0, 60, ""), &bare), OF_NONE);
	assert_int_equal(kit_check(STR(HEADER), kit_claims(0, 60, ""), &bare_again), OF_NONE);
	assert_memory_equal(one.guard, same.guard, 32);
	assert_memory_not_equal(one.guard, other.guard, 32);
	assert_memory_equal(bare.guard, bare_again.guard, 32);
	assert_memory_not_equal(bare.guard, one.guard, 32);
	struct oauth_error err;
	struct grant theirs;
	struct str claims =
		STR("{\"iss\":\"another\",\"aud\":\"x\",\"scope\":\"s\",\"iat\":1,\"exp\":2,\"jti\":\"a\"}");
	CHECK_RC(oauth_grant_parse(&kit.a, kit_assertion(STR(HEADER), claims), &theirs, &err), RC_OK);
	assert_memory_not_equal(theirs.guard, one.guard, 32);
}

/* RFC 7521 section 4.2: whose assertion it is; RFC 8725 section 3.8: the key must be the issuer's. */
static void test_grant__clients(void **state)
{
	(void)state;
	struct client keyless = kit.client, inactive = kit.client;
	struct grant_check c = { .issuer = STR(ISSUER), .now = NOW };
	struct oauth_error err;
	struct grant g;
	const char *amr;
	keyless.keys = NULL;
	inactive.active = false;
	assert_int_equal(kit_check(STR(HEADER), kit_claims(0, 60, ""), &g), OF_NONE);
	CHECK_RC(oauth_grant_verify(&kit.a, &g, &keyless, &c, &amr, &err), RC_DENIED);
	assert_int_equal(err.fault, OF_CERTIFICATE);
	CHECK_RC(oauth_grant_verify(&kit.a, &g, &inactive, &c, &amr, &err), RC_DENIED);
	assert_int_equal(err.fault, OF_CLIENT);
}

/* A year from its posting, whatever it was used for. */
static void test_grant__keys_age(void **state)
{
	(void)state;
	static const struct {
		int64_t posted;
		enum oauth_fault want;
	} rows[] = {
		{ 0, OF_NONE },
		{ NOW, OF_NONE },
		{ NOW - OAUTH_KEY_LIFE_S + 1, OF_NONE },
		{ NOW - OAUTH_KEY_LIFE_S, OF_KEY_EXPIRED },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct grant g;
		kit.client.keys_posted = rows[i].posted;
		assert_int_equal(kit_check(STR(HEADER), kit_claims(0, 60, ""), &g), rows[i].want);
	}
	kit.client.keys_posted = 0;
}

/* RFC 7523 section 3, point 9; RFC 8725 section 3.3: all of it is verified. */
static void test_grant__every_signature_byte_counts(void **state)
{
	(void)state;
	struct grant_check c = { .issuer = STR(ISSUER), .now = NOW };
	struct str whole = kit_assertion(STR(HEADER), kit_claims(0, 60, ""));
	const char *amr;
	size_t from = whole.n - 300;
	for (size_t i = from; i < whole.n; i += 7) {
		struct str bad = arena_str(&kit.a, whole);
		((char *)(uintptr_t)bad.p)[i] = bad.p[i] == 'A' ? 'B' : 'A';
		struct oauth_error err = { 0 };
		struct grant g;
		if (oauth_grant_parse(&kit.a, bad, &g, &err) == RC_OK)
			CHECK_RC(oauth_grant_verify(&kit.a, &g, &kit.client, &c, &amr, &err), RC_DENIED);
		CHECK(err.fault == OF_SIGNATURE || err.fault == OF_ASSERTION);
	}
}

/* A key with a certificate of its own (RFC 7517 section 4.7), which is its own root. */
static struct jwk *tied_key(const char *subject)
{
	struct jwk *k;
	CHECK_RC(jwk_generate(JOSE_RS256, STR("k1"), &k), RC_OK);
	CHECK_RC(jwk_self_sign(k, str_of(subject), (NOW - 100) * CLOCK_SECOND, (NOW + 100) * CLOCK_SECOND), RC_OK);
	return k;
}

static struct trust *trust_in(const struct jwk *k)
{
	const struct str *der;
	struct trust *t;
	struct str why;
	size_t n;
	CHECK_RC(jwk_x5c(k, &der, &n), RC_OK);
	struct str text = b64(&kit.a, der[0]);
	struct buf b = BUF(&kit.a);
	buf_lit(&b, "-----BEGIN CERTIFICATE-----\n");
	for (size_t i = 0; i < text.n; i += 64) {
		buf_add(&b, str_span(text.p + i, text.n - i < 64 ? text.n - i : 64));
		buf_c(&b, '\n');
	}
	buf_lit(&b, "-----END CERTIFICATE-----\n");
	struct trust_files f = { .roots = buf_str(&b) };
	CHECK_RC(trust_open(&kit.a, &f, &t, &why), RC_OK);
	return t;
}

static void test_grant__tied_keys_count_with_their_certificate(void **state)
{
	(void)state;
	struct jwk *plain = kit.key, *own = tied_key("CN=x,serialNumber=" ORG);
	struct jwk *others = tied_key("CN=x,serialNumber=" OTHER_ORG);
	struct trust *trusts_own = trust_in(own), *trusts_others = trust_in(others);
	const struct {
		struct jwk *key;
		struct trust *trust;
		int64_t late;
		enum oauth_fault want;
	} rows[] = {
		{ own, trusts_own, 0, OF_NONE },         { own, trusts_own, 101, OF_SIGNATURE },
		{ own, trusts_own, -101, OF_SIGNATURE }, { own, trusts_others, 0, OF_CERTIFICATE },
		{ own, NULL, 0, OF_CERTIFICATE },        { others, trusts_others, 0, OF_CERT_ORG },
		{ plain, NULL, 101, OF_NONE },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		long late = (long)rows[i].late;
		struct grant_check c = { .issuer = STR(ISSUER), .now = NOW + late, .trust = rows[i].trust };
		struct oauth_error err = { 0 };
		struct grant g;
		const char *amr = NULL;
		kit.key = kit.keys.keys[0] = rows[i].key;
		struct str assertion = kit_assertion(STR(HEADER), kit_claims(late, late + 60, ""));
		CHECK_RC(oauth_grant_parse(&kit.a, assertion, &g, &err), RC_OK);
		enum rc rc = oauth_grant_verify(&kit.a, &g, &kit.client, &c, &amr, &err);
		CHECK(rc == (rows[i].want == OF_NONE ? RC_OK : RC_DENIED));
		assert_int_equal(err.fault, rows[i].want);
		assert_string_equal(amr, "private_key_jwt");
	}
	kit.key = kit.keys.keys[0] = plain;
	trust_close(trusts_own);
	trust_close(trusts_others);
	jwk_unref(own);
	jwk_unref(others);
}

KIT_MAIN(cmocka_unit_test(test_grant__times), cmocka_unit_test(test_grant__headers),
	 cmocka_unit_test(test_grant__claims), cmocka_unit_test(test_grant__whole_bodies),
	 cmocka_unit_test(test_grant__iss_and_sub_have_a_limit), cmocka_unit_test(test_grant__limits),
	 cmocka_unit_test(test_grant__scopes_are_split_once), cmocka_unit_test(test_grant__guard),
	 cmocka_unit_test(test_grant__clients), cmocka_unit_test(test_grant__keys_age),
	 cmocka_unit_test(test_grant__tied_keys_count_with_their_certificate),
	 cmocka_unit_test(test_grant__every_signature_byte_counts))
