#include "publish/selfservice_internal.h"

#define DEACTIVATED "the scope is deactivated, and that is for good"

// clang-format off
static const struct edit_member members[] = {
	{ "description",                  "description",             EDIT_COPY,   "null" },
	{ "visibility",                   "visibility",              EDIT_COPY,   "null" },
	{ "allowed_integration_types",    "allowedIntegrationTypes", EDIT_COPY,   "null" },
	{ "accessible_for_all",           "accessibleForAll",        EDIT_COPY,   "null" },
	{ "delegation_source",            "delegationSource",        EDIT_COPY,   "null" },
	{ "at_max_age",                   "atMaxAge",                EDIT_COPY,   "null" },
	{ "authorization_max_age",        "authorizationMaxAge",     EDIT_COPY,   "null" },
	{ "name",                         NULL,                      EDIT_SAME,   NULL },
	{ "prefix",                       NULL,                      EDIT_SAME,   NULL },
	{ "subscope",                     "scope",                   EDIT_SAME,   NULL },
	{ "owner_orgno",                  "owner",                   EDIT_SAME,   NULL },
	{ "token_type",                   NULL,                      EDIT_FIXED,  "\"SELF_CONTAINED\"" },
	{ "requires_user_consent",        NULL,                      EDIT_FIXED,  "false" },
	{ "requires_user_authentication", NULL,                      EDIT_FIXED,  "false" },
	{ "requires_pseudonymous_tokens", NULL,                      EDIT_FIXED,  "false" },
	{ "active",                       NULL,                      EDIT_IGNORE, NULL },
	{ "created",                      NULL,                      EDIT_IGNORE, NULL },
	{ "last_updated",                 NULL,                      EDIT_IGNORE, NULL },
	{ NULL, NULL, EDIT_IGNORE, NULL },
};
// clang-format on

struct str selfservice_scope_tag(struct arena *a, const struct scope *s)
{
	return edit_tag(a, s->body);
}

static enum rc find(const struct edit *e, struct registration *out)
{
	const struct scope *s = registry_scope(e->registry, registration_target(e)->id);
	if (!s || !str_eq(s->owner, e->publisher->orgno))
		return RC_NOT_FOUND;
	*out = (struct registration){ s, s->active, s->body };
	return RC_OK;
}

static void members_check(struct edit *e)
{
	struct str prefix = STR_NONE, subscope = STR_NONE, name = registration_target(e)->id;
	(void)!str_cut(name, ':', &prefix, &subscope);
	const struct str same[] = { name, prefix, subscope, e->publisher->orgno };
	edit_members_check(e, members, same);
}

static void change_check(struct edit *e, const struct registration *r)
{
	(void)r;
	members_check(e);
}

static const struct registration_kind scope_kind = {
	.section = "scopes",
	.id_member = "scope",
	.deactivated = DEACTIVATED,
	.members = members,
	.find = find,
	.check = change_check,
};

struct count {
	struct str orgno;
	size_t n;
};

static void scope_count(void *ctx, const struct scope *s)
{
	struct count *x = ctx;
	x->n += str_eq(s->owner, x->orgno);
}

static enum rc create_make(struct edit *e, struct jsw *w)
{
	struct str prefix = edit_text(e, "prefix"), sub = edit_text(e, "subscope");
	struct count count = { .orgno = e->publisher->orgno };
	if (!prefix.n)
		edit_fault(e, STR("prefix"), "is required");
	if (!sub.n)
		edit_fault(e, STR("subscope"), "is required");
	if (e->publication->faults.n)
		return RC_INVALID;
	const struct scope_prefix *p = registry_prefix(e->registry, prefix);
	if (!p || !str_eq(p->owner, e->publisher->orgno))
		return edit_denied(e, "the prefix is not one of the organisation's");
	const struct scope *s = registry_scope(e->registry, registration_target(e)->id);
	if (s)
		return edit_conflict(e, s->active ? "a scope has this name" : DEACTIVATED);
	registry_scopes_each(e->registry, scope_count, &count);
	if (count.n >= SELF_MAX_SCOPES)
		return edit_conflict(e, "the organisation has as many scopes as it may");
	members_check(e);
	if (e->publication->faults.n)
		return RC_INVALID;
	registration_begin(e, w);
	jsw_kstr(w, "owner", e->publisher->orgno);
	jsw_kstr(w, "created", e->now);
	edit_members_write(e, w, members);
	edit_entry_end(w);
	return RC_OK;
}

