#include "base/clock.h"
#include "page/css_hash.h"
#include "web/handlers_internal.h"
#include "page/view.h"
#include "web/web.h"

#define CACHE_A_DAY "public, max-age=86400"
#define SECURITY_DAYS 30 /* after which security.txt is to be fetched again */

extern const struct embed web_static[]; /* tools/embed.sh writes it */

struct file {
	struct str name; /* has the hash of the content, so the content of a name never changes */
	const char *type;
	struct str data;
};

/* A page of another version names another hash; it gets this file, uncached. */
static enum rc send(struct http_req *req, struct http_res *res, const struct file *f)
{
	http_set_header(res, "Cache-Control",
			str_eq(req->param[0], f->name) ? STR("public, max-age=31536000, immutable") : STR("no-store"));
	http_set_header(res, "Cross-Origin-Resource-Policy", STR("same-origin"));
	http_reply(res, 200, f->type);
	buf_add(&res->body, f->data);
	return RC_ANSWERED;
}

static enum rc text_send(struct http_res *res, struct str text)
{
	http_set_header(res, "Cache-Control", STR(CACHE_A_DAY));
	http_reply(res, 200, "text/plain; charset=utf-8");
	buf_add(&res->body, text);
	return RC_ANSWERED;
}

static enum rc send_logo(struct http_req *req, struct http_res *res, const struct logo *logo)
{
	if (!logo->data.p)
		return RC_NOT_FOUND;
	http_set_header(res, "Content-Security-Policy",
			STR("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"));
	return send(req, res, &(struct file){ .name = logo->file, .type = logo->type, .data = logo->data });
}

enum rc static_get(struct http_req *req, struct http_res *res)
{
	static const struct str css = STR_INIT("samtykke-" CSS_HASH ".css");
	struct str name = req->param[0];
	if (str_starts(name, STR("logo-")))
		return send_logo(req, res, &req_site(req)->logo);
	if (!str_starts(name, STR("samtykke-")) || !str_ends(name, STR(".css")))
		return RC_NOT_FOUND;
	return send(req, res,
		    &(struct file){ .name = css, .type = "text/css; charset=utf-8", .data = page_css[0].data });
}

enum rc favicon_get(struct http_req *req, struct http_res *res)
{
	(void)req;
	http_set_header(res, "Cache-Control", STR(CACHE_A_DAY));
	http_reply(res, 200, "image/x-icon");
	buf_add(&res->body, web_static[0].data);
	return RC_ANSWERED;
}

/* The pages are for the people that they are about. */
enum rc robots_get(struct http_req *req, struct http_res *res)
{
	(void)req;
	return text_send(res, STR("User-agent: *\nDisallow: /\n"));
}

/* = RFC 9116 2.5.3: "The 'Contact' field MUST always be present", and a web address in it begins with https. */
enum rc security_get(struct http_req *req, struct http_res *res)
{
	struct str contact = req_site(req)->operator_contact;
	char expires[CLOCK_TEXT_MAX];
	if (!contact.n || str_starts(contact, STR("http:")))
		return RC_NOT_FOUND;
	struct str end = clock_text((clock_real() / CLOCK_DAY + SECURITY_DAYS) * CLOCK_DAY, expires);
	return text_send(res, arena_fmt(req->arena, "Contact: %.*s\nExpires: %.*s\nPreferred-Languages: nb, nn, en\n",
					STR_FMT(contact), STR_FMT(end)));
}
