#include "jose_t.h"

static const struct js *claims_of(struct arena *a, const char *text)
{
	const struct js *o = NULL;
	CHECK_RC(js_parse(a, str_of(text), NULL, &o, NULL), RC_OK);
	return o;
}

static void test_jwt__times(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwt_times t;
	CHECK_RC(jwt_times(claims_of(&a, "{\"iat\":1,\"exp\":1300819380.9,\"nbf\":-5}"), &t), RC_OK);
	CHECK(t.has_iat && t.has_exp && t.has_nbf);
	CHECK(t.iat == 1 && t.exp == 1300819380 && t.nbf == -5);
	CHECK_RC(jwt_times(claims_of(&a, "{\"exp\":7}"), &t), RC_OK);
	CHECK(!t.has_iat && t.has_exp && !t.has_nbf && t.exp == 7 && t.iat == 0);
	CHECK_RC(jwt_times(NULL, &t), RC_OK);
	CHECK(!t.has_exp);
	arena_finish(&a);
}

static void test_jwt__times_that_are_no_numbers(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const values[] = { "\"1300819380\"",      "null", "true", "[]", "{}", "1e400",
					      "99999999999999999999" };
	static const char *const names[] = { "iat", "exp", "nbf" };
	struct jwt_times t = { .exp = 3 };
	for (size_t i = 0; i < LEN(values); i++) {
		for (size_t j = 0; j < LEN(names); j++) {
			struct str text = arena_fmt(&a, "{\"%s\":%s}", names[j], values[i]);
			CHECK_RC(jwt_times(claims_of(&a, text.p), &t), RC_INVALID);
		}
	}
	CHECK(t.exp == 3);
	arena_finish(&a);
}

static void test_jwt__audience(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const struct {
		const char *claims;
		bool has;
	} rows[] = {
		{ "{\"aud\":\"https://us\"}", true },
		{ "{\"aud\":[\"https://us\"]}", true },
		{ "{\"aud\":[\"https://them\",\"https://us\"]}", true },
		{ "{\"aud\":\"https://us/\"}", false },
		{ "{\"aud\":\"HTTPS://US\"}", false },
		{ "{\"aud\":\"https://them https://us\"}", false },
		{ "{\"aud\":[]}", false },
		{ "{\"aud\":[\"https://us\",1]}", false },
		{ "{\"aud\":[[\"https://us\"]]}", false },
		{ "{\"aud\":{\"https://us\":1}}", false },
		{ "{\"aud\":null}", false },
		{ "{}", false },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK(jwt_aud_has(claims_of(&a, rows[i].claims), STR("https://us")) == rows[i].has);
	CHECK(!jwt_aud_has(NULL, STR("https://us")));
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_jwt__times), cmocka_unit_test(test_jwt__times_that_are_no_numbers),
       cmocka_unit_test(test_jwt__audience))
