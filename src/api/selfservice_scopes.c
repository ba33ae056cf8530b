#include "api/selfservice_internal.h"

#include <assert.h>

/* ---- shapes ---- */

static void scope_write(struct jsw *w, const struct scope *s)
{
	static const struct str default_types[] = { STR_INIT("maskinporten") };
	struct str prefix = STR_NONE, sub = STR_NONE;
	(void)!str_cut(s->scope, ':', &prefix, &sub);
	jsw_obj(w);
	jsw_kstr(w, "name", s->scope);
	jsw_kstr(w, "prefix", prefix);
	jsw_kstr(w, "subscope", sub);
	jsw_kstr(w, "description", s->description);
	jsw_kstr(w, "owner_orgno", s->owner);
	jsw_kstr(w, "visibility", s->visibility);
	jsw_kstrs(w, "allowed_integration_types", s->n_types ? s->types : default_types,
		  s->n_types ? s->n_types : LEN(default_types));
	jsw_key(w, "accessible_for_all");
	jsw_bool(w, s->accessible_for_all);
	jsw_kstr(w, "delegation_source", s->delegation_source);
	jsw_ki64(w, "at_max_age", s->at_max_age);
	jsw_ki64(w, "authorization_max_age", s->authorization_max_age);
	jsw_kz(w, "token_type", "SELF_CONTAINED");
	jsw_key(w, "active");
	jsw_bool(w, s->active);
	jsw_kstr(w, "created", s->created);
	jsw_kstr(w, "last_updated", s->updated);
	jsw_end_obj(w);
}

static void access_write(struct jsw *w, const struct scope *s, size_t i)
{
	struct str prefix = STR_NONE, sub = STR_NONE;
	assert(i < s->n_grants);
	(void)!str_cut(s->scope, ':', &prefix, &sub);
	jsw_obj(w);
	jsw_kstr(w, "scope", s->scope);
	jsw_kz(w, "state", "APPROVED");
	jsw_kstr(w, "consumer_orgno", s->grants[i]);
	jsw_kstr(w, "owner_orgno", s->owner);
	jsw_kstr(w, "created", s->granted[i]);
	jsw_kstr(w, "last_updated", s->granted[i]);
	jsw_kstr(w, "prefix", prefix);
	jsw_end_obj(w);
}

/* ---- reading ---- */

struct listing {
	struct api_page page;
	struct str owner; /* absent: the public scopes of all owners */
	bool inactive;
};

static void scope_one(void *ctx, const struct scope *s)
{
	struct listing *x = ctx;
	bool listed = x->owner.p ? str_eq(s->owner, x->owner) : !s->hidden;
	if (!listed || !(s->active || x->inactive) || !api_page_begin(&x->page, s->scope))
		return;
	scope_write(&x->page.w, s);
	api_page_end(&x->page, s->scope);
}

static enum rc list_reply(struct http_req *req, struct http_res *res, const struct pair *query, struct str owner,
			  bool inactive)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct listing x = { api_page_of(&res->body, query, "after", 0), owner, inactive };
	TRY(api_registry_newest(req, &reg));
	registry_scopes_each(reg, scope_one, &x);
	api_page_reply(req, res, query, &x.page);
	return RC_OK;
}

enum rc api_scope_all(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	TRY(front_query(req, res, &query));
	return list_reply(req, res, query, STR_NONE, false);
}

/* The scope when it belongs to the organisation, else NULL. */
static const struct scope *scope_owned(const struct registry *reg, struct str name, struct str orgno)
{
	const struct scope *s = registry_scope(reg, name);
	return s && str_eq(s->owner, orgno) ? s : NULL;
}

enum rc api_scope_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct publisher publisher;
	const struct pair *query;
	struct jsw w = JSW(&res->body);
	TRY(api_publisher(req, res, &publisher));
	TRY(front_query(req, res, &query));
	struct str name = front_param(query, "scope");
	if (!name.p)
		return list_reply(req, res, query, publisher.orgno,
				  str_ieq(front_param(query, "inactive"), STR("true")));
	TRY(api_registry_newest(req, &reg));
	const struct scope *s = scope_owned(reg, name, publisher.orgno);
	if (!s)
		return RC_NOT_FOUND;
	http_reply(res, 200, JSON_TYPE);
	http_set_header(res, "ETag", selfservice_scope_tag(req->arena, s));
	scope_write(&w, s);
	return RC_OK;
}

/* Grants stand in the order in which they were given. */
static struct str grant_name(const void *scope, size_t i)
{
	return ((const struct scope *)scope)->grants[i];
}

enum rc api_access_list(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct publisher publisher;
	const struct pair *query;
	struct str name;
	TRY(api_publisher(req, res, &publisher));
	TRY(front_param_required(req, res, "scope", &name));
	TRY(front_query(req, res, &query));
	TRY(api_registry_newest(req, &reg));
	const struct scope *s = scope_owned(reg, name, publisher.orgno);
	if (!s)
		return RC_NOT_FOUND;
	struct api_page page = api_page_of(&res->body, NULL, "after", 0);
	size_t i = api_place_after(front_param(query, "after"), s, s->n_grants, grant_name);
	for (; i < s->n_grants; i++) {
		struct str place = api_place_name(req->arena, i, s->grants[i]);
		if (!api_page_begin(&page, place))
			break;
		access_write(&page.w, s, i);
		api_page_end(&page, place);
	}
	api_page_reply(req, res, query, &page);
	return RC_OK;
}

