#include "keys/keyring.h"
#include "seed_kit.h"

static void test_seed_refs__policy_names_a_list(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct str json = file_world(&k.a, "ttd_f", FILE_LIST, "");
	CHECK_RC(kit_try(&k, json, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("resources[0].policyXml: no such accessList ttd/banks\n"));
	struct str wrong = file_world(&k.a, "ttd_g", FILE_LIST, "");
	CHECK_RC(kit_try(&k, wrong, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("resources[0].policyXml: line 1: no rule is for resource ttd_g\n"));
	kit_apply(&k, file_world(&k.a, "ttd_f", FILE_LIST, ",'accessLists':[{'owner':'ttd','identifier':'banks'}]"));
	struct str gone = json_q(&k.a, "{'accessLists':[{'owner':'ttd','identifier':'banks','state':'absent'}]}");
	CHECK_RC(kit_try(&k, gone, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("accessLists[0]: is named by resource ttd_f\n"));
	kit_apply(&k, json_q(&k.a, "{'resources':[{'identifier':'ttd_f','state':'absent'}],"
				   "'accessLists':[{'owner':'ttd','identifier':'banks','state':'absent'}]}"));
	kit_close(&k);
}

static void test_seed_refs__removal_of_all_that_names_it(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	kit_apply(&k,
		  json_q(&k.a,
			 "{'accessLists':[{'owner':'ttd','identifier':'banks','state':'absent'}],"
			 "'extra':{'services':[{'serviceCode':'4628','serviceEditionCode':210607,'state':'absent'}]},"
			 "'scopes':[],'parties':[{'type':'organization','organizationNumber':'991825827'}],"
			 "'resources':[{'identifier':'ttd_r','state':'absent'}]}"));
	CHECK(str_find(kit_export(&k), STR("\"identifier\"")) < 0);
	kit_close(&k);
}

static void test_seed_refs__token_alg_needs_a_key(void **state)
{
	(void)state;
	static const uint8_t master[32] = { 1 };
	static const char doc[] = "{\"parties\":[{\"type\":\"organization\",\"organizationNumber\":\"810419512\","
				  "\"name\":\"A\"}],\"scopes\":[{\"scope\":\"x:y\",\"owner\":\"810419512\","
				  "\"tokenAlg\":\"ES256\"}],\"clients\":[{\"clientId\":\"c\",\"orgno\":"
				  "\"810419512\",\"scopes\":[\"x:y\"],\"tokenAlg\":\"ES256\"}]}";
	struct kit k;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(kit_try(&k, str_of(doc), (struct seed_options){ .sandbox = false }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults),
		  STR("scopes[0].tokenAlg: no key of that algorithm signs now; see samtykke key new --alg ES256 and "
		      "key list\nclients[0].tokenAlg: no key of that algorithm signs now; see samtykke key new --alg "
		      "ES256 and key list\n"));
	CHECK_RC(kit_try(&k, str_of(doc), (struct seed_options){ .sandbox = true }), RC_OK);
	kit_close(&k);

	kit_open(&k, STORE_PRODUCTION);
	struct key_order o = { .alg = JOSE_ES256, .master = master, .lead = CLOCK_DAY, .keep = -1 };
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_OK);
	CHECK_RC(kit_try(&k, str_of(doc), (struct seed_options){ .sandbox = false }), RC_INVALID); /* it waits */
	clock_set_offset(CLOCK_DAY + CLOCK_MINUTE);
	CHECK_RC(kit_try(&k, str_of(doc), (struct seed_options){ .sandbox = false }), RC_OK);
	clock_set_offset(0);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_refs__policy_names_a_list),
       cmocka_unit_test(test_seed_refs__removal_of_all_that_names_it),
       cmocka_unit_test(test_seed_refs__token_alg_needs_a_key))
