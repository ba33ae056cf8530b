/* A small world as a seed document, and the faults that a document gets. */
#pragma once
#include "publish/seed_internal.h"
#include "publish_kit.h"
#include "registry_xacml_kit.h"
#include "seed_extra.h"

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
			 "'extra':{'apiKeys':[{'key':'secret-key','orgno':'810419512'}],"                              \
			 "'services':[{'serviceCode':'4628','serviceEditionCode':210607,'resource':'ttd_r'}]}}"
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
#define FILE_LIST                                                                                                      \
	POLICY(RULE(ANY(ALL(WHO("access-list", "ttd:banks"))) ANY(ALL(FOR("ttd_f"))) ASK) "\n\t<!-- kept -->\n")

/* A key set of n keys, each with an x5u of `bytes` letters. */
static inline void key_set_write(struct buf *b, size_t n, size_t bytes)
{
	buf_lit(b, "{\"keys\":[");
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "%s{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" KEY_N "\",\"kid\":\"k%zu\",\"x5u\":\"%0*d\"}",
			i ? "," : "", i, (int)bytes, 0);
	buf_lit(b, "]}");
}

struct fault {
	const char *json;
	const char *line;
};

static inline bool has_line(struct str faults_text, const char *line)
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

static inline struct str file_world(struct arena *a, const char *identifier, const char *xml, const char *more)
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

static inline void round_trip(struct str json)
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
