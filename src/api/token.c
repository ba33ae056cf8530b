#include "api/fault_internal.h"
#include "api/internal.h"

#define SHARE_TAKEN 1u /* in http_req.carried: the request has been counted in its client's share */
#define FORM_TYPE "application/x-www-form-urlencoded"

static enum rc fail(struct oauth_error *err_out, enum oauth_fault fault)
{
	*err_out = (struct oauth_error){ .fault = fault };
	return RC_DENIED;
}

/* = RFC 6749 3.2: "Parameters sent without a value MUST be treated as if they were omitted from the request. […]
 * Request and response parameters MUST NOT be included more than once." */
static enum rc form_read(const struct http_req *req, struct str *assertion_out, struct oauth_error *err_out)
{
	const struct pair *form;
	if (!http_content_type_is(req, FORM_TYPE) || http_form(req, &form) != RC_OK)
		return fail(err_out, OF_REQUEST);
	for (const struct pair *p = form; p; p = p->next)
		for (const struct pair *q = p->next; q; q = q->next)
			if (str_eq(p->key, q->key))
				return fail(err_out, OF_REQUEST);
	const struct pair *type = pair_get(form, "grant_type"), *assertion = pair_get(form, "assertion");
	if (!type || type->value.n == 0)
		return fail(err_out, OF_REQUEST);
	if (!str_is(type->value, OAUTH_GRANT_JWT))
		return fail(err_out, OF_GRANT_TYPE);
	if (!assertion || assertion->value.n == 0)
		return fail(err_out, OF_REQUEST);
	*assertion_out = assertion->value;
	return RC_OK;
}

/* = RFC 6749 5.1: "MUST include the HTTP "Cache-Control" response header field […] with a value of "no-store"
 * […] as well as the "Pragma" response header field […] with a value of "no-cache"" */
static void token_reply(struct http_res *res, const struct issued_token *t)
{
	struct jsw w = JSW(&res->body);
	http_set_header(res, "Cache-Control", STR("no-store"));
	http_set_header(res, "Pragma", STR("no-cache"));
	http_reply(res, 200, "application/json");
	oauth_token_answer(&w, t->token, t->life_s, t->scope);
}

static struct str client_who(struct arena *a, struct str client_id)
{
	struct buf b = BUF(a);
	buf_lit(&b, "client:");
	buf_add(&b, client_id);
	return buf_str(&b);
}

static void token_note(struct http_res *res, const struct issued_token *t)
{
	struct str consent = uuid_is_nil(t->consent) ? STR_NONE : uuid_str(res->arena, t->consent);
	http_did(res, "token.issued", KV("scope", t->scope), KV("consent", consent));
}

static enum rc token_make(struct http_req *req, struct http_res *res, struct issued_token *out,
			  struct oauth_error *err_out)
{
	struct token_order order = { .trace_id = req->trace_id, .counted = req->carried & SHARE_TAKEN };
	TRY(form_read(req, &order.assertion, err_out));
	enum rc rc = issuer_token(req_api(req)->issuer, req->arena, &order, out, err_out);
	if (order.client_id.p)
		res->note.who = client_who(req->arena, order.client_id);
	if (order.counted)
		req->carried |= SHARE_TAKEN;
	req->uncertain |= rc == RC_DENIED && err_out->fault == OF_OUTCOME;
	return rc;
}

enum rc api_token(struct http_req *req, struct http_res *res)
{
	struct oauth_error err;
	struct issued_token token;
	enum rc rc = token_make(req, res, &token, &err);
	if (rc == RC_DENIED) {
		fault_write(req, res, req_api(req)->issuer->url, &err);
		return RC_ANSWERED;
	}
	TRY(rc);
	token_note(res, &token);
	token_reply(res, &token);
	return RC_OK;
}
