#include "page/parts.h"
#include "page/view.h"

void fact_put_html(const struct page *p, struct buf *b, enum msg name, struct str html, struct str orgno)
{
	view(b, "fact.html", p->lang, FILLS({ "name", msg(name, p->lang) }),
	     FILLS({ "value", html }, { "number", orgno_html(p, orgno) }));
}

void fact_put(const struct page *p, struct buf *b, enum msg name, struct str value, struct str orgno)
{
	struct buf html = BUF(p->a);
	buf_html(&html, value);
	fact_put_html(p, b, name, buf_str(&html), orgno);
}

/* Each data source once, in the order of the rights. */
static struct str owners(const struct page *p, const struct consent_view *view)
{
	struct buf b = BUF(p->a);
	for (size_t i = 0; i < view->n_rights; i++) {
		const struct localized *name = &view->rights[i].owner_name;
		size_t k = 0;
		while (k < i && !str_eq(view->rights[k].owner_name.text, name->text))
			k++;
		if (k < i || !name->text.n)
			continue;
		if (b.n)
			buf_lit(&b, ", ");
		localized_put(p, &b, name);
	}
	return buf_str(&b);
}

static bool is_over(const struct consent *c)
{
	return !consent_active(c) && (c->status != ST_CREATED || consent_expired(c));
}

struct str consent_facts(const struct page *p, const struct consent *c, const struct consent_view *view)
{
	struct buf b = BUF(p->a);
	struct str from = owners(p, view);
	fact_put(p, &b, MSG_ASKED_BY, party_name(p, view->to_name), view->to_orgno);
	if (view->handler_orgno.p)
		fact_put(p, &b, MSG_HANDLED_THROUGH, party_name(p, view->handler_name), view->handler_orgno);
	if (from.n)
		fact_put_html(p, &b, view->is_poa ? MSG_SERVICE_OWNER : MSG_COLLECTED_FROM, from, STR_NONE);
	if (!is_over(c))
		fact_put_html(p, &b, MSG_VALID_UNTIL, time_html(p, c->valid_to), STR_NONE);
	fact_put(p, &b, MSG_ON_BEHALF, giver_name(p, view), view->from_orgno);
	fact_put(p, &b, MSG_SIGNED_IN, p->user, STR_NONE);
	return buf_str(&b);
}

struct str consent_asked(const struct page *p, const struct consent_view *view, const struct fill *fills)
{
	struct buf b = BUF(p->a);
	consent_view_past_html(&b, view, message_filled(p, view->is_poa ? MSG_ASKED_FOR_POA : MSG_ASKED_FOR, fills),
			       message_filled(p, MSG_WROTE, fills));
	return view_str(p->a, "agreement.html", p->lang, NULL, FILLS({ "html", buf_str(&b) }));
}
