#include "seed_kit.h"

static void test_seed_export__export_round_trip(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	round_trip(seed_sandbox());
	round_trip(json_q(&a, WORLD));
	round_trip(json_q(&a, "{'scopes':[{'scope':'a:b','owner':'991825827','state':'absent'}],"
			      "'parties':[{'type':'organization','organizationNumber':'991825827'}]}"));
}

static void test_seed_export__policy_file_is_kept_verbatim(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str json = file_world(&a, "ttd_f", FILE_LIST, ",'accessLists':[{'owner':'ttd','identifier':'banks'}]");
	round_trip(json);
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json);
	struct buf want = BUF(&a);
	buf_lit(&want, "\"policyXml\":");
	buf_json(&want, STR(FILE_LIST));
	CHECK(str_find(kit_export(&k), buf_str(&want)) > 0);
	/* a version keeps its file */
	struct str other = file_world(&a, "ttd_f", POLICY(SOUND RULE(ANY(ALL(ORG)) ASK)), "");
	CHECK_RC(kit_try(&k, other, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("resources[0].versionId: 1 exists with other content\n"));
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_export__export_round_trip),
       cmocka_unit_test(test_seed_export__policy_file_is_kept_verbatim))
