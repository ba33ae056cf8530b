#include "web/page_internal.h"

#define GOTO_MAX 3500 /* bytes of the address that goes through the login, percent-encoded; below HTTP_MAX_QUERY */

bool address_is_local(struct str s)
{
	if (s.n == 0 || s.n > LOCAL_MAX || s.p[0] != '/')
		return false;
	bool path = true;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c == 0x7f || c == '\\')
			return false;
		if (c == '?' || c == '#')
			path = false;
		if (path && c == '/' && i > 0 && s.p[i - 1] == '/')
			return false;
	}
	return true;
}

static struct str value_of(const struct pair *pairs, const char *key)
{
	const struct pair *found = pair_get(pairs, key);
	return found && found->value.n ? found->value : STR_NONE;
}

struct str address_goto(const struct pair *pairs)
{
	struct str s = value_of(pairs, "goto");
	return address_is_local(s) ? s : STR_NONE;
}

struct str address_raw(const struct http_req *req)
{
	if (!req->query.p)
		return req->path;
	return arena_fmt(req->arena, "%.*s?%.*s", STR_FMT(req->path), STR_FMT(req->query));
}

/* Chromium holds every hop after a form to form-action, and the provider is another origin: who comes from a page of
 * ours, a search perhaps, gets a page that moves on. */
static enum rc session_over(struct page *p, struct str login)
{
	p->refresh = login;
	return notice_send(p, &(struct notice){ .status = 200,
						.heading = MSG_SESSION_LOST,
						.body = MSG_SESSION_OVER_BODY,
						.href = login,
						.link = MSG_LOG_IN_AGAIN });
}

static bool from_our_pages(const struct http_req *req)
{
	struct str site = http_header(req, "Sec-Fetch-Site"), referer = http_header(req, "Referer");
	struct str own = req_web(req)->public_url;
	if (site.p)
		return str_is(site, "same-origin");
	return str_starts(referer, own) && referer.n > own.n && referer.p[own.n] == '/';
}

struct str address_again(const struct page *p, struct str back)
{
	return req_web(p->req)->provider ? login_address(p, back, 0, false) : back;
}

enum rc address_login(struct page *p)
{
	const struct web *web = req_web(p->req);
	if (!web->login_path.p)
		return notice_send(p, &(struct notice){ .status = 503,
							.heading = MSG_NO_LOGIN,
							.body = MSG_NO_LOGIN_BODY,
							.href = p->here,
							.link = MSG_TRY_AGAIN });
	struct buf raw = BUF(p->a);
	buf_url(&raw, address_raw(p->req));
	bool fits = p->req->method == HTTP_GET && raw.n <= GOTO_MAX;
	struct str login = login_address(p, fits ? address_raw(p->req) : p->here, 0, false);
	if (web->provider && from_our_pages(p->req))
		return session_over(p, login);
	http_redirect(p->res, 302, login);
	return RC_OK;
}

struct str login_address(const struct page *p, struct str back, int64_t level, bool fresh)
{
	const struct web *web = req_web(p->req);
	struct buf to = BUF(p->a);
	if (!web->login_path.p)
		return STR_NONE;
	buf_add(&to, web->login_path);
	buf_lit(&to, "?goto=");
	buf_url(&to, back);
	if (level)
		buf_fmt(&to, "&level=%lld", (long long)level);
	if (fresh)
		buf_lit(&to, "&fresh=1");
	return buf_str(&to);
}

enum rc visit_read(const struct pair *pairs, struct visit *out)
{
	struct visit v = { .stay = value_of(pairs, "skiplogout").p != NULL, .back = value_of(pairs, "backtopage") };
	if (!address_is_local(v.back))
		v.back = STR_NONE;
	TRY(uuid_parse(value_of(pairs, "id"), &v.id));
	*out = v;
	return RC_OK;
}

struct str visit_address(struct arena *a, const struct visit *v)
{
	struct buf b = BUF(a);
	buf_lit(&b, PATH_CONSENT "?id=");
	buf_add(&b, uuid_str(a, v->id));
	if (v->stay)
		buf_lit(&b, "&skiplogout=true");
	if (v->back.p) {
		buf_lit(&b, "&backtopage=");
		buf_url(&b, v->back);
	}
	return buf_str(&b);
}

struct str visit_leave(struct arena *a, const struct visit *v)
{
	return arena_fmt(a, "/accessmanagement/api/v1/consent/request/%.*s/logout", STR_FMT(uuid_str(a, v->id)));
}
