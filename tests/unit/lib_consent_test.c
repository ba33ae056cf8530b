#include "lib_kit.h"

static void test_consent__every_member_must_be_there_and_of_its_type(void **state)
{
	(void)state;
	struct kit k;
	static const struct change t[] = {
		{ "'id':'" CONSENT_ID "',", "", SAMTYKKE_BAD_CONSENT },
		{ "'id':'" CONSENT_ID "'", "'id':1", SAMTYKKE_BAD_CONSENT },
		{ CONSENT_ID, "0195a7c2", SAMTYKKE_BAD_CONSENT },
		{ "'from':'urn:altinn:person:identifier-no:" GIVER "',", "", SAMTYKKE_BAD_CONSENT },
		{ "'from':'urn:altinn:person:identifier-no:" GIVER "'", "'from':['x']", SAMTYKKE_BAD_CONSENT },
		{ "identifier-no:" GIVER, "identifier-no:01025161014", SAMTYKKE_BAD_CONSENT },
		{ "person:identifier-no:" GIVER, "party:id:513370001", SAMTYKKE_BAD_CONSENT },
		{ "person:identifier-no:" GIVER, "organization:identifier-no:" OTHER_ORG, SAMTYKKE_OK },
		{ "'to':{'authority':'iso6523-actorid-upis','ID':'0192:" ORG "'},", "", SAMTYKKE_BAD_CONSENT },
		{ "'to':{'authority':'iso6523-actorid-upis',", "'to':{", SAMTYKKE_BAD_CONSENT },
		{ "'to':{'authority':'iso6523-actorid-upis'", "'to':{'authority':'other'", SAMTYKKE_BAD_CONSENT },
		{ "'to':{'authority':'iso6523-actorid-upis','ID':'0192:" ORG "'}",
		  "'to':'urn:altinn:organization:identifier-no:" ORG "'", SAMTYKKE_BAD_CONSENT },
		{ "'ID':'0192:" ORG "'},'consented'", "'ID':'" ORG "'},'consented'", SAMTYKKE_BAD_CONSENT },
		{ "'ID':'0192:" ORG "'},'consented'", "'ID':'0192:123456789'},'consented'", SAMTYKKE_BAD_CONSENT },
		{ "'consented':'2026-05-01T10:00:00.5+00:00',", "", SAMTYKKE_BAD_CONSENT },
		{ "2026-05-01T10:00:00.5+00:00", "yesterday", SAMTYKKE_BAD_CONSENT },
		{ "'validTo':'2026-06-28T20:26:40+00:00',", "", SAMTYKKE_BAD_CONSENT },
		{ "'validTo':'2026-06-28T20:26:40+00:00'", "'validTo':1780000000", SAMTYKKE_BAD_CONSENT },
		{ ",'consentRights':[" RIGHT_1 "," RIGHT_2 "]", "", SAMTYKKE_BAD_CONSENT },
		{ RIGHT_1 "," RIGHT_2, "", SAMTYKKE_BAD_CONSENT },
		{ "[" RIGHT_1 "," RIGHT_2 "]", RIGHT_1, SAMTYKKE_BAD_CONSENT },
		{ RIGHT_1, "'x'", SAMTYKKE_BAD_CONSENT },
		{ RIGHT_2, "{}", SAMTYKKE_BAD_CONSENT },
		{ "'action':['consent'],", "", SAMTYKKE_BAD_CONSENT },
		{ "'action':['consent']", "'action':[]", SAMTYKKE_BAD_CONSENT },
		{ "'action':['consent']", "'action':'consent'", SAMTYKKE_BAD_CONSENT },
		{ "'action':['consent']", "'action':['consent',1]", SAMTYKKE_BAD_CONSENT },
		{ "'resource':[{'type':'urn:altinn:resource','value':'inntekt'}],", "", SAMTYKKE_BAD_CONSENT },
		{ "[{'type':'urn:altinn:resource','value':'inntekt'}]", "[]", SAMTYKKE_BAD_CONSENT },
		{ "[{'type':'urn:altinn:resource','value':'inntekt'}]",
		  "[{'type':'urn:altinn:resource','value':'a'},{'type':'urn:altinn:resource','value':'b'}]",
		  SAMTYKKE_BAD_CONSENT },
		{ "'value':'inntekt'", "'value':1", SAMTYKKE_BAD_CONSENT },
		{ "'type':'urn:altinn:resource',", "", SAMTYKKE_BAD_CONSENT },
		{ "'metadata':{'fraOgMed':'2025-01','tilOgMed':'2025-12'}", "'metadata':[]", SAMTYKKE_BAD_CONSENT },
		{ "'metadata':{'fraOgMed':'2025-01','tilOgMed':'2025-12'}", "'metadata':null", SAMTYKKE_BAD_CONSENT },
		{ "'metadata':{'fraOgMed':'2025-01','tilOgMed':'2025-12'}", "'metadata':{'aar':'2024','AAR':'2025'}",
		  SAMTYKKE_BAD_CONSENT },
		{ "'fraOgMed':'2025-01'", "'fraOgMed':2025", SAMTYKKE_BAD_CONSENT },
		{ ",'metadata':{'fraOgMed':'2025-01','tilOgMed':'2025-12'}", "", SAMTYKKE_OK },
	};
	kit_start(&k, 0);
	CHECK_SRC(kit_check(&k, quoted(&k.a, STR(CLAIMS)), NULL), SAMTYKKE_OK);
	kit_table(&k, t, LEN(t), NULL); /* checked although nobody asked */
	kit_stop(&k);
}

