#include "registry/policy_xml.h"

#define XACML1 "urn:oasis:names:tc:xacml:1.0:"
#define XACML3 "urn:oasis:names:tc:xacml:3.0:"
#define XS "http://www.w3.org/2001/XMLSchema#"
#define SUBJECT XACML1 "subject-category:access-subject"
#define RESOURCE XACML3 "attribute-category:resource"
#define ACTION XACML3 "attribute-category:action"

struct match {
	const char *category;
	struct str attribute;
	struct str value;
	bool any_case;
};

static void match_write(struct buf *b, const struct match *m)
{
	buf_fmt(b, "          <Match MatchId=\"%s\">\n",
		m->any_case ? XACML3 "function:string-equal-ignore-case" : XACML1 "function:string-equal");
	buf_lit(b, "            <AttributeValue DataType=\"" XS "string\">");
	buf_html(b, m->value);
	buf_lit(b, "</AttributeValue>\n            <AttributeDesignator AttributeId=\"");
	buf_html(b, m->attribute);
	buf_fmt(b, "\" Category=\"%s\" DataType=\"" XS "string\" MustBePresent=\"false\"/>\n", m->category);
	buf_lit(b, "          </Match>\n");
}

/* Splits a subject at its last colon; the value of an access list has a colon itself: OWNER:LIST. */
static struct match subject_match(struct str subject)
{
	const struct str lists = STR("urn:altinn:access-list:");
	size_t n = lists.n;
	if (!str_starts(subject, lists))
		for (n = subject.n; n && subject.p[n - 1] != ':';)
			n--;
	return (struct match){ SUBJECT, str_span(subject.p, n ? n - 1 : 0), str_span(subject.p + n, subject.n - n),
			       true };
}

static void subjects_write(struct buf *b, const struct policy_rule *rule)
{
	buf_lit(b, "      <AnyOf>\n");
	for (size_t i = 0; i < rule->n_subjects; i++) {
		buf_lit(b, "        <AllOf>\n");
		for (const struct str *s = rule->subjects[i]; s->p; s++) {
			struct match m = subject_match(*s);
			match_write(b, &m);
		}
		buf_lit(b, "        </AllOf>\n");
	}
	buf_lit(b, "      </AnyOf>\n");
}

static void actions_write(struct buf *b, const struct policy_rule *rule)
{
	buf_lit(b, "      <AnyOf>\n");
	for (size_t i = 0; i < rule->n_actions; i++) {
		const struct match m = { ACTION, STR(XACML1 "action:action-id"), rule->actions[i], false };
		buf_lit(b, "        <AllOf>\n");
		match_write(b, &m);
		buf_lit(b, "        </AllOf>\n");
	}
	buf_lit(b, "      </AnyOf>\n");
}

static void rule_write(struct buf *b, const struct resource *r, const struct policy_rule *rule, size_t index)
{
	const struct match m = { RESOURCE, STR("urn:altinn:resource"), r->identifier, false };
	buf_fmt(b, "  <Rule RuleId=\"urn:altinn:resource:%.*s:ruleid:%zu\" Effect=\"Permit\">\n    <Target>\n",
		STR_FMT(r->identifier), index + 1);
	subjects_write(b, rule);
	buf_lit(b, "      <AnyOf>\n        <AllOf>\n");
	match_write(b, &m);
	buf_lit(b, "        </AllOf>\n      </AnyOf>\n");
	actions_write(b, rule);
	buf_lit(b, "    </Target>\n  </Rule>\n");
}

static void level_write(struct buf *b, int64_t level)
{
	buf_lit(b, "  <ObligationExpressions>\n    <ObligationExpression "
		   "ObligationId=\"urn:altinn:obligation:authenticationLevel1\" FulfillOn=\"Permit\">\n      "
		   "<AttributeAssignmentExpression AttributeId=\"urn:altinn:obligation1-assignment1\" "
		   "Category=\"urn:altinn:minimum-authenticationlevel\">\n"
		   "        <AttributeValue DataType=\"" XS "integer\">");
	buf_i64(b, level);
	buf_lit(b, "</AttributeValue>\n      </AttributeAssignmentExpression>\n    </ObligationExpression>\n"
		   "  </ObligationExpressions>\n");
}

static void policy_write(struct buf *b, const struct resource *r)
{
	buf_lit(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Policy xmlns=\"" XACML3 "core:schema:wd-17\"");
	buf_fmt(b, " PolicyId=\"urn:altinn:resource:%.*s:policyid:1\" Version=\"1.0\"", STR_FMT(r->identifier));
	buf_lit(b, " RuleCombiningAlgId=\"" XACML3 "rule-combining-algorithm:deny-overrides\">\n  <Target/>\n");
	for (size_t i = 0; i < r->policy.n_rules; i++)
		rule_write(b, r, &r->policy.rules[i], i);
	if (r->policy.min_level)
		level_write(b, r->policy.min_level);
	buf_lit(b, "</Policy>\n");
}

enum rc policy_xml(struct buf *out, const struct resource *r)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct js_opts opts = { .max_nodes = UINT32_MAX };
	const struct js *entry;
	struct str xml;
	TRY(js_parse(&a, r->body, &opts, &entry, NULL));
	if (js_member_str(entry, "policyXml", &xml) == RC_OK)
		buf_add(out, xml);
	else if (!js_get(entry, "policy"))
		return RC_NOT_FOUND;
	else
		policy_write(out, r);
	return RC_OK;
}
