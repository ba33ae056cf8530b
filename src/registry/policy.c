/* Deny by default: an action is allowed when a rule names it and one alternative of its subjects holds in full. */
#include "registry/policy.h"

#include <assert.h>

#include "registry/snapshot_internal.h"
#include "registry/policy_subject.h"

struct organisation {
	const struct registry *registry;
	struct str orgno;
};

static bool owns_code(const struct organisation *o, struct str code)
{
	const struct resource *r = map_get(&o->registry->s->owners, code);
	return r && str_eq(r->owner_orgno, o->orgno);
}

static bool is_listed(const struct organisation *o, struct str value)
{
	struct str owner, list;
	return str_cut(value, ':', &owner, &list) && registry_on_access_list(o->registry, owner, list, o->orgno);
}

static bool subject_holds(const struct organisation *o, struct str subject)
{
	struct str value;
	switch (policy_subject_parse(subject, &value)) {
	case SUBJECT_PARTY_TYPE:
		return str_is(value, "organization");
	case SUBJECT_ORGNO:
		return str_eq(value, o->orgno);
	case SUBJECT_OWNER_CODE:
		return owns_code(o, value);
	case SUBJECT_ACCESS_LIST:
		return is_listed(o, value);
	case SUBJECT_PERSON_CODE:
	case SUBJECT_UNKNOWN:
	case SUBJECT__MAX:
		break;
	}
	return false;
}

static bool all_hold(const struct organisation *o, const struct str *subjects)
{
	assert(subjects);
	if (!subjects->p)
		return false; /* an empty alternative is true of everybody: never meant */
	for (; subjects->p; subjects++)
		if (!subject_holds(o, *subjects))
			return false;
	return true;
}

static bool rule_allows(const struct policy_rule *rule, const struct organisation *o, struct str action)
{
	bool named = false;
	for (size_t i = 0; i < rule->n_actions; i++)
		named = named || str_ieq(rule->actions[i], action);
	for (size_t i = 0; named && i < rule->n_subjects; i++)
		if (all_hold(o, rule->subjects[i]))
			return true;
	return false;
}

bool policy_allows_request(const struct registry *r, const struct resource *res, struct str orgno)
{
	struct organisation o = { r, orgno };
	if (res->access_list_enabled && !registry_on_connected_list(r, res, orgno))
		return false;
	for (size_t i = 0; i < res->policy.n_rules; i++)
		if (rule_allows(&res->policy.rules[i], &o, STR("requestconsent")))
			return true;
	return false;
}
