#include "publish_kit.h"
#include "registry_xacml_kit.h"

#define MEMBER "urn:altinn:organization:identifier-no:810419512"
#define MAY(action, subjects) "{'rules':[{'actions':['" action "'],'subjects':" subjects "}]}"
#define ASKS(subjects) MAY("requestconsent", subjects)
#define ANYBODY "[['urn:altinn:partytype:organization']]"
#define FILE_ASKS(alternatives) POLICY(RULE(ANY(alternatives) ASK))
#define LIST WHO("access-list", "ttd:banks")

/* Each resource is there twice: with the policy as JSON and, where there is one, with the file that means the same. */
static const struct row {
	const char *resource, *mode, *json, *xml;
	bool member, stranger, owner;
} rows[] = {
	// clang-format off
	{ "none",     "Disabled", NULL, NULL, false, false, false },
	{ "empty",    "Disabled", "{'rules':[]}", NULL, false, false, false },
	{ "any",      "Disabled", ASKS(ANYBODY), FILE_ASKS(ALL(ORG)), true, true, true },
	{ "person",   "Disabled", ASKS("[['urn:altinn:partytype:person']]"), FILE_ASKS(ALL(WHO("partytype", "person"))), false, false, false },
	{ "role",     "Disabled", ASKS("[['urn:altinn:rolecode:dagl']]"), FILE_ASKS(ALL(ROLE("dagl"))), false, false, false },
	{ "number",   "Disabled", ASKS("[['urn:altinn:rolecode:dagl'],['" MEMBER "']]"),
	  FILE_ASKS(ALL(ROLE("dagl")) ALL(WHO("organization:identifier-no", "810419512"))), true, false, false },
	{ "number2",  "Disabled", ASKS("[['urn:altinn:organizationnumber:810419512']]"),
	  FILE_ASKS(ALL(WHO("organizationnumber", "810419512"))), true, false, false },
	{ "ttd",      "Disabled", ASKS("[['urn:altinn:org:TTD']]"), FILE_ASKS(ALL(WHO("org", "ttd"))), false, false, true },
	{ "skd",      "Disabled", ASKS("[['urn:altinn:org:skd']]"), FILE_ASKS(ALL(WHO("org", "skd"))), false, false, false },
	{ "list",     "Disabled", ASKS("[['urn:altinn:access-list:ttd:banks']]"), FILE_ASKS(ALL(LIST)), true, false, false },
	{ "both",     "Disabled", ASKS("[['urn:altinn:partytype:organization','urn:altinn:access-list:ttd:banks']]"),
	  FILE_ASKS(ALL(ORG LIST)), true, false, false },
	{ "never",    "Disabled", ASKS("[['urn:altinn:partytype:person','urn:altinn:access-list:ttd:banks']]"),
	  POLICY(RULE(ANY(ALL(LIST)) ANY(ALL(WHO("partytype", "person"))) ASK)), false, false, false },
	{ "other",    "Disabled", MAY("consent", ANYBODY), POLICY(RULE(ANY(ALL(ORG)) ANY(ALL(ACT("consent"))))), false, false, false },
	{ "cased",    "Disabled", MAY("RequestConsent", ANYBODY), POLICY(RULE(ANY(ALL(ORG)) ANY(ALL(ACT("RequestConsent"))))), true, true, true },
	{ "mode",     "Enabled",  ASKS(ANYBODY), FILE_ASKS(ALL(ORG)), true, false, false },
	{ "alone",    "Enabled",  ASKS(ANYBODY), FILE_ASKS(ALL(ORG)), false, false, false }, /* no list is connected */
	{ "filtered", "Enabled",  ASKS(ANYBODY), FILE_ASKS(ALL(ORG)), false, false, false }, /* connected for another action */
	{ "off",      "Disabled", ASKS(ANYBODY), FILE_ASKS(ALL(ORG)), true, true, true },    /* connected, but the mode is off */
	// clang-format on
};

static const char lists[] = "'accessLists':[{'owner':'ttd','identifier':'banks','members':['" MEMBER
			    "'],'resourceConnections':[{'resource':'mode','actionFilters':['requestconsent']},"
			    "{'resource':'mode-file'},{'resource':'off'},{'resource':'off-file'},"
			    "{'resource':'filtered','actionFilters':['read']},"
			    "{'resource':'filtered-file','actionFilters':['read']}]}]}";

static void resource_put(struct kit *k, struct buf *b, const struct row *row, bool as_file)
{
	buf_add(b, json_q(&k->a, "{'resourceType':'Consent','versionId':1,'title':{'nb':'R'},'hasCompetentAuthority':"
				 "{'organization':'991825827','orgcode':'ttd','name':{'nb':'T'}},'accessListMode':'"));
	buf_fmt(b, "%s\",\"identifier\":\"%s%s\"", row->mode, row->resource, as_file ? "-file" : "");
	if (as_file) {
		buf_lit(b, ",\"policyXml\":");
		buf_json(b, str_of(row->xml));
	} else if (row->json) {
		buf_lit(b, ",\"policy\":");
		buf_add(b, json_q(&k->a, row->json));
	}
	buf_c(b, '}');
}

