#include "web/internal.h"

#include "web/css_hash.h"

#define CSS_PATH "/accessmanagement/ui/static/samtykke-" CSS_HASH ".css"
#define TITLE_END " - Samtykke"

struct page page_of(struct http_req *req, struct http_res *res)
{
	struct page p = { .req = req, .res = res, .a = req->arena, .lang = language_of(req), .csrf = csrf_token(req) };
	p.here = req->method == HTTP_GET && address_is_local(address_raw(req)) ? address_raw(req) : STR(PATH_OVERVIEW);
	return p;
}

enum rc page_user(struct page *p)
{
	const struct caller *c = req_caller(p->req);
	if (!c || p->user.p)
		return RC_OK;
	struct party *found[1] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_app(p->req)->domain.store, false, &r));
	TRY(parties_by_uuid(r, p->a, &c->person.party, 1, found));
	struct str name = found[0] ? text_display_name(p->a, found[0]->name, found[0]->type) : STR_NONE;
	p->user = name.n ? name : msg(MSG_NAME_UNKNOWN, p->lang);
	return RC_OK;
}

struct str page_home(const struct page *p)
{
	return req_app(p->req)->sandbox ? STR(PATH_SANDBOX) : STR(PATH_OVERVIEW);
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

enum rc see_other(struct page *p, struct str to)
{
	page_headers(p->res);
	http_redirect(p->res, 303, to);
	return RC_OK;
}

struct str back_to(const struct page *p, struct str href)
{
	return view_str(p->a, "back.html", p->lang, FILLS({ "href", href }), NULL);
}

void put_worded(const struct page *p, struct buf *b, const struct worded *w)
{
	view(b, "title.html", p->lang, FILLS({ "title", w->text }), FILLS({ "lang", language_mark(p, w->lang) }));
}

struct str worded_html(const struct page *p, const struct worded *w)
{
	struct buf b = BUF(p->a);
	put_worded(p, &b, w);
	return buf_str(&b);
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
	return arena_fmt(p->a, "%.*s" TITLE_END, STR_FMT(title));
}

void page_send(struct page *p, int status, struct str title, struct str main)
{
	struct str who = STR_NONE, log_out = STR_NONE, overview = STR_NONE;
	if (p->user.p)
		who = view_str(p->a, "who.html", p->lang, FILLS({ "name", p->user }), NULL);
	if (p->csrf.p) {
		overview = view_str(p->a, "overview_link.html", p->lang, NULL, NULL);
		log_out = view_str(p->a, "log_out.html", p->lang, FILLS({ "csrf", p->csrf }), NULL);
	}
	page_headers(p->res);
	http_reply(p->res, status, "text/html; charset=utf-8");
	view(&p->res->body, "layout.html", p->lang,
	     FILLS({ "lang", str_of(lang_code(p->lang)) }, { "title", full_title(p, title) }, { "here", p->here },
		   { "css", STR(CSS_PATH) }),
	     FILLS({ "refresh", refresh_tag(p) }, { "who", who }, { "overview", overview }, { "log_out", log_out },
		   { "languages", language_choices(p) }, { "main", main }));
}

static struct str filled_msg(struct page *p, enum msg id, const struct fill *fills)
{
	return text_filled(p->a, msg(id, p->lang), fills);
}

enum rc notice_send(struct page *p, const struct notice *n)
{
	struct str action = n->action, heading = filled_msg(p, n->heading, n->fills);
	if (!action.p && n->href.p)
		action = view_str(p->a, "link.html", p->lang,
				  FILLS({ "href", n->href }, { "text", filled_msg(p, n->link, n->link_fills) }), NULL);
	struct str main = view_str(p->a, "notice.html", p->lang,
				   FILLS({ "heading", heading }, { "body", filled_msg(p, n->body, n->fills) }),
				   FILLS({ "action", action }, { "more", n->more }));
	page_send(p, n->status, heading, main);
	return RC_OK;
}
