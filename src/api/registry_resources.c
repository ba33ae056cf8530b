#include "api/registry_internal.h"
#include "text/text.h"

/* ---- shapes ---- */

static const struct js *body_parse(struct arena *a, struct str body)
{
	static const struct js_opts opts = { .max_nodes = UINT32_MAX };
	const struct js *v;
	return js_parse(a, body, &opts, &v, NULL) == RC_OK ? v : NULL;
}

/* The members as they were published. The policy has a route of its own. */
static void resource_write(struct jsw *w, const struct resource *r)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	jsw_obj(w);
	JS_EACH(m, body_parse(&a, r->body)) {
		if (str_is(m->key, "policy") || str_is(m->key, "policyXml"))
			continue;
		jsw_key_str(w, m->key);
		jsw_raw(w, m->raw);
	}
	jsw_end_obj(w);
}

static void resource_reply(struct http_res *res, int status, const struct resource *r)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, status, JSON_TYPE);
	resource_write(&w, r);
}

static void template_write(struct jsw *w, const struct consent_template *t)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	jsw_obj(w);
	jsw_kstr(w, "id", t->id);
	jsw_ki64(w, "version", t->version);
	JS_EACH(m, body_parse(&a, t->body)) {
		if (str_is(m->key, "id") || str_is(m->key, "version"))
			continue;
		jsw_key_str(w, m->key);
		jsw_raw(w, m->raw);
	}
	jsw_end_obj(w);
}

/* ---- one ---- */

enum rc api_resource_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct resource *r;
	int64_t version;
	TRY(front_number(req, res, "versionId", -1, &version));
	TRY(api_registry_newest(req, &reg));
	r = version < 0 ? registry_resource(reg, req->param[0])
			: registry_resource_at(reg, req->param[0], arena_fmt(req->arena, "%lld", (long long)version));
	if (!r)
		return RC_NOT_FOUND;
	resource_reply(res, 200, r);
	return RC_OK;
}

/* ---- many ---- */

struct search {
	struct arena *a;
	struct api_page page;
	/* Filters; absent: any. Texts are folded, and match anywhere in the resource's text. */
	struct str id;
	struct str title;
	struct str description;
	struct str keyword;
	struct str type;
	struct str authority;
	bool withdrawn; /* withdrawn resources as well */
};

static bool has_part(struct arena *a, struct str text, struct str part)
{
	return !part.p || (text.n && str_find(text_lower(a, text), part) >= 0);
}

static bool texts_have(struct arena *a, const struct texts *t, struct str part)
{
	for (int i = 0; i < LANG__MAX; i++)
		if (has_part(a, t->t[i], part))
			return true;
	return false;
}

/* Does any text in `v` contain `part`? */
static bool json_has(struct arena *a, const struct js *v, struct str part)
{
	if (js_is(v, JS_STRING))
		return has_part(a, v->s, part);
	JS_EACH(m, v)
		if (json_has(a, m, part))
			return true;
	return false;
}

static bool body_matches(struct search *s, struct arena *a, const struct resource *r)
{
	if (!s->description.p && !s->keyword.p)
		return true;
	const struct js *body = body_parse(a, r->body);
	return (!s->description.p || json_has(a, js_get(body, "description"), s->description)) &&
	       (!s->keyword.p || json_has(a, js_get(body, "keywords"), s->keyword));
}

static bool search_matches(struct search *s, const struct resource *r)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	if (!s->withdrawn && str_ieq(r->status, STR("Withdrawn")))
		return false;
	if (s->type.p && !str_ieq(r->type, s->type))
		return false;
	if (s->authority.p && !str_ieq(r->owner_code, s->authority) && !str_eq(r->owner_orgno, s->authority))
		return false;
	return has_part(&a, r->identifier, s->id) && texts_have(&a, &r->title, s->title) && body_matches(s, &a, r);
}

