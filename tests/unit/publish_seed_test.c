#include "seed_kit.h"

/* What happens to the next change of which nobody is told how it ended. */
static enum { MADE_AND_SAID, MADE, LOST } fate;
enum rc __real_store_apply(struct store *s, struct change *c, bool bump);
enum rc __wrap_store_apply(struct store *s, struct change *c, bool bump);
enum rc __wrap_store_apply(struct store *s, struct change *c, bool bump)
{
	enum rc rc = fate == LOST ? RC_OK : __real_store_apply(s, c, bump);
	return fate == MADE_AND_SAID ? rc : RC_UNCERTAIN;
}

/* The store is read again: what is there was done, and of the rest nobody knows. */
static void test_seed__an_uncertain_change_is_looked_for(void **state)
{
	(void)state;
	static const char *const documents[] = {
		"{'scopes':[{'scope':'ttd:inntekt','grants':[]}]}",
		"{'clients':[{'clientId':'c1','state':'absent'}]}",
	};
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	const struct seed_options o = { .sandbox = true };
	CHECK_RC(kit_try(&k, json_q(&k.a, WORLD), o), RC_OK);
	for (size_t i = 0; i < LEN(documents); i++) {
		struct str before = kit_export(&k);
		fate = LOST;
		CHECK_RC(kit_try(&k, json_q(&k.a, documents[i]), o), RC_UNCERTAIN);
		CHECK_STR(kit_export(&k), before);
		fate = MADE;
		CHECK_RC(kit_try(&k, json_q(&k.a, documents[i]), o), RC_OK);
		CHECK(k.report.n_changes == 1);
		CHECK(!str_eq(kit_export(&k), before));
		fate = MADE_AND_SAID;
	}
	kit_close(&k);
}

static void test_seed__world_is_idempotent(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, seed_sandbox());
	CHECK(k.report.n_changes > 50);
	int64_t version = kit_version(&k);
	kit_apply(&k, seed_sandbox());
	CHECK_STR(buf_str(&k.report.changes), STR(""));
	assert_int_equal(k.report.n_changes, 0);
	assert_int_equal(kit_version(&k), version);
	kit_close(&k);
}

static void test_seed__dry_run_writes_nothing(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct str before = kit_export(&k);
	CHECK_RC(kit_try(&k, json_q(&k.a, WORLD), (struct seed_options){ .sandbox = true, .dry_run = true }), RC_OK);
	CHECK_STR(buf_str(&k.report.changes),
		  STR("+ party 01025161013\n+ party 810419512\n"
		      "+ role 810419512 01025161013 urn:altinn:rolecode:dagl\n"
		      "+ right 810419512 01025161013 ttd_r/consent\n+ right 810419512 01025161013 ttd_r/read\n"
		      "+ resource ttd_r 1\n+ scope ttd:inntekt\n+ client c1\n+ accessList ttd/banks\n"
		      "+ delegation 810419512/810418192\n"
		      "+ apiKey 85dbe15d75ef9308c7ae0f33c7a324cc6f4bf519a2ed2f3027bd33c140a4f9aa\n"
		      "+ service 4628/210607\n"));
	CHECK_STR(kit_export(&k), before);
	kit_close(&k);
}

