#include "http/internal.h"
#include "t.h"

static void test_response__header_injection(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_res res;
	response_reset(&res, &a);
	http_set_header(&res, "X-A", STR("1\r\nX-B: 2"));
	http_set_header(&res, "X-A", STR("1\n2"));
	http_set_header(&res, "X-A", STR("1\r2"));
	http_set_header(&res, "X-A",
			STR("1\0"
			    "2"));
	assert_int_equal(res.n_headers, 0);
	http_redirect(&res, 302, STR("/a\r\nSet-Cookie: x=y"));
	assert_int_equal(res.n_headers, 0);
	assert_int_equal(res.status, 302);
}

static void test_response__set_replaces_but_cookies(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_res res;
	response_reset(&res, &a);
	http_set_header(&res, "Cache-Control", STR("a"));
	http_set_header(&res, "cache-control", STR("b"));
	for (int i = 0; i < 20; i++)
		http_set_header(&res, "Set-Cookie", STR("x=y"));
	assert_int_equal(res.n_headers, 21);
	CHECK_STR(response_header(&res, "CACHE-CONTROL")->value, STR("b"));
	http_set_header(&res, "Retry-After", STR("5"));
	response_drop_headers(&res);
	assert_int_equal(res.n_headers, 1);
	assert_non_null(response_header(&res, "Retry-After"));
}

static void test_problem__every_rc(void **state)
{
	(void)state;
#define ROW(name, status, type) { RC_##name, status },
	static const struct {
		enum rc rc;
		int status;
	} rows[] = { RC_LIST(ROW) };
	for (size_t i = 0; i < LEN(rows); i++) {
		int status = 0;
		CHECK_RC(http_rc_status(rows[i].rc, &status), RC_OK);
		assert_int_equal(status, rows[i].status);
		if (status >= 400)
			assert_string_not_equal(http_status_type(status), "about:blank");
	}
	int untouched = 7;
	CHECK_RC(http_rc_status(RC__MAX, &untouched), RC_INVALID);
	assert_int_equal(untouched, 7);
}

static void test_problem__body(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_req req = { .trace_id = "0123" };
	struct http_res res;
	response_reset(&res, &a);
	buf_lit(&res.body, "half an answer");
	http_problem(&res, &req, 404, STR("no \"such\" thing"));
	CHECK_STR(buf_str(&res.body),
		  STR("{\"type\":\"https://tools.ietf.org/html/rfc9110#section-15.5.5\",\"title\":\"Not Found\","
		      "\"status\":404,\"detail\":\"no \\\"such\\\" thing\",\"traceId\":\"0123\"}"));
	assert_string_equal(res.content_type, "application/problem+json");
	http_problem(&res, NULL, 500, STR_NONE);
	CHECK_STR(buf_str(&res.body),
		  STR("{\"type\":\"https://tools.ietf.org/html/rfc9110#section-15.6.1\","
		      "\"title\":\"An error occurred while processing your request.\",\"status\":500}"));
	assert_string_equal(http_status_type(299), "about:blank");
	assert_string_equal(http_status_title(299), "Error");
}

T_MAIN(cmocka_unit_test(test_response__header_injection), cmocka_unit_test(test_response__set_replaces_but_cookies),
       cmocka_unit_test(test_problem__every_rc), cmocka_unit_test(test_problem__body))
