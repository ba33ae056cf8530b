#include "registry_xacml_kit.h"

static enum rc policy_of(struct arena *a, const char *entry, struct policy *out, struct str *err_out)
{
	const struct js *v;
	char *p = (char *)arena_cstr(a, str_of(entry));
	for (char *c = p; *c; c++)
		if (*c == '\'')
			*c = '"';
	CHECK_RC(js_parse(a, str_of(p), NULL, &v, NULL), RC_OK);
	return policy_read(a, v, out, err_out);
}

static void test_policy_read__json(void **state)
{
	(void)state;
	static const struct {
		const char *entry, *want;
	} cases[] = {
		// clang-format off
		{ "{'identifier':'r'}", "0" }, /* no policy: nobody may do anything */
		{ "{'identifier':'r','policy':{}}", "0" },
		{ "{'identifier':'r','policy':{'minimumAuthenticationLevel':3,'rules':[]}}", "3" },
		{ "{'policy':{'rules':[{'actions':['consent','read'],'subjects':[['urn:altinn:rolecode:DAGL']]}]}}",
		  "0 consent,read: urn:altinn:rolecode:dagl" },
		{ "{'policy':{'minimumAuthenticationLevel':4,'rules':["
		  "{'actions':['a'],'subjects':[['urn:altinn:org:SKD','urn:altinn:access-list:ttd:Banks'],['urn:altinn:partytype:person']]},"
		  "{'actions':['b'],'subjects':[['urn:altinn:organizationnumber:810419512']]}]}}",
		  "4 a: urn:altinn:org:skd & urn:altinn:access-list:ttd:Banks | urn:altinn:partytype:person; "
		  "b: urn:altinn:organizationnumber:810419512" },
		{ "{'policy':{'rules':[{'actions':['a']}]}}", "0 a" },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct policy p;
		struct str err = STR_NONE;
		CHECK_RC(policy_of(&a, cases[i].entry, &p, &err), RC_OK);
		CHECK_STR(policy_text(&a, &p), str_of(cases[i].want));
	}
}

static void test_policy_read__file(void **state)
{
	(void)state;
	static const struct {
		const char *identifier, *xml;
		enum rc rc;
		const char *want;
	} cases[] = {
		{ "r", POLICY(SOUND), RC_OK, "0 requestconsent: urn:altinn:partytype:organization" },
		{ "other", POLICY(SOUND), RC_INVALID, "line 1: no rule is for resource other" },
		{ "r", "<a/>", RC_INVALID, "line 1: <a> is not supported here" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		const struct js *v;
		struct policy p;
		struct str err = STR_NONE;
		jsw_obj(&w);
		jsw_kz(&w, "identifier", cases[i].identifier);
		jsw_kz(&w, "policyXml", cases[i].xml);
		jsw_end_obj(&w);
		CHECK_RC(js_parse(&a, buf_str(&b), NULL, &v, NULL), RC_OK);
		CHECK_RC(policy_read(&a, v, &p, &err), cases[i].rc);
		CHECK_STR(cases[i].rc == RC_OK ? policy_text(&a, &p) : err, str_of(cases[i].want));
	}
}

T_MAIN(cmocka_unit_test(test_policy_read__json), cmocka_unit_test(test_policy_read__file))
