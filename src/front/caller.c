#include "front/front.h"

#include "gate/gate.h"

enum rc front_org(struct http_req *req, struct http_res *res, const struct org_caller **out)
{
	const struct caller *c = req_caller(req);
	if (!c || !c->org.consumer.p) {
		http_why(res, "the token names no organisation");
		problem_plain(req, res, 401);
		return RC_ANSWERED;
	}
	*out = &c->org;
	return RC_OK;
}

enum rc front_id(struct http_req *req, struct http_res *res, const char *name, struct uuid *out)
{
	if (uuid_parse(req->param[0], out) == RC_OK)
		return RC_OK;
	return front_invalid(req, res, str_of(name), "The value is not valid.");
}

enum rc front_id_or_404(struct http_req *req, struct http_res *res, struct uuid *out)
{
	if (uuid_parse(req->param[0], out) == RC_OK)
		return RC_OK;
	http_reply(res, 404, NULL);
	return RC_ANSWERED;
}