static void world_apply(struct kit *k)
{
	struct buf b = BUF(&k->a);
	buf_lit(&b, "{\"resources\":[");
	for (size_t i = 0; i < LEN(rows); i++) {
		buf_z(&b, i ? "," : "");
		resource_put(k, &b, &rows[i], false);
		buf_z(&b, rows[i].xml ? "," : "");
		if (rows[i].xml)
			resource_put(k, &b, &rows[i], true);
	}
	buf_lit(&b, "],");
	buf_add(&b, json_q(&k->a, lists));
	kit_apply(k, buf_str(&b));
}

static void row_check(const struct registry *r, const struct row *row, struct str id)
{
	const struct {
		const char *who, *orgno;
		bool may;
	} askers[] = { { "member", "810419512", row->member },
		       { "stranger", "810418192", row->stranger },
		       { "owner", "991825827", row->owner } };
	const struct resource *res = registry_resource(r, id);
	assert_non_null(res);
	for (size_t i = 0; i < LEN(askers); i++)
		if (policy_allows_request(r, res, str_of(askers[i].orgno)) != askers[i].may)
			fail_msg("%.*s: %s", STR_FMT(id), askers[i].who);
}

static void test_policy__who_may_ask(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	kit_open(&k, STORE_SANDBOX);
	world_apply(&k);
	CHECK_RC(registry_init(&box, k.store), RC_OK);
	const struct registry *r = registry_hold(&box);
	for (size_t i = 0; i < LEN(rows); i++) {
		row_check(r, &rows[i], str_of(rows[i].resource));
		if (rows[i].xml)
			row_check(r, &rows[i], arena_fmt(&k.a, "%s-file", rows[i].resource));
	}
	registry_release(r);
	registry_finish(&box);
	kit_close(&k);
}

/* What a newer or broken program left in the store: nobody may do anything with it. */
static void test_policy__unreadable_file_allows_nobody(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	kit_open(&k, STORE_SANDBOX);
	struct change *c = change_new(&k.a);
	struct str body =
		json_q(&k.a, "{'identifier':'r','resourceType':'Consent','versionId':1,'policyXml':'<Policy/>'}");
	change_entry(c, &(struct entry){ STR("resource"), STR("r"), 1, body });
	CHECK_RC(store_apply(k.store, c, true), RC_OK);
	CHECK_RC(registry_init(&box, k.store), RC_OK);
	const struct registry *r = registry_hold(&box);
	const struct resource *res = registry_resource(r, STR("r"));
	assert_non_null(res);
	assert_int_equal(res->policy.n_rules, 0);
	assert_int_equal(res->policy.min_level, POLICY_MAX_LEVEL);
	CHECK(!policy_allows_request(r, res, STR("810419512")));
	registry_release(r);
	registry_finish(&box);
	kit_close(&k);
}

/* ---- both ways to write a policy ---- */

static const struct twin {
	const char *json, *xml;
} twins[] = {
	// clang-format off
	{ "{'rules':[{'actions':['requestconsent'],'subjects':" ANYBODY "}]}", POLICY(SOUND) },
	{ "{'minimumAuthenticationLevel':3,'rules':[{'actions':['requestconsent'],'subjects':[['urn:altinn:access-list:ttd:banks']]},"
	  "{'actions':['consent','read'],'subjects':[['urn:altinn:rolecode:priv'],['urn:altinn:rolecode:DAGL'],"
	  "['urn:altinn:accesspackage:regnskapsforer-lonn']]}]}",
	  POLICY(RULE(ANY(ALL(LIST)) ASK)
		 RULE(ANY(ALL(ROLE("PRIV")) ALL(ROLE("dagl")) ALL(WHO("accesspackage", "regnskapsforer-lonn")))
		      ANY(ALL(ACT("consent")) ALL(ACT("read")))) LEVEL("3")) },
	{ "{'rules':[{'actions':['consent'],'subjects':[['urn:altinn:rolecode:a','urn:altinn:rolecode:b']]},"
	  "{'actions':['read'],'subjects':[['urn:altinn:org:skd']]}]}",
	  POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(ROLE("b"))) HERE ANY(ALL(ACT("consent")))) RULE(ANY(ALL(WHO("org", "skd")
		 ACT("read") FOR("r"))))) },
	// clang-format on
};

static struct str read_text(struct arena *a, struct str entry)
{
	const struct js *v;
	struct policy p;
	struct str err = STR_NONE;
	CHECK_RC(js_parse(a, entry, NULL, &v, NULL), RC_OK);
	if (policy_read(a, v, &p, &err) != RC_OK)
		fail_msg("%.*s", STR_FMT(err));
	return policy_text(a, &p);
}

static void test_policy__file_and_json_compile_to_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(twins); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf json = BUF(&a), xml = BUF(&a);
		buf_fmt(&json, "{\"identifier\":\"r\",\"policy\":%.*s}", STR_FMT(json_q(&a, twins[i].json)));
		buf_lit(&xml, "{\"identifier\":\"r\",\"policyXml\":");
		buf_json(&xml, str_of(twins[i].xml));
		buf_c(&xml, '}');
		CHECK_STR(read_text(&a, buf_str(&xml)), read_text(&a, buf_str(&json)));
	}
}

/* ---- subjects ---- */

T_MAIN(cmocka_unit_test(test_policy__who_may_ask), cmocka_unit_test(test_policy__unreadable_file_allows_nobody),
       cmocka_unit_test(test_policy__file_and_json_compile_to_the_same))
