#include "seed_kit.h"

#define DOC(what) "{" what "}"
#define TTD "'hasCompetentAuthority':{'organization':'991825827','orgcode':'ttd','name':{'nb':'T'}}"
#define OTHER "'hasCompetentAuthority':{'organization':'810419512','orgcode':'TTD','name':{'nb':'O'}}"
#define NAMED(id, owner) "{'identifier':'" id "','resourceType':'Consent','versionId':1,'title':{'nb':'R'}," owner "}"

static const struct fault faults[] = {
	{ DOC("'resources':[" NAMED("TTD_R", TTD) "]"),
	  "resources[0].identifier: differs by letter case alone from that of resource ttd_r" },
	{ DOC("'resources':[" NAMED("b", TTD) "," NAMED("B", TTD) "]"),
	  "resources[1].identifier: differs by letter case alone from that of resource b" },
	{ DOC("'scopes':[{'scope':'ttd:Inntekt','owner':'991825827'}]"),
	  "scopes[0].scope: differs by letter case alone from that of scope ttd:inntekt" },
	{ DOC("'clients':[{'clientId':'C1','orgno':'810419512'}]"),
	  "clients[0].clientId: differs by letter case alone from that of client c1" },
	{ DOC("'accessLists':[{'owner':'ttd','identifier':'Banks'}]"),
	  "accessLists[0].identifier: differs by letter case alone from that of accessList ttd/banks" },
};

static void test_seed_twins__new_ones_are_refused(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	for (size_t i = 0; i < LEN(faults); i++) {
		enum rc rc = kit_try(&k, json_q(&k.a, faults[i].json), (struct seed_options){ .sandbox = true });
		CHECK_RC(rc, RC_INVALID);
		CHECK_STR(str_trim(buf_str(&k.report.faults)), str_of(faults[i].line));
	}
	kit_close(&k);
}

static void test_seed_twins__a_name_may_be_given_on(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, DOC("'resources':[" NAMED("a", TTD) "]")));
	kit_apply(&k, json_q(&k.a, DOC("'resources':[{'identifier':'a','state':'absent'}," NAMED("A", OTHER) "]")));
	kit_close(&k);
}

static void stored(struct kit *k, const char *kind, const char *key, const char *body)
{
	struct change *c = change_new(&k->a);
	change_entry(c, &(struct entry){ str_of(kind), str_of(key), 1, json_q(&k->a, body) });
	CHECK_RC(store_apply(k->store, c, true), RC_OK);
}

static void test_seed_twins__stored_ones_stay_and_are_told(void **state)
{
	(void)state;
	struct kit k;
	struct str told;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	CHECK_RC(seed_twins_stored(k.store, &k.a, &told), RC_OK);
	CHECK_STR(told, STR_NONE);
	stored(&k, "resource", "TTD_R", NAMED("TTD_R", OTHER));
	CHECK_RC(seed_twins_stored(k.store, &k.a, &told), RC_OK);
	CHECK_STR(told, STR("resource ttd_r differs by letter case alone from TTD_R\n"));
	/* Their owners may go on with them. */
	kit_apply(&k, json_q(&k.a, DOC("'resources':[{'identifier':'TTD_R','resourceType':'Consent','versionId':2,"
				       "'title':{'nb':'N'}," OTHER "}," RESOURCE("2", "") "]")));
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_twins__new_ones_are_refused),
       cmocka_unit_test(test_seed_twins__a_name_may_be_given_on),
       cmocka_unit_test(test_seed_twins__stored_ones_stay_and_are_told))
