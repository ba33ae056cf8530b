/* Policy files in small pieces, and compiled policies as text. */
#pragma once
#include "registry/policy.h"
#include "registry/xacml.h"
#include "t.h"

#define NS "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"
#define COMBINE "urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:"
#define EQ "urn:oasis:names:tc:xacml:1.0:function:string-equal"
#define EQ_ANY "urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case"
#define XS_STRING "http://www.w3.org/2001/XMLSchema#string"
#define XS_INTEGER "http://www.w3.org/2001/XMLSchema#integer"
#define SUBJECT "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject"
#define RESOURCE_CATEGORY "urn:oasis:names:tc:xacml:3.0:attribute-category:resource"
#define ACTION_CATEGORY "urn:oasis:names:tc:xacml:3.0:attribute-category:action"
#define ACTION_ID "urn:oasis:names:tc:xacml:1.0:action:action-id"

#define POLICY_AS(combine, target, body)                                                                               \
	"<x:Policy xmlns:x='" NS "' PolicyId='p' Version='1.0' RuleCombiningAlgId='" combine "'>" target body          \
	"</x:Policy>"
#define POLICY(body) POLICY_AS(COMBINE "deny-overrides", "<x:Target/>", body)
#define RULE(target) "<x:Rule RuleId='r' Effect='Permit'><x:Target>" target "</x:Target></x:Rule>"
#define ANY(alternatives) "<x:AnyOf>" alternatives "</x:AnyOf>"
#define ALL(matches) "<x:AllOf>" matches "</x:AllOf>"
#define VALUE(text) "<x:AttributeValue DataType='" XS_STRING "'>" text "</x:AttributeValue>"
#define DESIGNATOR(category, id)                                                                                       \
	"<x:AttributeDesignator AttributeId='" id "' Category='" category "' DataType='" XS_STRING                     \
	"' MustBePresent='false'/>"
#define MATCH_BY(function, category, id, text)                                                                         \
	"<x:Match MatchId='" function "'>" VALUE(text) DESIGNATOR(category, id) "</x:Match>"
#define MATCH(category, id, text) MATCH_BY(EQ, category, id, text)
#define WHO(id, text) MATCH(SUBJECT, "urn:altinn:" id, text)
#define ROLE(code) WHO("rolecode", code)
#define ORG WHO("partytype", "organization")
#define FOR(resource) MATCH(RESOURCE_CATEGORY, "urn:altinn:resource", resource)
#define ACT(action) MATCH(ACTION_CATEGORY, ACTION_ID, action)
#define HERE ANY(ALL(FOR("r")))
#define ASK ANY(ALL(ACT("requestconsent")))
#define SOUND RULE(ANY(ALL(ORG)) HERE ASK)
#define LEVEL_AS(id, on, category, type, n)                                                                            \
	"<x:ObligationExpressions><x:ObligationExpression ObligationId='" id "' FulfillOn='" on "'>"                   \
	"<x:AttributeAssignmentExpression AttributeId='a' Category='" category "'>"                                    \
	"<x:AttributeValue DataType='" type "'>" n                                                                     \
	"</x:AttributeValue></x:AttributeAssignmentExpression></x:ObligationExpression></x:ObligationExpressions>"
#define LEVEL_ID "urn:altinn:obligation:authenticationLevel1"
#define LEVEL_CATEGORY "urn:altinn:minimum-authenticationlevel"
#define LEVEL(n) LEVEL_AS(LEVEL_ID, "Permit", LEVEL_CATEGORY, XS_INTEGER, n)

/* "3 consent,read: urn:a:b & urn:c:d | urn:e:f; …": level, then the rules. */
static inline struct str policy_text(struct arena *a, const struct policy *p)
{
	struct buf b = BUF(a);
	buf_i64(&b, p->min_level);
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct policy_rule *rule = &p->rules[i];
		buf_z(&b, i ? "; " : " ");
		for (size_t j = 0; j < rule->n_actions; j++)
			buf_fmt(&b, "%s%.*s", j ? "," : "", STR_FMT(rule->actions[j]));
		for (size_t j = 0; j < rule->n_subjects; j++) {
			buf_z(&b, j ? " | " : ": ");
			for (const struct str *s = rule->subjects[j]; s->p; s++)
				buf_fmt(&b, "%s%.*s", s == rule->subjects[j] ? "" : " & ", STR_FMT(*s));
		}
	}
	return buf_str(&b);
}
