#include "page/address.h"
#include "page/frame_internal.h"
#include "page/language.h"
#include "page/view.h"

struct str brand_html(const struct page *p)
{
	const struct site *site = req_site(p->req);
	if (!site->logo.data.p)
		return view_str(p->a, "mark.html", p->lang, NULL, NULL);
	return view_str(p->a, "logo.html", p->lang, FILLS({ "file", site->logo.file }, { "name", site->operator_name }),
			NULL);
}

static void link_put(const struct page *p, struct buf *b, struct str href, enum msg text)
{
	if (href.p)
		view(b, "footer_link.html", p->lang, FILLS({ "href", href }, { "text", msg(text, p->lang) }), NULL);
}

struct str footer_html(const struct page *p)
{
	const struct site *site = req_site(p->req);
	struct buf links = BUF(p->a);
	struct str operator= STR_NONE;
	if (site->operator_name.n)
		operator= view_str(p->a, "operator.html", p->lang, FILLS({ "name", site->operator_name }), NULL);
	link_put(p, &links, site->operator_privacy, MSG_PRIVACY);
	link_put(p, &links, site->operator_help, MSG_HELP);
	link_put(p, &links, STR(PATH_ACCESSIBILITY), MSG_ACCESS_TITLE);
	return view_str(p->a, "footer.html", p->lang, NULL,
			FILLS({ "operator", operator }, { "links", buf_str(&links) },
			      { "languages", language_links(p->a, p->lang) }));
}
