#include "keys/keyring.h"
#include "publish/seed_internal.h"
#include "publish_kit.h"
#include "registry_xacml_kit.h"

#define RESOURCE(version, more)                                                                                        \
	"{'identifier':'ttd_r','resourceType':'Consent','versionId':" version ",'title':{'nb':'R'},"                   \
	"'hasCompetentAuthority':{'organization':'991825827','orgcode':'ttd','name':{'nb':'T'}}" more "}"
#define SCOPE "{'scope':'ttd:inntekt','owner':'991825827','grants':['810419512']}"
#define WORLD                                                                                                          \
	"{'parties':[{'type':'person','nationalId':'01025161013','name':'ELENA FJÆR'},"                               \
	"{'type':'organization','organizationNumber':'810419512','name':'SMEKKFULL BANK AS','unitType':'AS'}],"        \
	"'roles':[{'party':'urn:altinn:organization:identifier-no:810419512',"                                         \
	"'holder':'urn:altinn:person:identifier-no:01025161013','role':'urn:altinn:rolecode:dagl'}],"                  \
	"'rights':[{'party':'urn:altinn:organization:identifier-no:810419512',"                                        \
	"'holder':'urn:altinn:person:identifier-no:01025161013','resource':'ttd_r','actions':['consent','read']}],"    \
	"'resources':[" RESOURCE(                                                                                      \
		"1", "") "],'scopes':[" SCOPE "],"                                                                     \
			 "'clients':[{'clientId':'c1','orgno':'810419512','scopes':['ttd:inntekt']}],"                 \
			 "'accessLists':[{'owner':'ttd','identifier':'banks','name':'B',"                              \
			 "'members':['urn:altinn:organization:identifier-no:810419512'],"                              \
			 "'resourceConnections':[{'resource':'ttd_r'}]}],"                                             \
			 "'delegations':[{'consumer':'810419512','supplier':'810418192','scopes':['ttd:inntekt']}],"   \
			 "'altinn2':{'apiKeys':[{'key':'secret-key','orgno':'810419512'}],"                            \
			 "'services':[{'serviceCode':'4628','serviceEditionCode':210607,'resource':'ttd_r'}]}}"

/* ---- the built-in world ---- */

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

static void round_trip(struct str json)
{
	struct kit k, fresh;
	kit_open(&k, STORE_SANDBOX);
	kit_open(&fresh, STORE_SANDBOX);
	kit_apply(&k, json);
	struct str one = kit_export(&k);
	kit_apply(&fresh, one);
	struct str other = kit_export(&fresh);
	CHECK_STR(other, one);
	CHECK(str_find(one, STR("privateJwk")) < 0);
	CHECK(str_find(one, STR("secret-key")) < 0);
	kit_apply(&k, one);
	assert_int_equal(k.report.n_changes, 0);
	kit_close(&k);
	kit_close(&fresh);
}

