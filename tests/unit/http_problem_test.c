#include "http/internal.h"

#include "t.h"

static void test_problem__every_result_code_has_a_status_with_a_type(void **state)
{
	(void)state;
	int status;

	for (int rc = RC_OK; rc < RC__MAX; rc++) {
		CHECK_RC(http_rc_status((enum rc)rc, &status), RC_OK);
		CHECK(status >= 200 && status <= 599);
		if (status >= 400)
			CHECK(strcmp(http_status_type(status), "about:blank") != 0);
	}
	status = 7;
	CHECK_RC(http_rc_status(RC__MAX, &status), RC_INVALID);
	CHECK(status == 7);
}

static void test_problem__types_and_titles_by_status(void **state)
{
	(void)state;
	CHECK_STR(str_of(http_status_type(403)), STR("https://tools.ietf.org/html/rfc9110#section-15.5.4"));
	CHECK_STR(str_of(http_status_title(403)), STR("Forbidden"));
	CHECK_STR(str_of(http_status_type(429)), STR("https://tools.ietf.org/html/rfc6585#section-4"));
	CHECK_STR(str_of(http_status_type(418)), STR("about:blank"));
	CHECK_STR(str_of(http_status_title(418)), STR("Error"));
}

static void test_problem__says_that_the_outcome_is_not_known(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct http_req req = { .arena = &a, .trace_id = "0123456789abcdef0123456789abcdef", .uncertain = true };
	struct http_res res;

	response_reset(&res, &a);
	http_problem(&res, &req, 500, STR_NONE);
	CHECK(str_find(buf_str(&res.body), STR("It is not known whether the change was made")) > 0);
	response_reset(&res, &a);
	req.uncertain = false;
	http_problem(&res, &req, 500, STR_NONE);
	CHECK(str_find(buf_str(&res.body), STR("detail")) < 0);
}

static void test_problem__the_document_replaces_the_body(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct http_req req = { .arena = &a, .trace_id = "0123456789abcdef0123456789abcdef" };
	struct http_res res;

	response_reset(&res, &a);
	buf_lit(&res.body, "half an answer");
	http_problem(&res, &req, 404, STR("no \"such\" thing"));
	CHECK(res.status == 404);
	CHECK_STR(str_of(res.content_type), STR("application/problem+json"));
	CHECK_STR(buf_str(&res.body), STR("{\"type\":\"https://tools.ietf.org/html/rfc9110#section-15.5.5\","
					  "\"title\":\"Not Found\",\"status\":404,\"detail\":\"no \\\"such\\\" thing\","
					  "\"traceId\":\"0123456789abcdef0123456789abcdef\"}"));
	http_problem(&res, NULL, 503, STR_NONE);
	CHECK_STR(buf_str(&res.body), STR("{\"type\":\"https://tools.ietf.org/html/rfc9110#section-15.6.4\","
					  "\"title\":\"Service Unavailable\",\"status\":503}"));
}

T_MAIN(cmocka_unit_test(test_problem__every_result_code_has_a_status_with_a_type),
       cmocka_unit_test(test_problem__types_and_titles_by_status),
       cmocka_unit_test(test_problem__says_that_the_outcome_is_not_known),
       cmocka_unit_test(test_problem__the_document_replaces_the_body))