static void test_consent__stands_alone_among_the_details(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	static const struct {
		const char *details;
		enum samtykke_rc unasked, asked;
	} t[] = {
		{ "", SAMTYKKE_OK, SAMTYKKE_NO_CONSENT },
		{ ",'authorization_details':[]", SAMTYKKE_OK, SAMTYKKE_NO_CONSENT },
		{ ",'authorization_details':[{'type':'urn:altinn:systemuser','id':'x'}]", SAMTYKKE_OK,
		  SAMTYKKE_NO_CONSENT },
		{ ",'authorization_details':[{'type':'a'},{'type':'b'}]", SAMTYKKE_OK, SAMTYKKE_NO_CONSENT },
		{ ",'authorization_details':[{'type':'urn:altinn:Consent'}]", SAMTYKKE_OK, SAMTYKKE_NO_CONSENT },
		{ ",'authorization_details':[" CONSENT "," CONSENT "]", SAMTYKKE_BAD_CONSENT, SAMTYKKE_BAD_CONSENT },
		{ ",'authorization_details':[{'type':'a'}," CONSENT "]", SAMTYKKE_BAD_CONSENT, SAMTYKKE_BAD_CONSENT },
		{ ",'authorization_details':" CONSENT, SAMTYKKE_BAD_CONSENT, SAMTYKKE_BAD_CONSENT },
		{ ",'authorization_details':null", SAMTYKKE_BAD_CONSENT, SAMTYKKE_BAD_CONSENT },
		{ ",'authorization_details':['x']", SAMTYKKE_BAD_CONSENT, SAMTYKKE_BAD_CONSENT },
		{ ",'authorization_details':[{'id':'x'}]", SAMTYKKE_BAD_CONSENT, SAMTYKKE_BAD_CONSENT },
		{ DETAILS DETAILS, SAMTYKKE_MALFORMED, SAMTYKKE_MALFORMED },
	};
	kit_start(&k, 0);
	e.consent = true;
	for (size_t i = 0; i < LEN(t); i++) {
		struct str claims = changed(&k.a, DETAILS, t[i].details);
		CHECK_SRC(kit_check(&k, claims, NULL), t[i].unasked);
		CHECK_SRC(kit_check(&k, claims, &e), t[i].asked);
	}
	kit_stop(&k);
}

static void test_consent__any_demand_on_it_demands_it(void **state)
{
	(void)state;
	struct kit k;
	static const char *const none[] = { NULL };
	struct samtykke_expect t[4] = { SAMTYKKE_EXPECT, SAMTYKKE_EXPECT, SAMTYKKE_EXPECT, SAMTYKKE_EXPECT };
	kit_start(&k, 0);
	t[0].from = GIVER;
	t[1].resource = "inntekt";
	t[2].action = "consent";
	t[3].metadata = none;
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK_SRC(kit_check(&k, changed(&k.a, DETAILS, ""), &t[i]), SAMTYKKE_NO_CONSENT);
		CHECK_SRC(kit_check(&k, quoted(&k.a, STR(CLAIMS)), &t[i]), SAMTYKKE_OK);
	}
	kit_stop(&k);
}