static void test_seed__export_round_trip(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	round_trip(seed_sandbox());
	round_trip(json_q(&a, WORLD));
	round_trip(json_q(&a, "{'scopes':[{'scope':'a:b','owner':'991825827','state':'absent'}],"
			      "'parties':[{'type':'organization','organizationNumber':'991825827'}]}"));
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

/* ---- what one more document changes ---- */

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
		{ "{'altinn2':{'apiKeys':[{'key':'secret-key','orgno':'810419512'}]}}", "" },
		{ "{'altinn2':{'services':[{'serviceCode':'4628','serviceEditionCode':210607,'state':'absent'}]}}",
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

/* What is not named is gone; and what must be named, must. */
static void test_seed__whole_entries(void **state)
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

static void test_seed__lists_replace(void **state)
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

static void test_seed__deactivated_and_back(void **state)
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

/* ---- faults ---- */

#define PARTY_ONE "{'type':'person','nationalId':'01025161013'}"
#define KEY_N                                                                                                          \
	"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyX" \
	"ss"                                                                                                           \
	"8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-" \
	"lA"                                                                                                           \
	"_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-"                                     \
	"VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDW"                                                                       \
	"FLN-aEAw3vRw"
#define CLIENT(jwks) "{'clients':[{'clientId':'c','orgno':'810419512','jwks':{'keys':" jwks "}}]}"

static const struct fault {
	const char *json, *line;
} faults[] = {
	// clang-format off
	{ "", "document: is no JSON" },
	{ "[]", "document: is of type array, must be object" },
	{ "{'a':1}", "a: unknown member" },
	{ "{'altinn2':{'a':1}}", "altinn2.a: unknown member" },
	{ "{'altinn2':[]}", "altinn2: is of type array, must be object" },
	{ "{'apiKeys':[]}", "apiKeys: unknown member" },
	{ "{'parties':{}}", "parties: is of type object, must be array" },
	{ "{'parties':[1]}", "parties[0]: is of type number, must be object" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','b':1}]}", "parties[0].b: unknown member" },
	{ "{'parties':[{'nationalId':'01025161013'}]}", "parties[0].type: is required" },
	{ "{'parties':[{'type':'dog','nationalId':'01025161013'}]}", "parties[0].type: must be person or organization" },
	{ "{'parties':[{'type':'person'}]}", "parties[0]: needs one of nationalId and organizationNumber" },
	{ "{'parties':[{'type':'person','organizationNumber':'810419512'}]}", "parties[0]: type and number do not fit" },
	{ "{'parties':[{'type':'organization','organizationNumber':'810419512','userId':1}]}",
	  "parties[0]: an organisation has no userId" },
	{ "{'parties':[{'type':'person','nationalId':'01025161012'}]}",
	  "parties[0].nationalId: is no national identity number" },
	{ "{'parties':[{'type':'organization','organizationNumber':'810419513'}]}",
	  "parties[0].organizationNumber: is no organisation number" },
	{ "{'parties':[{'type':'person','nationalId':1}]}", "parties[0].nationalId: is of type number, must be string" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','uuid':'x'}]}", "parties[0].uuid: is no UUID" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','partyId':0}]}", "parties[0].partyId: must be at least 1" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','partyId':4294967296}]}",
	  "parties[0].partyId: must be a whole number from 0 to 4294967295" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','partyId':1.5}]}",
	  "parties[0].partyId: must be a whole number from 0 to 4294967295" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','name':''}]}", "parties[0].name: is empty" },
	{ "{'parties':[" PARTY_ONE "," PARTY_ONE "]}", "parties[1]: is named twice" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','partyId':7},"
	  "{'type':'organization','organizationNumber':'810419512','partyId':7}]}",
	  "parties[1].partyId: belongs to another party" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','parent':'urn:altinn:organization:identifier-no:810419512'}]}",
	  "parties[0].parent: no such party" },
	{ "{'roles':[{'party':'urn:altinn:organization:identifier-no:810419512',"
	  "'holder':'urn:altinn:person:identifier-no:01025161013','role':'urn:altinn:rolecode:dagl'}],'parties':[" PARTY_ONE "]}",
	  "roles[0].party: no such party" },
	{ "{'roles':[{'party':'x','holder':'urn:altinn:person:identifier-no:01025161013','role':'urn:altinn:rolecode:dagl'}]}",
	  "roles[0].party: is no party URN" },
	{ "{'roles':[{'party':'urn:altinn:party:id:1','holder':'urn:altinn:party:id:1'}]}",
	  "roles[0]: needs one of role and package" },
	{ "{'roles':[{'party':'urn:altinn:party:id:1','holder':'urn:altinn:party:id:1','role':'dagl'}]}",
	  "roles[0].role: must be urn:altinn:rolecode:CODE" },
	{ "{'rights':[{'party':'urn:altinn:person:identifier-no:01025161013','holder':'urn:altinn:person:identifier-no:01025161013',"
	  "'resource':'nix','actions':['read']}],'parties':[" PARTY_ONE "]}", "rights[0].resource: no such resource" },
	{ "{'rights':[{'party':'urn:altinn:party:id:1','holder':'urn:altinn:party:id:1','resource':'r','actions':[]}]}",
	  "rights[0].actions: must not be empty" },
	{ "{'resources':[" RESOURCE("1", ",'consentTemplate':'nix'") "]}", "resources[0].consentTemplate: no such template" },
	{ "{'resources':[" RESOURCE("1", ",'policyXml':'<Policy/>'") "]}",
	  "resources[0].policyXml: line 1: <Policy> is not supported here" },
	{ "{'resources':[" RESOURCE("1", ",'policyXml':'<Policy/>','policy':{'rules':[]}") "]}",
	  "resources[0]: has both policy and policyXml" },
	{ "{'resources':[" RESOURCE("1", ",'policyXml':null") "]}", "resources[0].policyXml: is of type null, must be string" },
	{ "{'resources':[" RESOURCE("1", ",'policyXml':''") "]}", "resources[0].policyXml: is empty" },
	{ "{'resources':[" RESOURCE("1", ",'policyXml':'a\\nb'") "]}",
	  "resources[0].policyXml: line 1: no well-formed XML: Start tag expected, '<' not found" },
	{ "{'resources':[" RESOURCE("0", "") "]}", "resources[0].versionId: must be at least 1" },
	{ "{'resources':[" RESOURCE("'1'", "") "]}", "resources[0].versionId: is of type string, must be number" },
	{ "{'resources':[" RESOURCE("1", ",'consentText':{}") "]}", "resources[0].consentText: needs a text in nb, nn or en" },
	{ "{'resources':[" RESOURCE("1", ",'consentText':{'sv':'x'}") "]}", "resources[0].consentText.sv: unknown member" },
	{ "{'resources':[" RESOURCE("1", ",'consentMetadata':{'A':{}}") "]}",
	  "resources[0].consentMetadata.A: the name must be in lower case" },
	{ "{'resources':[" RESOURCE("1", ",'consentMetadata':{'a':{'optional':1}}") "]}",
	  "resources[0].consentMetadata.a.optional: is of type number, must be boolean" },
	{ "{'resources':[" RESOURCE("1", ",'limits':{'maxValidity':'10'}") "]}",
	  "resources[0].limits.maxValidity: must be an ISO 8601 duration such as P10D" },
	{ "{'resources':[" RESOURCE("1", ",'contactPoints':[{'fax':'1'}]") "]}", "resources[0].contactPoints[0].fax: unknown member" },
	{ "{'resources':[" RESOURCE("1", ",'keywords':['x']") "]}",
	  "resources[0].keywords[0]: is of type string, must be object" },
	{ "{'resources':[" RESOURCE("1", ",'resourceReferences':[{'reference':1}]") "]}",
	  "resources[0].resourceReferences[0].reference: is of type number, must be string" },
	{ "{'resources':[" RESOURCE("1", ",'authorizationReference':[{'id':'x','value':'y','z':''}]") "]}",
	  "resources[0].authorizationReference[0].z: unknown member" },
	{ "{'resources':[" RESOURCE("1", ",'thematicAreas':[1]") "]}",
	  "resources[0].thematicAreas[0]: is of type number, must be string" },
	{ "{'resources':[" RESOURCE("1", ",'accessListMode':'On'") "]}",
	  "resources[0].accessListMode: must be Enabled or Disabled" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a'],'subjects':[[]]}]}") "]}",
	  "resources[0].policy.rules[0].subjects[0]: must not be empty" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a'],'subjects':[['x']]}]}") "]}",
	  "resources[0].policy.rules[0].subjects[0][0]: must be ATTRIBUTE:VALUE" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a'],'subjects':[['urn:altinn:rolecode:x'],"
	  "['urn:altinn:party:uuid:x']]}]}") "]}", "resources[0].policy.rules[0].subjects[1][0]: unknown attribute urn:altinn:party:uuid" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a'],'subjects':[['urn:altinn:rolecode:x'],"
	  "['urn:altinn:rolecode:x','urn:altinn:access-list:ttd:nix']]}]}") "]}",
	  "resources[0].policy.rules[0].subjects[1][1]: no such accessList ttd/nix" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':[],'subjects':[['urn:altinn:rolecode:x']]}]}") "]}",
	  "resources[0].policy.rules[0].actions: must not be empty" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a'],'subjects':[]}]}") "]}",
	  "resources[0].policy.rules[0].subjects: must not be empty" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[],'obligations':[]}") "]}", "resources[0].policy.obligations: unknown member" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a'],'subjects':[['urn:altinn:rolecode:x']],'effect':'Deny'}]}") "]}",
	  "resources[0].policy.rules[0].effect: unknown member" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':[{'actions':['a']}]}") "]}",
	  "resources[0].policy.rules[0].subjects: is required" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'minimumAuthenticationLevel':5,'rules':[]}") "]}",
	  "resources[0].policy.minimumAuthenticationLevel: must be a whole number from 0 to 4" },
	{ "{'resources':[" RESOURCE("1", "") "," RESOURCE("1", "") "]}", "resources[1]: is named twice" },
	{ "{'accessLists':[{'owner':'nix','identifier':'l'}]}", "accessLists[0].owner: no such owner of a resource" },
	{ "{'resources':[" RESOURCE("1", "") "],'accessLists':[{'owner':'ttd','identifier':'l','resourceConnections':"
	  "[{'resource':'ttd_r'},{'resource':'nix'}]}]}", "accessLists[0].resourceConnections[1].resource: no such resource" },
	{ "{'accessLists':[{'owner':'ttd','identifier':'l','members':['810419512']}]}",
	  "accessLists[0].members[0]: is no URN of an organisation number" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827'}]}", "scopes[0].owner: no such organisation" },
	{ "{'scopes':[{'scope':'ab','owner':'991825827'}]}",
	  "scopes[0].scope: must be PREFIX:NAME of letters, digits and . _ : / -" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827','delegationSource':'x'}]}",
	  "scopes[0].delegationSource: is no absolute URL" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827','grants':['1']}]}", "scopes[0].grants[0]: is no organisation number" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827','state':'gone'}]}", "scopes[0].state: must be absent or present" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','scopes':['a:b']}]}", "clients[0].scopes[0]: no such scope" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','tokenAlg':'RS384'}]}",
	  "clients[0].tokenAlg: must be one of RS256, PS256, ES256, EdDSA" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','accessTokenLifetime':0}]}",
	  "clients[0].accessTokenLifetime: must be at least 1" },
	{ CLIENT("[{'kty':'RSA','e':'AQAB','n':'" KEY_N "'}]"), "clients[0].jwks.keys[0]: kid must be letters, digits and . _ -" },
	{ CLIENT("[{'kty':'RSA','kid':'k','e':'AQAB','n':'" KEY_N "'},{'kty':'RSA','kid':'k','e':'AQAB','n':'" KEY_N "'}]"),
	  "clients[0].jwks.keys: two keys have the same kid" },
	{ CLIENT("[{'kty':'RSA','kid':'k','e':'AQAB','n':'" KEY_N "','d':'AQAB'}]"), "clients[0].jwks.keys[0]: holds a private key" },
	{ CLIENT("[{'kty':'OKP','crv':'Ed25519','kid':'k','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'}]"),
	  "clients[0].jwks.keys[0]: must be an RSA key for RS256, RS384 or RS512" },
	{ CLIENT("[{'kty':'oct','kid':'k','k':'AAAA'}]"), "clients[0].jwks.keys[0]: kty is not RSA, EC or OKP" },
	{ "{'delegations':[{'consumer':'810419512','supplier':'810418192','scopes':['a:b']}]}",
	  "delegations[0].scopes[0]: no such scope" },
	{ "{'altinn2':{'apiKeys':[{'orgno':'810419512'}]}}", "altinn2.apiKeys[0]: needs one of key and sha256" },
	{ "{'altinn2':{'apiKeys':[{'sha256':'AB','orgno':'810419512'}]}}",
	  "altinn2.apiKeys[0].sha256: must be 64 hexadecimal digits" },
	{ "{'altinn2':{'services':[{'serviceCode':'x','serviceEditionCode':1,'resource':'r'}]}}",
	  "altinn2.services[0].serviceCode: must be digits" },
	{ "{'altinn2':{'services':[{'serviceCode':'1','serviceEditionCode':1,'resource':'r'}]}}",
	  "altinn2.services[0].resource: no such resource" },
	{ "{'templates':[{'id':'t'}]}", "templates[0].title: is required" },
	{ "{'templates':[{'id':'t','title':'T','texts':{'title':{'person':{'nb':'x'}}}}]}",
	  "templates[0].texts.title.org: is required" },
	// clang-format on
};

