#include "gate/internal.h"

enum rc gate_page(struct http_req *req, struct http_res *res)
{
	struct session *s = NULL;
	req->caller = NULL;
	bool reads = req->method == HTTP_GET || req->method == HTTP_HEAD;
	struct str site = http_header(req, "Sec-Fetch-Site");
	if (!reads && site.p && !str_is(site, "same-origin")) {
		http_why(res, "the form is on another site");
		return RC_INVALID;
	}
	enum rc rc = session_find(req, &s);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	TRY(rc);
	if (!reads && !csrf_ok(req, s, false)) {
		http_why(res, "the CSRF token is missing or wrong");
		return RC_INVALID;
	}
	return session_caller(req, s);
}
