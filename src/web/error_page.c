#include "page/address.h"
#include "page/consent_notices.h"
#include "web/handlers_internal.h"
#include "page/notice.h"
#include "page/view.h"

/* Paths of programs, which get problem+json whatever they accept. */
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

/* Is the request a form for `path` that names a consent? */
static bool form_read(const struct http_req *req, struct str path, struct consent_params *out)
{
	const struct pair *form;
	return req->method == HTTP_POST && str_ieq(req->path, path) && http_form(req, &form) == RC_OK &&
	       consent_params_read(form, out) == RC_OK;
}

struct error_row {
	int status; /* 0: any other */
	enum msg heading;
	enum msg body;
	bool again; /* the link leads to the same address, else home */
};

static const struct error_row *error_row(int status)
{
	// clang-format off
	static const struct error_row rows[] = {
		{ 403, MSG_FORBIDDEN,     MSG_FORBIDDEN_BODY,     false },
		{ 404, MSG_UNKNOWN_PAGE,  MSG_UNKNOWN_PAGE_BODY,  false },
		{ 500, MSG_UNKNOWN_ERROR, MSG_UNKNOWN_ERROR_BODY, true },
		{ 503, MSG_BUSY,          MSG_BUSY_BODY,          true },
		{ 0,   MSG_BAD_REQUEST,   MSG_BAD_REQUEST_BODY,   false },
	};
	// clang-format on
	size_t i = 0;
	while (rows[i].status && rows[i].status != status && !(rows[i].status == 500 && status > 500 && status != 503))
		i++;
	return &rows[i];
}

static const struct error_row uncertain_row = { 500, MSG_UNCERTAIN_CHANGE, MSG_UNCERTAIN_CHANGE_BODY, false };

/* Reads nothing from the store, whose failure may be the error. */
bool web_error_page(struct http_req *req, struct http_res *res, int status)
{
	struct consent_params params;
	if (!for_people(req))
		return false;
	struct page p = page_of(req, res);
	bool answer = form_read(req, STR(PATH_CONSENT), &params);
	bool withdrawal = form_read(req, STR(PATH_WITHDRAW), &params);
	if (answer)
		p.here = consent_address(p.a, &params);
	if (withdrawal)
		p.here = details_address(p.a, params.id);
	if (answer && (status == 400 || status == 403))
		return notice_form_stale(&p) == RC_ANSWERED;
	if (withdrawal && (status == 400 || status == 403))
		return notice_withdraw_stale(&p) == RC_ANSWERED;
	const struct error_row *row = req->uncertain ? &uncertain_row : error_row(status);
	struct notice n = { .status = status, .heading = row->heading, .body = row->body };
	n.fills = FILLS({ "trace", str_of(req->trace_id) });
	n.href = row->again ? p.here : home_address(req);
	n.link = row->again ? MSG_TRY_AGAIN : home_label(req);
	return notice_send(&p, &n) == RC_ANSWERED;
}

enum rc home_get(struct http_req *req, struct http_res *res)
{
	return page_redirect(res, 302, home_address(req));
}
