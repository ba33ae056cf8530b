#include "oauth_kit.h"

#define T "\"type\":\"urn:altinn:consent\""
#define I "\"id\":\"77ed0000-0000-4000-9eb4-5c1eb3f165a1\""
#define F "\"from\":\"urn:altinn:person:identifier-no:01025161013\""

/* RFC 9396 section 5: unknown types and members, wrong or missing values are refused. */
static void test_details__table(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		enum oauth_fault want;
		const char *detail;
	} rows[] = {
		{ "[{" T "," I "," F "}]", OF_NONE, NULL },
		{ "[{" F "," I "," T "}]", OF_NONE, NULL },
		{ "[{" T "," I ",\"from\":\"urn:altinn:organization:identifier-no:810419512\"}]", OF_NONE, NULL },
		{ "[]", OF_RAR_VALUE, "authorization_details" },
		{ "{" T "," I "," F "}", OF_RAR_VALUE, "authorization_details" },
		{ "[{" T "," I "," F "},{" T "," I "," F "}]", OF_RAR_VALUE, "authorization_details" },
		{ "[1]", OF_RAR_VALUE, "authorization_details" },
		{ "null", OF_RAR_VALUE, "authorization_details" },
		{ "[{" I "," F "}]", OF_RAR_VALUE, "type" },
		{ "[{\"type\":1," I "," F "}]", OF_RAR_VALUE, "type" },
		{ "[{\"type\":\"urn:altinn:systemuser\"," I "," F "}]", OF_RAR_TYPE, "urn:altinn:systemuser" },
		{ "[{\"type\":\"urn:altinn:Consent\"," I "," F "}]", OF_RAR_TYPE, "urn:altinn:Consent" },
		{ "[{" T "," I "," F ",\"to\":\"x\"}]", OF_RAR_FIELD, "to" },
		{ "[{" T "," I "," F ",\"externalRef\":\"x\"}]", OF_RAR_FIELD, "externalRef" },
		{ "[{" T "," I "," F ",\"ID\":\"x\"}]", OF_RAR_FIELD, "ID" },
		{ "[{" T "," F "}]", OF_RAR_VALUE, "id" },
		{ "[{" T ",\"id\":\"77ed\"," F "}]", OF_RAR_VALUE, "id" },
		{ "[{" T ",\"id\":null," F "}]", OF_RAR_VALUE, "id" },
		{ "[{" T "," I "}]", OF_RAR_VALUE, "from" },
		{ "[{" T "," I ",\"from\":\"urn:altinn:person:identifier-no:01025161014\"}]", OF_RAR_VALUE, "from" },
		{ "[{" T "," I ",\"from\":\"urn:altinn:organization:identifier-no:810419513\"}]", OF_RAR_VALUE,
		  "from" },
		{ "[{" T "," I ",\"from\":\"urn:altinn:party:uuid:d5b861c8-8e3b-44cd-9952-5315e5990cf5\"}]",
		  OF_RAR_VALUE, "from" },
		{ "[{" T "," I ",\"from\":\"urn:altinn:party:id:5\"}]", OF_RAR_VALUE, "from" },
		{ "[{" T "," I ",\"from\":{\"type\":\"urn:altinn:person:identifier-no\",\"value\":\"01025161013\"}}]",
		  OF_RAR_VALUE, "from" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct grant g = { 0 };
		struct oauth_consent c;
		struct oauth_error err = { 0 };
		CHECK_RC(js_parse(&kit.a, str_of(rows[i].json), NULL, &g.details, NULL), RC_OK);
		(void)!oauth_details_parse(&kit.a, &g, &c, &err);
		if (err.fault != rows[i].want)
			fail_msg("%s: fault %d", rows[i].json, (int)err.fault);
		if (rows[i].detail)
			CHECK_STR(err.detail, str_of(rows[i].detail));
	}
}

KIT_MAIN(cmocka_unit_test(test_details__table))
