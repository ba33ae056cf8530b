#include "api/problems_internal.h"
#include "t.h"

#define BAD "{\"type\":\"https://tools.ietf.org/html/rfc9110#section-15.5.1\",\"title\":\"Bad Request\",\"status\":400,"

static struct str written(struct arena *a, const struct problems *p, int *status_out)
{
	struct http_res *res = arena_new(a, struct http_res);
	res->arena = a;
	res->body = BUF(a);
	problems_write(res, p);
	CHECK_STR(str_of(res->content_type), STR("application/problem+json"));
	*status_out = res->status;
	return buf_str(&res->body);
}

static void test_problems__every_code(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *tail;
	} want[PROB__MAX] = {
		// clang-format off
	    [PROB_NOT_AUTHORIZED] = {403, "\"detail\":\"Not authorized for consent\",\"code\":\"AM-00000\"}"},
	    [PROB_NOT_FOUND] = {404, "\"detail\":\"Consent not found\",\"code\":\"AM-00001\"}"},
	    [PROB_WRONG_STATUS] = {400, "\"detail\":\"Consent have wrong status to be consented\",\"code\":\"AM-00002\"}"},
	    [PROB_UNKNOWN_ORG] = {400, "\"detail\":\"Unknown organization. Could not be found\",\"code\":\"AM-00003\",\"orgnr\":\"K\"}"},
	    [PROB_UNKNOWN_PERSON] = {400, "\"detail\":\"Unknown person. Could not be found\",\"code\":\"AM-00004\",\"fnumber\":\"K\"}"},
	    [PROB_RESOURCE] = {400, "\"detail\":\"Invalid consent resource\",\"code\":\"AM-00005\"}"},
	    [PROB_METADATA] = {400, "\"detail\":\"Invalid consent metadata\",\"code\":\"AM-00006\",\"key\":\"K\"}"},
	    [PROB_METADATA_VALUE] = {400, "\"detail\":\"Missing metadata value\",\"code\":\"AM-00007\",\"ConsentRight index: 3, key\":\"K\"}"},
	    [PROB_METADATA_MISSING] = {400, "\"detail\":\"Missing metadata\",\"code\":\"AM-00008\",\"key\":\"K\"}"},
	    [PROB_COMBINATION] = {400, "\"detail\":\"Invalid resource combination\",\"code\":\"AM-00009\"}"},
	    [PROB_REVOKE_STATUS] = {400, "\"detail\":\"Consent cant be revoked.Wrong status\",\"code\":\"AM-00010\"}"},
	    [PROB_REVOKED] = {400, "\"detail\":\"Consent is revoked\",\"code\":\"AM-00011\"}"},
	    [PROB_FROM_MISMATCH] = {400, "\"detail\":\"The consented party does not match the party requested\",\"code\":\"AM-00012\"}"},
	    [PROB_EXPIRED] = {400, "\"detail\":\"Consent is expired\",\"code\":\"AM-00013\"}"},
	    [PROB_NOT_ACCEPTED] = {400, "\"detail\":\"Consent is not accepted\",\"code\":\"AM-00014\"}"},
	    [PROB_REJECT_STATUS] = {400, "\"detail\":\"Consent cant be rejected. Wrong status\",\"code\":\"AM-00015\"}"},
	    [PROB_ID_EXISTS] = {400, "\"detail\":\"Consent with id already exist\",\"code\":\"AM-00016\",\"requestId\":\"K\"}"},
	    [PROB_VALIDATION] = {400, "\"detail\":\"One or more validation errors occurred.\",\"code\":\"STD-00000\",\"validationErrors\":[]}"},
		// clang-format on
	};
	for (int i = 0; i < PROB__MAX; i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct problem one = { .code = (enum problem_code)i, .key = STR("K"), .index = 3 };
		struct problems p = { .a = &a, .items = &one, .n = 1 };
		int status;
		struct str got = written(&a, &p, &status);
		assert_int_equal(status, want[i].status);
		if (!str_ends(got, str_of(want[i].tail)))
			fail_msg("%.*s, want %s", STR_FMT(got), want[i].tail);
	}
}

static void test_problems__single_whole(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct problem one = { .code = PROB_METADATA, .key = STR("inntektsaar") };
	struct problems p = { .a = &a, .items = &one, .n = 1 };
	int status;
	CHECK_STR(written(&a, &p, &status),
		  STR(BAD "\"detail\":\"Invalid consent metadata\",\"code\":\"AM-00006\",\"key\":\"inntektsaar\"}"));
}

static void test_problems__validation(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct problem one = { .code = PROB_VALIDATION,
			       .n_validations = 3,
			       .validations = { { VLD_FUTURE, STR_INIT("ValidTo") },
						{ VLD_EMPTY_LIST, STR_INIT("Resource") },
						{ VLD_REDIRECT, STR_INIT("RedirectUrl") } } };
	struct problems p = { .a = &a, .items = &one, .n = 1 };
	int status;
	CHECK_STR(written(&a, &p, &status),
		  STR(BAD "\"detail\":\"One or more validation errors "
			  "occurred.\",\"code\":\"STD-00000\",\"validationErrors\":["
			  "{\"code\":\"AM.VLD-00022\",\"detail\":\"The time need to be in the "
			  "future\",\"paths\":[\"ValidTo\"]},"
			  "{\"code\":\"AM.VLD-00023\",\"detail\":\"The list cant be empty\",\"paths\":[\"Resource\"]},"
			  "{\"code\":\"AM.VLD-00027\",\"detail\":\"Redirect URL is not a valid "
			  "URL\",\"paths\":[\"RedirectUrl\"]}]}"));
}

static void test_problems__several(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct problem two[] = { { .code = PROB_EXPIRED }, { .code = PROB_NOT_ACCEPTED } };
	struct problems p = { .a = &a, .items = two, .n = 2 };
	int status;
	CHECK_STR(written(&a, &p, &status),
		  STR("{\"type\":\"https://tools.ietf.org/html/rfc9110#section-15.6.1\","
		      "\"title\":\"An error occurred while processing your request.\",\"status\":500,"
		      "\"detail\":\"Multiple problems occurred.\",\"code\":\"STD-00001\",\"problems\":["
		      "{\"status\":400,\"detail\":\"Consent is expired\",\"code\":\"AM-00013\"},"
		      "{\"status\":400,\"detail\":\"Consent is not accepted\",\"code\":\"AM-00014\"}]}"));
	assert_int_equal(status, 500);
}

T_MAIN(cmocka_unit_test(test_problems__every_code), cmocka_unit_test(test_problems__single_whole),
       cmocka_unit_test(test_problems__validation), cmocka_unit_test(test_problems__several))
