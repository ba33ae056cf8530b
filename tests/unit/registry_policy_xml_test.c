#include "registry/policy_xml.h"
#include "registry/policy.h"
#include "registry/xacml.h"
#include "t.h"

/* Actions and alternatives of each rule, in order: "requestconsent,:a+b|c|;". */
static struct str policy_text(struct arena *a, const struct policy *p)
{
	struct buf b = BUF(a);
	buf_fmt(&b, "%lld ", (long long)p->min_level);
	for (size_t i = 0; i < p->n_rules; i++) {
		for (size_t k = 0; k < p->rules[i].n_actions; k++)
			buf_fmt(&b, "%.*s,", STR_FMT(p->rules[i].actions[k]));
		buf_c(&b, ':');
		for (size_t k = 0; k < p->rules[i].n_subjects; k++) {
			for (const struct str *s = p->rules[i].subjects[k]; s->p; s++)
				buf_fmt(&b, "%.*s+", STR_FMT(*s));
			buf_c(&b, '|');
		}
		buf_c(&b, ';');
	}
	return buf_str(&b);
}

static struct str entry_json(struct arena *a, const char *policy)
{
	struct str s = arena_fmt(a, "{'identifier':'ttd_r'%s%s}", *policy ? ",'policy':" : "", policy);
	for (char *c = (char *)s.p; *c; c++)
		if (*c == '\'')
			*c = '"';
	return s;
}

static struct resource resource_of(struct arena *a, struct str body)
{
	struct resource r = { .identifier = STR("ttd_r"), .body = body };
	const struct js *entry;
	struct str err;
	CHECK_RC(js_parse(a, body, NULL, &entry, NULL), RC_OK);
	CHECK_RC(policy_read(a, entry, &r.policy, &err), RC_OK);
	return r;
}

static void test_policy_xml__compiles_to_the_same_policy(void **state)
{
	(void)state;
	static const char *const policies[] = {
		"{'rules':[{'actions':['requestconsent'],'subjects':[['urn:altinn:partytype:organization']]}]}",
		"{'minimumAuthenticationLevel':4,'rules':["
		"{'actions':['requestconsent'],'subjects':[['urn:altinn:access-list:ttd:banks'],"
		"['urn:altinn:organization:identifier-no:810419512'],['urn:altinn:org:skd']]},"
		"{'actions':['consent','read'],'subjects':[['urn:altinn:rolecode:priv'],['urn:altinn:rolecode:DAGL'],"
		"['urn:altinn:accesspackage:regnskapsforer-lonn']]}]}",
		"{'minimumAuthenticationLevel':3,'rules':[{'actions':['consent'],'subjects':["
		"['urn:altinn:partytype:organization','urn:altinn:access-list:ttd:banks']]}]}",
	};
	for (size_t i = 0; i < LEN(policies); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct resource r = resource_of(&a, entry_json(&a, policies[i]));
		struct policy again;
		struct buf xml = BUF(&a);
		struct str err = STR_NONE;
		CHECK_RC(policy_xml(&xml, &r), RC_OK);
		if (xacml_compile(&a, buf_str(&xml), r.identifier, &again, &err) != RC_OK)
			fail_msg("%.*s\n%.*s", STR_FMT(err), STR_FMT(buf_str(&xml)));
		CHECK_STR(policy_text(&a, &again), policy_text(&a, &r.policy));
		CHECK_RC(xacml_compile(&a, buf_str(&xml), STR("another"), &again, &err), RC_INVALID);
	}
}

static void test_policy_xml__a_file_as_it_came_and_none(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct resource r = resource_of(&a, entry_json(&a, "{'rules':[{'actions':['a'],'subjects':[["
							   "'urn:altinn:rolecode:priv']]}]}"));
	struct buf xml = BUF(&a), body = BUF(&a), again = BUF(&a);
	CHECK_RC(policy_xml(&xml, &r), RC_OK);
	buf_lit(&xml, "<!-- ours -->\n");
	buf_lit(&body, "{\"identifier\":\"ttd_r\",\"policyXml\":");
	buf_json(&body, buf_str(&xml));
	buf_c(&body, '}');
	r = resource_of(&a, buf_str(&body));
	CHECK_RC(policy_xml(&again, &r), RC_OK);
	CHECK_STR(buf_str(&again), buf_str(&xml));
	r = resource_of(&a, entry_json(&a, ""));
	CHECK_RC(policy_xml(&again, &r), RC_NOT_FOUND);
}

T_MAIN(cmocka_unit_test(test_policy_xml__compiles_to_the_same_policy),
       cmocka_unit_test(test_policy_xml__a_file_as_it_came_and_none))
