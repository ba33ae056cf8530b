#include "publish/edit_internal.h"
#include "publish/selfservice.h"

#define NOT_ACTIVE "the scope is deactivated, and that is for good"

struct subject {
	struct str scope;
	struct str orgno; /* whom it is granted to, or handed to; absent: nobody */
};

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
static const struct edit_member delegation_members[] = {
	{ "supplier_org", "supplier", EDIT_IGNORE, NULL },
	{ "scopes",       "scopes",   EDIT_IGNORE, NULL },
	{ "consumer_org", "consumer", EDIT_SAME,   NULL },
	{ NULL, NULL, EDIT_IGNORE, NULL },
};
// clang-format on

static const struct subject *subject(const struct edit *e)
{
	return e->of;
}

/* ---- scopes ---- */

struct str self_scope_tag(struct arena *a, const struct scope *s)
{
	return edit_tag(a, s->body);
}

static enum rc find(struct edit *e, const struct scope **out)
{
	const struct scope *s = registry_scope(e->reg, subject(e)->scope);
	if (!s || !str_eq(s->owner, e->who->orgno))
		return RC_NOT_FOUND;
	*out = s;
	return RC_OK;
}

static enum rc find_active(struct edit *e, const struct scope **out)
{
	TRY(find(e, out));
	return (*out)->active ? RC_OK : edit_conflict(e, NOT_ACTIVE);
}

static void begin(struct edit *e, struct jsw *w)
{
	edit_entry_begin(e, w, "scopes");
	jsw_kstr(w, "scope", subject(e)->scope);
	jsw_kstr(w, "lastUpdated", e->now);
}

static void members_check(struct edit *e)
{
	struct str prefix = STR_NONE, sub = STR_NONE, name = subject(e)->scope;
	(void)!str_cut(name, ':', &prefix, &sub);
	const struct str same[] = { name, prefix, sub, e->who->orgno };
	edit_members_check(e, members, same);
}

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
	struct count count = { .orgno = e->who->orgno };
	if (!prefix.n)
		edit_fault(e, STR("prefix"), "is required");
	if (!sub.n)
		edit_fault(e, STR("subscope"), "is required");
	if (e->p->faults.n)
		return RC_INVALID;
	const struct scope_prefix *p = registry_prefix(e->reg, prefix);
	if (!p || !str_eq(p->owner, e->who->orgno))
		return edit_denied(e, "the prefix is not one of the organisation's");
	const struct scope *s = registry_scope(e->reg, subject(e)->scope);
	if (s)
		return edit_conflict(e, s->active ? "a scope has this name" : NOT_ACTIVE);
	registry_scopes_each(e->reg, scope_count, &count);
	if (count.n >= SELF_MAX_SCOPES)
		return edit_conflict(e, "the organisation has as many scopes as it may");
	members_check(e);
	if (e->p->faults.n)
		return RC_INVALID;
	begin(e, w);
	jsw_kstr(w, "owner", e->who->orgno);
	jsw_kstr(w, "created", e->now);
	edit_members_write(e, w, members);
	edit_entry_end(w);
	return RC_OK;
}

static enum rc change_make(struct edit *e, struct jsw *w)
{
	const struct scope *s = NULL;
	TRY(find_active(e, &s));
	TRY(edit_match(e, self_scope_tag(e->a, s)));
	members_check(e);
	if (e->p->faults.n)
		return RC_INVALID;
	begin(e, w);
	edit_members_write(e, w, members);
	edit_entry_end(w);
	return RC_OK;
}

static enum rc deactivate_make(struct edit *e, struct jsw *w)
{
	const struct scope *s = NULL;
	TRY(find(e, &s));
	if (!s->active)
		return RC_OK;
	TRY(edit_match(e, self_scope_tag(e->a, s)));
	begin(e, w);
	jsw_kz(w, "state", "absent");
	edit_entry_end(w);
	return RC_OK;
}