static bool has_line(struct str faults_text, const char *line)
{
	struct str rest = faults_text, head;
	while (rest.n) {
		(void)str_cut(rest, '\n', &head, &rest);
		if (str_is(head, line) ||
		    (str_is(str_of(line), "document: is no JSON") && str_starts(head, str_of(line))))
			return true;
	}
	return false;
}

static void test_seed__faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(faults); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct seed_report report;
		const struct seed_options o = { .sandbox = true };
		CHECK_RC(seed_validate(&a, json_q(&a, faults[i].json), &o, &report), RC_INVALID);
		struct str text = buf_str(&report.faults);
		if (!has_line(text, faults[i].line))
			fail_msg("%s\nwant %s\n got %.*s", faults[i].json, faults[i].line, STR_FMT(text));
	}
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

/* ---- policies as files ---- */

#define FILE_LIST                                                                                                      \
	POLICY(RULE(ANY(ALL(WHO("access-list", "ttd:banks"))) ANY(ALL(FOR("ttd_f"))) ASK) "\n\t<!-- kept -->\n")

static struct str file_world(struct arena *a, const char *identifier, const char *xml, const char *more)
{
	struct buf b = BUF(a);
	buf_add(&b, json_q(a, "{'resources':[{'resourceType':'Consent','versionId':1,'title':{'nb':'R'},'"
			      "hasCompetentAuthority':"
			      "{'organization':'991825827','orgcode':'ttd','name':{'nb':'T'}},'identifier':'"));
	buf_fmt(&b, "%s\",\"policyXml\":", identifier);
	buf_json(&b, str_of(xml));
	buf_add(&b, json_q(a, arena_cstr(a, arena_fmt(a, "}]%s}", more))));
	return buf_str(&b);
}

