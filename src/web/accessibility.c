#include "web/handlers_internal.h"
#include "page/parts.h"
#include "page/view.h"

/* The operator names the place where faults are reported. Without one the page says that none is named. */
static struct str report(const struct page *p)
{
	const struct site *site = req_site(p->req);
	if (!site->operator_contact.p)
		return paragraph_html(p, msg(MSG_ACCESS_NO_CONTACT, p->lang));
	struct str name = site->operator_name.p ? site->operator_name : site->operator_contact;
	struct str link = view_str(p->a, "plain_link.html", p->lang,
				   FILLS({ "href", site->operator_contact }, { "text", name }), NULL);
	return view_str(p->a, "access_contact.html", p->lang, NULL, FILLS({ "link", link }));
}

static struct str statement(const struct page *p)
{
	const struct site *site = req_site(p->req);
	if (!site->accessibility_statement.p)
		return STR_NONE;
	struct str text = msg(MSG_ACCESS_STATEMENT, p->lang);
	struct str link = view_str(p->a, "plain_link.html", p->lang,
				   FILLS({ "href", site->accessibility_statement }, { "text", text }), NULL);
	return view_str(p->a, "paragraph.html", p->lang, NULL, FILLS({ "text", link }));
}

enum rc accessibility_get(struct http_req *req, struct http_res *res)
{
	struct page p = page_of(req, res);
	TRY(page_user(&p));
	const struct fill *time = FILLS({ "minutes", arena_fmt(p.a, "%d", SESSION_IDLE_S / 60) },
					{ "hours", arena_fmt(p.a, "%d", SESSION_MAX_S / 3600) },
					{ "warning", arena_fmt(p.a, "%d", PAGE_WARN_S / 60) });
	struct str main = view_str(p.a, "accessibility.html", p.lang, time,
				   FILLS({ "report", report(&p) }, { "statement", statement(&p) }));
	return page_send(&p, 200, msg(MSG_ACCESS_TITLE, p.lang), main);
}
