#include "api/registry_internal.h"

#define S_ADMIN "altinn:maskinporten/delegations.admin"

struct delegation_filter {
	/* absent: any value matches */
	struct str supplier;
	struct str consumer;
	struct str scope;
};

static enum rc orgno_check(struct http_req *req, struct binder *b, const char *name, struct str orgno)
{
	bool known = false;
	if (!orgno.p)
		return RC_OK;
	if (model_orgno_valid(orgno))
		TRY(party_org_known(req_api(req)->consents, req->arena, orgno, &known));
	if (!known)
		bind_fail(b, str_of(name), "The value is not a known organization number.");
	return RC_OK;
}

/* An administrator may read every delegation, an organisation those of its own scopes. */
static bool may_read(const struct registry *reg, const struct caller *c, struct str scope)
{
	struct str prefix, rest;
	if (str_has_word(c->scope, STR(S_ADMIN)))
		return true;
	if (!str_cut(scope, ':', &prefix, &rest) || !prefix.n || str_find(prefix, STR(" ")) >= 0)
		return false;
	const struct scope *s = registry_scope(reg, scope);
	bool owns = s && c->org.consumer.p && str_eq(s->owner, c->org.consumer);
	return owns || str_has_word(c->prefixes, prefix);
}

struct listing {
	struct api_page page;
	struct arena *a;
	const struct delegation_filter *filter;
};

static bool matches_filter(struct str filter, struct str value)
{
	return !filter.p || str_eq(filter, value);
}

static void scopes_write(struct listing *x, const struct delegation *d)
{
	struct jsw *w = &x->page.w;
	jsw_key(w, "scopes");
	jsw_arr(w);
	for (size_t i = 0; i < d->n_scopes; i++)
		if (matches_filter(x->filter->scope, d->scopes[i]))
			jsw_str(w, d->scopes[i]);
	jsw_end_arr(w);
}

static void delegation_one(void *ctx, const struct delegation *d)
{
	struct listing *x = ctx;
	struct jsw *w = &x->page.w;
	bool matches = false;
	for (size_t i = 0; i < d->n_scopes; i++)
		matches = matches || matches_filter(x->filter->scope, d->scopes[i]);
	if (!matches || !matches_filter(x->filter->supplier, d->supplier) ||
	    !matches_filter(x->filter->consumer, d->consumer))
		return;
	struct str name = arena_fmt(x->a, "%.*s/%.*s", STR_FMT(d->consumer), STR_FMT(d->supplier));
	if (!api_page_begin(&x->page, name))
		return;
	jsw_obj(w);
	jsw_kstr(w, "consumer_org", d->consumer);
	jsw_kstr(w, "supplier_org", d->supplier);
	jsw_kstr(w, "delegation_scheme_Id", d->scheme);
	scopes_write(x, d);
	jsw_kstr(w, "created", d->created);
	jsw_kstr(w, "resourceid", d->resource);
	jsw_end_obj(w);
	api_page_end(&x->page, name);
}

static enum rc filter_read(struct http_req *req, struct http_res *res, struct binder *b, const struct pair **query_out,
			   struct delegation_filter *out)
{
	const struct pair *query;
	TRY(front_query(req, res, &query));
	*query_out = query;
	out->supplier = front_param(query, "supplierOrg");
	out->consumer = front_param(query, "consumerOrg");
	out->scope = front_param(query, "scope");
	TRY(orgno_check(req, b, "supplierOrg", out->supplier));
	return orgno_check(req, b, "consumerOrg", out->consumer);
}

enum rc api_delegations(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = api_registry_held(req);
	struct binder *b = binder_new(req->arena);
	struct delegation_filter filter;
	const struct pair *query;
	TRY(filter_read(req, res, b, &query, &filter));
	if (!may_read(reg, req_caller(req), filter.scope)) {
		problem_plain(req, res, 403);
		return RC_ANSWERED;
	}
	TRY(front_bound(req, res, b, bind_result(b)));
	struct listing x = { api_page_of(&res->body, query, "after", 0), req->arena, &filter };
	registry_delegations_each(reg, delegation_one, &x);
	api_page_reply(req, res, query, &x.page);
	return RC_OK;
}