static void test_seed__policy_file_is_kept_verbatim(void **state)
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

static void test_seed__policy_names_a_list(void **state)
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

static void test_seed__removal_of_all_that_names_it(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	kit_apply(&k,
		  json_q(&k.a,
			 "{'accessLists':[{'owner':'ttd','identifier':'banks','state':'absent'}],"
			 "'altinn2':{'services':[{'serviceCode':'4628','serviceEditionCode':210607,'state':'absent'}]},"
			 "'scopes':[],'parties':[{'type':'organization','organizationNumber':'991825827'}],"
			 "'resources':[{'identifier':'ttd_r','state':'absent'}]}"));
	CHECK(str_find(kit_export(&k), STR("\"identifier\"")) < 0);
	kit_close(&k);
}

static void test_seed__many_faults_are_counted(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	struct seed_report report;
	const struct seed_options o = { 0 };
	buf_lit(&b, "{\"parties\":[1");
	for (int i = 0; i < SEED_MAX_FAULTS; i++)
		buf_lit(&b, ",1");
	buf_lit(&b, "]}");
	CHECK_RC(seed_validate(&a, buf_str(&b), &o, &report), RC_INVALID);
	assert_int_equal(report.n_faults, SEED_MAX_FAULTS + 1);
	size_t lines = 0;
	for (size_t i = 0; i < report.faults.n; i++)
		lines += report.faults.p[i] == '\n';
	assert_int_equal(lines, SEED_MAX_FAULTS);
}

