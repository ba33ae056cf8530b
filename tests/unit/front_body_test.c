#include "front_kit.h"

static void test_body__media_types(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		int status;
	} types[] = {
		{ "application/json", 0 },
		{ "Application/JSON; charset=utf-8", 0 },
		{ " application/json ;a=b", 0 },
		{ "application/problem+json", 0 },
		{ "application/x+JSON", 0 },
		{ "application/+json", 415 },
		{ "application/jsonx", 415 },
		{ "application/json+x", 415 },
		{ "text/x+json", 415 },
		{ "text/json", 415 },
		{ "text/plain", 415 },
		{ "", 415 },
		{ NULL, 415 },
	};
	for (size_t i = 0; i < LEN(types); i++) {
		CLEANUP(kit_finish) struct kit k;
		const struct js *body = NULL;
		kit_start(&k);
		kit_body(&k, types[i].type, "{\"a\":1}");
		enum rc rc = front_body(&k.req, &k.res, "thing", &body);
		kit_expect(&k, rc, types[i].status, types[i].type ? types[i].type : "no type");
		CHECK((body != NULL) == (types[i].status == 0));
	}
}

static void test_body__only_an_object_passes(void **state)
{
	(void)state;
	static const struct {
		const char *body, *errors;
	} bodies[] = {
		{ "{}", NULL },
		{ " {\"a\":[]} ", NULL },
		{ "\xef\xbb\xbf{\"a\":1}", NULL },
		{ "\xef\xbb\xbf",
		  "{\"\":[\"A non-empty request body is required.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ "\xef\xbb\xbf\xef\xbb\xbf{}",
		  "{\"$\":[\"The body is not valid JSON.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ "\xef\xbb\xbf{\"id\":1,\"ID\":2}",
		  "{\"$.ID\":[\"The member stands twice, in the same or another letter case.\"],"
		  "\"thing\":[\"The thing field is required.\"]}" },
		{ "",
		  "{\"\":[\"A non-empty request body is required.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ " \r\n",
		  "{\"\":[\"A non-empty request body is required.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ "{", "{\"$\":[\"The body is not valid JSON.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ "{}{}", "{\"$\":[\"The body is not valid JSON.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ "{\"id\":1,\"ID\":2}", "{\"$.ID\":[\"The member stands twice, in the same or another letter case.\"],"
					 "\"thing\":[\"The thing field is required.\"]}" },
		{ "{\"x\":1,\"a\":[0,{\"b\":{\"id\":1,\"id\":1}}]}",
		  "{\"$.a[1].b.id\":[\"The member stands twice, in the same or another letter case.\"],"
		  "\"thing\":[\"The thing field is required.\"]}" },
		{ "[]", "{\"$\":[\"The value must be an object.\"],\"thing\":[\"The thing field is required.\"]}" },
		{ "null", "{\"$\":[\"The value must be an object.\"],\"thing\":[\"The thing field is required.\"]}" },
	};
	for (size_t i = 0; i < LEN(bodies); i++) {
		CLEANUP(kit_finish) struct kit k;
		const struct js *body = NULL;
		kit_start(&k);
		kit_body(&k, "application/json", bodies[i].body);
		enum rc rc = front_body(&k.req, &k.res, "thing", &body);
		kit_expect(&k, rc, bodies[i].errors ? 400 : 0, bodies[i].body);
		if (bodies[i].errors)
			CHECK_STR(kit_errors(&k), str_of(bodies[i].errors));
		else
			CHECK(js_is(body, JS_OBJECT));
	}
}

static void test_body__bound_answers_invalid_only(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	kit_start(&k);
	struct binder *b = binder_new(&k.a);
	kit_expect(&k, front_bound(&k.req, &k.res, b, RC_OK), 0, "no error");
	CHECK_RC(front_bound(&k.req, &k.res, b, RC_BUSY), RC_BUSY);
	assert_int_equal(k.res.status, 0);
	bind_fail(b, STR("$.a"), "bad");
	kit_expect(&k, front_bound(&k.req, &k.res, b, RC_INVALID), 400, "an error");
	CHECK_STR(kit_errors(&k), STR("{\"$.a\":[\"bad\"]}"));
}

static void test_body__invalid_names_one_path(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	kit_start(&k);
	kit_expect(&k, front_invalid(&k.req, &k.res, STR("party"), "is wrong"), 400, "party");
	CHECK_STR(kit_errors(&k), STR("{\"party\":[\"is wrong\"]}"));
}

T_MAIN(cmocka_unit_test(test_body__media_types), cmocka_unit_test(test_body__only_an_object_passes),
       cmocka_unit_test(test_body__bound_answers_invalid_only), cmocka_unit_test(test_body__invalid_names_one_path))
