#include "page/page.h"

#include <assert.h>

#include "base/clock.h"
#include "page/address.h"
#include "page/css_hash.h"
#include "page/frame_internal.h"
#include "page/language.h"
#include "page/parts.h"
#include "page/view.h"

#define CSS_PATH "/accessmanagement/ui/static/samtykke-" CSS_HASH ".css"
#define ENDING_MAX 16 /* the longest of the stylesheet's steps, in minutes: each twice the one before */
#define TITLE_END " - Samtykke"

struct page page_of(struct http_req *req, struct http_res *res)
{
	struct page p = { .req = req, .res = res, .a = req->arena, .lang = language_of(req), .csrf = csrf_token(req) };
	p.here = address_raw(req);
	if (req->method != HTTP_GET || !address_is_local(p.here))
		p.here = STR(PATH_OVERVIEW);
	return p;
}

enum rc page_user(struct page *p)
{
	const struct caller *c = req_caller(p->req);
	if (!c || p->user.p)
		return RC_OK;
	struct party *found[1] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_site(p->req)->consents->store, false, &r));
	TRY(parties_by_uuid(r, p->a, &c->person.party, 1, found, NULL));
	p->user = party_display_name(p, found[0]);
	return RC_OK;
}

void page_headers(struct http_res *res)
{
	http_set_header(res, "Content-Security-Policy",
			STR("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
			    "frame-ancestors 'none'; base-uri 'none'"));
	http_set_header(res, "X-Frame-Options", STR("DENY"));
	http_set_header(res, "Cross-Origin-Opener-Policy", STR("same-origin"));
	http_set_header(res, "Cross-Origin-Resource-Policy", STR("same-origin"));
	http_set_header(res, "Permissions-Policy", STR("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
	http_set_header(res, "Cache-Control", STR("no-store"));
}

enum rc page_redirect(struct http_res *res, int status, struct str to)
{
	assert(!res->status && status >= 300 && status < 400);
	page_headers(res);
	http_redirect(res, status, to);
	return RC_ANSWERED;
}

static struct str refresh_tag(const struct page *p)
{
	if (!p->refresh.p)
		return STR_NONE;
	struct buf b = BUF(p->a);
	buf_fmt(&b, "<meta http-equiv=\"refresh\" content=\"%d;url=", p->refresh_s);
	buf_html(&b, p->refresh);
	buf_lit(&b, "\">\n");
	return buf_str(&b);
}

static struct str full_title(struct page *p, struct str title)
{
	if (str_ends(title, STR(TITLE_END)))
		return title;
	struct buf b = BUF(p->a);
	buf_add(&b, title);
	buf_lit(&b, TITLE_END);
	return buf_str(&b);
}

_Static_assert((SESSION_IDLE_S - PAGE_WARN_S) / 60 < 2 * ENDING_MAX, "the stylesheet's steps reach");

/* Pages run no script, and the policy allows no style attribute. So classes tell the stylesheet for how long it hides
 * the warning: their sum in whole minutes. */
static struct str hidden_for(struct arena *a, int64_t us)
{
	struct buf b = BUF(a);
	for (int64_t left = us / CLOCK_MINUTE, m = 1; m <= left && m <= ENDING_MAX; m *= 2)
		if (left & m) {
			buf_lit(&b, " m");
			buf_i64(&b, m);
		}
	return buf_str(&b);
}

/* WCAG 2.2.1: a person whose session is about to end is warned, and goes on with one press. */
static struct str ending(const struct page *p)
{
	const struct caller *c = req_caller(p->req);
	if (!p->csrf.p || !c || !c->session) /* no session, or one that ended in this request */
		return STR_NONE;
	int64_t idle = c->session->last_seen + SESSION_IDLE_S * CLOCK_SECOND;
	int64_t last = c->session->created + SESSION_MAX_S * CLOCK_SECOND;
	bool stays = idle < last;
	struct str login = stays ? STR_NONE : login_address(p->req, p->here, c->session->level, false);
	int64_t end = stays ? idle : last;
	const struct fill *when = FILLS({ "time", text_clock(p->a, end, p->lang) });
	struct str text = text_filled(p->a, msg(stays ? MSG_ENDING_IDLE : MSG_ENDING, p->lang), when);
	return view_str(p->a, "ending.html", p->lang,
			FILLS({ "minutes", hidden_for(p->a, end - clock_real() - PAGE_WARN_S * CLOCK_SECOND) },
			      { "text", text }, { "href", stays ? p->here : login },
			      { "link", msg(stays ? MSG_ENDING_STAY : MSG_LOG_IN_AGAIN, p->lang) }),
			NULL);
}

enum rc page_send(struct page *p, int status, struct str title, struct str main)
{
	assert(!p->res->status && status >= 200 && main.p);
	struct str user = STR_NONE, log_out = STR_NONE, overview = STR_NONE;
	if (p->user.p)
		user = view_str(p->a, "who.html", p->lang, FILLS({ "name", p->user }), NULL);
	if (p->csrf.p) {
		overview = view_str(p->a, "overview_link.html", p->lang, NULL, NULL);
		log_out = view_str(p->a, "log_out.html", p->lang, FILLS({ "csrf", p->csrf }), NULL);
	}
	page_headers(p->res);
	http_reply(p->res, status, "text/html; charset=utf-8");
	view(&p->res->body, "layout.html", p->lang,
	     FILLS({ "lang", str_of(lang_code(p->lang)) }, { "title", full_title(p, title) }, { "here", p->here },
		   { "css", STR(CSS_PATH) }),
	     FILLS({ "refresh", refresh_tag(p) }, { "who", user }, { "overview", overview }, { "log_out", log_out },
		   { "languages", language_choices(p->a, p->lang) }, { "main", main }, { "ending", ending(p) },
		   { "brand", brand_html(p) }, { "footer", footer_html(p) }));
	return RC_ANSWERED;
}
