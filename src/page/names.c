#include "page/parts.h"

#include <assert.h>

#include "page/view.h"

struct str party_name(const struct page *p, struct str name)
{
	return name.n ? name : msg(MSG_NAME_UNKNOWN, p->lang);
}

/* Only the person themselves meets their number, and not the whole of it. */
struct str party_display_name(const struct page *p, const struct party *party)
{
	const struct caller *c = req_caller(p->req);
	if (!party)
		return party_name(p, STR_NONE);
	struct str name = text_display_name(p->a, party->name, party->type);
	if (!name.n && c && uuid_eq(party->uuid, c->person.party))
		name = text_masked(p->a, party->ident);
	return party_name(p, name);
}

struct str giver_name(const struct page *p, const struct consent_view *view)
{
	return party_name(p, view->from_name.n ? view->from_name : view->from_masked);
}

struct str actor_name(const struct page *p, struct str name, struct str orgno)
{
	return name.n || !orgno.n ? party_name(p, name) : text_orgno(p->a, orgno);
}

struct str requester_name(const struct page *p, const struct consent_view *view)
{
	return view->to_name.n || !view->to_orgno.n ? party_name(p, view->to_name) : view->to_orgno;
}

struct str orgno_html(const struct page *p, struct str orgno)
{
	if (!orgno.p)
		return STR_NONE;
	return view_str(p->a, "orgno.html", p->lang, FILLS({ "orgno", text_orgno(p->a, orgno) }), NULL);
}

const struct fill *consent_fills(const struct page *p, const struct consent *c, const struct consent_view *view)
{
	assert(req_caller(p->req));
	bool own = uuid_eq(c->from_uuid, req_caller(p->req)->person.party);
	struct str behalf =
		message_filled(p, own ? MSG_FOR_YOU : MSG_FOR_PARTY, FILLS({ "from", giver_name(p, view) }));
	const struct fill fills[] = { { "to", requester_name(p, view) },
				      { "date", time_text(p, c->answered) },
				      { "until", time_text(p, c->valid_to) },
				      { "used", time_text(p, c->used) },
				      { "behalf", behalf },
				      { 0 } };
	struct fill *copy = arena_array(p->a, struct fill, LEN(fills));
	memcpy(copy, fills, sizeof fills);
	return copy;
}
