#include "api/fault_internal.h"
#include "base/log.h"
#include "t.h"

static struct str written(struct arena *a, const struct oauth_error *err, int *status_out)
{
	struct http_req req = { .arena = a, .trace_id = "00000000000000000000000000000abc" };
	struct http_res *res = arena_new(a, struct http_res);
	res->arena = a;
	res->body = BUF(a);
	log_setup(LOG_ERROR, LOG_TEXT);
	fault_write(&req, res, STR("https://i.example/"), err);
	*status_out = res->status;
	return buf_str(&res->body);
}

static void test_fault__every_fault_is_json_in_the_charset(void **state)
{
	(void)state;
	for (int i = 0; i < OF__MAX; i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct oauth_error err = {
			.fault = (enum oauth_fault)i,
			.detail = STR("h\"o\\s\ttile \xc3\xa6"),
			.consumer = STR("\"1\""),
			.supplier = STR("\\2"),
		};
		const struct js *o;
		struct str error, text;
		int status;
		CHECK_RC(js_parse(&a, written(&a, &err, &status), NULL, &o, NULL), RC_OK);
		CHECK_RC(js_member_str(o, "error", &error), RC_OK);
		CHECK_RC(js_member_str(o, "error_description", &text), RC_OK);
		CHECK(str_ends(text, STR(". (trace_id: 00000000000000000000000000000abc)")));
		for (size_t k = 0; k < text.n; k++)
			CHECK(text.p[k] >= ' ' && text.p[k] <= '~' && text.p[k] != '"' && text.p[k] != '\\');
		CHECK(status >= 400);
		CHECK((js_get(o, "error_uri") != NULL) == (*fault_code(err.fault) != '\0'));
		CHECK((fault_help(str_of(fault_code(err.fault))) != NULL) == (*fault_code(err.fault) != '\0'));
	}
}

/* A scope that is empty has no name to say. */
static void test_fault__nothing_follows_no_comma(void **state)
{
	(void)state;
	static const struct {
		enum oauth_fault fault;
		const char *detail, *want;
	} rows[] = {
		{ OF_SCOPE, NULL, "Token request contains invalid scopes for client. (trace_id: " },
		{ OF_SCOPE, "", "Token request contains invalid scopes for client. (trace_id: " },
		{ OF_SCOPE, "a,", "Token request contains invalid scopes for client, a,. (trace_id: " },
		{ OF_RAR_TYPE, NULL, "Unknown authorization details type. (trace_id: " },
		{ OF_NO_ACCESS, NULL, "Consumer has not been granted access to the scope. (trace_id: " },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		int status;
		struct str said = written(
			&a, &(struct oauth_error){ .fault = rows[i].fault, .detail = str_of(rows[i].detail) }, &status);
		CHECK(str_find(said, arena_fmt(&a, ":\"%s", rows[i].want)) > 0);
	}
}

static void test_fault__what_is_said_back_is_cut(void **state)
{
	(void)state;
	static char scope[FAULT_MAX_DETAIL + 1];
	memset(scope, 's', sizeof scope);
	for (size_t n = FAULT_MAX_DETAIL; n <= FAULT_MAX_DETAIL + 1; n++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		int status;
		struct oauth_error err = { .fault = OF_SCOPE, .detail = str_span(scope, n) };
		struct str said = written(&a, &err, &status);
		CHECK(str_find(said, arena_fmt(&a, ", %.*s. (trace_id", FAULT_MAX_DETAIL, scope)) > 0);
	}
}

static void test_fault__texts(void **state)
{
	(void)state;
	static const struct {
		enum oauth_fault fault;
		int status;
		const char *error, *text;
	} rows[] = {
		{ OF_ASSERTION, 400, "invalid_request", "Invalid assertion. Invalid parameter value" },
		{ OF_REPLAY, 400, "invalid_grant", "Grant is used before" },
		{ OF_CLIENT, 400, "invalid_grant",
		  "Invalid assertion. Client authentication failed. (Client not found)" },
		{ OF_AUDIENCE, 400, "invalid_grant",
		  "Invalid assertion. Client authentication failed. Invalid JWT claim aud" },
		{ OF_SIGNATURE, 400, "invalid_grant", "Invalid JWT signature" },
		{ OF_EXPIRED, 400, "invalid_grant", "JWT is expired" },
		{ OF_NOT_YET, 400, "invalid_grant", "Issue time is after now" },
		{ OF_KID_UNKNOWN, 400, "invalid_grant", "Unknown key identifier (kid) for client." },
		{ OF_KID_REQUIRED, 400, "invalid_grant",
		  "Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided" },
		{ OF_SCOPE, 400, "invalid_scope", "Token request contains invalid scopes for client, D" },
		{ OF_NO_ACCESS, 403, "forbidden", "Consumer has not been granted access to the scope D" },
		{ OF_NOT_DELEGATED, 403, "forbidden",
		  "Consumer C has not delegated access to the scope D to supplier S" },
		{ OF_OWN_ORG, 400, "invalid_request",
		  "Validation of JWT claim failed: The combination consumer_org in claim and delegation scope on "
		  "client is invalid" },
		{ OF_TARGET, 400, "invalid_target", "" },
		{ OF_RAR_TYPE, 400, "invalid_authorization_details", "Unknown authorization details type" },
		{ OF_RAR_FIELD, 400, "invalid_authorization_details", "Unknown fields in the authorization details" },
		{ OF_RAR_VALUE, 400, "invalid_authorization_details", "Invalid authorization details values" },
		{ OF_UNAVAILABLE, 503, "temporarily_unavailable", "" },
		{ OF_OUTCOME, 503, "temporarily_unavailable", "It is not known whether the grant was used up" },
		{ OF_GRANT_TYPE, 400, "unsupported_grant_type", "" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct oauth_error err = {
			.fault = rows[i].fault, .detail = STR("D"), .consumer = STR("C"), .supplier = STR("S")
		};
		const struct js *o;
		struct str error, text;
		int status;
		CHECK_RC(js_parse(&a, written(&a, &err, &status), NULL, &o, NULL), RC_OK);
		CHECK_RC(js_member_str(o, "error", &error), RC_OK);
		CHECK_RC(js_member_str(o, "error_description", &text), RC_OK);
		CHECK_STR(error, str_of(rows[i].error));
		assert_int_equal(status, rows[i].status);
		if (str_find(text, str_of(rows[i].text)) < 0)
			fail_msg("%.*s, want %s", STR_FMT(text), rows[i].text);
	}
}

T_MAIN(cmocka_unit_test(test_fault__every_fault_is_json_in_the_charset),
       cmocka_unit_test(test_fault__nothing_follows_no_comma), cmocka_unit_test(test_fault__what_is_said_back_is_cut),
       cmocka_unit_test(test_fault__texts))
