#include "model/roles.h"

#define IS_YES true
#define IS_NO false
#define ROLE(code, register_name, key, manager, answers_all) { code, register_name, IS_##manager, IS_##answers_all },
static const struct role roles[] = { MODEL_ROLES(ROLE, ROLE) };

struct str role_lower(struct arena *a, struct str s)
{
	struct str lower = arena_lower(a, s);
	char *p = (char *)(uintptr_t)lower.p;
	for (size_t i = 1; i < lower.n; i++)
		if (p[i - 1] == '\xc3' && p[i] == '\x98')
			p[i] = '\xb8';
	return lower;
}

/* The name behind one of the two prefixes. */
static bool name_cut(struct str urn, struct str *name_out, bool *coded_out)
{
	static const struct str prefixes[] = { STR_INIT(ROLE_URN), STR_INIT(REGISTER_ROLE_URN) };
	for (size_t i = 0; i < LEN(prefixes); i++) {
		struct str p = prefixes[i];
		if (urn.n <= p.n || !str_ieq(str_span(urn.p, p.n), p))
			continue;
		*name_out = str_span(urn.p + p.n, urn.n - p.n);
		*coded_out = i == 0;
		return true;
	}
	return false;
}

static bool name_is(struct str name, struct str own)
{
	bool same = name.n == own.n;
	for (size_t i = 0; same && i < name.n; i++) {
		char c = name.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		else if (i && name.p[i - 1] == '\xc3' && c == '\x98')
			c = '\xb8';
		same = c == own.p[i];
	}
	return same;
}

const struct role *role_find(struct str urn)
{
	struct str name;
	bool coded;
	if (!name_cut(urn, &name, &coded))
		return NULL;
	for (size_t i = 0; i < LEN(roles); i++) {
		const char *own = coded ? roles[i].code : roles[i].register_name;
		if (own && name_is(name, str_of(own)))
			return &roles[i];
	}
	return NULL;
}

struct str role_canonical(struct arena *a, struct str urn)
{
	const struct role *role = role_find(urn);
	return role ? arena_fmt(a, ROLE_URN "%s", role->code) : role_lower(a, urn);
}

bool role_urn_ok(struct str urn)
{
	struct str name;
	bool coded;
	if (!name_cut(urn, &name, &coded) || str_ends(name, STR(":")))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		bool o = i + 1 < name.n && name.p[i] == '\xc3' && (name.p[i + 1] == '\xb8' || name.p[i + 1] == '\x98');
		if (!o && !str_only(str_span(name.p + i, 1), "._:-"))
			return false;
		i += o;
	}
	return true;
}