static void test_seed__changes(void **state)
{
	(void)state;
	static const struct {
		const char *json, *changes;
	} rows[] = {
		{ "{'scopes':[{'scope':'ttd:inntekt','grants':[]}]}", "~ scope ttd:inntekt\n" },
		{ "{'scopes':[{'scope':'ttd:inntekt','state':'absent'}]}", "- scope ttd:inntekt\n" },
		{ "{'scopes':[{'scope':'ttd:inntekt','grants':['810419512']}]}", "" },
		{ "{'clients':[{'clientId':'c1','state':'absent'}]}", "- client c1\n" },
		{ "{'clients':[{'clientId':'c2','state':'absent'}]}", "" },
		{ "{'clients':[{'name':'N','clientId':'c1'}]}", "~ client c1\n" },
		{ "{'resources':[" RESOURCE("2", "") "]}", "~ resource ttd_r 2\n" },
		{ "{'resources':[" RESOURCE("1", "") "]}", "" },
		{ "{'delegations':[{'consumer':'810419512','supplier':'810418192','state':'absent'}]}",
		  "- delegation 810419512/810418192\n" },
		{ "{'accessLists':[{'owner':'ttd','identifier':'banks','members':[]}]}", "~ accessList ttd/banks\n" },
		{ "{'parties':[{'type':'person','nationalId':'01025161013','name':'NEW'}]}", "~ party 01025161013\n" },
		{ "{'parties':[{'type':'person','nationalId':'01025161013'}]}", "" },
		{ "{'extra':{'apiKeys':[{'key':'secret-key','orgno':'810419512'}]}}", "" },
		{ "{'extra':{'services':[{'serviceCode':'4628','serviceEditionCode':210607,'state':'absent'}]}}",
		  "- service 4628/210607\n" },
		{ "{'rights':[{'party':'urn:altinn:organization:identifier-no:810419512',"
		  "'holder':'urn:altinn:person:identifier-no:01025161013','resource':'ttd_r','actions':['read']}]}",
		  "- right 810419512 01025161013 ttd_r/consent\n" },
		{ "{'roles':[{'party':'urn:altinn:organization:identifier-no:810419512',"
		  "'holder':'urn:altinn:person:identifier-no:01025161013','role':'urn:altinn:rolecode:dagl',"
		  "'state':'absent'}]}",
		  "- role 810419512 01025161013 urn:altinn:rolecode:dagl\n" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct kit k;
		kit_open(&k, STORE_SANDBOX);
		kit_apply(&k, json_q(&k.a, WORLD));
		kit_apply(&k, json_q(&k.a, rows[i].json));
		CHECK_STR(buf_str(&k.report.changes), str_of(rows[i].changes));
		kit_apply(&k, json_q(&k.a, rows[i].json));
		assert_int_equal(k.report.n_changes, 0);
		kit_close(&k);
	}
}

static void test_seed__made_from_another_version(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	struct str json = json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','grants':[]}]}"), before = kit_export(&k);
	struct seed_options o = { .registry_version = kit_version(&k) - 1 };
	CHECK_RC(kit_try(&k, json, o), RC_STALE);
	CHECK_STR(kit_export(&k), before);
	o.registry_version++;
	CHECK_RC(kit_try(&k, json, o), RC_OK);
	CHECK_RC(kit_try(&k, json, o), RC_STALE);
	kit_close(&k);
}

static void test_seed__nothing_applied_when_one_fault(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct str before = kit_export(&k);
	struct str json = json_q(&k.a, "{'parties':[" PARTY_ONE ",{'type':'person','nationalId':'1'}]}");
	CHECK_RC(kit_try(&k, json, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("parties[1].nationalId: is no national identity number\n"));
	CHECK_STR(kit_export(&k), before);
	kit_close(&k);
}

/* Faults that only show against what is stored. */
static void test_seed__faults_against_the_store(void **state)
{
	(void)state;
	static const struct fault rows[] = {
		// clang-format off
		{ "{'resources':[" RESOURCE("1", ",'isOneTimeConsent':true") "]}",
		  "resources[0].versionId: 1 exists with other content" },
		{ "{'resources':[{'identifier':'ttd_r','state':'absent'}]}",
		  "resources[0]: is named by accessList ttd/banks" },
		{ "{'parties':[{'organizationNumber':'810419512','state':'absent'}]}",
		  "parties[0]: roles or rights for it are held" },
		{ "{'parties':[{'nationalId':'01025161013','state':'absent'}]}", "parties[0]: holds roles or rights" },
		{ "{'parties':[{'type':'person','nationalId':'01025161013','uuid':'00000000-0000-4000-8000-000000000001'}]}",
		  "parties[0].uuid: is another than the registered one" },
		{ "{'parties':[{'type':'person','nationalId':'01025161013','partyId':1}]}",
		  "parties[0].partyId: is another than the registered one" },
		// clang-format on
	};
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	struct str before = kit_export(&k);
	for (size_t i = 0; i < LEN(rows); i++) {
		CHECK_RC(kit_try(&k, json_q(&k.a, rows[i].json), (struct seed_options){ .sandbox = true }), RC_INVALID);
		struct str text = buf_str(&k.report.faults);
		if (!has_line(text, rows[i].line))
			fail_msg("want %s\n got %.*s", rows[i].line, STR_FMT(text));
	}
	CHECK_STR(kit_export(&k), before);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed__an_uncertain_change_is_looked_for), cmocka_unit_test(test_seed__world_is_idempotent),
       cmocka_unit_test(test_seed__dry_run_writes_nothing), cmocka_unit_test(test_seed__changes),
       cmocka_unit_test(test_seed__made_from_another_version),
       cmocka_unit_test(test_seed__nothing_applied_when_one_fault),
       cmocka_unit_test(test_seed__faults_against_the_store))
