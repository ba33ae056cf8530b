#include "page/login_guard.h"

#include "page/address.h"
#include "page/notice.h"

#define GOTO_MAX 3500 /* bytes of the address that goes through the login, percent-encoded; below HTTP_MAX_QUERY */

/* Chromium holds every redirect after a form to form-action, and the provider is another origin. A person who comes
 * from one of our pages, perhaps from its search form, gets a page that moves on. */
static enum rc session_over(struct page *p, struct str login)
{
	p->refresh = login;
	return notice_send(p, &(struct notice){ .status = 200,
						.heading = MSG_SESSION_LOST,
						.body = MSG_SESSION_OVER_BODY,
						.href = login,
						.link = MSG_LOG_IN_AGAIN });
}

static bool is_from_our_pages(const struct http_req *req)
{
	struct str site = http_header(req, "Sec-Fetch-Site"), referer = http_header(req, "Referer");
	struct str own = site_origin(req);
	if (site.p)
		return str_is(site, "same-origin");
	return str_starts(referer, own) && referer.n > own.n && referer.p[own.n] == '/';
}

/* The address to come back to: as sent, which keeps parameters that this program does not know. */
static struct str return_address(const struct page *p)
{
	struct str raw = address_raw(p->req);
	struct buf encoded = BUF(p->a);
	buf_url(&encoded, raw);
	return p->req->method == HTTP_GET && encoded.n <= GOTO_MAX ? raw : p->here;
}

enum rc login_require(struct page *p)
{
	const struct site *site = req_site(p->req);
	if (req_caller(p->req))
		return RC_OK;
	if (!site->login_path.p)
		return notice_send(p, &(struct notice){ .status = 503,
							.heading = MSG_NO_LOGIN,
							.body = MSG_NO_LOGIN_BODY,
							.href = p->here,
							.link = MSG_TRY_AGAIN });
	struct str login = login_address(p->req, return_address(p), 0, false);
	if (site->login_elsewhere && is_from_our_pages(p->req))
		return session_over(p, login);
	http_redirect(p->res, 302, login);
	return RC_ANSWERED;
}
