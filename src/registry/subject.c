#include "registry/subject.h"

#include "base/js.h"

static void touch(struct change *c, const char *kind, struct str name)
{
	if (name.n)
		change_touch(c, (struct subject){ kind, name });
}

static void member_touch(struct change *c, const char *kind, const struct js *v, const char *name)
{
	struct str s;
	if (js_member_str(v, name, &s) == RC_OK)
		touch(c, kind, s);
}

static void client_touch(struct change *c, const struct js *v)
{
	member_touch(c, SUBJECT_CLIENTS_OF, v, "orgno");
}

static void scope_touch(struct change *c, const struct js *v)
{
	member_touch(c, SUBJECT_SCOPES_OF, v, "owner");
}

static void list_touch(struct change *c, const struct js *v)
{
	JS_EACH(connection, js_get(v, "resourceConnections"))
		member_touch(c, SUBJECT_LISTS_OF, connection, "resource");
}

static const struct rule {
	const char *kind;
	void (*body_touch)(struct change *c, const struct js *v); /* NULL: none but the entry itself */
} rules[] = {
	// clang-format off
	{ SUBJECT_RESOURCE,    NULL },
	{ SUBJECT_ACCESS_LIST, list_touch },
	{ SUBJECT_CLIENT,      client_touch },
	{ SUBJECT_SCOPE,       scope_touch },
	{ SUBJECT_DELEGATION,  NULL },
	// clang-format on
};

static bool body_touch(struct change *c, struct arena *a, const struct rule *rule, struct str body)
{
	static const struct js_opts opts = { .max_nodes = UINT32_MAX };
	const struct js *v;
	if (!body.p || !rule->body_touch)
		return true;
	if (js_parse(a, body, &opts, &v, NULL) != RC_OK)
		return false;
	rule->body_touch(c, v);
	return true;
}

bool subjects_touch(struct change *c, struct arena *a, struct str kind, struct str key, struct str before,
		    struct str after)
{
	const struct rule *rule = NULL;
	for (size_t i = 0; i < LEN(rules); i++)
		if (str_is(kind, rules[i].kind))
			rule = &rules[i];
	if (!rule)
		return false;
	touch(c, rule->kind, key);
	return body_touch(c, a, rule, before) && body_touch(c, a, rule, after);
}
