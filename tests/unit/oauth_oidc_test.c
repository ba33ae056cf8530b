#include "oauth/oidc.h"

#include "base/b64.h"
#include "t.h"

#define NOW INT64_C(1800000000)
#define ISSUER "https://idporten.example"
#define CLIENT "client"
#define NONCE "n-0S6"

struct kit {
	struct arena a;
	struct jwk *key;
};
static struct kit kit;

static int kit_setup(void **state)
{
	(void)state;
	return jwk_generate(JOSE_RS256, STR("k1"), &kit.key) == RC_OK ? 0 : -1;
}

static int kit_teardown(void **state)
{
	(void)state;
	jwk_unref(kit.key);
	arena_finish(&kit.a);
	return 0;
}

static void test_oidc__acr_has_an_order(void **state)
{
	(void)state;
	static const char *const order[] = { "selfregistered-email", "eidas-loa-low",
					     "idporten-loa-substantial-limited", "idporten-loa-substantial",
					     "idporten-loa-high" };
	int rank, before = -1;
	int64_t level;
	for (size_t i = 0; i < LEN(order); i++) {
		CHECK_RC(oidc_acr(str_of(order[i]), &rank, &level), RC_OK);
		CHECK(rank > before);
		before = rank;
	}
	CHECK(level == 4);
	CHECK_RC(oidc_acr(STR("eidas-loa-high"), &rank, &level), RC_OK);
	CHECK(rank == before && level == 4);
	CHECK_RC(oidc_acr(STR("eidas-loa-substantial"), &rank, &level), RC_OK);
	CHECK(rank == before - 1 && level == 3);
	CHECK_RC(oidc_acr(STR("Level4"), &rank, &level), RC_NOT_FOUND);
	CHECK_RC(oidc_acr(STR("IDPORTEN-LOA-HIGH"), &rank, &level), RC_NOT_FOUND);
	CHECK_STR(oidc_acr_for(STR("idporten-loa-substantial"), 0), STR("idporten-loa-substantial"));
	CHECK_STR(oidc_acr_for(STR("idporten-loa-substantial"), 4), STR("idporten-loa-high"));
	CHECK_STR(oidc_acr_for(STR("eidas-loa-high"), 4), STR("eidas-loa-high"));
	CHECK_STR(oidc_acr_for(STR("eidas-loa-low"), 3), STR("idporten-loa-substantial"));
}