/* ---- who may use it ---- */

/* All of them but the one that the change is about, which comes last when it is granted. */
static void grants_write(struct edit *e, struct jsw *w, const struct scope *s, bool granted)
{
	struct str orgno = subject(e)->orgno;
	begin(e, w);
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
	const struct scope *s = NULL;
	TRY(find_active(e, &s));
	if (!model_orgno_valid(subject(e)->orgno)) {
		edit_fault(e, STR("orgno"), "is no organisation number");
		return RC_INVALID;
	}
	if (str_in(subject(e)->orgno, s->grants, s->n_grants))
		return RC_OK;
	if (s->n_grants >= SELF_MAX_GRANTS)
		return edit_conflict(e, "the scope has been granted to as many organisations as it may");
	grants_write(e, w, s, true);
	return RC_OK;
}

static enum rc withdraw_make(struct edit *e, struct jsw *w)
{
	const struct scope *s = NULL;
	TRY(find_active(e, &s));
	if (str_in(subject(e)->orgno, s->grants, s->n_grants))
		grants_write(e, w, s, false);
	return RC_OK;
}

static enum rc way(const struct publisher *who, struct subject of, const struct js *body, struct publication *p,
		   edit_fn *make)
{
	struct edit e = { .who = who, .p = p, .body = body, .of = &of, .merge = true };
	enum rc rc = edit_run(&e, make);
	edit_faults_rename(who->a, p, members);
	return rc;
}

enum rc self_scope_create(const struct publisher *who, const struct js *body, struct publication *p,
			  struct str *name_out)
{
	struct edit e = { .body = body };
	struct str prefix = edit_text(&e, "prefix"), sub = edit_text(&e, "subscope");
	*name_out = arena_fmt(who->a, "%.*s:%.*s", STR_FMT(prefix), STR_FMT(sub));
	return way(who, (struct subject){ .scope = *name_out }, body, p, create_make);
}

enum rc self_scope_change(const struct publisher *who, struct str scope, const struct js *body, struct publication *p)
{
	return way(who, (struct subject){ .scope = scope }, body, p, change_make);
}

enum rc self_scope_deactivate(const struct publisher *who, struct str scope, struct publication *p)
{
	return way(who, (struct subject){ .scope = scope }, NULL, p, deactivate_make);
}

enum rc self_grant(const struct publisher *who, struct str scope, struct str orgno, struct publication *p)
{
	return way(who, (struct subject){ scope, orgno }, NULL, p, grant_make);
}

enum rc self_grant_withdraw(const struct publisher *who, struct str scope, struct str orgno, struct publication *p)
{
	return way(who, (struct subject){ scope, orgno }, NULL, p, withdraw_make);
}

/* ---- delegations ---- */

static void delegation_begin(struct edit *e, struct jsw *w, struct str supplier)
{
	edit_entry_begin(e, w, "delegations");
	jsw_kstr(w, "consumer", e->who->orgno);
	jsw_kstr(w, "supplier", supplier);
}

static const char *undelegable(const struct edit *e, const struct js *v)
{
	if (v->type != JS_STRING)
		return "must be a text";
	const struct scope *s = registry_scope(e->reg, v->s);
	if (!s)
		return "no such scope";
	return s->active && s->delegation_source.p ? NULL : "cannot be delegated";
}

/* The scopes that are named, in *out; limit: of one delegation. */
static size_t scopes_read(struct edit *e, struct str *out, size_t limit)
{
	const struct js *list = js_get(e->body, "scopes");
	size_t n = 0, i = 0;
	if (!js_is(list, JS_ARRAY) || !list->n)
		edit_fault(e, STR("scopes"), "is required");
	if (js_is(list, JS_ARRAY) && list->n > limit)
		edit_fault(e, STR("scopes"), "has too many entries");
	JS_EACH(v, js_is(list, JS_ARRAY) && list->n <= limit ? list : NULL) {
		const char *why = undelegable(e, v);
		if (why)
			edit_fault(e, arena_fmt(e->a, "scopes[%zu]", i), why);
		else if (!str_in(v->s, out, n))
			out[n++] = v->s;
		i++;
	}
	return n;
}

