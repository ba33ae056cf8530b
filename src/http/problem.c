#include "http/internal.h"

#define RFC9110 "https://tools.ietf.org/html/rfc9110#section-"
#define RFC6585 "https://tools.ietf.org/html/rfc6585#section-"

static const struct {
	int status;
	const char *type;
	const char *title;
} statuses[] = {
	// clang-format off
	{ 400, RFC9110 "15.5.1",  "Bad Request" },
	{ 401, RFC9110 "15.5.2",  "Unauthorized" },
	{ 403, RFC9110 "15.5.4",  "Forbidden" },
	{ 404, RFC9110 "15.5.5",  "Not Found" },
	{ 405, RFC9110 "15.5.6",  "Method Not Allowed" },
	{ 406, RFC9110 "15.5.7",  "Not Acceptable" },
	{ 408, RFC9110 "15.5.9",  "Request Timeout" },
	{ 409, RFC9110 "15.5.10", "Conflict" },
	{ 410, RFC9110 "15.5.11", "Gone" },
	{ 411, RFC9110 "15.5.12", "Length Required" },
	{ 412, RFC9110 "15.5.13", "Precondition Failed" },
	{ 413, RFC9110 "15.5.14", "Content Too Large" },
	{ 414, RFC9110 "15.5.15", "URI Too Long" },
	{ 415, RFC9110 "15.5.16", "Unsupported Media Type" },
	{ 417, RFC9110 "15.5.18", "Expectation Failed" },
	{ 422, RFC9110 "15.5.21", "Unprocessable Entity" },
	{ 426, RFC9110 "15.5.22", "Upgrade Required" },
	{ 428, RFC6585 "3",       "Precondition Required" },
	{ 429, RFC6585 "4",       "Too Many Requests" },
	{ 431, RFC6585 "5",       "Request Header Fields Too Large" },
	{ 500, RFC9110 "15.6.1",  "An error occurred while processing your request." },
	{ 501, RFC9110 "15.6.2",  "Not Implemented" },
	{ 502, RFC9110 "15.6.3",  "Bad Gateway" },
	{ 503, RFC9110 "15.6.4",  "Service Unavailable" },
	{ 504, RFC9110 "15.6.5",  "Gateway Timeout" },
	{ 505, RFC9110 "15.6.6",  "HTTP Version Not Supported" },
	// clang-format on
};

const char *http_status_type(int status)
{
	for (size_t i = 0; i < LEN(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].type;
	return "about:blank";
}

const char *http_status_title(int status)
{
	for (size_t i = 0; i < LEN(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].title;
	return "Error";
}

enum rc http_rc_status(enum rc rc, int *status_out)
{
#define ROW(name, status, type) [RC_##name] = status,
	static const int of_rc[] = { RC_LIST(ROW) };
#undef ROW
	if (rc >= RC__MAX)
		return RC_INVALID;
	*status_out = of_rc[rc];
	return RC_OK;
}

void http_problem(struct http_res *res, const struct http_req *req, int status, struct str detail)
{
	res->body.n = 0;
	http_reply(res, status, "application/problem+json");
	struct jsw w = JSW(&res->body);
	jsw_obj(&w);
	jsw_kz(&w, "type", http_status_type(status));
	jsw_kz(&w, "title", http_status_title(status));
	jsw_ki64(&w, "status", status);
	if (!detail.p && req && req->uncertain)
		detail = STR("It is not known whether the change was made. Read it before you try again.");
	if (detail.p)
		jsw_kstr(&w, "detail", detail);
	if (req)
		jsw_kz(&w, "traceId", req->trace_id);
	jsw_end_obj(&w);
}
