#include "domain/policy.h"
#include "domain_seed_kit.h"

#define AUTHORITY "'hasCompetentAuthority':{'organization':'991825827','orgcode':'ttd','name':{'nb':'T'}}"
#define RESOURCE(id, more)                                                                                             \
	"{'identifier':'" id "','resourceType':'Consent','versionId':1,'title':{'nb':'R'}," AUTHORITY more "}"
#define ASK(subjects) ",'policy':{'rules':[{'actions':['requestconsent'],'subjects':" subjects "}]}"
#define ORG "[['urn:altinn:partytype:organization']]"
#define MEMBER "urn:altinn:organization:identifier-no:810419512"

static const char world[] = "{'resources':[" RESOURCE("none", "") "," RESOURCE("empty", ",'policy':{'rules':[]}") "," RESOURCE(
	"any",
	ASK(ORG)) "," RESOURCE("person",
			       ASK("[['urn:altinn:partytype:person']]")) "," RESOURCE("role",
										      ASK("[['urn:altinn:rolecode:dagl'"
											  "]"
											  "]")) "," RESOURCE("number", ASK("[['urn:altinn:rolecode:dagl'],['" MEMBER "']]")) "," RESOURCE("list",
																							  ASK("[['urn:altinn:access-list:ttd:banks']]")) "," RESOURCE("both",
																														      ASK(
																															      "[['urn:altinn:partytype:organization','urn:altinn:access-list:ttd:banks']]")) "," RESOURCE("other", ",'policy':{'rules':[{'actions':['consent'],'subjects':" ORG "}]}") "," RESOURCE("cased", ",'policy':{'rules':[{'actions':['RequestConsent'],'subjects':" ORG
																																																							     "}]}") "," RESOURCE("mode",
																																																										 ",'accessListMode':'Enabled'" ASK(
																																																											 ORG)) "," RESOURCE("alone",
																																																													    ",'accessListMode':'Enabled'" ASK(
																																																														    ORG)) "," RESOURCE("filtered",
																																																																       ",'accessListMode':'Enabled'" ASK(ORG)) "," RESOURCE("off",
																																																																							    ",'accessListMode':'Disabled'" ASK(
																																																																								    ORG)) "],"
																																																																									  "'accessLists':[{'owner':'ttd','identifier':'banks','members':['" MEMBER
																																																																									  "'],'resourceConnections':["
																																																																									  "{'resource':'mode','actionFilters':['requestconsent']},{'resource':'off'},"
																																																																									  "{'resource':'filtered','actionFilters':['read']}]}]}";

static const struct row {
	const char *resource;
	bool member, stranger;
} rows[] = {
	// clang-format off
	{ "none",     false, false },
	{ "empty",    false, false },
	{ "any",      true,  true },
	{ "person",   false, false },
	{ "role",     false, false },
	{ "number",   true,  false },
	{ "list",     true,  false },
	{ "both",     true,  false },
	{ "other",    false, false },
	{ "cased",    true,  true },
	{ "mode",     true,  false },
	{ "alone",    false, false }, /* mode on, no list connected */
	{ "filtered", false, false }, /* connected for another action */
	{ "off",      true,  true },
	// clang-format on
};

static void test_policy__who_may_ask(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, world));
	CHECK_RC(registry_init(&box, k.store), RC_OK);
	const struct registry *r = registry_hold(&box);
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct resource *res = registry_resource(r, str_of(rows[i].resource));
		assert_non_null(res);
		if (policy_allows_request(r, res, STR("810419512")) != rows[i].member)
			fail_msg("%s: member", rows[i].resource);
		if (policy_allows_request(r, res, STR("810418192")) != rows[i].stranger)
			fail_msg("%s: stranger", rows[i].resource);
	}
	registry_release(r);
	registry_finish(&box);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_policy__who_may_ask))
