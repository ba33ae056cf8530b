#include "api/internal.h"

enum rc api_lookup(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct binder *b = binder_new(req->arena);
	struct lookup_request l;
	const struct js *body;
	struct consent *c;
	TRY(api_body(req, res, "consentLookup", &body));
	if (!body)
		return RC_OK;
	if (codec_lookup(b, body, &l) != RC_OK) {
		problem_binding(req, res, b->first);
		return RC_OK;
	}
	enum rc rc = consent_lookup(req_api(req)->consents, req->arena, l.id, l.from, l.to, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_consent_info(&w, c);
	return RC_OK;
}
