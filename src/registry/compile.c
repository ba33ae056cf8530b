#include "registry/snapshot_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "registry/policy.h"

#define DEFAULT_LIFETIME_S 120 /* of an access token */

/* ---- members ---- */

static struct str text(struct arena *a, const struct js *v, const char *name)
{
	const struct js *m = js_get(v, name);
	return js_is(m, JS_STRING) ? arena_str(a, m->s) : STR_NONE;
}

static bool flag(const struct js *v, const char *name, bool preset)
{
	bool b = preset;
	return js_member_bool(v, name, &b) == RC_OK ? b : preset;
}

static int64_t number(const struct js *v, const char *name, int64_t preset)
{
	int64_t n = preset;
	return js_member_i64(v, name, &n) == RC_OK ? n : preset;
}

/* 0: there is none. */
static int64_t seconds(const struct js *v, const char *name)
{
	struct str s;
	int64_t us;
	return v && js_member_str(v, name, &s) == RC_OK && clock_parse(s, &us) == RC_OK ? us / CLOCK_SECOND : 0;
}

static struct texts texts(struct arena *a, const struct js *v, const char *name)
{
	struct texts t = { 0 };
	const struct js *m = js_get(v, name);
	for (int i = 0; i < LANG__MAX; i++)
		t.t[i] = text(a, m, lang_code((enum lang)i));
	return t;
}

static struct str *words(struct arena *a, const struct js *v, const char *name, size_t *n_out)
{
	return js_strings(a, js_get(v, name), n_out);
}

static bool active(const struct js *v)
{
	const struct js *state = js_get(v, "state");
	return !(js_is(state, JS_STRING) && str_is(state->s, "absent"));
}

/* ---- resources ---- */

/* A stored policy that policy_read refuses allows nobody anything. */
static void policy_compile(struct arena *a, const struct js *v, struct policy *out)
{
	struct str err;
	if (policy_read(a, v, out, &err) != RC_OK)
		*out = (struct policy){ .min_level = POLICY_MAX_LEVEL };
}

static void metadata_compile(struct arena *a, const struct js *v, struct resource *res)
{
	const struct js *map = js_get(v, "consentMetadata");
	if (!js_is(map, JS_OBJECT))
		return;
	res->metadata = arena_array(a, struct meta_key, map->n);
	JS_EACH(m, map)
		res->metadata[res->n_metadata++] =
			(struct meta_key){ arena_lower(a, m->key), flag(m, "optional", false) };
}

static struct resource_version *resource_compile(const struct entry *e, const struct js *v)
{
	struct resource_version *out = calloc(1, sizeof *out);
	if (!out)
		abort();
	struct arena *a = &out->a;
	struct resource *res = &out->r;
	const struct js *owner = js_get(v, "hasCompetentAuthority");
	struct str mode = text(a, v, "accessListMode"), validity = text(a, js_get(v, "limits"), "maxValidity");
	struct str status = text(a, v, "status");
	atomic_init(&out->refs, 1);
	*res = (struct resource){
		.identifier = arena_str(a, e->key),
		.type = text(a, v, "resourceType"),
		.version = e->version,
		.status = status.n ? status : STR("Completed"),
		.title = texts(a, v, "title"),
		.consent_text = texts(a, v, "consentText"),
		.template_id = text(a, v, "consentTemplate"),
		.one_time = flag(v, "isOneTimeConsent", false),
		.delegable = flag(v, "delegable", true),
		.access_list_enabled = str_is(mode, "Enabled"),
		.owner_orgno = text(a, owner, "organization"),
		.owner_code = arena_lower(a, text(a, owner, "orgcode")),
		.owner_name = texts(a, owner, "name"),
		.body = arena_str(a, e->body),
	};
	if (validity.n && clock_duration(validity, &res->max_validity) != RC_OK)
		res->max_validity = 1; /* unreadable: no consent is short enough */
	metadata_compile(a, v, res);
	policy_compile(a, v, &res->policy);
	return out;
}

static void order_add(struct snapshot *r, struct resource_node *n)
{
	arena_room(&r->a, r->order, r->n_resources, &r->cap_resources, 64);
	r->order[r->n_resources++] = n;
}