static void search_one(void *ctx, const struct resource *r)
{
	struct search *s = ctx;
	bool before = s->page.after.p && str_cmp(r->identifier, s->page.after) <= 0;
	if (s->page.more || before || !search_matches(s, r) || !api_page_begin(&s->page, r->identifier))
		return;
	resource_write(&s->page.w, r);
	api_page_end(&s->page, r->identifier);
}

static struct str folded_param(struct arena *a, const struct pair *query, const char *name)
{
	struct str s = front_param(query, name);
	return s.p ? text_lower(a, s) : s;
}

static void filters_read(struct search *s, const struct pair *query)
{
	s->id = folded_param(s->a, query, "id");
	s->title = folded_param(s->a, query, "title");
	s->description = folded_param(s->a, query, "description");
	s->keyword = folded_param(s->a, query, "keyword");
	s->type = front_param(query, "resourceType");
	s->authority = front_param(query, "hasCompetentAuthority");
	s->withdrawn = str_ieq(front_param(query, "includeExpired"), STR("true"));
}

enum rc api_resource_search(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct search s = { .a = req->arena };
	const struct pair *query;
	TRY(front_query(req, res, &query));
	TRY(api_registry_newest(req, &reg));
	filters_read(&s, query);
	s.page = api_page_of(&res->body, query, "after", REGISTRY_FOUND_MAX);
	registry_resources_each(reg, search_one, &s);
	api_page_reply(req, res, query, &s.page);
	return RC_OK;
}

/* ---- templates ---- */

static void template_one(void *ctx, const struct consent_template *t)
{
	struct api_page *page = ctx;
	if (!api_page_begin(page, t->id))
		return;
	template_write(&page->w, t);
	api_page_end(page, t->id);
}

enum rc api_template_list(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct pair *query;
	TRY(front_query(req, res, &query));
	TRY(api_registry_newest(req, &reg));
	struct api_page page = api_page_of(&res->body, query, "after", 0);
	registry_templates_each(reg, template_one, &page);
	api_page_reply(req, res, query, &page);
	return RC_OK;
}

enum rc api_template_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct consent_template *t;
	struct jsw w = JSW(&res->body);
	int64_t version;
	TRY(front_number(req, res, "version", -1, &version));
	TRY(api_registry_newest(req, &reg));
	t = version < 0 ? registry_template(reg, req->param[0]) : registry_template_at(reg, req->param[0], version);
	if (!t)
		return RC_NOT_FOUND;
	http_reply(res, 200, JSON_TYPE);
	template_write(&w, t);
	return RC_OK;
}

/* ---- publishing ---- */

static enum rc publish_reply(struct http_req *req, struct http_res *res, int status, struct str id)
{
	CLEANUP(registry_releasep) const struct registry *reg = api_registry_held(req);
	const struct resource *r = registry_resource(reg, id);
	if (status == 201)
		http_set_header(res, "Location",
				arena_fmt(req->arena, "%.*s" REGISTRY_PREFIX "/resource/%.*s", STR_FMT(api_origin(req)),
					  STR_FMT(id)));
	if (r)
		resource_reply(res, status, r);
	else
		http_reply(res, status, NULL);
	return RC_OK;
}

/* id absent: a new resource, named by the body. */
static enum rc resource_publish(struct http_req *req, struct http_res *res, struct str id)
{
	struct publication p;
	struct publisher publisher;
	const struct js *body;
	TRY(front_body(req, res, "resource", &body));
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = publish_resource(&publisher, id, body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	if (id.p)
		return publish_reply(req, res, 200, id);
	TRY(js_member_str(body, "identifier", &id));
	return publish_reply(req, res, 201, id);
}

enum rc api_resource_create(struct http_req *req, struct http_res *res)
{
	return resource_publish(req, res, STR_NONE);
}

enum rc api_resource_change(struct http_req *req, struct http_res *res)
{
	return resource_publish(req, res, req->param[0]);
}
