#include "gate_kit.h"

#define PARTY "d5b861c8-8e3b-44cd-9952-5315e5990cf5"
#define SCOPE "altinn:portal/enduser"
#define TIMES ",\"exp\":1800000060"

static struct str token(const char *claims)
{
	struct str signed_token;
	CHECK_RC(jws_sign(&kit.a, kit.key, JOSE_RS256, STR_NONE, str_of(claims), &signed_token), RC_OK);
	return arena_fmt(&kit.a, "Bearer %.*s", STR_FMT(signed_token));
}

static struct str session_cookie(void)
{
	struct http_res *res = kit_res();
	struct str head, rest;
	CHECK_RC(session_start(kit_req(HTTP_GET, NULL, STR_NONE), res,
			       &(struct login_result){ .party = { { 1 } }, .level = 4 }),
		 RC_OK);
	str_cut(kit_res_header(res, "Set-Cookie"), ';', &head, &rest);
	return head;
}

static void expect(struct http_req *req, enum rc want, int status)
{
	struct http_res *res = kit_res();
	CHECK_RC(gate_person(req, res), want);
	assert_int_equal(res->status, status);
	assert_int_equal(res->body.n, 0);
	CHECK((req_caller(req) != NULL) == (want == RC_OK));
}

static int setup(void **state)
{
	int rc = kit_setup(state);
	clock_set_offset(INT64_C(1800000000) * CLOCK_SECOND - clock_real());
	kit.route.scope = SCOPE;
	return rc;
}

static void test_person__token(void **state)
{
	(void)state;
	static const struct {
		const char *claims;
		enum rc want;
		int status;
	} rows[] = {
		{ "\"scope\":\"" SCOPE "\",\"urn:altinn:party:uuid\":\"" PARTY "\"", RC_OK, 0 },
		{ "\"scope\":\"a:b\",\"urn:altinn:party:uuid\":\"" PARTY "\"", RC_ANSWERED, 403 },
		{ "\"scope\":\"" SCOPE "\"", RC_UNAUTHENTICATED, 0 },
		{ "\"scope\":\"" SCOPE "\",\"urn:altinn:party:uuid\":\"x\"", RC_UNAUTHENTICATED, 0 },
		{ "\"scope\":\"" SCOPE "\",\"urn:altinn:party:uuid\":\"00000000-0000-0000-0000-000000000000\"",
		  RC_UNAUTHENTICATED, 0 },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str claims = arena_fmt(&kit.a, "{\"iss\":\"" ISSUER "\",%s" TIMES "}", rows[i].claims);
		expect(kit_req(HTTP_POST, "Authorization", token(arena_cstr(&kit.a, claims))), rows[i].want,
		       rows[i].status);
	}
}

static void test_person__level_of_the_token(void **state)
{
	(void)state;
	static const struct {
		const char *level, *acr;
	} rows[] = { { "3", "Level3" }, { "\"4\"", "Level4" }, { "10", NULL }, { "-1", NULL }, { "null", NULL } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str claims =
			arena_fmt(&kit.a,
				  "{\"iss\":\"" ISSUER "\",\"scope\":\"" SCOPE "\",\"urn:altinn:party:uuid\":\"" PARTY
				  "\",\"urn:altinn:authlevel\":%s" TIMES "}",
				  rows[i].level);
		struct http_req *req = kit_req(HTTP_GET, "Authorization", token(arena_cstr(&kit.a, claims)));
		expect(req, RC_OK, 0);
		CHECK_STR(req_caller(req)->person.acr, str_of(rows[i].acr));
		CHECK_STR(req_caller(req)->person.provider, STR(ISSUER));
	}
}

static void test_person__bad_token_beside_a_session(void **state)
{
	(void)state;
	struct http_req *req = kit_req(HTTP_GET, "Cookie", session_cookie());
	kit_header(req, "Authorization", STR("Bearer x.y.z"));
	expect(req, RC_ANSWERED, 401); /* the session does not make up for it */
}

static void test_person__session(void **state)
{
	(void)state;
	expect(kit_req(HTTP_GET, NULL, STR_NONE), RC_ANSWERED, 401);
	expect(kit_req(HTTP_GET, "Cookie", session_cookie()), RC_OK, 0);
	expect(kit_req(HTTP_HEAD, "Cookie", session_cookie()), RC_OK, 0);
	expect(kit_req(HTTP_POST, "Cookie", session_cookie()), RC_INVALID, 0);
	expect(kit_req(HTTP_DELETE, "Cookie", session_cookie()), RC_INVALID, 0);
}

T_MAIN_WITH(setup, kit_teardown, cmocka_unit_test(test_person__token),
	    cmocka_unit_test(test_person__level_of_the_token),
	    cmocka_unit_test(test_person__bad_token_beside_a_session), cmocka_unit_test(test_person__session))
