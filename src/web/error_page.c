#include "web/consent_state_internal.h"

/* Paths that belong to programs: they get problem+json whatever they accept. */
static bool is_api(struct str path)
{
	static const struct str prefixes[] = { STR_INIT("/accessmanagement/api/"),
					       STR_INIT("/resourceregistry/"),
					       STR_INIT("/api/"),
					       STR_INIT("/token"),
					       STR_INIT("/jwk"),
					       STR_INIT("/.well-known/"),
					       STR_INIT("/health/"),
					       STR_INIT("/metrics"),
					       STR_INIT("/sandbox/clock"),
					       STR_INIT("/sandbox/apply") };
	if (str_starts(path, STR("/accessmanagement/api/v1/consent/request/")) && str_ends(path, STR("/logout")))
		return false;
	if (str_starts(path, STR(PATH_LEFT)))
		return false;
	for (size_t i = 0; i < LEN(prefixes); i++)
		if (path.n >= prefixes[i].n && str_ieq(str_span(path.p, prefixes[i].n), prefixes[i]))
			return true;
	return false;
}

static bool for_people(const struct http_req *req)
{
	if (is_api(req->path))
		return false;
	return str_starts(req->path, STR("/accessmanagement/ui")) ||
	       str_find(http_header(req, "Accept"), STR("text/html")) >= 0;
}

/* A form that was refused names the request that it was about. */
static bool form_about(const struct http_req *req, struct str path, struct visit *out)
{
	const struct pair *form;
	return req->method == HTTP_POST && str_ieq(req->path, path) && http_form(req, &form) == RC_OK &&
	       visit_read(form, out) == RC_OK;
}

struct error_row {
	int status; /* 0: any other */
	enum msg heading;
	enum msg body;
	enum msg link;
	bool again; /* the way on is the same address, else home */
};

static const struct error_row *error_row(int status)
{
	// clang-format off
	static const struct error_row rows[] = {
		{ 403, MSG_FORBIDDEN,     MSG_FORBIDDEN_BODY,     MSG_CONTINUE,  false },
		{ 404, MSG_UNKNOWN_PAGE,  MSG_UNKNOWN_PAGE_BODY,  MSG_CONTINUE,  false },
		{ 500, MSG_UNKNOWN_ERROR, MSG_UNKNOWN_ERROR_BODY, MSG_TRY_AGAIN, true },
		{ 503, MSG_BUSY,          MSG_BUSY_BODY,          MSG_TRY_AGAIN, true },
		{ 0,   MSG_BAD_REQUEST,   MSG_BAD_REQUEST_BODY,   MSG_CONTINUE,  false },
	};
	// clang-format on
	size_t i = 0;
	while (rows[i].status && rows[i].status != status && !(rows[i].status == 500 && status > 500 && status != 503))
		i++;
	return &rows[i];
}

/* Nothing here asks the store: it may be what is down. */
bool web_error_page(struct http_req *req, struct http_res *res, int status)
{
	struct visit v;
	if (!for_people(req))
		return false;
	struct page p = page_of(req, res);
	bool answer = form_about(req, STR(PATH_CONSENT), &v), withdrawal = form_about(req, STR(PATH_WITHDRAW), &v);
	if (answer)
		p.here = visit_address(p.a, &v);
	if (withdrawal)
		p.here = details_address(p.a, v.id);
	if (answer && (status == 400 || status == 403))
		return state_form_stale(&p) == RC_OK;
	if (withdrawal && (status == 400 || status == 403))
		return state_withdraw_stale(&p) == RC_OK;
	const struct error_row *row = error_row(status);
	struct notice n = { .status = status, .heading = row->heading, .body = row->body, .link = row->link };
	n.fills = FILLS({ "trace", str_of(req->trace_id) });
	n.href = row->again ? p.here : page_home(&p);
	return notice_send(&p, &n) == RC_OK;
}
