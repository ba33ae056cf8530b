#include "registry/policy_subject.h"

#include "model/model.h"
#include "model/roles.h"

/* ---- values of each kind ---- */

static const char *party_type_fault(struct str value)
{
	bool sound = str_is(value, "organization") || str_is(value, "person");
	return sound ? NULL : "the party type must be organization or person";
}

static const char *orgno_fault(struct str value)
{
	return model_orgno_valid(value) ? NULL : "is no organisation number";
}

static const char *access_list_fault(struct str value)
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

static const char *value_fault(enum policy_subject_kind kind, struct str subject, struct str value)
{
	if (role_urn_ok(subject)) /* a code may have an ø */
		return NULL;
	switch (kind) {
	case SUBJECT_PARTY_TYPE:
		return party_type_fault(value);
	case SUBJECT_ORGNO:
		return orgno_fault(value);
	case SUBJECT_ACCESS_LIST:
		return access_list_fault(value);
	case SUBJECT_OWNER_CODE:
	case SUBJECT_PERSON_CODE:
		return code_fault(value);
	case SUBJECT_UNKNOWN:
	case SUBJECT__MAX:
		break;
	}
	return NULL;
}

/* ---- attributes ---- */

static const struct attribute {
	struct str prefix;
	enum policy_subject_kind kind;
} attributes[] = {
	// clang-format off
	{ STR_INIT("urn:altinn:partytype:"),                  SUBJECT_PARTY_TYPE },
	{ STR_INIT("urn:altinn:organization:identifier-no:"), SUBJECT_ORGNO },
	{ STR_INIT("urn:altinn:organizationnumber:"),         SUBJECT_ORGNO },
	{ STR_INIT("urn:altinn:org:"),                        SUBJECT_OWNER_CODE },
	{ STR_INIT("urn:altinn:access-list:"),                SUBJECT_ACCESS_LIST },
	{ STR_INIT("urn:altinn:rolecode:"),                   SUBJECT_PERSON_CODE },
	{ STR_INIT("urn:altinn:accesspackage:"),              SUBJECT_PERSON_CODE },
	{ STR_INIT("urn:altinn:external-role:ccr:"),          SUBJECT_PERSON_CODE },
	{ STR_INIT("urn:altinn:external-role:cra:"),          SUBJECT_PERSON_CODE },
	// clang-format on
};

/* NULL: none. */
static const struct attribute *attribute_find(struct str subject)
{
	for (size_t i = 0; i < LEN(attributes); i++)
		if (str_starts(subject, attributes[i].prefix))
			return &attributes[i];
	return NULL;
}

enum policy_subject_kind policy_subject_parse(struct str subject, struct str *value_out)
{
	const struct attribute *attribute = attribute_find(subject);
	if (!attribute)
		return SUBJECT_UNKNOWN;
	*value_out = str_span(subject.p + attribute->prefix.n, subject.n - attribute->prefix.n);
	return attribute->kind;
}

const char *policy_subject_fault(struct arena *a, struct str subject)
{
	struct str value;
	enum policy_subject_kind kind = policy_subject_parse(subject, &value);
	if (kind != SUBJECT_UNKNOWN)
		return value_fault(kind, subject, value);
	size_t n = subject.n;
	while (n && subject.p[n - 1] != ':')
		n--;
	if (n < 2 || !str_only(subject, "._:/-"))
		return "must be ATTRIBUTE:VALUE";
	return arena_cstr(a, arena_fmt(a, "unknown attribute %.*s", (int)n - 1, subject.p));
}

struct str policy_subject_canonical(struct arena *a, struct str subject)
{
	struct str value;
	enum policy_subject_kind kind = policy_subject_parse(subject, &value);
	if (kind == SUBJECT_OWNER_CODE || kind == SUBJECT_PERSON_CODE)
		return role_lower(a, subject);
	struct str owner, list; /* the owner is a code, the name of the list has a letter case */
	if (kind != SUBJECT_ACCESS_LIST || !str_cut(value, ':', &owner, &list))
		return arena_str(a, subject);
	size_t before = (size_t)(owner.p - subject.p);
	return arena_fmt(a, "%.*s%.*s:%.*s", (int)before, subject.p, STR_FMT(arena_lower(a, owner)), STR_FMT(list));
}

const char *policy_subject_make(struct arena *a, struct str attribute, struct str value, bool any_case, struct str *out)
{
	struct str subject = arena_fmt(a, "%.*s:%.*s", STR_FMT(attribute), STR_FMT(value));
	const struct attribute *known = attribute_find(subject);
	if (!known || known->prefix.n != attribute.n + 1) /* part of the attribute stands in the value */
		return "unknown attribute";
	if (any_case && known->kind != SUBJECT_ACCESS_LIST) /* the name of a list has a letter case */
		subject = arena_lower(a, subject);
	const char *why = policy_subject_fault(a, subject);
	if (!why)
		*out = policy_subject_canonical(a, subject);
	return why;
}

bool policy_subject_access_list(struct str subject, struct str *owner_out, struct str *list_out)
{
	struct str value;
	return policy_subject_parse(subject, &value) == SUBJECT_ACCESS_LIST && str_cut(value, ':', owner_out, list_out);
}
