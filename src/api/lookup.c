#include "api/internal.h"

enum rc api_lookup(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct binder *b = binder_new(req->arena);
	struct lookup_request l;
	const struct js *body;
	struct consent *c;
	TRY(front_body(req, res, "consentLookup", &body));
	TRY(front_bound(req, res, b, codec_lookup(b, body, &l)));
	enum rc rc = consent_lookup(req_api(req)->consents, req->arena, l.id, l.from, l.to, &c, &p);
	TRY(api_refused(res, rc, &p));
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_consent_info(&w, c);
	return RC_OK;
}
