#include "cli/token_internal.h"
#include "t.h"

static void test_token__from_becomes_a_urn(void **state)
{
	(void)state;
	static const char *const t[][2] = {
		{ "01025161013", "urn:altinn:person:identifier-no:01025161013" },
		{ "810419512", "urn:altinn:organization:identifier-no:810419512" },
		{ "urn:altinn:organization:uuid:x", "urn:altinn:organization:uuid:x" },
		{ "8104195123", "urn:altinn:person:identifier-no:8104195123" }, /* the issuer refuses it */
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(t); i++)
		CHECK_STR(str_of(token_giver_urn(&a, t[i][0])), str_of(t[i][1]));
	arena_finish(&a);
}

static void test_token__an_argument_is_a_token_or_a_file(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool token;
	} t[] = {
		{ "eyJhbGciOiJub25lIn0.eyJ9.", true },
		{ "eyJ.", true },
		{ "eyJhbGci", false },
		{ "token.jwt", false },
		{ "\"eyJ.eyJ.x\"", true },
		{ "Bearer eyJ.eyJ.x", false },
		{ "-", false },
		{ "", false },
	};
	for (size_t i = 0; i < LEN(t); i++)
		CHECK(token_is_text(t[i].word) == t[i].token);
}

static void test_token__is_taken_without_what_surrounds_it(void **state)
{
	(void)state;
	CHECK_STR(token_strip(STR("eyJ.a.b")), STR("eyJ.a.b"));
	CHECK_STR(token_strip(STR(" Bearer eyJ.a.b\r\n")), STR("eyJ.a.b"));
	CHECK_STR(token_strip(STR("bearer eyJ.a.b")), STR("bearer eyJ.a.b"));
	CHECK_STR(token_strip(STR("Bearer ")), STR("Bearer"));
	CHECK_STR(token_strip(STR("\"eyJ.a.b\"\n")), STR("eyJ.a.b"));
	CHECK_STR(token_strip(STR("\"")), STR("\""));
	CHECK_STR(token_strip(STR("")), STR(""));
}

T_MAIN(cmocka_unit_test(test_token__from_becomes_a_urn), cmocka_unit_test(test_token__an_argument_is_a_token_or_a_file),
       cmocka_unit_test(test_token__is_taken_without_what_surrounds_it))
