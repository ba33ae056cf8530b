#include "api/internal.h"

enum rc api_use(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct binder *b = binder_new(req->arena);
	const struct org_caller *who;
	const struct js *body;
	struct use_report told;
	struct use_event made;
	struct uuid id;
	bool existed;
	if (uuid_parse(req->param[0], &id) != RC_OK) {
		http_reply(res, 404, NULL);
		return RC_OK;
	}
	TRY(api_body(req, res, "consentUse", &body));
	if (!body)
		return RC_OK;
	if (codec_use_report(b, body, &told) != RC_OK) {
		problem_binding(req, res, b->first);
		return RC_OK;
	}
	if (!(who = api_org(req, res)))
		return RC_OK;
	told.id = id;
	enum rc rc = consent_use(req_api(req)->consents, req->arena, &told, who, &made, &existed, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	struct jsw w = JSW(&res->body);
	http_reply(res, existed ? 200 : 201, JSON_TYPE);
	codec_use(&w, &made);
	return RC_OK;
}
