#include "api/internal.h"

static void details_reply(struct http_req *req, struct http_res *res, int status, const struct consent *c)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, status, JSON_TYPE);
	codec_request_details(&w, c, consent_view_uri(req_api(req)->consents, req->arena, c));
}

enum rc api_consent_create(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct api *api = req_api(req);
	struct binder *b = binder_new(req->arena);
	const struct org_caller *who;
	const struct js *body;
	struct consent *c;
	struct draft draft;
	bool existed;
	TRY(api_body(req, res, "consentRequest", &body));
	if (!body)
		return RC_OK;
	if (codec_draft(b, body, &draft) != RC_OK) {
		problem_binding(req, res, b->first);
		return RC_OK;
	}
	if (!(who = api_org(req, res)))
		return RC_OK;
	enum rc rc = consent_create(api->consents, req->arena, &draft, who, &c, &existed, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	if (!existed) {
		char id[UUID_TEXT];
		uuid_text(c->id, id);
		http_set_header(res, "Location",
				arena_fmt(req->arena, "%.*s" API_PREFIX "/enterprise/consentrequests/%s",
					  STR_FMT(api->public_url), id));
	}
	details_reply(req, res, existed ? 200 : 201, c);
	return RC_OK;
}

enum rc api_consent_show(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	const struct org_caller *who;
	struct consent *c;
	struct uuid id;
	if (uuid_parse(req->param[0], &id) != RC_OK) {
		http_reply(res, 404, NULL);
		return RC_OK;
	}
	if (!(who = api_org(req, res)))
		return RC_OK;
	enum rc rc = consent_show(req_api(req)->consents, req->arena, id, who, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	details_reply(req, res, 200, c);
	return RC_OK;
}