/* Takes a reference over. Rows come in order of key and version: the last row of a key is its latest version. */
static void resource_add(struct snapshot *r, struct resource_version *version)
{
	struct resource_node *n = arena_new(&r->a, struct resource_node);
	struct resource *res = &version->r;
	*n = (struct resource_node){ .version = version, .older = map_get(&r->resources, res->identifier) };
	assert(!n->older || (n->older == r->order[r->n_resources - 1] && n->older->version->r.version < res->version));
	if (n->older)
		r->order[r->n_resources - 1] = n;
	else
		order_add(r, n);
	map_put(&r->resources, &r->a, res->identifier, n);
	if (res->owner_code.n)
		map_put(&r->owners, &r->a, res->owner_code, res);
}

/* A version that the snapshot before has with the same text is not compiled again: a policy may be costly, and every
 * change of any entry makes a new snapshot in each process. */
static bool resource_take_over(struct snapshot *r, const struct entry *e)
{
	const struct resource_node *n = r->before ? map_get(&r->before->resources, e->key) : NULL;
	while (n && n->version->r.version != e->version)
		n = n->older;
	if (!n || !str_eq(n->version->r.body, e->body))
		return false;
	atomic_fetch_add_explicit(&n->version->refs, 1, memory_order_relaxed);
	resource_add(r, n->version);
	return true;
}

static void resource_entry_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	resource_add(r, resource_compile(e, v));
}

/* ---- templates ---- */

static void by_giver(struct snapshot *r, const struct js *v, const char *name, struct texts out[2])
{
	const struct js *m = js_get(v, name);
	out[0] = texts(&r->a, m, "person");
	out[1] = texts(&r->a, m, "org");
}

static void template_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	struct template_node *n = arena_new(&r->a, struct template_node);
	struct consent_template *t = &n->t;
	const struct js *all = js_get(v, "texts");
	t->id = arena_str(&r->a, e->key);
	t->version = e->version;
	t->is_poa = flag(v, "isPoa", false);
	t->message_in_request = flag(v, "isMessageSetInRequest", false);
	t->restricted_to = words(&r->a, v, "restrictedToServiceOwners", &t->n_restricted);
	by_giver(r, all, "title", t->texts.title);
	by_giver(r, all, "heading", t->texts.heading);
	by_giver(r, all, "serviceIntro", t->texts.service_intro);
	by_giver(r, all, "serviceIntroAccepted", t->texts.service_intro_accepted);
	t->texts.title_accepted = texts(&r->a, all, "titleAccepted");
	t->texts.overridden_context = texts(&r->a, all, "overriddenDelegationContext");
	t->texts.expiration = texts(&r->a, all, "expiration");
	t->texts.expiration_one_time = texts(&r->a, all, "expirationOneTime");
	t->texts.handled_by = texts(&r->a, all, "handledBy");
	t->texts.history_used = texts(&r->a, all, "historyUsedBody");
	t->texts.history_used_handled_by = texts(&r->a, all, "historyUsedByHandledByBody");
	t->body = arena_str(&r->a, e->body);
	struct str folded = arena_lower(&r->a, t->id);
	n->older = map_get(&r->templates, folded);
	if (!n->older) {
		*r->last_template = n;
		r->last_template = &n->next;
	}
	map_put(&r->templates, &r->a, folded, n);
}

/* ---- scopes, clients, delegations ---- */

static void types_compile(struct snapshot *r, const struct js *v, struct scope *s)
{
	s->types = words(&r->a, v, "allowedIntegrationTypes", &s->n_types);
	s->foreign = s->n_types > 0;
	for (size_t i = 0; i < s->n_types; i++)
		s->foreign = s->foreign && !str_is(s->types[i], "maskinporten");
}

static void grants_compile(struct snapshot *r, const struct js *v, struct scope *s)
{
	struct map times = { 0 };
	s->grants = words(&r->a, v, "grants", &s->n_grants);
	s->granted = arena_array(&r->a, struct str, s->n_grants + 1);
	JS_EACH(time, js_get(v, "granted"))
		map_put(&times, &r->scratch, time->key, (void *)(uintptr_t)time);
	for (size_t i = 0; i < s->n_grants; i++) {
		const struct js *time = map_get(&times, s->grants[i]);
		s->granted[i] = js_is(time, JS_STRING) ? arena_str(&r->a, time->s) : STR_NONE;
	}
}

