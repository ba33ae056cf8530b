#include "gate_kit.h"

static struct str cookie, csrf;

static struct http_req *request(enum http_method method, const char *site, bool with_session)
{
	struct http_req *req = kit_req(method, NULL, STR_NONE);
	if (with_session)
		kit_header(req, "Cookie", cookie);
	if (site)
		kit_header(req, "Sec-Fetch-Site", str_of(site));
	kit_header(req, "Content-Type", STR("application/x-www-form-urlencoded"));
	req->body = arena_fmt(&kit.a, "csrf=%.*s", STR_FMT(csrf));
	return req;
}

static int setup(void **state)
{
	int rc = kit_setup(state);
	struct http_res *res = kit_res();
	struct str rest;
	CHECK_RC(session_start(kit_req(HTTP_GET, NULL, STR_NONE), res,
			       &(struct login_result){ .party = { { 1 } }, .level = 4 }),
		 RC_OK);
	str_cut(kit_res_header(res, "Set-Cookie"), ';', &cookie, &rest);
	struct http_req *req = request(HTTP_GET, NULL, true);
	CHECK_RC(gate_page(req, kit_res()), RC_OK);
	csrf = csrf_token(req);
	return rc;
}

static void test_page__site_of_the_form(void **state)
{
	(void)state;
	static const struct {
		enum http_method method;
		const char *site;
		enum rc want;
	} rows[] = {
		{ HTTP_GET, "cross-site", RC_OK },
		{ HTTP_HEAD, "cross-site", RC_OK },
		{ HTTP_POST, NULL, RC_OK },
		{ HTTP_POST, "same-origin", RC_OK },
		{ HTTP_POST, "same-site", RC_INVALID },
		{ HTTP_POST, "cross-site", RC_INVALID },
		{ HTTP_POST, "none", RC_INVALID },
		{ HTTP_POST, "", RC_INVALID },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		for (int session = 0; session < 2; session++) {
			struct http_req *req = request(rows[i].method, rows[i].site, session);
			CHECK_RC(gate_page(req, kit_res()), rows[i].want);
			CHECK((req_caller(req) != NULL) == (session && rows[i].want == RC_OK));
		}
}

static void test_page__forgets_the_caller_of_an_earlier_run(void **state)
{
	(void)state;
	struct http_req *req = request(HTTP_GET, NULL, true);
	CHECK_RC(gate_page(req, kit_res()), RC_OK);
	CHECK(req_caller(req));
	kit.rows[0].last_seen -= SESSION_IDLE_S * CLOCK_SECOND;
	CHECK_RC(gate_page(req, kit_res()), RC_OK);
	CHECK(!req_caller(req));
	kit.rows[0].last_seen += SESSION_IDLE_S * CLOCK_SECOND;
}

T_MAIN_WITH(setup, kit_teardown, cmocka_unit_test(test_page__site_of_the_form),
	    cmocka_unit_test(test_page__forgets_the_caller_of_an_earlier_run))
