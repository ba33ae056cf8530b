#include "seed_kit.h"

/* What is not named is gone; and what must be named, must. */
static void test_seed_plan__whole_entries(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	const struct seed_options whole = { .whole = true };
	CHECK_RC(kit_try(&k, json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt'}]}"), whole), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("scopes[0].owner: is required\n"));
	CHECK(!k.report.other_content);
	struct str json = json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','owner':'991825827'}]}");
	CHECK_RC(kit_try(&k, json, whole), RC_OK);
	CHECK(str_find(kit_export(&k), json_q(&k.a, "{'scope':'ttd:inntekt','owner':'991825827'}")) > 0);
	json = json_q(&k.a, "{'resources':[" RESOURCE("1", ",'homepage':'x'") "]}");
	CHECK_RC(kit_try(&k, json, whole), RC_INVALID);
	CHECK(k.report.other_content && k.report.n_faults == 1);
	kit_close(&k);
}

static void test_seed_plan__lists_replace(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	kit_apply(&k, json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','grants':['974761076']}]}"));
	CHECK(str_find(kit_export(&k), json_q(&k.a, "'grants':['974761076']")) > 0);
	kit_apply(&k, json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','description':null,'grants':[]}]}"));
	CHECK(str_find(kit_export(&k), json_q(&k.a, "'grants':[]")) > 0);
	kit_close(&k);
}

static void test_seed_plan__deactivated_and_back(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	struct str before = kit_export(&k);
	kit_apply(&k, json_q(&k.a, "{'clients':[{'clientId':'c1','state':'absent'}]}"));
	CHECK(str_find(kit_export(&k), json_q(&k.a, "'state':'absent'")) > 0);
	kit_apply(&k, json_q(&k.a, "{'clients':[{'clientId':'c1'}]}"));
	CHECK_STR(buf_str(&k.report.changes), STR("+ client c1\n"));
	CHECK_STR(kit_export(&k), before);
	kit_close(&k);
}

static void test_seed_plan__private_jwk(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	CHECK_RC(kit_try(&k, seed_sandbox(), (struct seed_options){ .sandbox = false }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults),
		  STR("clients[0].privateJwk: is for the sandbox only\nclients[1].privateJwk: is for the sandbox only\n"
		      "clients[2].privateJwk: is for the sandbox only\n"
		      "clients[3].privateJwk: is for the sandbox only\n"));
	struct str fixed = STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"rfc8037\","
			       "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
			       "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	struct str json = arena_fmt(&k.a,
				    "{\"clients\":[{\"clientId\":\"c\",\"orgno\":\"810419512\",\"jwks\":{\"keys\":[]},"
				    "\"privateJwk\":%.*s}]}",
				    STR_FMT(fixed));
	CHECK_RC(kit_try(&k, json, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("clients[0].privateJwk: is of no key in jwks\n"));

	kit_apply(&k, seed_sandbox());
	kit_apply(
		&k,
		STR("{\"clients\":[{\"clientId\":\"5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01\",\"jwks\":{\"keys\":[]}}]}"));
	kit_apply(&k, kit_export(&k)); /* the private key went with its public half */
	assert_int_equal(k.report.n_changes, 0);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_plan__whole_entries), cmocka_unit_test(test_seed_plan__lists_replace),
       cmocka_unit_test(test_seed_plan__deactivated_and_back), cmocka_unit_test(test_seed_plan__private_jwk))