/* ---- grants ---- */

/* Writes all grants but the one that the change is about, which comes last when it is given. */
static void grants_write(struct edit *e, struct jsw *w, const struct scope *s, bool granted)
{
	struct str orgno = registration_target(e)->orgno;
	registration_begin(e, w);
	jsw_key(w, "grants");
	jsw_arr(w);
	for (size_t i = 0; i < s->n_grants; i++)
		if (!str_eq(s->grants[i], orgno))
			jsw_str(w, s->grants[i]);
	if (granted)
		jsw_str(w, orgno);
	jsw_end_arr(w);
	jsw_key(w, "granted");
	jsw_obj(w);
	for (size_t i = 0; i < s->n_grants; i++)
		if (s->granted[i].p && !str_eq(s->grants[i], orgno)) {
			jsw_key_str(w, s->grants[i]);
			jsw_str(w, s->granted[i]);
		}
	if (granted)
		jsw_kstr(w, arena_cstr(e->a, orgno), e->now);
	jsw_end_obj(w);
	edit_entry_end(w);
}

static enum rc grant_make(struct edit *e, struct jsw *w)
{
	struct str orgno = registration_target(e)->orgno;
	struct registration r;
	TRY(registration_find_active(e, &r));
	const struct scope *s = r.entry;
	if (!model_orgno_valid(orgno)) {
		edit_fault(e, STR("orgno"), "is no organisation number");
		return RC_INVALID;
	}
	if (str_in(orgno, s->grants, s->n_grants))
		return RC_OK;
	if (s->n_grants >= SELF_MAX_GRANTS)
		return edit_conflict(e, "the scope has been granted to as many organisations as it may");
	grants_write(e, w, s, true);
	return RC_OK;
}

static enum rc withdraw_make(struct edit *e, struct jsw *w)
{
	struct str orgno = registration_target(e)->orgno;
	struct registration r;
	TRY(registration_find_active(e, &r));
	const struct scope *s = r.entry;
	if (str_in(orgno, s->grants, s->n_grants))
		grants_write(e, w, s, false);
	return RC_OK;
}

static enum rc scope_edit(const struct publisher *publisher, struct str scope, const struct js *body,
			  struct publication *p, edit_fn *make)
{
	struct registration_target t = { .kind = &scope_kind, .id = scope };
	return registration_run(publisher, &t, body, p, make);
}

static enum rc grant_edit(const struct publisher *publisher, struct str scope, struct str orgno, struct publication *p,
			  edit_fn *make)
{
	struct registration_target t = { .kind = &scope_kind, .id = scope, .orgno = orgno };
	return registration_run(publisher, &t, NULL, p, make);
}

enum rc selfservice_scope_create(const struct publisher *publisher, const struct js *body, struct publication *p,
				 struct str *name_out)
{
	struct edit e = { .body = body };
	struct str prefix = edit_text(&e, "prefix"), subscope = edit_text(&e, "subscope");
	*name_out = arena_fmt(publisher->a, "%.*s:%.*s", STR_FMT(prefix), STR_FMT(subscope));
	return scope_edit(publisher, *name_out, body, p, create_make);
}

enum rc selfservice_scope_change(const struct publisher *publisher, struct str scope, const struct js *body,
				 struct publication *p)
{
	return scope_edit(publisher, scope, body, p, registration_change);
}

enum rc selfservice_scope_deactivate(const struct publisher *publisher, struct str scope, struct publication *p)
{
	return scope_edit(publisher, scope, NULL, p, registration_deactivate);
}

enum rc selfservice_grant(const struct publisher *publisher, struct str scope, struct str orgno, struct publication *p)
{
	return grant_edit(publisher, scope, orgno, p, grant_make);
}

enum rc selfservice_grant_withdraw(const struct publisher *publisher, struct str scope, struct str orgno,
				   struct publication *p)
{
	return grant_edit(publisher, scope, orgno, p, withdraw_make);
}