/* ---- limits ---- */

/* head, then `n` times `item` (with `sep` between), then tail: one fault at limit + 1 and none of its kind at the
 * limit. */
static const struct limit {
	const char *head, *item, *sep, *tail;
	size_t limit;
	const char *line;
} limits[] = {
	// clang-format off
	{ "{'parties':[", "0", ",", "]}", SEED_MAX_ENTRIES, "parties: has more than 200000 entries" },
	{ "{'parties':[{'type':'person','nationalId':'01025161013','name':'", "x", "", "'}]}", SEED_MAX_NAME,
	  "parties[0].name: is longer than 500 bytes" },
	{ "{'resources':[" RESOURCE("1", ",'consentText':{'nb':'"), "x", "", "'}}]}", SEED_MAX_TEXT,
	  "resources[0].consentText.nb: is longer than 20000 bytes" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827','grants':[", "'810419512'", ",", "]}]}", SEED_MAX_MEMBERS,
	  "scopes[0].grants: has more than 100000 entries" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827','description':'", "x", "", "'}]}", SEED_MAX_DESCRIPTION,
	  "scopes[0].description: is longer than 4000 bytes" },
	{ "{'scopes':[{'owner':'991825827','scope':'a:", "x", "", "'}]}", SEED_MAX_ID - 2,
	  "scopes[0].scope: is longer than 200 bytes" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','scopes':[", "'a:b'", ",", "]}]}", SEED_MAX_SCOPES,
	  "clients[0].scopes: has more than 200 entries" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','redirectAllow':[", "'a'", ",", "]}]}", SEED_MAX_REDIRECTS,
	  "clients[0].redirectAllow: has more than 100 entries" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','jwks':{'keys':[", "1", ",", "]}}]}", SEED_MAX_JWKS,
	  "clients[0].jwks.keys: has more than 5 entries" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','jwks':{'keys':[{'x':'", "x", "", "'}]}}]}", SEED_MAX_JWK - 8,
	  "clients[0].jwks.keys[0]: is longer than 65536 bytes" },
	{ "{'prefixes':[{'owner':'991825827','prefix':'", "x", "", "'}]}", SEED_MAX_KEY,
	  "prefixes[0].prefix: is longer than 100 bytes" },
	{ "{'clients':[{'clientId':'c','orgno':'810419512','description':'", "x", "", "'}]}", SEED_MAX_DESCRIPTION,
	  "clients[0].description: is longer than 4000 bytes" },
	{ "{'delegations':[{'consumer':'810419512','supplier':'810418192','scopes':[", "'a:b'", ",", "]}]}", SEED_MAX_SCOPES,
	  "delegations[0].scopes: has more than 200 entries" },
	{ "{'scopes':[{'scope':'a:b','owner':'991825827','allowedIntegrationTypes':[", "'maskinporten'", ",", "]}]}", SEED_MAX_TYPES,
	  "scopes[0].allowedIntegrationTypes: has more than 10 entries" },
	{ "{'resources':[" RESOURCE("1", ",'keywords':["), "{}", ",", "]}]}", SEED_MAX_EXTRAS,
	  "resources[0].keywords: has more than 20 entries" },
	{ "{'resources':[" RESOURCE("1", ",'contactPoints':[{'contactPage':'"), "x", "", "'}]}]}", SEED_MAX_URL,
	  "resources[0].contactPoints[0].contactPage: is longer than 2000 bytes" },
	{ "{'resources':[" RESOURCE("1", ",'policy':{'rules':["), "{}", ",", "]}}]}", SEED_MAX_RULES,
	  "resources[0].policy.rules: has more than 50 entries" },
	{ "{'resources':[" RESOURCE("1", ",'policyXml':'"), "x", "", "'}]}", XACML_MAX_BYTES,
	  "resources[0].policyXml: is longer than 300000 bytes" },
	{ "{'rights':[{'party':'urn:altinn:party:id:1','holder':'urn:altinn:party:id:1','resource':'r','actions':[", "'a'", ",",
	  "]}]}", SEED_MAX_ACTIONS, "rights[0].actions: has more than 20 entries" },
	// clang-format on
};

