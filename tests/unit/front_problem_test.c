#include "front_kit.h"

#define RFC9110 "https://tools.ietf.org/html/rfc9110#section-"
#define TRACE "\"traceId\":\"00-0123456789abcdef0123456789abcdef-0123456789abcdef-00\"}"

static void test_problem__binding(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	struct bind_error again = { STR("$.a"), STR("other"), NULL }, e = { STR("$.a"), STR("bad \"x\""), &again };
	kit_start(&k);
	problem_binding(&k.req, &k.res, &e);
	assert_int_equal(k.res.status, 400);
	CHECK_STR(str_of(k.res.content_type), STR("application/problem+json; charset=utf-8"));
	CHECK_STR(buf_str(&k.res.body), STR("{\"type\":\"" RFC9110 "15.5.1\","
					    "\"title\":\"One or more validation errors occurred.\",\"status\":400,"
					    "\"errors\":{\"$.a\":[\"bad \\\"x\\\"\"]}," TRACE));
}

static void test_problem__plain(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	kit_start(&k);
	problem_plain(&k.req, &k.res, 415);
	assert_int_equal(k.res.status, 415);
	CHECK_STR(str_of(k.res.content_type), STR("application/problem+json; charset=utf-8"));
	CHECK_STR(buf_str(&k.res.body), STR("{\"type\":\"" RFC9110 "15.5.16\",\"title\":\"Unsupported Media Type\","
					    "\"status\":415," TRACE));
}

T_MAIN(cmocka_unit_test(test_problem__binding), cmocka_unit_test(test_problem__plain))