static void delegation_count(void *ctx, const struct delegation *d)
{
	struct count *x = ctx;
	x->n += str_eq(d->consumer, x->orgno);
}

static void supplier_check(struct edit *e, struct str supplier)
{
	const struct str same[] = { e->who->orgno };
	edit_members_check(e, delegation_members, same);
	if (!supplier.p)
		edit_fault(e, STR("supplier_org"), "is required");
	else if (!model_orgno_valid(supplier))
		edit_fault(e, STR("supplier_org"), "is no organisation number");
	else if (str_eq(supplier, e->who->orgno))
		edit_fault(e, STR("supplier_org"), "is the organisation itself");
}

static enum rc delegate_make(struct edit *e, struct jsw *w)
{
	struct str supplier = edit_text(e, "supplier_org"), scopes[SELF_MAX_NAMED];
	struct count count = { .orgno = e->who->orgno };
	supplier_check(e, supplier);
	size_t n = scopes_read(e, scopes, LEN(scopes)), old = 0;
	if (e->p->faults.n)
		return RC_INVALID;
	const struct delegation *d = registry_delegation(e->reg, e->who->orgno, supplier);
	registry_delegations_each(e->reg, delegation_count, &count);
	if (!d && count.n >= SELF_MAX_SUPPLIERS)
		return edit_conflict(e, "the organisation has as many suppliers as it may");
	for (size_t i = 0; d && i < n; i++)
		old += str_in(scopes[i], d->scopes, d->n_scopes);
	if (d && old == n)
		return RC_OK;
	delegation_begin(e, w, supplier);
	jsw_key(w, "scopes");
	jsw_arr(w);
	for (size_t i = 0; d && i < d->n_scopes; i++)
		jsw_str(w, d->scopes[i]);
	for (size_t i = 0; i < n; i++)
		if (!d || !str_in(scopes[i], d->scopes, d->n_scopes))
			jsw_str(w, scopes[i]);
	jsw_end_arr(w);
	if (!d)
		jsw_kstr(w, "created", e->now);
	edit_entry_end(w);
	return RC_OK;
}

static enum rc delegation_withdraw_make(struct edit *e, struct jsw *w)
{
	const struct subject *of = subject(e);
	const struct delegation *d = registry_delegation(e->reg, e->who->orgno, of->orgno);
	if (!d || (of->scope.p && !str_in(of->scope, d->scopes, d->n_scopes)))
		return RC_OK;
	delegation_begin(e, w, of->orgno);
	if (!of->scope.p || d->n_scopes == 1) {
		jsw_kz(w, "state", "absent");
		edit_entry_end(w);
		return RC_OK;
	}
	jsw_key(w, "scopes");
	jsw_arr(w);
	for (size_t i = 0; i < d->n_scopes; i++)
		if (!str_eq(d->scopes[i], of->scope))
			jsw_str(w, d->scopes[i]);
	jsw_end_arr(w);
	edit_entry_end(w);
	return RC_OK;
}

enum rc self_delegate(const struct publisher *who, const struct js *body, struct publication *p)
{
	struct edit e = { .who = who, .p = p, .body = body, .merge = true };
	enum rc rc = edit_run(&e, delegate_make);
	edit_faults_rename(who->a, p, delegation_members);
	return rc;
}

enum rc self_delegation_withdraw(const struct publisher *who, struct str supplier, struct str scope,
				 struct publication *p)
{
	struct subject of = { .scope = scope, .orgno = supplier };
	struct edit e = { .who = who, .p = p, .of = &of, .merge = true };
	return edit_run(&e, delegation_withdraw_make);
}
