#include "proof/receipt.h"

#include <assert.h>

#include "base/clock.h"
#include "base/url.h"
#include "web/agreement_internal.h"
#include "web/handlers_internal.h"
#include "page/language.h"
#include "page/notice.h"
#include "page/view.h"

static enum rc no_receipt(struct agreement_visit *visit, enum msg body)
{
	return notice_send(&visit->p, &(struct notice){ .status = 500,
							.heading = MSG_RECEIPT_NONE,
							.body = body,
							.href = details_address(visit->p.a, visit->c->id),
							.link = MSG_SEE_ENDED });
}

/* RC_ANSWERED: another page has been sent. An agreement that was never given has no receipt. */
static enum rc receipt_open(struct agreement_visit *visit, struct http_req *req, struct http_res *res)
{
	TRY(agreement_get(visit, req, res));
	if (visit->snapshot.html.n)
		return RC_OK;
	if (visit->damaged)
		return no_receipt(visit, MSG_SEEN_DAMAGED);
	return page_redirect(res, 303, details_address(visit->p.a, visit->c->id));
}

/* ---- to print ---- */

static enum rc answerer_name(const struct agreement_visit *visit, struct str *name_out)
{
	const struct page *p = &visit->p;
	const struct event *acceptance = snapshot_event(visit->c);
	struct uuid giver = acceptance ? acceptance->performed_by_uuid : visit->c->from_uuid;
	struct party *found[1] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_site(p->req)->consents->store, false, &r));
	TRY(parties_by_uuid(r, p->a, &giver, 1, found, NULL));
	*name_out = party_display_name(p, found[0]);
	return RC_OK;
}

static struct str sources(const struct agreement_visit *visit)
{
	const struct consent_snapshot *snapshot = &visit->snapshot;
	struct buf b = BUF(visit->p.a);
	for (size_t i = 0; i < snapshot->n_rights; i++) {
		const struct snapshot_party *source = snapshot_source(snapshot, i);
		if (!source || !source->name.n)
			continue;
		if (b.n)
			buf_lit(&b, ", ");
		buf_add(&b, source->name);
	}
	return buf_str(&b);
}

static bool is_idporten(struct str host)
{
	return str_ieq(host, STR("idporten.no")) || str_ends(host, STR(".idporten.no"));
}

/* The provider as people know it: by name, else by its host. */
static struct str provider_name(const struct page *p, struct str provider)
{
	const struct web *web = req_web(p->req);
	struct url u;
	if (web->site.sandbox && !web->provider && str_starts(provider, web->site.public_url))
		return msg(MSG_LOGIN_TEST, p->lang);
	if (url_parse(provider, &u) != RC_OK || !u.host.n)
		return provider;
	return is_idporten(u.host) ? STR("ID-porten") : u.host;
}

static struct str login(const struct agreement_visit *visit)
{
	const struct page *p = &visit->p;
	const struct consent_snapshot *snapshot = &visit->snapshot;
	if (!snapshot->provider.n)
		return STR_NONE;
	struct str provider = provider_name(p, snapshot->provider);
	struct str level = arena_fmt(p->a, "%lld", (long long)snapshot->level);
	if (snapshot->level <= 0)
		return provider;
	return message_filled(p, MSG_RECEIPT_LOGIN_LEVEL, FILLS({ "provider", provider }, { "level", level }));
}

/* What a sheet of paper has to say by itself. */
static void origin_put(const struct agreement_visit *visit, struct buf *b)
{
	const struct page *p = &visit->p;
	const struct web *web = req_web(p->req);
	fact_put(p, b, MSG_RECEIPT_SERVICE, arena_fmt(p->a, "Samtykke, %.*s", STR_FMT(web->site.public_url)), STR_NONE);
	fact_put(p, b, MSG_RECEIPT_ISSUER, web->site.operator_name.n ? web->site.operator_name : web->issuer, STR_NONE);
	fact_put_html(p, b, MSG_RECEIPT_ISSUED, time_html(p, clock_now()), STR_NONE);
}

