#include "api/internal.h"

static void details_reply(struct http_req *req, struct http_res *res, int status, const struct consent *c)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, status, JSON_TYPE);
	codec_request_details(&w, c, consent_view_uri(req->arena, api_origin(req), c));
}

static void location_set(struct http_req *req, struct http_res *res, const struct consent *c)
{
	char id[UUID_TEXT];
	struct buf uri = BUF(req->arena);
	buf_add(&uri, api_origin(req));
	buf_lit(&uri, API_PREFIX "/enterprise/consentrequests/");
	buf_add(&uri, uuid_text(c->id, id));
	http_set_header(res, "Location", buf_str(&uri));
}

enum rc api_consent_create(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct binder *b = binder_new(req->arena);
	const struct org_caller *org;
	const struct js *body;
	struct consent *c;
	struct draft draft;
	bool existed;
	TRY(front_body(req, res, "consentRequest", &body));
	TRY(front_bound(req, res, b, codec_draft(b, body, &draft)));
	TRY(front_org(req, res, &org));
	enum rc rc = consent_create(req_api(req)->consents, req->arena, &draft, org, &c, &existed, &p);
	TRY(api_refused(res, rc, &p));
	if (!existed)
		location_set(req, res, c);
	details_reply(req, res, existed ? 200 : 201, c);
	return RC_OK;
}

enum rc api_consent_show(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	const struct org_caller *org;
	struct consent *c;
	struct uuid id;
	TRY(front_id_or_404(req, res, &id));
	TRY(front_org(req, res, &org));
	enum rc rc = consent_show(req_api(req)->consents, req->arena, id, org, &c, &p);
	TRY(api_refused(res, rc, &p));
	details_reply(req, res, 200, c);
	return RC_OK;
}

enum rc api_consent_delete(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	const struct org_caller *org;
	struct consent *c;
	struct uuid id;
	TRY(front_id_or_404(req, res, &id));
	TRY(front_org(req, res, &org));
	enum rc rc = consent_delete(req_api(req)->consents, req->arena, id, org, &c, &p);
	TRY(api_refused(res, rc, &p));
	http_did(res, c->status == ST_DELETED ? "consent.deleted" : "consent.given_back",
		 KV("consent", uuid_str(req->arena, id)));
	http_reply(res, 204, NULL);
	return RC_OK;
}