static bool limit_faults(const struct limit *l, size_t n)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	struct seed_report report;
	const struct seed_options o = { .sandbox = true };
	struct str head = str_of(l->head);
	if (str_ends(head, STR("}"))) /* RESOURCE closes its object */
		head.n--;
	buf_add(&b, head);
	for (size_t i = 0; i < n; i++) {
		buf_z(&b, i ? l->sep : "");
		buf_z(&b, l->item);
	}
	buf_z(&b, l->tail);
	enum rc rc = seed_validate(&a, json_q(&a, buf_cstr(&b)), &o, &report);
	return rc == RC_INVALID && has_line(buf_str(&report.faults), l->line);
}

static void test_seed__limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(limits); i++) {
		if (limit_faults(&limits[i], limits[i].limit))
			fail_msg("refused at the limit: %s", limits[i].line);
		if (!limit_faults(&limits[i], limits[i].limit + 1))
			fail_msg("not refused: %s", limits[i].line);
	}
}

static size_t rows_without_limit(const struct seed_row *rows, bool list)
{
	size_t n = 0;
	for (const struct seed_row *r = rows; list ? r == rows : r->name != NULL; r++) {
		bool needs = r->shape == SHAPE_TEXT || r->shape == SHAPE_INT || r->shape == SHAPE_LIST ||
			     r->shape == SHAPE_MAP;
		n += needs && r->limit <= 0;
		if (r->of)
			n += rows_without_limit(r->of, r->shape != SHAPE_OBJECT);
	}
	return n;
}

