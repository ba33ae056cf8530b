#include "page/language.h"
#include "page/parts.h"
#include "page/view.h"

struct str message_filled(const struct page *p, enum msg id, const struct fill *fills)
{
	return text_filled(p->a, msg(id, p->lang), fills);
}

struct str paragraph_html(const struct page *p, struct str text)
{
	return view_str(p->a, "paragraph.html", p->lang, FILLS({ "text", text }), NULL);
}

void localized_put(const struct page *p, struct buf *b, const struct localized *text)
{
	view(b, "title.html", p->lang, FILLS({ "title", text->text }),
	     FILLS({ "lang", language_mark(p->a, p->lang, text->lang) }));
}

struct str localized_html(const struct page *p, const struct localized *text)
{
	struct buf b = BUF(p->a);
	localized_put(p, &b, text);
	return buf_str(&b);
}