static void prefix_one(void *ctx, const struct scope_prefix *p)
{
	struct api_page *page = ctx;
	if (!api_page_begin(page, p->prefix))
		return;
	jsw_obj(&page->w);
	jsw_kstr(&page->w, "prefix", p->prefix);
	jsw_kstr(&page->w, "owner_orgno", p->owner);
	jsw_end_obj(&page->w);
	api_page_end(page, p->prefix);
}

enum rc api_prefix_all(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct pair *query;
	TRY(front_query(req, res, &query));
	TRY(api_registry_newest(req, &reg));
	struct api_page page = api_page_of(&res->body, query, "after", 0);
	registry_prefixes_each(reg, prefix_one, &page);
	api_page_reply(req, res, query, &page);
	return RC_OK;
}

struct sources {
	struct str names[SELF_MAX_SOURCES];
	size_t n;
};

static void source_one(void *ctx, const struct scope *s)
{
	struct sources *x = ctx;
	if (s->hidden || !s->active || !s->delegation_source.p || x->n == SELF_MAX_SOURCES)
		return;
	if (!str_in(s->delegation_source, x->names, x->n))
		x->names[x->n++] = s->delegation_source;
}

enum rc api_source_list(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct sources x = { .n = 0 };
	struct jsw w = JSW(&res->body);
	TRY(api_registry_newest(req, &reg));
	registry_scopes_each(reg, source_one, &x);
	http_reply(res, 200, JSON_TYPE);
	jsw_arr(&w);
	for (size_t i = 0; i < x.n; i++) {
		jsw_obj(&w);
		jsw_kstr(&w, "issuer", x.names[i]);
		jsw_end_obj(&w);
	}
	jsw_end_arr(&w);
	return RC_OK;
}

/* ---- changing ---- */

static enum rc scope_reply(struct http_req *req, struct http_res *res, int status, struct str name)
{
	CLEANUP(registry_releasep) const struct registry *reg = api_registry_held(req);
	const struct scope *s = registry_scope(reg, name);
	struct jsw w = JSW(&res->body);
	http_reply(res, s ? status : 204, s ? JSON_TYPE : NULL);
	if (!s)
		return RC_OK;
	http_set_header(res, "ETag", selfservice_scope_tag(req->arena, s));
	scope_write(&w, s);
	return RC_OK;
}

enum rc api_scope_create(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	struct str name;
	const struct js *body;
	TRY(front_body(req, res, "scope", &body));
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = selfservice_scope_create(&publisher, body, &p, &name);
	TRY(api_publish_refused(req, res, rc, &p));
	api_change_note(res, &publisher, "scope.create", name);
	return scope_reply(req, res, 201, name);
}

enum rc api_scope_change(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	struct str name;
	const struct js *body;
	TRY(front_body(req, res, "scope", &body));
	TRY(api_publisher(req, res, &publisher));
	TRY(front_param_required(req, res, "scope", &name));
	enum rc rc = selfservice_scope_change(&publisher, name, body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	api_change_note(res, &publisher, "scope.change", name);
	return scope_reply(req, res, 200, name);
}

enum rc api_scope_delete(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	struct str name;
	TRY(api_publisher(req, res, &publisher));
	TRY(front_param_required(req, res, "scope", &name));
	enum rc rc = selfservice_scope_deactivate(&publisher, name, &p);
	if (rc == RC_OK && p.changed)
		api_change_note(res, &publisher, "scope.deactivate", name);
	return api_change_done(req, res, rc, &p);
}

static void access_reply(struct http_req *req, struct http_res *res, struct str name)
{
	CLEANUP(registry_releasep) const struct registry *reg = api_registry_held(req);
	const struct scope *s = registry_scope(reg, name);
	struct jsw w = JSW(&res->body);
	for (size_t i = 0; s && i < s->n_grants; i++) {
		if (!str_eq(s->grants[i], req->param[0]))
			continue;
		http_reply(res, 200, JSON_TYPE);
		access_write(&w, s, i);
		return;
	}
	http_reply(res, 204, NULL);
}

enum rc api_access_put(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	struct str name;
	TRY(api_publisher(req, res, &publisher));
	TRY(front_param_required(req, res, "scope", &name));
	enum rc rc = selfservice_grant(&publisher, name, req->param[0], &p);
	TRY(api_publish_refused(req, res, rc, &p));
	if (p.changed)
		api_change_note(res, &publisher, "scope.grant", name);
	access_reply(req, res, name);
	return RC_OK;
}

enum rc api_access_delete(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	struct str name;
	TRY(api_publisher(req, res, &publisher));
	TRY(front_param_required(req, res, "scope", &name));
	enum rc rc = selfservice_grant_withdraw(&publisher, name, req->param[0], &p);
	if (rc == RC_OK && p.changed)
		api_change_note(res, &publisher, "scope.withdraw", name);
	return api_change_done(req, res, rc, &p);
}
