#include "page/notice.h"

#include <assert.h>

#include "page/parts.h"
#include "page/view.h"

enum rc notice_send(struct page *p, const struct notice *n)
{
	assert(n->heading < MSG__MAX && n->body < MSG__MAX && n->link < MSG__MAX);
	struct str action = n->action, heading = message_filled(p, n->heading, n->fills);
	if (!action.p && n->href.p)
		action = link_html(p, n->href, message_filled(p, n->link, n->link_fills));
	struct str main = view_str(p->a, "notice.html", p->lang,
				   FILLS({ "heading", heading }, { "body", message_filled(p, n->body, n->fills) }),
				   FILLS({ "action", action }, { "more", n->more }));
	return page_send(p, n->status, heading, main);
}
