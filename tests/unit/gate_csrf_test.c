#include "gate_kit.h"

static struct str code;

static struct http_req *request(enum http_method method, const char *header, struct str value, struct str form)
{
	struct http_req *req = kit_req(method, "Cookie", arena_fmt(&kit.a, "samtykke=%.*s", STR_FMT(code)));
	if (header)
		kit_header(req, header, value);
	if (form.p)
		kit_header(req, "Content-Type", STR("application/x-www-form-urlencoded"));
	req->body = form;
	return req;
}

static struct str login(void)
{
	struct http_res *res = kit_res();
	struct str head, rest, name;
	CHECK_RC(session_start(kit_req(HTTP_GET, NULL, STR_NONE), res,
			       &(struct login_result){ .party = { { 1 } }, .level = 4 }),
		 RC_OK);
	str_cut(kit_res_header(res, "Set-Cookie"), ';', &head, &rest);
	str_cut(head, '=', &name, &code);
	struct http_req *req = request(HTTP_GET, NULL, STR_NONE, STR_NONE);
	CHECK_RC(gate_page(req, kit_res()), RC_OK);
	return csrf_token(req);
}

static struct str form_of(struct str token)
{
	return arena_fmt(&kit.a, "a=1&csrf=%.*s", STR_FMT(token));
}

static void test_csrf__person(void **state)
{
	(void)state;
	struct str good = login(), other = rand_code(&kit.a, 32);
	struct http_res *res = kit_res();
	CHECK_RC(gate_person(request(HTTP_POST, "X-XSRF-TOKEN", good, STR_NONE), res), RC_OK);
	CHECK_RC(gate_person(request(HTTP_POST, NULL, STR_NONE, form_of(good)), res), RC_OK);
	CHECK_RC(gate_person(request(HTTP_GET, NULL, STR_NONE, STR_NONE), res), RC_OK);
	assert_int_equal(res->status, 0);
	CHECK_RC(gate_person(request(HTTP_POST, NULL, STR_NONE, STR_NONE), res), RC_INVALID);
	CHECK_RC(gate_person(request(HTTP_POST, "X-XSRF-TOKEN", other, STR_NONE), res), RC_INVALID);
	CHECK_RC(gate_person(request(HTTP_POST, "X-XSRF-TOKEN", STR(""), STR_NONE), res), RC_INVALID);
	CHECK_RC(gate_person(request(HTTP_POST, "X-XSRF-TOKEN", str_span(good.p, good.n - 1), STR_NONE), res),
		 RC_INVALID);
	CHECK_RC(gate_person(request(HTTP_POST, NULL, STR_NONE, form_of(other)), res), RC_INVALID);
	CHECK_RC(gate_person(request(HTTP_POST, NULL, STR_NONE, form_of(code)), res), RC_INVALID);
	CHECK_RC(gate_person(request(HTTP_DELETE, NULL, STR_NONE, STR_NONE), res), RC_INVALID);
}

static void test_csrf__page(void **state)
{
	(void)state;
	struct str good = login(), other = rand_code(&kit.a, 32);
	struct http_res *res = kit_res();
	CHECK_RC(gate_page(request(HTTP_POST, NULL, STR_NONE, form_of(good)), res), RC_OK);
	CHECK_RC(gate_page(request(HTTP_POST, "Sec-Fetch-Site", STR("same-origin"), form_of(good)), res), RC_OK);
	CHECK_RC(gate_page(request(HTTP_POST, "Sec-Fetch-Site", STR("same-site"), form_of(good)), res), RC_INVALID);
	CHECK_RC(gate_page(request(HTTP_POST, "Sec-Fetch-Site", STR("cross-site"), form_of(good)), res), RC_INVALID);
	CHECK_RC(gate_page(request(HTTP_GET, "Sec-Fetch-Site", STR("cross-site"), STR_NONE), res), RC_OK);
	CHECK_RC(gate_page(request(HTTP_POST, NULL, STR_NONE, form_of(other)), res), RC_INVALID);
	CHECK_RC(gate_page(request(HTTP_POST, "X-XSRF-TOKEN", good, STR("a=1")), res), RC_INVALID);
	struct http_req *twice = request(HTTP_POST, NULL, STR_NONE, STR_NONE);
	twice->body = arena_fmt(&kit.a, "csrf=%.*s&csrf=%.*s", STR_FMT(good), STR_FMT(good));
	kit_header(twice, "Content-Type", STR("application/x-www-form-urlencoded"));
	CHECK_RC(gate_page(twice, res), RC_INVALID);
	struct http_req *nobody = kit_req(HTTP_POST, NULL, STR_NONE);
	CHECK_RC(gate_page(nobody, res), RC_OK);
	CHECK(!req_caller(nobody) && !csrf_token(nobody).p);
}

static void test_csrf__anonymous(void **state)
{
	(void)state;
	struct http_res *res = kit_res();
	struct str made = csrf_anonymous(kit_req(HTTP_GET, NULL, STR_NONE), res);
	CHECK(code_shaped(made));
	CHECK(str_find(kit_res_header(res, "Set-Cookie"), made) > 0);
	struct str cookie = arena_fmt(&kit.a, "samtykke-form=%.*s", STR_FMT(made));
	struct http_req *req = kit_req(HTTP_POST, "Cookie", cookie);
	struct pair good = { STR("csrf"), made, NULL }, bad = { STR("csrf"), rand_code(&kit.a, 32), NULL };
	CHECK(csrf_anonymous_ok(req, &good));
	CHECK(!csrf_anonymous_ok(req, &bad));
	CHECK(!csrf_anonymous_ok(req, NULL));
	CHECK(!csrf_anonymous_ok(kit_req(HTTP_POST, NULL, STR_NONE), &good));
	struct pair empty = { STR("csrf"), STR(""), NULL };
	CHECK(!csrf_anonymous_ok(kit_req(HTTP_POST, "Cookie", STR("samtykke-form=")), &empty));
	res = kit_res();
	CHECK_STR(csrf_anonymous(kit_req(HTTP_GET, "Cookie", cookie), res), made);
	CHECK(!kit_res_header(res, "Set-Cookie").p);
}

KIT_MAIN(cmocka_unit_test(test_csrf__person), cmocka_unit_test(test_csrf__page), cmocka_unit_test(test_csrf__anonymous))
