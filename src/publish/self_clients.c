#include "base/clock.h"
#include "publish/edit_internal.h"
#include "publish/selfservice.h"
#include "jose/trust.h"

#define NOT_ACTIVE "the client is deactivated, and that is for good"
#define GRANT_TYPES "[\"urn:ietf:params:oauth:grant-type:jwt-bearer\"]"

struct subject {
	const struct self *self;
	struct str id;
};

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

static const struct subject *subject(const struct edit *e)
{
	return e->of;
}

bool self_sees(const struct self *s, const struct client *c)
{
	bool own = s->own && str_eq(c->orgno, s->who.orgno);
	return own || (s->supplied && c->supplier.p && str_eq(c->supplier, s->who.orgno));
}

struct str self_client_tag(struct arena *a, const struct client *c)
{
	return edit_tag(a, c->body);
}

struct str self_keys_tag(struct arena *a, const struct client *c)
{
	return edit_tag(a, c->jwks_json);
}

static enum rc find(struct edit *e, const struct client **out)
{
	const struct client *c = registry_client(e->reg, subject(e)->id);
	if (!c || !self_sees(subject(e)->self, c))
		return RC_NOT_FOUND;
	*out = c;
	return RC_OK;
}

static enum rc find_active(struct edit *e, const struct client **out)
{
	TRY(find(e, out));
	return (*out)->active ? RC_OK : edit_conflict(e, NOT_ACTIVE);
}

static void begin(struct edit *e, struct jsw *w)
{
	edit_entry_begin(e, w, "clients");
	jsw_kstr(w, "clientId", subject(e)->id);
	jsw_kstr(w, "lastUpdated", e->now);
}

/* A client that is registered for somebody else acts as that organisation: it may fetch data, and not manage what the
 * organisation has here. */
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

static enum rc owner_decide(struct edit *e, struct str orgno)
{
	const struct self *s = subject(e)->self;
	struct count count = { .orgno = e->who->orgno };
	bool own = str_eq(orgno, e->who->orgno);
	if (own ? !s->own : !s->supplied)
		return edit_denied(e, own ? "a client of the organisation's own needs the scope idporten:dcr.write"
					  : "a client for another organisation needs the scope idporten:dcr.supplier");
	registry_clients_each(e->reg, count_one, &count);
	return count.n < SELF_MAX_CLIENTS ? RC_OK : edit_conflict(e, "the organisation has as many clients as it may");
}

static enum rc create_make(struct edit *e, struct jsw *w)
{
	struct str named = edit_text(e, "client_id"), orgno = edit_text(e, "client_orgno");
	const struct client *other = named.p ? registry_client(e->reg, named) : NULL;
	bool own = !orgno.p || str_eq(orgno, e->who->orgno);
	if (other && self_sees(subject(e)->self, other))
		return edit_conflict(e, "a client has this id");
	if (js_get(e->body, "client_orgno") && !orgno.p)
		edit_fault(e, STR("client_orgno"), "must be a text");
	TRY(owner_decide(e, own ? e->who->orgno : orgno));
	const struct str same[] = { STR_NONE, orgno, own ? STR_NONE : e->who->orgno };
	edit_members_check(e, members, same);
	if (!own)
		supplied_check(e);
	if (e->p->faults.n)
		return RC_INVALID;
	begin(e, w);
	jsw_kstr(w, "orgno", own ? e->who->orgno : orgno);
	if (!own)
		jsw_kstr(w, "supplierOrgno", e->who->orgno);
	jsw_kstr(w, "created", e->now);
	edit_members_write(e, w, members);
	edit_entry_end(w);
	return RC_OK;
}

/* ---- changing one ---- */

static enum rc change_make(struct edit *e, struct jsw *w)
{
	const struct client *c = NULL;
	TRY(find_active(e, &c));
	TRY(edit_match(e, self_client_tag(e->a, c)));
	const struct str same[] = { c->client_id, c->orgno, c->supplier };
	edit_members_check(e, members, same);
	if (c->supplier.p)
		supplied_check(e);
	if (e->p->faults.n)
		return RC_INVALID;
	begin(e, w);
	edit_members_write(e, w, members);
	edit_entry_end(w);
	return RC_OK;
}

/* What it says of itself, seed_plan.c looks at. */
static const char *chain_fault(struct edit *e, const struct js *x5c)
{
	struct trust *trust = subject(e)->self->trust;
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

/* posted and expires are in the answer; whoever sends it back means the keys. */
static enum rc keys_make(struct edit *e, struct jsw *w)
{
	const struct js *keys = js_get(e->body, "keys");
	const struct client *c = NULL;
	size_t i = 0;
	TRY(find_active(e, &c));
	TRY(edit_match(e, self_keys_tag(e->a, c)));
	JS_EACH(m, e->body)
		if (!str_is(m->key, "keys") && !str_is(m->key, "posted") && !str_is(m->key, "expires"))
			edit_fault(e, m->key, "unknown member");
	if (!keys)
		edit_fault(e, STR("keys"), "is required");
	JS_EACH(key, js_is(keys, JS_ARRAY) ? keys : NULL)
		key_check(e, key, i++);
	if (e->p->faults.n)
		return RC_INVALID;
	begin(e, w);
	jsw_key(w, "jwks");
	jsw_obj(w);
	jsw_kraw(w, "keys", keys->raw);
	jsw_kstr(w, "posted", e->now);
	jsw_end_obj(w);
	edit_entry_end(w);
	e->base = arena_fmt(e->a, "%.*s.jwks", STR_FMT(e->entry));
	return RC_OK;
}

static enum rc deactivate_make(struct edit *e, struct jsw *w)
{
	const struct client *c = NULL;
	TRY(find(e, &c));
	if (!c->active)
		return RC_OK;
	TRY(edit_match(e, self_client_tag(e->a, c)));
	begin(e, w);
	jsw_kz(w, "state", "absent");
	edit_entry_end(w);
	return RC_OK;
}

static enum rc way(const struct self *s, struct str id, const struct js *body, struct publication *p, edit_fn *make)
{
	struct subject of = { s, id };
	struct edit e = { .who = &s->who, .p = p, .body = body, .of = &of, .merge = true };
	enum rc rc = edit_run(&e, make);
	edit_faults_rename(s->who.a, p, members);
	return rc;
}

enum rc self_client_create(const struct self *s, struct str id, const struct js *body, struct publication *p)
{
	return way(s, id, body, p, create_make);
}

enum rc self_client_change(const struct self *s, struct str id, const struct js *body, struct publication *p)
{
	return way(s, id, body, p, change_make);
}

enum rc self_client_keys(const struct self *s, struct str id, const struct js *body, struct publication *p)
{
	return way(s, id, body, p, keys_make);
}

enum rc self_client_deactivate(const struct self *s, struct str id, struct publication *p)
{
	return way(s, id, NULL, p, deactivate_make);
}
