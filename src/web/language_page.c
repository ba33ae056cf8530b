#include "page/address.h"
#include "web/handlers_internal.h"
#include "page/language.h"
#include "page/notice.h"

/* Chromium holds every redirect after a form to form-action. Without a session the address behind this one redirects to
 * the login's origin, so the answer is a page that moves on. */
enum rc language_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	TRY(http_query(req, &query));
	struct page p = page_of(req, res);
	struct str to = address_goto(query), code = pair_get(query, "lang") ? pair_get(query, "lang")->value : STR_NONE;
	if (!to.p)
		to = home_address(req);
	if (!language_code_parse(code, &p.lang))
		return RC_INVALID;
	http_set_header(res, "Set-Cookie",
			arena_fmt(p.a, "selectedLanguage=%.*s; Path=/; Max-Age=31536000; SameSite=Lax%s", STR_FMT(code),
				  gate_secure(req) ? "; Secure" : ""));
	if (req_caller(req)) {
		http_redirect(res, 303, to);
		return RC_ANSWERED;
	}
	p.here = p.refresh = to;
	return notice_send(&p, &(struct notice){ .status = 200,
						 .heading = MSG_LANGUAGE_SET,
						 .body = MSG_LOGGING_OUT_BODY,
						 .href = to,
						 .link = MSG_CONTINUE });
}
