#include "api/internal.h"

/* false: `res` is the answer. */
static bool id_of(struct http_req *req, struct http_res *res, struct uuid *out)
{
	if (uuid_parse(req->param[0], out) == RC_OK)
		return true;
	struct binder *b = binder_new(req->arena);
	bind_fail(b, STR("requestId"), "The value is not valid.");
	problem_binding(req, res, b->first);
	return false;
}

static void bff_reply(struct http_res *res, const struct consent *c, struct str view_uri)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_bff_details(&w, c, view_uri);
}

enum rc api_bff_show(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct domain *d = &req_app(req)->domain;
	struct consent *c;
	struct uuid id;
	if (!id_of(req, res, &id))
		return RC_OK;
	enum rc rc = consent_open(d, req->arena, id, &req_caller(req)->person, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	bff_reply(res, c, consent_view_uri(d, req->arena, c));
	return RC_OK;
}

static enum rc decide(struct http_req *req, struct http_res *res, enum consent_status to, struct str language)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	struct uuid id;
	if (!id_of(req, res, &id))
		return RC_OK;
	enum rc rc =
		consent_decide(&req_app(req)->domain, req->arena, id, &req_caller(req)->person, to, language, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	bff_reply(res, c, STR(""));
	return RC_OK;
}

enum rc api_bff_accept(struct http_req *req, struct http_res *res)
{
	struct binder *b = binder_new(req->arena);
	struct str language;
	const struct js *body;
	TRY(api_body(req, res, "consentContext", &body));
	if (!body)
		return RC_OK;
	if (codec_accept(b, body, &language) != RC_OK) {
		problem_binding(req, res, b->first);
		return RC_OK;
	}
	return decide(req, res, ST_ACCEPTED, language);
}

enum rc api_bff_reject(struct http_req *req, struct http_res *res)
{
	return decide(req, res, ST_REJECTED, STR_NONE);
}