static void test_consent__belongs_to_the_consumer_unless_handlers_may(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	static const char to[] = "'ID':'0192:" ORG "'},'consented'";
	kit_start(&k, 0);
	struct str claims = changed(&k.a, to, "'ID':'0192:" OTHER_ORG "'},'consented'");
	CHECK_SRC(kit_check(&k, claims, NULL), SAMTYKKE_WRONG_RECIPIENT);
	CHECK_SRC(kit_check(&k, claims, &e), SAMTYKKE_WRONG_RECIPIENT);
	e.allow_handler = true;
	CHECK_SRC(kit_check(&k, claims, &e), SAMTYKKE_OK);
	static const struct change consumers[] = {
		{ ",'consumer':{'authority':'iso6523-actorid-upis','ID':'0192:" ORG "'}", "",
		  SAMTYKKE_WRONG_RECIPIENT },
		{ "'consumer':{'authority':'iso6523-actorid-upis'", "'consumer':{'authority':'x'",
		  SAMTYKKE_WRONG_RECIPIENT },
		{ "'consumer':{'authority':'iso6523-actorid-upis','ID':'0192:" ORG "'}", "'consumer':'0192:" ORG "'",
		  SAMTYKKE_WRONG_RECIPIENT },
	};
	kit_table(&k, consumers, LEN(consumers), &e);
	kit_stop(&k);
}

static void test_consent__expires_at_valid_to(void **state)
{
	(void)state;
	struct kit k;
	static const struct change t[] = {
		{ "'validTo':'2026-06-28T20:26:40+00:00'", "'validTo':'2026-05-28T20:26:40.000001Z'", SAMTYKKE_OK },
		{ "'validTo':'2026-06-28T20:26:40+00:00'", "'validTo':'2026-05-28T22:26:40+02:00'",
		  SAMTYKKE_CONSENT_EXPIRED },
		{ "'validTo':'2026-06-28T20:26:40+00:00'", "'validTo':'2020-01-01T00:00:00Z'",
		  SAMTYKKE_CONSENT_EXPIRED },
	};
	kit_start(&k, 3600); /* the skew is for the token, not for what a person agreed to */
	kit_table(&k, t, LEN(t), NULL);
	kit_stop(&k);
}

static void test_consent__from_by_urn_and_by_number(void **state)
{
	(void)state;
	struct kit k;
	static const struct {
		const char *from;
		enum samtykke_rc want;
	} t[] = {
		{ GIVER, SAMTYKKE_OK },
		{ "urn:altinn:person:identifier-no:" GIVER, SAMTYKKE_OK },
		{ "urn:altinn:organization:identifier-no:" GIVER, SAMTYKKE_WRONG_GIVER },
		{ "05857420189", SAMTYKKE_WRONG_GIVER },
		{ "0102516101", SAMTYKKE_WRONG_GIVER },
		{ "", SAMTYKKE_WRONG_GIVER },
	};
	kit_start(&k, 0);
	for (size_t i = 0; i < LEN(t); i++) {
		struct samtykke_expect e = SAMTYKKE_EXPECT;
		e.from = t[i].from;
		CHECK_SRC(kit_check(&k, quoted(&k.a, STR(CLAIMS)), &e), t[i].want);
	}
	kit_stop(&k);
}

static const char *const year[] = { "FRAOGMED", "2025-01", "tilogmed", "2025-12", NULL };
static const char *const from_only[] = { "fraOgMed", "2025-01", NULL };
static const char *const wrong_value[] = { "fraOgMed", "2025-1", NULL };
static const char *const unknown_key[] = { "fraOgMe", "2025-01", NULL };
static const char *const no_value[] = { "fraOgMed", NULL };
static const char *const nothing[] = { NULL };

static const struct coverage {
	const char *resource, *action;
	const char *const *metadata;
	bool covered;
	size_t right;
} coverage[] = {
	{ "inntekt", NULL, NULL, true, 0 },
	{ "inntekt", "consent", year, true, 0 },
	{ "inntekt", "CONSENT", from_only, true, 0 },
	{ "inntekt", "read", NULL, false, 0 },
	{ "Inntekt", NULL, NULL, false, 0 },
	{ "inntekt", NULL, wrong_value, false, 0 },
	{ "inntekt", NULL, unknown_key, false, 0 },
	{ "inntekt", NULL, no_value, false, 0 },
	{ "inntekt", NULL, nothing, true, 0 },
	{ "gjeld", NULL, NULL, false, 0 },
	{ "gjeld", "other", NULL, true, 1 },
	{ "gjeld", "read2", nothing, true, 1 },
	{ "gjeld", "other", from_only, false, 0 },
	{ NULL, "other", NULL, true, 1 },
	{ NULL, NULL, year, true, 0 },
	{ NULL, "other", year, false, 0 },
	{ "skatt", "other", NULL, false, 0 },
};

