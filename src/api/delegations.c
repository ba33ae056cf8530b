#include "api/internal.h"

#define S_ADMIN "altinn:maskinporten/delegations.admin"

struct asked {
	/* absent = any */
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

/* Everything for an administrator; for others the scopes of their own. */
static bool may_look(const struct registry *reg, const struct caller *c, struct str scope)
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

struct answer_ctx {
	struct jsw w;
	const struct asked *asked;
};

static bool any_or(struct str asked, struct str value)
{
	return !asked.p || str_eq(asked, value);
}

static void scopes_write(struct answer_ctx *x, const struct delegation *d)
{
	jsw_key(&x->w, "scopes");
	jsw_arr(&x->w);
	for (size_t i = 0; i < d->n_scopes; i++)
		if (any_or(x->asked->scope, d->scopes[i]))
			jsw_str(&x->w, d->scopes[i]);
	jsw_end_arr(&x->w);
}

static void delegation_write(void *ctx, const struct delegation *d)
{
	struct answer_ctx *x = ctx;
	bool matches = false;
	for (size_t i = 0; i < d->n_scopes; i++)
		matches = matches || any_or(x->asked->scope, d->scopes[i]);
	if (!matches || !any_or(x->asked->supplier, d->supplier) || !any_or(x->asked->consumer, d->consumer))
		return;
	jsw_obj(&x->w);
	jsw_kstr(&x->w, "consumer_org", d->consumer);
	jsw_kstr(&x->w, "supplier_org", d->supplier);
	jsw_kstr(&x->w, "delegation_scheme_Id", d->scheme);
	scopes_write(x, d);
	jsw_kstr(&x->w, "created", d->created);
	jsw_kstr(&x->w, "resourceid", d->resource);
	jsw_end_obj(&x->w);
}

static enum rc asked_read(struct http_req *req, struct binder *b, struct asked *out)
{
	const struct pair *query;
	TRY(http_query(req, &query));
	out->supplier = front_param(query, "supplierOrg");
	out->consumer = front_param(query, "consumerOrg");
	out->scope = front_param(query, "scope");
	TRY(orgno_check(req, b, "supplierOrg", out->supplier));
	return orgno_check(req, b, "consumerOrg", out->consumer);
}

enum rc api_delegations(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&req_api(req)->consents->registry);
	struct binder *b = binder_new(req->arena);
	struct asked asked;
	TRY(asked_read(req, b, &asked));
	if (!may_look(reg, req_caller(req), asked.scope)) {
		problem_plain(req, res, 403);
		return RC_ANSWERED;
	}
	TRY(front_bound(req, res, b, bind_result(b)));
	struct answer_ctx x = { .w = JSW(&res->body), .asked = &asked };
	http_reply(res, 200, JSON_TYPE);
	jsw_arr(&x.w);
	registry_delegations_each(reg, delegation_write, &x);
	jsw_end_arr(&x.w);
	return RC_OK;
}