/* = RFC 7636 B, and the vector of ID-porten's documentation. */
static void test_oidc__request_carries_the_challenge(void **state)
{
	(void)state;
	static const struct {
		const char *verifier, *challenge;
	} rows[] = {
		{ "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" },
		{ "xyo94uhy3zKvgB0NJwLms86SwcjtWviEOpkBnGgaLlo", "b7elB7ZyxIXgFyvBznKvxl7wOB-H17Pz0a3B62NIMFI" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct oidc_request r = { .client_id = STR("a b&c"), .verifier = str_of(rows[i].verifier) };
		struct str url = oidc_request_url(&kit.a, STR("https://x.example/a?b=c"), &r);
		CHECK(str_find(url, str_of(rows[i].challenge)) > 0);
		CHECK(str_starts(url, STR("https://x.example/a?b=c&response_type=code&")));
		CHECK(str_find(url, STR("client_id=a%20b%26c&")) > 0);
		CHECK(str_find(url, STR("prompt")) < 0);
	}
}

static void test_oidc__basic_encodes_both_parts(void **state)
{
	(void)state;
	struct str plain;
	struct str header = oidc_basic(&kit.a, STR("a:b"), STR("s e+t"));
	CHECK(str_starts(header, STR("Basic ")));
	CHECK_RC(b64_decode(&kit.a, str_span(header.p + 6, header.n - 6), &plain), RC_OK);
	CHECK_STR(plain, STR("a%3Ab:s+e%2Bt"));
}

static void test_oidc__iss_may_be_encoded_once_more(void **state)
{
	(void)state;
	CHECK(oidc_iss_is(&kit.a, STR(ISSUER), STR(ISSUER)));
	CHECK(oidc_iss_is(&kit.a, STR("https%3A%2F%2Fidporten.example"), STR(ISSUER)));
	CHECK(!oidc_iss_is(&kit.a, STR("https%253A%252F%252Fidporten.example"), STR(ISSUER)));
	CHECK(!oidc_iss_is(&kit.a, STR(ISSUER "/"), STR(ISSUER)));
	CHECK(!oidc_iss_is(&kit.a, STR("%zz"), STR(ISSUER)));
}

#define ENDS(host) "\"token_endpoint\":\"https://" host "/t\",\"jwks_uri\":\"https://" host "/k\""

static void test_oidc__metadata(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		enum rc want;
	} rows[] = {
		{ "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://login.example/a\"," ENDS("x") "}",
		  RC_OK },
		{ "{\"issuer\":\"" ISSUER "/\",\"authorization_endpoint\":\"https://login.example/a\"," ENDS("x") "}",
		  RC_INVALID },
		{ "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"http://login.example/a\"," ENDS("x") "}",
		  RC_INVALID },
		{ "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"javascript:alert(1)\"," ENDS("x") "}",
		  RC_INVALID },
		{ "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://x/#f\"," ENDS("x") "}", RC_INVALID },
		{ "{\"issuer\":\"" ISSUER "\"," ENDS("x") "}", RC_INVALID },
		{ "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":1," ENDS("x") "}", RC_INVALID },
		{ "[]", RC_INVALID },
		{ "", RC_INVALID },
	};
	struct oidc_metadata m;
	const char *why;
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK_RC(oidc_metadata_read(&kit.a, str_of(rows[i].json), STR(ISSUER), &m, &why), rows[i].want);
}

static void test_oidc__metadata_addresses_have_a_limit(void **state)
{
	(void)state;
	struct oidc_metadata m;
	const char *why;
	for (int more = 0; more < 2; more++) {
		struct buf b = BUF(&kit.a);
		buf_lit(&b, "{\"issuer\":\"" ISSUER "\"," ENDS("x") ",\"authorization_endpoint\":\"https://x/");
		for (size_t i = 0; i < OIDC_MAX_URL - 10 + (size_t)more; i++)
			buf_c(&b, 'y');
		buf_lit(&b, "\"}");
		CHECK_RC(oidc_metadata_read(&kit.a, buf_str(&b), STR(ISSUER), &m, &why), more ? RC_INVALID : RC_OK);
	}
}

static enum oidc_fault parse_fault(struct str compact)
{
	struct jws s;
	enum oidc_fault fault = OIDC_NONE;
	return oidc_token_parse(&kit.a, compact, &s, &fault) == RC_OK ? OIDC_NONE : fault;
}

static struct str unsigned_token(const char *header)
{
	return arena_fmt(&kit.a, "%.*s.e30.AAAA", STR_FMT(b64url(&kit.a, str_of(header))));
}

static void test_oidc__only_rs256_and_only_by_kid(void **state)
{
	(void)state;
	CHECK(parse_fault(unsigned_token("{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5c\":[\"MIIB\"]}")) == OIDC_NONE);
	CHECK(parse_fault(unsigned_token("{\"alg\":\"RS256\"}")) == OIDC_KEY);
	CHECK(parse_fault(unsigned_token("{\"alg\":\"RS256\",\"kid\":\"\"}")) != OIDC_NONE);
	CHECK(parse_fault(unsigned_token("{\"alg\":\"none\",\"kid\":\"k1\"}")) == OIDC_ALG);
	CHECK(parse_fault(unsigned_token("{\"alg\":\"HS256\",\"kid\":\"k1\"}")) == OIDC_ALG);
	CHECK(parse_fault(unsigned_token("{\"alg\":\"RS384\",\"kid\":\"k1\"}")) == OIDC_ALG);
	CHECK(parse_fault(unsigned_token("{\"alg\":\"PS256\",\"kid\":\"k1\"}")) == OIDC_ALG);
	CHECK(parse_fault(STR("x")) == OIDC_SHAPE);
}

