#include "gate_kit.h"

#define NOW INT64_C(1800000000)
#define CONSUMER ",\"consumer\":{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"0192:" ORG "\"}"
#define TIMES ",\"exp\":1800000060,\"iat\":1800000000"
#define GOOD "{\"iss\":\"" ISSUER "\",\"scope\":\"a:b c:d\"" TIMES CONSUMER "}"
#define PARTY "d5b861c8-8e3b-44cd-9952-5315e5990cf5"

static void clock_fix(int64_t now_s)
{
	clock_set_offset(now_s * CLOCK_SECOND - clock_real());
}

static struct str signed_by(const struct jwk *key, const char *header, const char *claims)
{
	struct str sig;
	struct buf b = BUF(&kit.a);
	buf_b64url(&b, str_of(header));
	buf_c(&b, '.');
	buf_b64url(&b, str_of(claims));
	CHECK_RC(jose_sign(&kit.a, key, JOSE_RS256, buf_str(&b), &sig), RC_OK);
	buf_c(&b, '.');
	buf_b64url(&b, sig);
	return buf_str(&b);
}

static struct str token(const char *claims)
{
	return signed_by(kit.key, "{\"alg\":\"RS256\",\"kid\":\"k1\"}", claims);
}

static struct http_req *request(struct str text)
{
	return kit_req(HTTP_GET, "Authorization", arena_fmt(&kit.a, "Bearer %.*s", STR_FMT(text)));
}

/* 200 for "let through". */
static int status_of(struct http_req *req, http_handler *check)
{
	struct http_res *res = kit_res();
	enum rc rc = check(req, res);
	CHECK((rc == RC_ANSWERED) == (res->status != 0));
	if (rc != RC_OK && rc != RC_ANSWERED)
		return rc == RC_UNAUTHENTICATED ? 401 : 400;
	assert_int_equal(res->body.n, 0);
	return rc == RC_ANSWERED ? res->status : 200;
}

static void test_bearer__claims(void **state)
{
	(void)state;
	static const struct {
		const char *claims;
		int want;
	} rows[] = {
		{ GOOD, 200 },
		{ "{\"iss\":\"https://other.example/\",\"scope\":\"a:b\"" TIMES "}", 401 },
		{ "{\"iss\":\"https://issuer.example\",\"scope\":\"a:b\"" TIMES "}", 401 },
		{ "{\"scope\":\"a:b\"" TIMES "}", 401 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\"}", 401 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\",\"exp\":1800000000}", 401 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\",\"exp\":1800000001}", 200 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\",\"exp\":\"1800000060\"}", 401 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\",\"exp\":1800000060,\"nbf\":1800000001}", 401 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"a:bc\"" TIMES "}", 403 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"xa:b\"" TIMES "}", 403 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"A:B\"" TIMES "}", 403 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"e:f\"" TIMES "}", 200 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":[\"a:b\"]" TIMES "}", 403 },
		{ "{\"iss\":\"" ISSUER "\"" TIMES "}", 403 },
		{ "[]", 401 },
	};
	clock_fix(NOW);
	kit.route.scope = "a:b e:f";
	for (size_t i = 0; i < LEN(rows); i++) {
		int got = status_of(request(token(rows[i].claims)), gate_bearer);
		if (got != rows[i].want)
			fail_msg("%s: %d", rows[i].claims, got);
	}
}

static void test_bearer__signatures(void **state)
{
	(void)state;
	clock_fix(NOW);
	kit.route.scope = NULL;
	struct str good = token(GOOD);
	assert_int_equal(status_of(request(good), gate_bearer), 200);
	static const char *const headers[] = {
		"{\"alg\":\"HS256\",\"kid\":\"k1\"}",
		"{\"alg\":\"none\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS512\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"kid\":\"k2\"}",
		"{\"alg\":\"RS256\"}",
		"{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"logout+jwt\"}",
		"{\"alg\":\"PS256\",\"kid\":\"k1\"}",
	};
	for (size_t i = 0; i < LEN(headers); i++)
		assert_int_equal(status_of(request(signed_by(kit.key, headers[i], GOOD)), gate_bearer), 401);
	struct str theirs = signed_by(kit.stranger, "{\"alg\":\"RS256\",\"kid\":\"k1\"}", GOOD);
	assert_int_equal(status_of(request(theirs), gate_bearer), 401);
	assert_int_equal(status_of(request(str_span(good.p, good.n - 1)), gate_bearer), 401);
	assert_int_equal(status_of(request(STR("x.y.z")), gate_bearer), 401);
}

static void test_bearer__header(void **state)
{
	(void)state;
	clock_fix(NOW);
	kit.route.scope = NULL;
	struct str t = token(GOOD);
	assert_int_equal(status_of(kit_req(HTTP_GET, NULL, STR_NONE), gate_bearer), 401);
	assert_int_equal(status_of(kit_req(HTTP_GET, "Authorization", t), gate_bearer), 401);
	struct str basic = arena_fmt(&kit.a, "Basic %.*s", STR_FMT(t));
	assert_int_equal(status_of(kit_req(HTTP_GET, "Authorization", basic), gate_bearer), 401);
	struct str lower = arena_fmt(&kit.a, "bearer  %.*s", STR_FMT(t));
	assert_int_equal(status_of(kit_req(HTTP_GET, "authorization", lower), gate_bearer), 200);
	struct http_req *twice = request(t);
	kit_header(twice, "Authorization", lower);
	assert_int_equal(status_of(twice, gate_bearer), 401);
}

