#include <assert.h>

#include "base/clock.h"
#include "publish/selfservice_internal.h"
#include "jose/trust.h"

#define GRANT_TYPES "[\"urn:ietf:params:oauth:grant-type:jwt-bearer\"]"

// clang-format off
static const struct edit_member members[] = {
	{ "client_name",                "name",                EDIT_COPY,   "null" },
	{ "description",                "description",         EDIT_COPY,   "null" },
	{ "scopes",                     "scopes",              EDIT_COPY,   "[]" },
	{ "access_token_lifetime",      "accessTokenLifetime", EDIT_COPY,   "null" },
	{ "redirect_allow",             "redirectAllow",       EDIT_KEEP,   "null" },
	{ "client_id",                  NULL,                  EDIT_SAME,   NULL },
	{ "client_orgno",               "orgno",               EDIT_SAME,   NULL },
	{ "supplier_orgno",             "supplierOrgno",       EDIT_SAME,   NULL },
	{ "integration_type",           NULL,                  EDIT_FIXED,  "\"maskinporten\"" },
	{ "application_type",           NULL,                  EDIT_FIXED,  "\"web\"" },
	{ "token_endpoint_auth_method", NULL,                  EDIT_FIXED,  "\"private_key_jwt\"" },
	{ "grant_types",                NULL,                  EDIT_FIXED,  GRANT_TYPES },
	{ "active",                     NULL,                  EDIT_IGNORE, NULL },
	{ "created",                    NULL,                  EDIT_IGNORE, NULL },
	{ "last_updated",               NULL,                  EDIT_IGNORE, NULL },
	{ NULL, NULL, EDIT_IGNORE, NULL },
};
// clang-format on

bool client_managed(const struct client_manager *m, const struct client *c)
{
	bool own = m->own && str_eq(c->orgno, m->publisher.orgno);
	return own || (m->supplied && c->supplier.p && str_eq(c->supplier, m->publisher.orgno));
}

struct str selfservice_client_tag(struct arena *a, const struct client *c)
{
	return edit_tag(a, c->body);
}

struct str selfservice_keys_tag(struct arena *a, const struct client *c)
{
	return edit_tag(a, c->jwks_json);
}

static enum rc find(const struct edit *e, struct registration *out)
{
	const struct registration_target *t = registration_target(e);
	assert(t->manager);
	const struct client *c = registry_client(e->registry, t->id);
	if (!c || !client_managed(t->manager, c))
		return RC_NOT_FOUND;
	*out = (struct registration){ c, c->active, c->body };
	return RC_OK;
}

/* A client that a supplier has registered acts as its customer: it may fetch data, but not manage the registrations of
 * that organisation. */
static void supplied_check(struct edit *e)
{
	size_t i = 0;
	JS_EACH(scope, js_get(e->body, "scopes")) {
		bool manages = scope->type == JS_STRING &&
			       (str_starts(scope->s, STR("idporten:")) || str_starts(scope->s, STR("samtykke:")));
		if (manages)
			edit_fault(e, arena_fmt(e->a, "scopes[%zu]", i), "is not for a client of another organisation");
		i++;
	}
}

static void change_check(struct edit *e, const struct registration *r)
{
	const struct client *c = r->entry;
	const struct str same[] = { c->client_id, c->orgno, c->supplier };
	edit_members_check(e, members, same);
	if (c->supplier.p)
		supplied_check(e);
}

static const struct registration_kind client_kind = {
	.section = "clients",
	.id_member = "clientId",
	.deactivated = "the client is deactivated, and that is for good",
	.members = members,
	.find = find,
	.check = change_check,
};

/* ---- making one ---- */

struct count {
	struct str orgno;
	size_t n;
};

static void count_one(void *ctx, const struct client *c)
{
	struct count *x = ctx;
	x->n += str_eq(c->supplier.p ? c->supplier : c->orgno, x->orgno);
}

static enum rc owner_check(struct edit *e, struct str orgno)
{
	const struct client_manager *m = registration_target(e)->manager;
	struct count count = { .orgno = e->publisher->orgno };
	bool own = str_eq(orgno, e->publisher->orgno);
	if (own ? !m->own : !m->supplied)
		return edit_denied(e, own ? "a client of the organisation's own needs the scope idporten:dcr.write"
					  : "a client for another organisation needs the scope idporten:dcr.supplier");
	registry_clients_each(e->registry, count_one, &count);
	return count.n < SELF_MAX_CLIENTS ? RC_OK : edit_conflict(e, "the organisation has as many clients as it may");
}