static enum oidc_fault id_fault(const char *claims, int64_t fresh_from_s, struct oidc_identity *out)
{
	struct jws s = { .payload = str_of(claims) };
	const struct oidc_expect e = { .issuer = STR(ISSUER),
				       .client_id = STR(CLIENT),
				       .now_s = NOW,
				       .nonce = STR(NONCE),
				       .acr = STR("idporten-loa-substantial"),
				       .fresh_from_s = fresh_from_s };
	enum oidc_fault fault = OIDC_NONE;
	return oidc_id_token(&kit.a, &s, &e, out, &fault) == RC_OK ? OIDC_NONE : fault;
}

#define WHO "\"pid\":\"01025161013\",\"acr\":\"idporten-loa-high\""
#define HEAD "{\"iss\":\"" ISSUER "\",\"aud\":\"" CLIENT "\",\"nonce\":\"" NONCE "\","

static void test_oidc__id_token_times_have_a_skew(void **state)
{
	(void)state;
	static const struct {
		const char *claims;
		int64_t fresh;
		enum oidc_fault want;
	} rows[] = {
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120}", 0, OIDC_NONE },
		{ HEAD WHO ",\"iat\":1799999900,\"exp\":1799999971}", 0, OIDC_NONE },
		{ HEAD WHO ",\"iat\":1799999900,\"exp\":1799999970}", 0, OIDC_EXPIRED },
		{ HEAD WHO ",\"iat\":1800000030,\"exp\":1800000120}", 0, OIDC_NONE },
		{ HEAD WHO ",\"iat\":1800000031,\"exp\":1800000120}", 0, OIDC_ISSUED },
		{ HEAD WHO ",\"iat\":1799999400,\"exp\":1800000120}", 0, OIDC_NONE },
		{ HEAD WHO ",\"iat\":1799999399,\"exp\":1800000120}", 0, OIDC_ISSUED },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"nbf\":1800000031}", 0, OIDC_ISSUED },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":\"1800000120\"}", 0, OIDC_SHAPE },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"auth_time\":1799999970}", NOW, OIDC_NONE },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"auth_time\":1799999969}", NOW, OIDC_AUTH_TIME },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120}", NOW, OIDC_AUTH_TIME },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"auth_time\":1800000031}", 0, OIDC_AUTH_TIME },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"auth_time\":\"x\"}", 0, OIDC_SHAPE },
		{ HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"nonce\":\"" NONCE "\"}", 0, OIDC_SHAPE },
	};
	struct oidc_identity who;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_string_equal(oidc_fault_name(id_fault(rows[i].claims, rows[i].fresh, &who)),
				    oidc_fault_name(rows[i].want));
	CHECK(id_fault(HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120,\"sid\":\"s\",\"locale\":\"nn\"}", 0, &who) ==
	      OIDC_NONE);
	CHECK_STR(who.pid, STR("01025161013"));
	CHECK_STR(who.sid, STR("s"));
	CHECK_STR(who.locale, STR("nn"));
	CHECK_STR(who.acr, STR("idporten-loa-high"));
	CHECK(who.level == 4 && who.auth_time_s == 0);
}

static struct str name_in(const char *claims)
{
	struct oidc_identity who;
	struct str all = arena_fmt(&kit.a, HEAD WHO ",\"iat\":1800000000,\"exp\":1800000120%s}", claims);
	CHECK(id_fault(all.p, 0, &who) == OIDC_NONE);
	return who.name;
}