static void test_bearer__remembered_until_it_expires(void **state)
{
	(void)state;
	kit.route.scope = "a:b";
	struct http_req *req =
		request(token("{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\",\"jti\":\"r\"" TIMES CONSUMER "}"));
	clock_fix(NOW);
	assert_int_equal(status_of(req, gate_bearer), 200);
	assert_int_equal(status_of(req, gate_bearer), 200);
	CHECK_STR(req_caller(req)->org.consumer, STR(ORG));
	clock_fix(NOW + 59);
	assert_int_equal(status_of(req, gate_bearer), 200);
	clock_fix(NOW + 60);
	assert_int_equal(status_of(req, gate_bearer), 401);
}

static void test_bearer__remembered_no_longer_than_its_key(void **state)
{
	(void)state;
	kit.route.scope = "a:b";
	struct http_req *req = request(
		token("{\"iss\":\"" ISSUER "\",\"scope\":\"a:b\",\"jti\":\"k\",\"exp\":4102444800" CONSUMER "}"));
	clock_fix(NOW);
	assert_int_equal(status_of(req, gate_bearer), 200);
	kit.retired = true;
	assert_int_equal(status_of(req, gate_bearer), 200); /* nobody has said so yet */
	kit.version++;
	assert_int_equal(status_of(req, gate_bearer), 401);
	kit.retired = false;
	assert_int_equal(status_of(req, gate_bearer), 200);
	kit.retired = true; /* by the clock alone */
	clock_fix(NOW + BEARER_CACHE_S - 1);
	assert_int_equal(status_of(req, gate_bearer), 200);
	clock_fix(NOW + BEARER_CACHE_S);
	assert_int_equal(status_of(req, gate_bearer), 401);
	kit.retired = false;
	clock_fix(NOW);
}

static struct org_caller caller_of(const char *more)
{
	kit.route.scope = NULL;
	struct http_req *req = request(token(arena_cstr(
		&kit.a,
		arena_fmt(&kit.a, "{\"iss\":\"" ISSUER "\",\"scope\":\"altinn:consentrequests.org\"" TIMES "%s}",
			  more))));
	assert_int_equal(status_of(req, gate_bearer), 200);
	return req_caller(req)->org;
}

static void test_bearer__consumer(void **state)
{
	(void)state;
	clock_fix(NOW);
#define ISO(id) "{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"" id "\"}"
	static const struct {
		const char *claim;
		bool known;
	} rows[] = {
		{ ISO("0192:" ORG), true },
		{ "\"{\\\"authority\\\":\\\"iso6523-actorid-upis\\\",\\\"ID\\\":\\\"0192:" ORG "\\\"}\"", true },
		{ ISO("0193:" ORG), false },
		{ ISO(ORG), false },
		{ ISO("0192:" ORG ":x"), false },
		{ ISO("0192:810419513"), false },
		{ ISO("0192:"), false },
		{ "{\"Authority\":\"iso6523-actorid-upis\",\"ID\":\"0192:" ORG "\"}", false },
		{ "{\"authority\":\"other\",\"ID\":\"0192:" ORG "\"}", false },
		{ "{\"authority\":\"iso6523-actorid-upis\",\"id\":\"0192:" ORG "\"}", false },
		{ "{\"authority\":\"iso6523-actorid-upis\",\"ID\":7}", false },
		{ "\"nonsense\"", false },
		{ "7", false },
		{ "null", false },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str more = arena_fmt(&kit.a, ",\"consumer\":%s,\"supplier\":%s", rows[i].claim, rows[i].claim);
		struct org_caller c = caller_of(arena_cstr(&kit.a, more));
		if ((c.consumer.p != NULL) != rows[i].known || (c.supplier.p != NULL) != rows[i].known)
			fail_msg("%s", rows[i].claim);
		CHECK(c.has_org_scope);
	}
	CHECK(!caller_of("").consumer.p);
}

static void test_bearer__person(void **state)
{
	(void)state;
	static const struct {
		const char *claims;
		int want;
	} rows[] = {
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"p\",\"urn:altinn:party:uuid\":\"" PARTY
		  "\",\"urn:altinn:authlevel\":3" TIMES "}",
		  200 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"p\",\"urn:altinn:party:uuid\":\"" PARTY
		  "\",\"urn:altinn:authlevel\":\"3\"" TIMES "}",
		  200 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"q\",\"urn:altinn:party:uuid\":\"" PARTY "\"" TIMES "}", 403 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"p\",\"urn:altinn:party:uuid\":\"x\"" TIMES "}", 401 },
		{ "{\"iss\":\"" ISSUER "\",\"scope\":\"p\"" TIMES "}", 401 },
	};
	clock_fix(NOW);
	kit.route.scope = "p";
	for (size_t i = 0; i < LEN(rows); i++) {
		struct http_req *req = request(token(rows[i].claims));
		assert_int_equal(status_of(req, gate_person), rows[i].want);
		if (rows[i].want != 200)
			continue;
		assert_int_equal(req_caller(req)->kind, CALLER_PERSON_TOKEN);
		assert_int_equal(req_caller(req)->person.level, 3);
		CHECK_STR(uuid_str(&kit.a, req_caller(req)->person.party), STR(PARTY));
	}
	assert_int_equal(status_of(kit_req(HTTP_GET, NULL, STR_NONE), gate_person), 401);
}

KIT_MAIN(cmocka_unit_test(test_bearer__claims), cmocka_unit_test(test_bearer__signatures),
	 cmocka_unit_test(test_bearer__header), cmocka_unit_test(test_bearer__remembered_until_it_expires),
	 cmocka_unit_test(test_bearer__remembered_no_longer_than_its_key), cmocka_unit_test(test_bearer__consumer),
	 cmocka_unit_test(test_bearer__person))
