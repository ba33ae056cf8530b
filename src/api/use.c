#include "api/internal.h"

enum rc api_use(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct binder *b = binder_new(req->arena);
	const struct org_caller *org;
	const struct js *body;
	struct use_report report;
	struct use_event use;
	struct uuid id;
	bool existed;
	TRY(front_id_or_404(req, res, &id));
	TRY(front_body(req, res, "consentUse", &body));
	TRY(front_bound(req, res, b, codec_use_report(b, body, &report)));
	TRY(front_org(req, res, &org));
	report.id = id;
	enum rc rc = consent_use(req_api(req)->consents, req->arena, &report, org, &use, &existed, &p);
	TRY(api_refused(res, rc, &p));
	http_did(res, "consent.used", KV("consent", uuid_str(req->arena, id)), KV("resource", report.resource));
	struct jsw w = JSW(&res->body);
	http_reply(res, existed ? 200 : 201, JSON_TYPE);
	codec_use(&w, &use);
	return RC_OK;
}
