#include "page/address.h"
#include "page/parts.h"
#include "page/view.h"

struct str link_html(const struct page *p, struct str href, struct str text)
{
	return view_str(p->a, "link.html", p->lang, FILLS({ "href", href }, { "text", text }), NULL);
}

struct str back_link(const struct page *p, struct str href)
{
	return view_str(p->a, "back.html", p->lang, FILLS({ "href", href }), NULL);
}

struct str receipt_link(const struct page *p, struct uuid consent)
{
	return view_str(p->a, "receipt_link.html", p->lang, FILLS({ "href", receipt_address(p->a, consent) }), NULL);
}

static struct str page_link(const struct page *p, struct str href, enum msg text)
{
	if (!href.p)
		return STR_NONE;
	return view_str(p->a, "page_link.html", p->lang, FILLS({ "href", href }, { "text", msg(text, p->lang) }), NULL);
}

struct str page_links_html(const struct page *p, const struct page_links *links)
{
	if (!links->newest.p && !links->older.p)
		return STR_NONE;
	return view_str(p->a, "pages.html", p->lang, NULL,
			FILLS({ "newest", page_link(p, links->newest, links->newest_text) },
			      { "older", page_link(p, links->older, links->older_text) }));
}
