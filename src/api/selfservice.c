#include "api/selfservice_internal.h"

#include <assert.h>

void api_change_note(struct http_res *res, const struct publisher *publisher, const char *change, struct str id)
{
	assert(publisher->orgno.n && id.n);
	http_did(res, "selfservice.changed", KV("what", change), KV("id", arena_str(res->arena, id)),
		 KV("by", arena_str(res->arena, publisher->orgno)));
}

enum rc api_change_done(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p)
{
	TRY(api_publish_refused(req, res, rc, p));
	http_reply(res, 204, NULL);
	return RC_OK;
}

/* ---- delegations ---- */

static void delegation_write(struct jsw *w, const struct delegation *d)
{
	jsw_obj(w);
	jsw_kstr(w, "consumer_org", d->consumer);
	jsw_kstr(w, "supplier_org", d->supplier);
	jsw_kstrs(w, "scopes", d->scopes, d->n_scopes);
	jsw_kstr(w, "created", d->created);
	jsw_end_obj(w);
}

struct delegation_listing {
	struct api_page page;
	struct arena *a;
	struct str orgno;
};

static void delegation_one(void *ctx, const struct delegation *d)
{
	struct delegation_listing *x = ctx;
	if (!str_eq(d->consumer, x->orgno) && !str_eq(d->supplier, x->orgno))
		return;
	struct str name = arena_fmt(x->a, "%.*s/%.*s", STR_FMT(d->consumer), STR_FMT(d->supplier));
	if (!api_page_begin(&x->page, name))
		return;
	delegation_write(&x->page.w, d);
	api_page_end(&x->page, name);
}

enum rc api_delegation_list(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct publisher publisher;
	const struct pair *query;
	TRY(api_publisher(req, res, &publisher));
	TRY(front_query(req, res, &query));
	TRY(api_registry_newest(req, &reg));
	struct delegation_listing x = { api_page_of(&res->body, query, "after", 0), req->arena, publisher.orgno };
	registry_delegations_each(reg, delegation_one, &x);
	api_page_reply(req, res, query, &x.page);
	return RC_OK;
}

enum rc api_delegation_create(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct publication p;
	struct publisher publisher;
	struct str supplier = STR_NONE;
	const struct js *body;
	TRY(front_body(req, res, "delegation", &body));
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = selfservice_delegate(&publisher, body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	TRY(js_member_str(body, "supplier_org", &supplier));
	if (p.changed)
		api_change_note(res, &publisher, "delegation.create", supplier);
	reg = api_registry_held(req);
	const struct delegation *d = registry_delegation(reg, publisher.orgno, supplier);
	struct jsw w = JSW(&res->body);
	http_reply(res, !d ? 204 : p.changed ? 201 : 200, d ? JSON_TYPE : NULL);
	if (d)
		delegation_write(&w, d);
	return RC_OK;
}

enum rc api_delegation_delete(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	struct str supplier;
	const struct pair *query;
	TRY(api_publisher(req, res, &publisher));
	TRY(front_param_required(req, res, "supplier_org", &supplier));
	TRY(front_query(req, res, &query));
	enum rc rc = selfservice_delegation_withdraw(&publisher, supplier, front_param(query, "scope"), &p);
	if (rc == RC_OK && p.changed)
		api_change_note(res, &publisher, "delegation.withdraw", supplier);
	return api_change_done(req, res, rc, &p);
}
