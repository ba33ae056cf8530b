/* Deny by default: an action is allowed when a rule names it and one alternative of its subjects holds in full. */
#include "domain/registry.h"
#include "domain/registry_compile.h"

struct asker {
	const struct registry *r;
	struct str orgno;
};

static bool is_organisation(const struct asker *who, struct str value)
{
	(void)who;
	return str_is(value, "organization");
}

static bool is_number(const struct asker *who, struct str value)
{
	return str_eq(value, who->orgno);
}

static bool is_on_list(const struct asker *who, struct str value)
{
	struct str owner, list;
	return str_cut(value, ':', &owner, &list) && registry_on_access_list(who->r, owner, list, who->orgno);
}

/* What an organisation that asks can be; every other attribute belongs to people and is never true of it. */
static const struct attribute {
	struct str prefix;
	bool (*holds)(const struct asker *who, struct str value);
} attributes[] = {
	// clang-format off
	{ STR_INIT("urn:altinn:partytype:"),                  is_organisation },
	{ STR_INIT("urn:altinn:organization:identifier-no:"), is_number },
	{ STR_INIT("urn:altinn:access-list:"),                is_on_list },
	// clang-format on
};

static bool subject_holds(const struct asker *who, struct str subject)
{
	for (size_t i = 0; i < LEN(attributes); i++) {
		struct str prefix = attributes[i].prefix;
		if (str_starts(subject, prefix))
			return attributes[i].holds(who, str_span(subject.p + prefix.n, subject.n - prefix.n));
	}
	return false;
}

static bool all_hold(const struct asker *who, const struct str *subjects)
{
	if (!subjects->p)
		return false; /* an empty alternative is true of everybody: never meant */
	for (; subjects->p; subjects++)
		if (!subject_holds(who, *subjects))
			return false;
	return true;
}

static bool rule_allows(const struct policy_rule *rule, const struct asker *who, struct str action)
{
	bool named = false;
	for (size_t i = 0; i < rule->n_actions; i++)
		named = named || str_ieq(rule->actions[i], action);
	for (size_t i = 0; named && i < rule->n_subjects; i++)
		if (all_hold(who, rule->subjects[i]))
			return true;
	return false;
}

/* With the mode on, the lists are the only way in: where none is connected, nobody comes in. */
static bool lists_allow(const struct registry *r, const struct resource *res, struct str orgno)
{
	if (!res->access_list_enabled)
		return true;
	return map_get(&r->connections, res->identifier) && registry_access_lists_allow(r, res, orgno);
}

bool policy_allows_request(const struct registry *r, const struct resource *res, struct str orgno)
{
	struct asker who = { r, orgno };
	if (!lists_allow(r, res, orgno))
		return false;
	for (size_t i = 0; i < res->policy.n_rules; i++)
		if (rule_allows(&res->policy.rules[i], &who, STR("requestconsent")))
			return true;
	return false;
}