static void scope_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	struct scope_node *n = arena_new(&r->a, struct scope_node);
	struct scope *s = &n->s;
	s->scope = arena_str(&r->a, e->key);
	s->owner = text(&r->a, v, "owner");
	s->description = text(&r->a, v, "description");
	s->accessible_for_all = flag(v, "accessibleForAll", false);
	s->active = active(v);
	s->delegation_source = text(&r->a, v, "delegationSource");
	s->at_max_age = number(v, "atMaxAge", 0);
	s->token_alg = text(&r->a, v, "tokenAlg");
	s->authorization_max_age = number(v, "authorizationMaxAge", 0);
	s->visibility = text(&r->a, v, "visibility");
	if (!s->visibility.n)
		s->visibility = STR("PUBLIC");
	s->hidden = !str_is(s->visibility, "PUBLIC");
	s->created = text(&r->a, v, "created");
	s->updated = text(&r->a, v, "lastUpdated");
	s->body = arena_str(&r->a, e->body);
	types_compile(r, v, s);
	grants_compile(r, v, s);
	map_put(&r->scopes, &r->a, s->scope, s);
	*r->last_scope = n;
	r->last_scope = &n->next;
}

static void prefix_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	struct prefix_node *n = arena_new(&r->a, struct prefix_node);
	n->p = (struct scope_prefix){ arena_str(&r->a, e->key), text(&r->a, v, "owner") };
	map_put(&r->prefixes, &r->a, n->p.prefix, &n->p);
	*r->last_prefix = n;
	r->last_prefix = &n->next;
}

/* The span of v in a copy of the text that v was parsed from; absent without v. */
static struct str copied(struct str copy, struct str text, const struct js *v)
{
	assert(!v || (v->raw.p >= text.p && v->raw.p + v->raw.n <= text.p + text.n));
	return v ? str_span(copy.p + (v->raw.p - text.p), v->raw.n) : STR_NONE;
}

static void client_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	struct client_node *n = arena_new(&r->a, struct client_node);
	struct client *c = &n->c;
	const struct js *jwks = js_get(v, "jwks"), *private_jwk = js_get(v, "privateJwk");
	c->client_id = arena_str(&r->a, e->key);
	c->body = arena_str(&r->a, e->body);
	c->orgno = text(&r->a, v, "orgno");
	c->supplier = text(&r->a, v, "supplierOrgno");
	c->name = text(&r->a, v, "name");
	c->description = text(&r->a, v, "description");
	c->created = text(&r->a, v, "created");
	c->updated = text(&r->a, v, "lastUpdated");
	c->scopes = words(&r->a, v, "scopes", &c->n_scopes);
	c->private_jwk = copied(c->body, e->body, private_jwk);
	c->token_lifetime = number(v, "accessTokenLifetime", DEFAULT_LIFETIME_S);
	c->token_alg = text(&r->a, v, "tokenAlg");
	c->status_list = flag(v, "statusList", true);
	c->redirect_allow = words(&r->a, v, "redirectAllow", &c->n_redirect_allow);
	c->active = active(v);
	c->keys = &n->keys;
	c->budget = &n->budget;
	c->keys_posted = seconds(jwks, "posted");
	c->jwks_json = copied(c->body, e->body, jwks);
	n->same_org = map_get(&r->clients_of_org, c->orgno);
	map_put(&r->clients_of_org, &r->a, c->orgno, n);
	map_put(&r->clients, &r->a, c->client_id, n);
	*r->last_client = n;
	r->last_client = &n->next;
}

static void delegation_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	struct delegation_node *n = arena_new(&r->a, struct delegation_node);
	struct delegation *d = &n->d;
	d->bytes = e->body.n;
	d->consumer = text(&r->a, v, "consumer");
	d->supplier = text(&r->a, v, "supplier");
	d->scopes = words(&r->a, v, "scopes", &d->n_scopes);
	d->created = text(&r->a, v, "created");
	d->resource = text(&r->a, v, "resource");
	d->scheme = text(&r->a, v, "delegationSchemeId");
	map_put(&r->delegations, &r->a, arena_str(&r->a, e->key), d);
	*r->last_delegation = n;
	r->last_delegation = &n->next;
}

/* ---- access lists ---- */

static bool connects_requests(const struct list_connection *c)
{
	for (size_t i = 0; i < c->n_filters; i++)
		if (str_ieq(c->filters[i], STR("requestconsent")))
			return true;
	return !c->n_filters;
}