static enum rc facts(const struct agreement_visit *visit, struct str *out)
{
	const struct page *p = &visit->p;
	const struct consent_snapshot *snapshot = &visit->snapshot;
	struct buf b = BUF(p->a);
	struct str answerer, owners = sources(visit), method = login(visit);
	TRY(answerer_name(visit, &answerer));
	fact_put(p, &b, MSG_RECEIPT_FROM, snapshot->from.name.n ? snapshot->from.name : giver_name(p, &visit->view),
		 snapshot->from.orgno);
	fact_put(p, &b, MSG_GIVEN_TO, party_name(p, snapshot->to.name), snapshot->to.orgno);
	if (snapshot->handler.orgno.p)
		fact_put(p, &b, MSG_HANDLED_THROUGH, party_name(p, snapshot->handler.name), snapshot->handler.orgno);
	if (owners.n)
		fact_put(p, &b, visit->view.is_poa ? MSG_SERVICE_OWNER : MSG_COLLECTED_FROM, owners, STR_NONE);
	fact_put(p, &b, MSG_RECEIPT_BY, answerer, STR_NONE);
	if (method.n)
		fact_put(p, &b, MSG_RECEIPT_LOGIN, method, STR_NONE);
	fact_put_html(p, &b, MSG_VALID_UNTIL, time_html(p, visit->c->valid_to), STR_NONE);
	origin_put(visit, &b);
	*out = buf_str(&b);
	return RC_OK;
}

/* The whole address of the overview, where agreements are withdrawn: the receipt may be printed. */
static struct str overview_url(const struct agreement_visit *visit)
{
	return arena_fmt(visit->p.a, "%.*s" PATH_OVERVIEW, STR_FMT(site_origin(visit->p.req)));
}

static struct str withdrawal(const struct agreement_visit *visit)
{
	const struct page *p = &visit->p;
	if (!consent_active(visit->c))
		return STR_NONE;
	struct str where = msg(MSG_RECEIPT_WHERE, p->lang), hole = STR("{address}");
	ptrdiff_t at = str_find(where, hole);
	assert(at >= 0);
	struct str after = str_span(where.p + at + hole.n, where.n - (size_t)at - hole.n);
	return view_str(p->a, "receipt_withdraw.html", p->lang,
			FILLS({ "before", str_span(where.p, (size_t)at) }, { "address", overview_url(visit) },
			      { "after", after }),
			NULL);
}

enum rc receipt_get(struct http_req *req, struct http_res *res)
{
	struct agreement_visit visit;
	struct str table, number = STR_NONE;
	TRY(receipt_open(&visit, req, res));
	struct page *p = &visit.p;
	TRY(facts(&visit, &table));
	if (agreement_is_own(&visit))
		number = view_str(p->a, "receipt_number.html", p->lang, NULL, NULL);
	struct str heading = msg(visit.view.is_poa ? MSG_RECEIPT_OF_POA : MSG_RECEIPT_OF, p->lang);
	const struct localized title = { visit.snapshot.title, visit.snapshot.lang };
	struct str main = view_str(p->a, "receipt.html", p->lang,
				   FILLS({ "heading", heading }, { "title", title.text.n ? title.text : heading },
					 { "id", uuid_str(p->a, visit.c->id) }),
				   FILLS({ "back", back_link(p, details_address(p->a, visit.c->id)) },
					 { "status", agreement_status(&visit, agreement_state_of(visit.c)) },
					 { "facts", table }, { "title_lang", language_mark(p->a, p->lang, title.lang) },
					 { "agreement", agreement_snapshot_html(&visit, true) },
					 { "withdrawal", withdrawal(&visit) }, { "number", number }));
	return page_send(p, 200, heading, main);
}

/* ---- signed ---- */

static enum rc sign(const struct agreement_visit *visit, bool number, struct str *out)
{
	struct web *web = req_web(visit->p.req);
	const struct receipt_order o = { .issuer = web->issuer, .withdrawal = overview_url(visit), .number = number };
	const struct receipt_visit of = { visit->p.a, visit->c, &visit->snapshot };
	return receipt_sign(web->site.consents, web->keys, web->token_alg, &of, &o, out);
}

enum rc receipt_signed_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct agreement_visit visit;
	struct str jwt;
	TRY(receipt_open(&visit, req, res));
	TRY(http_query(req, &query));
	const struct pair *number = pair_get(query, "number");
	enum rc rc = sign(&visit, agreement_is_own(&visit) && number && str_is(number->value, "1"), &jwt);
	if (rc == RC_TOO_LARGE)
		return no_receipt(&visit, MSG_RECEIPT_TOO_LARGE);
	TRY(rc);
	page_headers(res);
	http_set_header(res, "Content-Disposition",
			arena_fmt(visit.p.a, "attachment; filename=\"samtykkekvittering-%.*s.jwt\"",
				  STR_FMT(uuid_str(visit.p.a, visit.c->id))));
	http_reply(res, 200, "application/" RECEIPT_TYPE);
	buf_add(&res->body, jwt);
	return RC_ANSWERED;
}