static void test_consent__covers_in_one_right_what_is_asked(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	struct str token = signed_by(&k.a, k.key, quoted(&k.a, STR(CLAIMS)));
	CHECK_SRC(samtykke_verify(k.v, token.p, token.n, NULL, &t), SAMTYKKE_OK);
	for (size_t i = 0; i < LEN(coverage); i++) {
		const struct coverage *c = &coverage[i];
		struct samtykke_expect e = SAMTYKKE_EXPECT;
		size_t right = 0;
		e.resource = c->resource;
		e.action = c->action;
		e.metadata = c->metadata;
		if (samtykke_consent_covers(t, c->resource, c->action, c->metadata, &right) != c->covered ||
		    right != c->right)
			fail_msg("row %zu: right %zu", i, right);
		CHECK_SRC(samtykke_verify(k.v, token.p, token.n, &e, NULL),
			  c->covered ? SAMTYKKE_OK : SAMTYKKE_NOT_COVERED);
	}
	CHECK(samtykke_consent_covers(t, "inntekt", NULL, NULL, NULL));
	samtykke_token_destroy(t);
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	e.resource = "inntekt";
	static const struct change other_type[] = {
		{ "'type':'urn:altinn:resource','value':'inntekt'", "'type':'urn:other','value':'inntekt'",
		  SAMTYKKE_NOT_COVERED },
		{ "'action':['consent']", "'action':['x','read']", SAMTYKKE_OK },
	};
	kit_table(&k, other_type, LEN(other_type), &e);
	kit_stop(&k);
}

static void test_consent__tells_what_it_says(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	struct str token = signed_by(&k.a, k.key, quoted(&k.a, STR(CLAIMS)));
	CHECK_SRC(samtykke_inspect(token.p, token.n, &t), SAMTYKKE_OK);
	CHECK(samtykke_token_has_consent(t));
	CHECK_Z(samtykke_consent_id(t), CONSENT_ID);
	CHECK_Z(samtykke_consent_from(t), "urn:altinn:person:identifier-no:" GIVER);
	CHECK_Z(samtykke_consent_from_number(t), GIVER);
	CHECK_Z(samtykke_consent_to(t), ORG);
	CHECK(samtykke_consent_given(t) == 1777629600 * CLOCK_SECOND + 500000);
	CHECK(samtykke_consent_valid_to(t) == (NOW_S + 31 * 86400) * CLOCK_SECOND);
	CHECK(samtykke_consent_rights(t) == 2);
	CHECK_Z(samtykke_right_resource(t, 0), "inntekt");
	CHECK_Z(samtykke_right_resource(t, 1), "gjeld");
	CHECK(!samtykke_right_resource(t, 2));
	CHECK(samtykke_right_has_action(t, 1, "READ2") && !samtykke_right_has_action(t, 0, "read2"));
	CHECK(!samtykke_right_has_action(t, 2, "consent") && !samtykke_right_has_action(t, SIZE_MAX, "consent"));
	CHECK_Z(samtykke_right_metadata(t, 0, "fraogmed"), "2025-01");
	CHECK(!samtykke_right_metadata(t, 0, "x") && !samtykke_right_metadata(t, 1, "fraogmed"));
	CHECK(!samtykke_right_metadata(t, 7, "fraogmed"));
	samtykke_token_destroy(t);
	kit_stop(&k);
}

static void test_consent__that_is_bad_looks_like_none(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	struct str token = signed_by(&k.a, k.key, changed(&k.a, "'action':['consent']", "'action':[]"));
	CHECK_SRC(samtykke_inspect(token.p, token.n, &t), SAMTYKKE_OK);
	CHECK(!samtykke_token_has_consent(t) && samtykke_consent_rights(t) == 0);
	CHECK(!samtykke_consent_id(t) && !samtykke_consent_from(t) && !samtykke_consent_from_number(t));
	CHECK(!samtykke_consent_to(t) && samtykke_consent_given(t) == 0 && samtykke_consent_valid_to(t) == 0);
	CHECK(!samtykke_consent_covers(t, NULL, "consent", NULL, NULL) && !samtykke_right_resource(t, 0));
	CHECK(!samtykke_right_has_action(t, 0, "consent") && !samtykke_right_metadata(t, 0, "x"));
	samtykke_token_destroy(t);
	kit_stop(&k);
}

T_MAIN(cmocka_unit_test(test_consent__every_member_must_be_there_and_of_its_type),
       cmocka_unit_test(test_consent__stands_alone_among_the_details),
       cmocka_unit_test(test_consent__any_demand_on_it_demands_it),
       cmocka_unit_test(test_consent__belongs_to_the_consumer_unless_handlers_may),
       cmocka_unit_test(test_consent__expires_at_valid_to), cmocka_unit_test(test_consent__from_by_urn_and_by_number),
       cmocka_unit_test(test_consent__covers_in_one_right_what_is_asked),
       cmocka_unit_test(test_consent__tells_what_it_says), cmocka_unit_test(test_consent__that_is_bad_looks_like_none))