static void test_oidc__name_is_read_on_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *claims;
		const char *want; /* NULL: none */
	} rows[] = {
		{ "", NULL },
		{ ",\"name\":\"Kari Nordmann\"", "Kari Nordmann" },
		{ ",\"name\":\"Kari Nordmann\",\"given_name\":\"Ola\",\"family_name\":\"Li\"", "Kari Nordmann" },
		{ ",\"given_name\":\"Ola\",\"family_name\":\"Li\"", "Ola Li" },
		{ ",\"family_name\":\"Li\"", "Li" },
		{ ",\"name\":\"\",\"given_name\":\"Ola\"", "Ola" },
		{ ",\"name\":\" \\r\\n\\u00a0\\u2028 \",\"given_name\":\"Ola\"", "Ola" },
		{ ",\"name\":\"\\t Åse\\u0007\\u0085 \\n Ærø \"", "Åse Ærø" },
		{ ",\"name\":7,\"given_name\":[\"Ola\"],\"family_name\":null", NULL },
		{ ",\"name\":\"01025161013\"", NULL },
		{ ",\"name\":\"Kari 01025161013\"", NULL },
		{ ",\"name\":\"<b>Kari</b>\"", "<b>Kari</b>" }, /* text, which pages escape */
	};
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK_STR(name_in(rows[i].claims), rows[i].want ? str_of(rows[i].want) : STR_NONE);
	char most[OIDC_MAX_NAME + 2] = { 0 };
	memset(most, 'a', OIDC_MAX_NAME + 1);
	struct str at = arena_fmt(&kit.a, ",\"name\":\"%.*s\"", OIDC_MAX_NAME, most);
	struct str above = arena_fmt(&kit.a, ",\"name\":\"%s\",\"given_name\":\"Ola\"", most);
	struct str both = arena_fmt(&kit.a, ",\"given_name\":\"%.*s\",\"family_name\":\"a\"", OIDC_MAX_NAME - 1, most);
	CHECK(name_in(at.p).n == OIDC_MAX_NAME);
	CHECK_STR(name_in(above.p), STR("Ola"));
	CHECK(!name_in(both.p).p);
}

static void test_oidc__client_assertion_is_the_clients(void **state)
{
	(void)state;
	struct str compact, iss, sub, aud, jti;
	struct jws s;
	const struct js *claims;
	struct jwt_times t;
	CHECK_RC(oidc_client_assertion(&kit.a, kit.key, STR(CLIENT), STR(ISSUER), NOW, &compact), RC_OK);
	CHECK_RC(jws_parse(&kit.a, compact, &s), RC_OK);
	CHECK_RC(jws_verify(&s, kit.key), RC_OK);
	CHECK_STR(s.kid, STR("k1"));
	CHECK_RC(js_parse(&kit.a, s.payload, NULL, &claims, NULL), RC_OK);
	CHECK_RC(js_member_str(claims, "iss", &iss), RC_OK);
	CHECK_RC(js_member_str(claims, "sub", &sub), RC_OK);
	CHECK_RC(js_member_str(claims, "aud", &aud), RC_OK);
	CHECK_RC(js_member_str(claims, "jti", &jti), RC_OK);
	CHECK_STR(iss, STR(CLIENT));
	CHECK_STR(sub, STR(CLIENT));
	CHECK_STR(aud, STR(ISSUER));
	CHECK(jti.n >= 20);
	CHECK_RC(jwt_times(claims, &t), RC_OK);
	CHECK(t.iat == NOW && t.exp == NOW + OIDC_CLIENT_LIFE_S);
}

T_MAIN_WITH(kit_setup, kit_teardown, cmocka_unit_test(test_oidc__acr_has_an_order),
	    cmocka_unit_test(test_oidc__request_carries_the_challenge),
	    cmocka_unit_test(test_oidc__basic_encodes_both_parts),
	    cmocka_unit_test(test_oidc__iss_may_be_encoded_once_more), cmocka_unit_test(test_oidc__metadata),
	    cmocka_unit_test(test_oidc__metadata_addresses_have_a_limit),
	    cmocka_unit_test(test_oidc__only_rs256_and_only_by_kid),
	    cmocka_unit_test(test_oidc__id_token_times_have_a_skew),
	    cmocka_unit_test(test_oidc__name_is_read_on_one_line),
	    cmocka_unit_test(test_oidc__client_assertion_is_the_clients))