static enum rc create_make(struct edit *e, struct jsw *w)
{
	struct str named = edit_text(e, "client_id"), orgno = edit_text(e, "client_orgno");
	const struct client *other = named.p ? registry_client(e->registry, named) : NULL;
	bool own = !orgno.p || str_eq(orgno, e->publisher->orgno);
	if (other && client_managed(registration_target(e)->manager, other))
		return edit_conflict(e, "a client has this id");
	if (js_get(e->body, "client_orgno") && !orgno.p)
		edit_fault(e, STR("client_orgno"), "must be a text");
	TRY(owner_check(e, own ? e->publisher->orgno : orgno));
	const struct str same[] = { STR_NONE, orgno, own ? STR_NONE : e->publisher->orgno };
	edit_members_check(e, members, same);
	if (!own)
		supplied_check(e);
	if (e->publication->faults.n)
		return RC_INVALID;
	registration_begin(e, w);
	jsw_kstr(w, "orgno", own ? e->publisher->orgno : orgno);
	if (!own)
		jsw_kstr(w, "supplierOrgno", e->publisher->orgno);
	jsw_kstr(w, "created", e->now);
	edit_members_write(e, w, members);
	edit_entry_end(w);
	return RC_OK;
}

/* ---- keys ---- */

/* Is the chain trusted now? seed_plan.c checks whose certificate it is. */
static const char *chain_fault(struct edit *e, const struct js *x5c)
{
	struct trust *trust = registration_target(e)->manager->trust;
	struct str der[JOSE_X5C_MAX];
	struct org_cert cert;
	const char *why;
	size_t n;
	if (!trust)
		return "certificates are not taken here: the setting cert.roots is missing";
	if (jose_x5c_read(e->a, x5c, der, &n) != RC_OK)
		return "must be 1 to 8 certificates in base64, of 16384 bytes at most";
	if (trust_check(trust, e->a, der, n, clock_now() / CLOCK_SECOND, &cert, &why) != RC_OK)
		return why;
	jwk_unref(cert.key);
	return NULL;
}

static void key_check(struct edit *e, const struct js *key, size_t i)
{
	static const char *const needed[] = { "kty", "alg", "use", "kid", "e", "n" };
	for (size_t j = 0; j < LEN(needed) && key->type == JS_OBJECT; j++)
		if (!js_is(js_get(key, needed[j]), JS_STRING))
			edit_fault(e, arena_fmt(e->a, "keys[%zu].%s", i, needed[j]), "is required");
	const struct js *x5c = js_get(key, "x5c");
	const char *why = x5c ? chain_fault(e, x5c) : NULL;
	if (why)
		edit_fault(e, arena_fmt(e->a, "keys[%zu].x5c", i), why);
}

/* posted and expires may be named: a caller that sends back the answer to a GET changes the keys only. */
static enum rc keys_make(struct edit *e, struct jsw *w)
{
	const struct js *keys = js_get(e->body, "keys");
	struct registration r;
	size_t i = 0;
	TRY(registration_find_active(e, &r));
	TRY(edit_match(e, selfservice_keys_tag(e->a, r.entry)));
	JS_EACH(m, e->body)
		if (!str_is(m->key, "keys") && !str_is(m->key, "posted") && !str_is(m->key, "expires"))
			edit_fault(e, m->key, "unknown member");
	if (!keys)
		edit_fault(e, STR("keys"), "is required");
	JS_EACH(key, js_is(keys, JS_ARRAY) ? keys : NULL)
		key_check(e, key, i++);
	if (e->publication->faults.n)
		return RC_INVALID;
	registration_begin(e, w);
	jsw_key(w, "jwks");
	jsw_obj(w);
	jsw_kraw(w, "keys", keys->raw);
	jsw_kstr(w, "posted", e->now);
	jsw_end_obj(w);
	edit_entry_end(w);
	e->body_path = arena_fmt(e->a, "%.*s.jwks", STR_FMT(e->entry_path));
	return RC_OK;
}

static enum rc client_edit(const struct client_manager *m, struct str id, const struct js *body, struct publication *p,
			   edit_fn *make)
{
	struct registration_target t = { .kind = &client_kind, .id = id, .manager = m };
	return registration_run(&m->publisher, &t, body, p, make);
}

enum rc selfservice_client_create(const struct client_manager *m, struct str id, const struct js *body,
				  struct publication *p)
{
	return client_edit(m, id, body, p, create_make);
}

enum rc selfservice_client_change(const struct client_manager *m, struct str id, const struct js *body,
				  struct publication *p)
{
	return client_edit(m, id, body, p, registration_change);
}

enum rc selfservice_client_keys(const struct client_manager *m, struct str id, const struct js *body,
				struct publication *p)
{
	return client_edit(m, id, body, p, keys_make);
}

enum rc selfservice_client_deactivate(const struct client_manager *m, struct str id, struct publication *p)
{
	return client_edit(m, id, NULL, p, registration_deactivate);
}