static void test_seed__every_row_has_a_limit(void **state)
{
	(void)state;
	for (int i = 0; i < SECTION__MAX; i++)
		assert_int_equal(rows_without_limit(seed_sections[i].rows, false), 0);
}

static void test_seed__document_too_large(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct seed_report report;
	const struct seed_options o = { 0 };
	struct str big = str_span(arena_alloc(&a, SEED_MAX + 1), SEED_MAX + 1);
	CHECK_RC(seed_validate(&a, big, &o, &report), RC_INVALID);
	CHECK_STR(buf_str(&report.faults), STR("document: is larger than 67108864 bytes\n"));
}

/* ---- private keys ---- */

/* What a key is found to be is remembered within a document, and taken from an entry that has the key already: not from
 * one that has its text somewhere else. */
static void test_seed__unsound_keys(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	char n[] = KEY_N;
	n[sizeof n - 2] = 'A'; /* even */
	struct str key = arena_fmt(&k.a, "{'e':'AQAB','kid':'k','kty':'RSA','n':'%s'}", n);
	struct str one = arena_fmt(&k.a, "'orgno':'810419512','jwks':{'keys':[%.*s]}}", STR_FMT(key));
	struct str doc =
		arena_fmt(&k.a, "{'clients':[{'clientId':'c',%.*s,{'clientId':'d',%.*s]}", STR_FMT(one), STR_FMT(one));
	kit_apply(&k, seed_sandbox());
	CHECK_RC(kit_try(&k, json_q(&k.a, arena_cstr(&k.a, doc)), (struct seed_options){ .sandbox = true }),
		 RC_INVALID);
	struct str both = arena_fmt(&k.a, "%s%s", "clients[0].jwks.keys[0]: the public key is not sound\n",
				    "clients[1].jwks.keys[0]: the public key is not sound\n");
	CHECK_STR(buf_str(&k.report.faults), both);

	struct buf named = BUF(&k.a);
	struct jsw w = JSW(&named);
	jsw_str(&w, json_q(&k.a, arena_cstr(&k.a, key)));
	kit_apply(&k, arena_fmt(&k.a, "{\"clients\":[{\"clientId\":\"c\",\"orgno\":\"810419512\",\"name\":%.*s}]}",
				STR_FMT(buf_str(&named))));
	CHECK_RC(kit_try(&k, json_q(&k.a, arena_cstr(&k.a, doc)), (struct seed_options){ .sandbox = true }),
		 RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), both);
	kit_close(&k);
}

static void test_seed__private_jwk(void **state)
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

/* ---- algorithms of tokens ---- */

static void test_seed__token_alg_needs_a_key(void **state)
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

T_MAIN(cmocka_unit_test(test_seed__token_alg_needs_a_key), cmocka_unit_test(test_seed__world_is_idempotent),
       cmocka_unit_test(test_seed__export_round_trip), cmocka_unit_test(test_seed__dry_run_writes_nothing),
       cmocka_unit_test(test_seed__changes), cmocka_unit_test(test_seed__whole_entries),
       cmocka_unit_test(test_seed__made_from_another_version), cmocka_unit_test(test_seed__lists_replace),
       cmocka_unit_test(test_seed__deactivated_and_back), cmocka_unit_test(test_seed__faults),
       cmocka_unit_test(test_seed__nothing_applied_when_one_fault),
       cmocka_unit_test(test_seed__faults_against_the_store), cmocka_unit_test(test_seed__removal_of_all_that_names_it),
       cmocka_unit_test(test_seed__policy_file_is_kept_verbatim), cmocka_unit_test(test_seed__policy_names_a_list),
       cmocka_unit_test(test_seed__many_faults_are_counted), cmocka_unit_test(test_seed__limits),
       cmocka_unit_test(test_seed__every_row_has_a_limit), cmocka_unit_test(test_seed__document_too_large),
       cmocka_unit_test(test_seed__unsound_keys), cmocka_unit_test(test_seed__private_jwk))
