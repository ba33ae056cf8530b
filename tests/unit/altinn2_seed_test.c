#include "altinn2/internal.h"
#include "seed_kit.h"

#define SERVICE(more) "{'altinn2':{'services':[{'serviceCode':'1','serviceEditionCode':1,'resource':'ttd_r'" more "}]}}"

static void altinn2_add(void)
{
	for (int i = SECTION_EXTRA; i < SECTION__MAX; i++)
		seed_sections[i] = (struct seed_section){ 0 };
	seed_extend(altinn2_sections, ALTINN2_SECTIONS);
}

static void test_altinn2_seed__faults(void **state)
{
	(void)state;
	static const struct fault rows[] = {
		{ "{'altinn2':{'a':1}}", "altinn2.a: unknown member" },
		{ "{'altinn2':{'apiKeys':[{'orgno':'810419512'}]}}",
		  "altinn2.apiKeys[0]: needs one of key and sha256" },
		{ "{'altinn2':{'apiKeys':[{'sha256':'AB','orgno':'810419512'}]}}",
		  "altinn2.apiKeys[0].sha256: must be 64 hexadecimal digits" },
		{ "{'altinn2':{'services':[{'serviceCode':'x','serviceEditionCode':1,'resource':'ttd_r'}]}}",
		  "altinn2.services[0].serviceCode: must be digits" },
		{ "{'altinn2':{'services':[{'serviceCode':'1','serviceEditionCode':1000000001,'resource':'ttd_r'}]}}",
		  "altinn2.services[0].serviceEditionCode: must be a whole number from 0 to 1000000000" },
		{ "{'altinn2':{'services':[{'serviceCode':'1','serviceEditionCode':1,'resource':'nix'}]}}",
		  "altinn2.services[0].resource: no such resource" },
		{ SERVICE(",'payload':0"), "altinn2.services[0].payload: must be 1, 2 or 3" },
		{ SERVICE(",'payload':4"), "altinn2.services[0].payload: must be a whole number from 0 to 3" },
		{ SERVICE(",'metadataNames':{'':'x'}"),
		  "altinn2.services[0].metadataNames.: the name must have 1 to 100 bytes" },
		{ SERVICE(",'srr':[{'orgno':'1'}]"), "altinn2.services[0].srr[0].orgno: is no organisation number" },
		{ SERVICE(",'srr':[{'orgno':'810419512','allowedRedirectDomains':['*bank.example']}]"),
		  "altinn2.services[0].srr[0].allowedRedirectDomains[0]: must be a domain such as bank.example, "
		  "*.bank.example or app://" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct kit k;
		kit_open(&k, STORE_SANDBOX);
		kit_apply(&k, json_q(&k.a, "{'resources':[" RESOURCE("1", "") "]}"));
		CHECK_RC(kit_try(&k, json_q(&k.a, rows[i].json), (struct seed_options){ .sandbox = true }), RC_INVALID);
		if (!has_line(buf_str(&k.report.faults), rows[i].line))
			fail_msg("row %zu: %.*s", i, STR_FMT(buf_str(&k.report.faults)));
		kit_close(&k);
	}
}

static void test_altinn2_seed__round_trip(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, "{'resources':[" RESOURCE("1", "") "]}"));
	kit_apply(&k, json_q(&k.a, SERVICE(",'payload':2,'metadataNames':{'fraOgMed':'fraogmed'},'srr':[{'orgno':"
					   "'810419512','allowedRedirectDomains':['*.bank.example'],'handledBy':"
					   "'810418192','keepSessionAlive':true}]")));
	kit_apply(&k, json_q(&k.a, "{'altinn2':{'apiKeys':[{'key':'abc','orgno':'810419512'}]}}"));
	struct str out = kit_export(&k);
	/* = FIPS 180-4, appendix B.1 */
	CHECK(str_find(out, STR("{\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
				"\"orgno\":\"810419512\"}")) > 0);
	CHECK(str_find(out, STR("\"payload\":2,\"metadataNames\":{\"fraOgMed\":\"fraogmed\"},\"srr\":[{\"orgno\":"
				"\"810419512\",\"allowedRedirectDomains\":[\"*.bank.example\"],\"handledBy\":"
				"\"810418192\",\"keepSessionAlive\":true}]")) > 0);
	CHECK(str_find(out, STR("\"abc\"")) < 0);
	struct kit copy;
	kit_open(&copy, STORE_SANDBOX);
	kit_apply(&copy, out);
	CHECK_STR(kit_export(&copy), out);
	kit_close(&copy);
	kit_close(&k);
}

static int prepare(void **state)
{
	(void)state;
	altinn2_add();
	return 0;
}

T_MAIN_WITH(prepare, NULL, cmocka_unit_test(test_altinn2_seed__faults), cmocka_unit_test(test_altinn2_seed__round_trip))
