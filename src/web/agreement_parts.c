#include <assert.h>

#include "web/agreement_internal.h"
#include "page/language.h"
#include "page/view.h"

bool agreement_is_own(const struct agreement_visit *visit)
{
	const struct consent *c = visit->c;
	return c->from.kind == URN_PERSON && uuid_eq(c->from_uuid, req_caller(visit->p.req)->person.party);
}

bool agreement_given(const struct agreement_visit *visit)
{
	return visit->c->status == ST_ACCEPTED || visit->c->status == ST_REVOKED;
}

struct str agreement_status(const struct agreement_visit *visit, const struct consent_state *state)
{
	const struct page *p = &visit->p;
	const struct fill *fills = consent_fills(p, visit->c, &visit->view);
	return consent_state_html(p, "status.html", state, visit->view.is_poa, fills);
}

struct str agreement_list_address(const struct agreement_visit *visit)
{
	const struct page *p = &visit->p;
	struct address to = address_start(p->a, STR(PATH_OVERVIEW));
	if (!uuid_eq(visit->c->from_uuid, req_caller(p->req)->person.party))
		address_put(&to, "party", uuid_str(p->a, visit->c->from_uuid));
	return address_str(&to);
}

/* Each resource with the version that was asked for. */
static struct str resources(const struct agreement_visit *visit)
{
	struct buf b = BUF(visit->p.a);
	for (const struct right *right = visit->c->rights; right; right = right->next)
		buf_fmt(&b, "%s%.*s, %.*s", b.n ? "; " : "", STR_FMT(right->resource), STR_FMT(right->version));
	return buf_str(&b);
}

static struct str origin_facts(const struct agreement_visit *visit)
{
	const struct page *p = &visit->p;
	const struct consent_snapshot *snapshot = &visit->snapshot;
	struct str template =
		arena_fmt(p->a, "%.*s, %lld", STR_FMT(snapshot->template_id), (long long)snapshot->template_version);
	struct buf b = BUF(p->a);
	fact_put_html(p, &b, MSG_SEEN_WHEN, time_html(p, visit->c->answered), STR_NONE);
	fact_put(p, &b, MSG_SEEN_LANGUAGE, language_name(snapshot->lang), STR_NONE);
	fact_put(p, &b, MSG_SEEN_TEMPLATE, template, STR_NONE);
	fact_put(p, &b, MSG_SEEN_RESOURCES, resources(visit), STR_NONE);
	fact_put(p, &b, MSG_SEEN_HASH, snapshot->sha256, STR_NONE);
	fact_put(p, &b, MSG_SEEN_ID, uuid_str(p->a, visit->c->id), STR_NONE);
	return buf_str(&b);
}

struct str agreement_snapshot_html(const struct agreement_visit *visit, bool is_open)
{
	const struct page *p = &visit->p;
	const struct consent_snapshot *snapshot = &visit->snapshot;
	struct buf b = BUF(p->a);
	assert(snapshot->html.n);
	view(&b, "agreement.html", p->lang, NULL,
	     FILLS({ "html", snapshot->html }, { "lang", language_mark(p->a, p->lang, snapshot->lang) }));
	view(&b, "seen.html", p->lang, NULL,
	     FILLS({ "facts", origin_facts(visit) }, { "open", is_open ? STR(" open") : STR_NONE }));
	return buf_str(&b);
}
