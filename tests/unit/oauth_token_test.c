#include "oauth_kit.h"

static struct str claims_of(struct grant *g, struct oauth_access *access, struct str details)
{
	struct buf b = BUF(&kit.a);
	struct jsw w = JSW(&b);
	struct oauth_token t = { .issuer = STR(ISSUER),
				 .jti = STR("J"),
				 .client = &kit.client,
				 .grant = g,
				 .access = access,
				 .amr = "private_key_jwt",
				 .details = details,
				 .iat = 10,
				 .exp = 130 };
	oauth_token_claims(&w, &t);
	return buf_str(&b);
}

#define HEAD                                                                                                           \
	"\"scope\":\"a:b\",\"iss\":\"" ISSUER "\",\"client_amr\":\"private_key_jwt\",\"token_type\":\"Bearer\","       \
	"\"exp\":130,\"iat\":10,\"client_id\":\"" CLIENT_ID "\",\"jti\":\"J\","
#define CONSUMER "\"consumer\":{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"0192:" ORG "\"}"

static void test_token__plain(void **state)
{
	(void)state;
	struct grant g = { .scope_text = STR("a:b") };
	struct oauth_access access = { .consumer = STR(ORG) };
	CHECK_STR(claims_of(&g, &access, STR_NONE), STR("{" HEAD CONSUMER "}"));
}

static void test_token__delegated(void **state)
{
	(void)state;
	struct grant g = { .scope_text = STR("a:b") };
	struct oauth_access access = { .consumer = STR(ORG),
				       .supplier = STR(OTHER_ORG),
				       .delegation_source = STR("https://tt02.altinn.no/") };
	CHECK_STR(claims_of(&g, &access, STR_NONE),
		  STR("{" HEAD CONSUMER ",\"supplier\":{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"0192:" OTHER_ORG
		      "\"},\"delegation_source\":\"https://tt02.altinn.no/\"}"));
}

/* RFC 9396 section 9.1: the granted details are a claim; RFC 8707 section 2: the resource is the audience. */
static void test_token__consent_audience_pid(void **state)
{
	(void)state;
	struct grant g = {
		.scope_text = STR("a:b"), .resources = { STR("urn:x") }, .n_resources = 1, .pid = STR("01859090083")
	};
	struct oauth_access access = { .consumer = STR(ORG) };
	CHECK_STR(claims_of(&g, &access, STR("{\"type\":\"t\"}")),
		  STR("{\"authorization_details\":[{\"type\":\"t\"}]," HEAD CONSUMER
		      ",\"aud\":\"urn:x\",\"pid\":\"01859090083\"}"));
	g.resources[g.n_resources++] = STR("urn:y");
	CHECK(str_find(claims_of(&g, &access, STR_NONE), STR(",\"aud\":[\"urn:x\",\"urn:y\"]")) > 0);
}

static void test_token__what_settings_add(void **state)
{
	(void)state;
	static const struct str prefixes[] = { STR_INIT("a"), STR_INIT("b") };
	struct grant g = { .scope_text = STR("a:b") };
	struct oauth_access access = { .consumer = STR(ORG) };
	struct oauth_token t = { .issuer = STR(ISSUER),
				 .client = &kit.client,
				 .grant = &g,
				 .access = &access,
				 .amr = "private_key_jwt",
				 .no_audience = "unspecified",
				 .prefixes = prefixes,
				 .n_prefixes = 2 };
	struct buf b = BUF(&kit.a);
	struct jsw w = JSW(&b);
	oauth_token_claims(&w, &t);
	CHECK(str_ends(buf_str(&b), STR(CONSUMER ",\"aud\":\"unspecified\",\"consumer_prefix\":[\"a\",\"b\"]}")));
	g.resources[g.n_resources++] = STR("urn:x");
	b.n = 0;
	oauth_token_claims(&w, &t);
	CHECK(str_find(buf_str(&b), STR("\"aud\":\"urn:x\"")) > 0 && str_find(buf_str(&b), STR("unspecified")) < 0);
}

/* RFC 6749 section 5.1. */
static void test_token__answer_has_four_members(void **state)
{
	(void)state;
	struct buf b = BUF(&kit.a);
	struct jsw w = JSW(&b);
	oauth_token_answer(&w, STR("T"), 119, STR("a:b c:d"));
	CHECK_STR(buf_str(&b),
		  STR("{\"access_token\":\"T\",\"token_type\":\"Bearer\",\"expires_in\":119,\"scope\":\"a:b c:d\"}"));
}

KIT_MAIN(cmocka_unit_test(test_token__plain), cmocka_unit_test(test_token__delegated),
	 cmocka_unit_test(test_token__consent_audience_pid), cmocka_unit_test(test_token__what_settings_add),
	 cmocka_unit_test(test_token__answer_has_four_members))
