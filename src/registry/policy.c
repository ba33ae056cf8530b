/* Deny by default: an action is allowed when a rule names it and one alternative of its subjects holds in full. */
#include "registry/policy.h"

#include "registry/compile_internal.h"

struct asker {
	const struct registry *r;
	struct str orgno;
};

/* ---- what a value may be ---- */

static const char *type_fault(struct str value)
{
	bool sound = str_is(value, "organization") || str_is(value, "person");
	return sound ? NULL : "the party type must be organization or person";
}

static const char *number_fault(struct str value)
{
	return model_orgno_valid(value) ? NULL : "is no organisation number";
}

static const char *list_fault(struct str value)
{
	struct str owner, list;
	bool sound = str_cut(value, ':', &owner, &list) && owner.n && list.n && str_only(owner, "._-");
	return sound && str_only(list, "._-") ? NULL : "must be urn:altinn:access-list:OWNER:LIST";
}

static const char *code_fault(struct str value)
{
	bool sound = value.n && !str_ends(value, STR(":")) && str_only(value, "._:/-");
	return sound ? NULL : "must be ATTRIBUTE:VALUE of letters, digits and . _ : / -";
}

/* ---- of whom it is true ---- */

static bool is_organisation(const struct asker *who, struct str value)
{
	(void)who;
	return str_is(value, "organization");
}

static bool is_number(const struct asker *who, struct str value)
{
	return str_eq(value, who->orgno);
}

static bool is_owner(const struct asker *who, struct str value)
{
	const struct resource *res = map_get(&who->r->owners, value);
	return res && str_eq(res->owner_orgno, who->orgno);
}

static bool is_on_list(const struct asker *who, struct str value)
{
	struct str owner, list;
	return str_cut(value, ':', &owner, &list) && registry_on_access_list(who->r, owner, list, who->orgno);
}

/* ---- attributes ---- */

static const struct attribute {
	struct str prefix;
	bool is_code;
	const char *(*fault)(struct str value);
	bool (*holds)(const struct asker *who, struct str value); /* NULL: people's, never true of an organisation */
} attributes[] = {
	// clang-format off
	{ STR_INIT("urn:altinn:partytype:"),                  false, type_fault,   is_organisation },
	{ STR_INIT("urn:altinn:organization:identifier-no:"), false, number_fault, is_number },
	{ STR_INIT("urn:altinn:organizationnumber:"),         false, number_fault, is_number },
	{ STR_INIT("urn:altinn:org:"),                        true,  code_fault,   is_owner },
	{ STR_INIT("urn:altinn:access-list:"),                false, list_fault,   is_on_list },
	{ STR_INIT("urn:altinn:rolecode:"),                   true,  code_fault,   NULL },
	{ STR_INIT("urn:altinn:accesspackage:"),              true,  code_fault,   NULL },
	{ STR_INIT("urn:altinn:external-role:ccr:"),          true,  code_fault,   NULL },
	{ STR_INIT("urn:altinn:external-role:cra:"),          true,  code_fault,   NULL },
	// clang-format on
};

/* NULL: none. */
static const struct attribute *attribute_find(struct str subject, struct str *value_out)
{
	for (size_t i = 0; i < LEN(attributes); i++) {
		struct str prefix = attributes[i].prefix;
		if (!str_starts(subject, prefix))
			continue;
		*value_out = str_span(subject.p + prefix.n, subject.n - prefix.n);
		return &attributes[i];
	}
	return NULL;
}

const char *policy_subject_fault(struct arena *a, struct str subject)
{
	struct str value;
	const struct attribute *attr = attribute_find(subject, &value);
	if (attr)
		return attr->fault(value);
	size_t n = subject.n;
	while (n && subject.p[n - 1] != ':')
		n--;
	if (n < 2 || !str_only(subject, "._:/-"))
		return "must be ATTRIBUTE:VALUE";
	return arena_cstr(a, arena_fmt(a, "unknown attribute %.*s", (int)n - 1, subject.p));
}

struct str policy_subject_fold(struct arena *a, struct str subject)
{
	struct str value;
	const struct attribute *attr = attribute_find(subject, &value);
	return attr && attr->is_code ? registry_fold(a, subject) : arena_str(a, subject);
}

const char *policy_subject_of(struct arena *a, struct str attribute, struct str value, bool any_case, struct str *out)
{
	struct str subject = arena_fmt(a, "%.*s:%.*s", STR_FMT(attribute), STR_FMT(value)), rest;
	const struct attribute *attr = attribute_find(subject, &rest);
	if (attr && attr->prefix.n != attribute.n + 1)
		attr = NULL; /* part of the attribute stands in the value */
	if (!attr)
		return "unknown attribute";
	if (any_case && attr->holds != is_on_list) /* a list's name has a letter case */
		subject = registry_fold(a, subject);
	const char *why = policy_subject_fault(a, subject);
	if (!why)
		*out = policy_subject_fold(a, subject);
	return why;
}

bool policy_subject_list(struct str subject, struct str *owner_out, struct str *list_out)
{
	struct str value;
	const struct attribute *attr = attribute_find(subject, &value);
	return attr && attr->holds == is_on_list && str_cut(value, ':', owner_out, list_out);
}

/* ---- deciding ---- */

static bool subject_holds(const struct asker *who, struct str subject)
{
	struct str value;
	const struct attribute *attr = attribute_find(subject, &value);
	return attr && attr->holds && attr->holds(who, value);
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

bool policy_allows_request(const struct registry *r, const struct resource *res, struct str orgno)
{
	struct asker who = { r, orgno };
	if (res->access_list_enabled && !registry_on_connected_list(r, res, orgno))
		return false;
	for (size_t i = 0; i < res->policy.n_rules; i++)
		if (rule_allows(&res->policy.rules[i], &who, STR("requestconsent")))
			return true;
	return false;
}