static void members_compile(struct snapshot *r, const struct js *v, struct access_list_node *n)
{
	const struct js *members = js_get(v, "members");
	n->l.members = arena_array(&r->a, struct str, members ? members->n + 1 : 1);
	JS_EACH(m, members) {
		struct urn u;
		if (m->type != JS_STRING || urn_parse(&r->scratch, m->s, &u) != RC_OK || u.kind != URN_ORG)
			continue;
		struct str orgno = arena_str(&r->a, u.value);
		if (map_get(&n->members, orgno))
			continue;
		n->l.members[n->l.n_members++] = orgno;
		map_put(&n->members, &r->a, orgno, n);
	}
	if (n->l.n_members)
		qsort(n->l.members, n->l.n_members, sizeof *n->l.members, str_cmp_qsort);
}

static void connection_compile(struct snapshot *r, const struct js *v, struct access_list_node *n)
{
	struct list_connection *connection = &n->l.connections[n->l.n_connections++];
	connection->resource = text(&r->a, v, "resource");
	connection->filters = words(&r->a, v, "actionFilters", &connection->n_filters);
	struct filter *f = arena_new(&r->a, struct filter);
	*f = (struct filter){ n, connection, map_get(&r->filters, connection->resource) };
	map_put(&r->filters, &r->a, connection->resource, f);
	if (!connects_requests(connection))
		return;
	struct connection *c = arena_new(&r->a, struct connection);
	*c = (struct connection){ n, map_get(&r->connections, connection->resource) };
	map_put(&r->connections, &r->a, connection->resource, c);
}

static void access_list_compile(struct snapshot *r, const struct entry *e, const struct js *v)
{
	struct access_list_node *n = arena_new(&r->a, struct access_list_node);
	const struct js *connections = js_get(v, "resourceConnections");
	n->l.bytes = e->body.n;
	n->l.owner = arena_lower(&r->a, text(&r->a, v, "owner"));
	n->l.identifier = text(&r->a, v, "identifier");
	n->l.name = text(&r->a, v, "name");
	n->l.description = text(&r->a, v, "description");
	members_compile(r, v, n);
	n->l.connections = arena_array(&r->a, struct list_connection, connections ? connections->n + 1 : 1);
	JS_EACH(m, connections)
		connection_compile(r, m, n);
	*r->last_list = n;
	r->last_list = &n->next;
	map_put(&r->access_lists, &r->a, arena_fmt(&r->a, "%.*s/%.*s", STR_FMT(n->l.owner), STR_FMT(n->l.identifier)),
		n);
}

/* ---- one row of the store ---- */

static const struct compiler {
	const char *kind;
	void (*compile)(struct snapshot *r, const struct entry *e, const struct js *v);
} compilers[] = {
	// clang-format off
	{ "accessList", access_list_compile },
	{ "client",     client_compile },
	{ "delegation", delegation_compile },
	{ "prefix",     prefix_compile },
	{ "resource",   resource_entry_compile },
	{ "scope",      scope_compile },
	{ "template",   template_compile },
	// clang-format on
};

static enum rc body_parse(struct snapshot *r, const struct entry *e, const struct js **out)
{
	static const struct js_opts opts = { .max_nodes = UINT32_MAX };
	arena_reset(&r->scratch);
	return js_parse(&r->scratch, e->body, &opts, out, NULL) == RC_OK && (*out)->type == JS_OBJECT ? RC_OK : RC_FAIL;
}

enum rc registry_compile(void *snapshot, const struct entry *e)
{
	struct snapshot *r = snapshot;
	const struct js *v;
	if (str_is(e->kind, "resource") && resource_take_over(r, e))
		return RC_OK;
	for (size_t i = 0; i < LEN(compilers); i++) {
		if (!str_is(e->kind, compilers[i].kind))
			continue;
		TRY(body_parse(r, e, &v));
		compilers[i].compile(r, e, v);
		return RC_OK;
	}
	for (size_t i = 0; i < registry_n_parts; i++) {
		if (!str_is(e->kind, registry_parts[i]->kind))
			continue;
		TRY(body_parse(r, e, &v));
		registry_parts[i]->compile(r->parts[i], &r->a, e->key, v);
	}
	return RC_OK;
}
