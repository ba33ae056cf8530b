#include "seed_kit.h"

static const struct fault faults[] = {
	// clang-format off
	{ "", "document: is no JSON" },
	{ "[]", "document: is of type array, must be object" },
	{ "{'a':1}", "a: unknown member" },
	{ "{'extra':{'a':1}}", "extra.a: unknown member" },
	{ "{'extra':[]}", "extra: is of type array, must be object" },
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
	  "roles[0].role: must be urn:altinn:rolecode:CODE or urn:altinn:external-role:ccr:NAME" },
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
	{ "{'extra':{'apiKeys':[{'orgno':'810419512'}]}}", "extra.apiKeys[0]: needs one of key and sha256" },
	{ "{'extra':{'services':[{'serviceCode':'1','serviceEditionCode':1,'resource':'r'}]}}",
	  "extra.services[0].resource: no such resource" },
	{ "{'templates':[{'id':'t'}]}", "templates[0].title: is required" },
	{ "{'templates':[{'id':'t','title':'T','texts':{'title':{'person':{'nb':'x'}}}}]}",
	  "templates[0].texts.title.org: is required" },
	// clang-format on
};

static void test_seed_check__faults(void **state)
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

static void test_seed_check__many_faults_are_counted(void **state)
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

static void test_seed_check__limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(limits); i++) {
		if (limit_faults(&limits[i], limits[i].limit))
			fail_msg("refused at the limit: %s", limits[i].line);
		if (!limit_faults(&limits[i], limits[i].limit + 1))
			fail_msg("not refused: %s", limits[i].line);
	}
}

static void test_seed_check__document_too_large(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct seed_report report;
	const struct seed_options o = { 0 };
	struct str big = str_span(arena_alloc(&a, SEED_MAX + 1), SEED_MAX + 1);
	CHECK_RC(seed_validate(&a, big, &o, &report), RC_INVALID);
	CHECK_STR(buf_str(&report.faults), STR("document: is larger than 67108864 bytes\n"));
}

T_MAIN(cmocka_unit_test(test_seed_check__faults), cmocka_unit_test(test_seed_check__many_faults_are_counted),
       cmocka_unit_test(test_seed_check__limits), cmocka_unit_test(test_seed_check__document_too_large))
