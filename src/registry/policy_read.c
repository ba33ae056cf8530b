/* From a resource's entry to struct policy. */
#include "registry/policy.h"
#include "registry/policy_subject.h"
#include "registry/xacml.h"

static struct policy_rule rule_read(struct arena *a, const struct js *v)
{
	struct policy_rule rule = { 0 };
	const struct js *subjects = js_get(v, "subjects");
	rule.actions = js_strings(a, js_get(v, "actions"), &rule.n_actions);
	if (!js_is(subjects, JS_ARRAY))
		return rule;
	rule.subjects = arena_array(a, struct str *, subjects->n);
	JS_EACH(all, subjects) {
		size_t n;
		struct str *list = js_strings(a, all, &n);
		for (size_t i = 0; i < n; i++)
			list[i] = policy_subject_canonical(a, list[i]);
		rule.subjects[rule.n_subjects++] = list;
	}
	return rule;
}

static void rules_read(struct arena *a, const struct js *v, struct policy *p)
{
	const struct js *rules = js_get(v, "rules");
	(void)(js_member_i64(v, "minimumAuthenticationLevel", &p->min_level) == RC_OK);
	if (!js_is(rules, JS_ARRAY))
		return;
	p->rules = arena_array(a, struct policy_rule, rules->n);
	JS_EACH(rule, rules)
		p->rules[p->n_rules++] = rule_read(a, rule);
}

enum rc policy_read(struct arena *a, const struct js *entry, struct policy *out, struct str *err_out)
{
	struct str xml, id;
	struct policy p = { 0 };
	if (js_member_str(entry, "policyXml", &xml) == RC_OK) {
		TRY(js_member_str(entry, "identifier", &id));
		return xacml_compile(a, xml, id, out, err_out);
	}
	rules_read(a, js_get(entry, "policy"), &p);
	*out = p;
	return RC_OK;
}
