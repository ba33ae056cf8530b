#include "proof/receipt.h"

#include "web/agreement_internal.h"

static enum rc no_receipt(struct look *k, enum msg body)
{
	return notice_send(&k->p, &(struct notice){ .status = 500,
						    .heading = MSG_RECEIPT_NONE,
						    .body = body,
						    .href = details_address(k->p.a, k->c->id),
						    .link = MSG_SEE_ENDED });
}

/* RC_OK and *ok_out false: another page has been sent. What was never given has no receipt. */
static enum rc receipt_open(struct look *k, struct http_req *req, struct http_res *res, bool *ok_out)
{
	TRY(look_get(k, req, res, ok_out));
	if (!*ok_out || k->f.html.n)
		return RC_OK;
	*ok_out = false;
	return k->damaged ? no_receipt(k, MSG_SEEN_DAMAGED) : see_other(&k->p, details_address(k->p.a, k->c->id));
}

/* ---- to print ---- */

static enum rc performer(const struct look *k, struct str *name_out)
{
	const struct page *p = &k->p;
	const struct event *given = snapshot_event(k->c);
	struct uuid by = given ? given->performed_by_uuid : k->c->from_uuid;
	struct party *found[1] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_web(p->req)->consents->store, false, &r));
	TRY(parties_by_uuid(r, p->a, &by, 1, found));
	*name_out = party_name(p, found[0] ? text_display_name(p->a, found[0]->name, found[0]->type) : STR_NONE);
	return RC_OK;
}

static struct str sources(const struct look *k)
{
	const struct consent_snapshot *f = &k->f;
	struct buf b = BUF(k->p.a);
	for (size_t i = 0; i < f->n_rights; i++) {
		const struct snapshot_party *source = snapshot_source(f, i);
		if (!source || !source->name.n)
			continue;
		if (b.n)
			buf_lit(&b, ", ");
		buf_add(&b, source->name);
	}
	return buf_str(&b);
}

static struct str login(const struct look *k)
{
	const struct consent_snapshot *f = &k->f;
	if (!f->acr.n || !f->provider.n)
		return STR_NONE;
	return arena_fmt(k->p.a, "%.*s (%.*s)", STR_FMT(f->provider), STR_FMT(f->acr));
}

static enum rc facts(const struct look *k, struct str *out)
{
	const struct page *p = &k->p;
	const struct consent_snapshot *f = &k->f;
	struct buf b = BUF(p->a);
	struct str by, from = sources(k), how = login(k);
	TRY(performer(k, &by));
	consent_fact(p, &b, MSG_RECEIPT_FROM, party_name(p, f->from.name), f->from.orgno);
	consent_fact(p, &b, MSG_GIVEN_TO, party_name(p, f->to.name), f->to.orgno);
	if (f->handler.orgno.p)
		consent_fact(p, &b, MSG_HANDLED_THROUGH, party_name(p, f->handler.name), f->handler.orgno);
	if (from.n)
		consent_fact(p, &b, k->s.is_poa ? MSG_SERVICE_OWNER : MSG_COLLECTED_FROM, from, STR_NONE);
	consent_fact(p, &b, MSG_RECEIPT_BY, by, STR_NONE);
	if (how.n)
		consent_fact(p, &b, MSG_RECEIPT_LOGIN, how, STR_NONE);
	consent_fact_html(p, &b, MSG_VALID_UNTIL, time_html(p, k->c->valid_to), STR_NONE);
	*out = buf_str(&b);
	return RC_OK;
}

/* Where consents are withdrawn, as an address that stands on paper too. */
static struct str overview_url(const struct look *k)
{
	return arena_fmt(k->p.a, "%.*s" PATH_OVERVIEW, STR_FMT(req_web(k->p.req)->public_url));
}

static struct str withdrawal(const struct look *k)
{
	const struct page *p = &k->p;
	if (!consent_active(k->c))
		return STR_NONE;
	struct str where = text_filled(p->a, msg(MSG_RECEIPT_WHERE, p->lang), FILLS({ "address", overview_url(k) }));
	return view_str(p->a, "receipt_withdraw.html", p->lang, FILLS({ "withdrawal", where }), NULL);
}

enum rc receipt_get(struct http_req *req, struct http_res *res)
{
	struct look k;
	bool ok;
	struct str table, number = STR_NONE;
	TRY(receipt_open(&k, req, res, &ok));
	if (!ok)
		return RC_OK;
	struct page *p = &k.p;
	TRY(facts(&k, &table));
	if (look_own(&k))
		number = view_str(p->a, "receipt_number.html", p->lang, NULL, NULL);
	struct str heading = msg(k.s.is_poa ? MSG_RECEIPT_OF_POA : MSG_RECEIPT_OF, p->lang);
	const struct localized title = { k.f.title, k.f.lang };
	struct str main =
		view_str(p->a, "receipt.html", p->lang,
			 FILLS({ "heading", heading }, { "title", title.text.n ? title.text : heading },
			       { "id", uuid_str(p->a, k.c->id) }),
			 FILLS({ "back", back_to(p, details_address(p->a, k.c->id)) },
			       { "status", look_status(&k, look_state(&k)) }, { "facts", table },
			       { "title_lang", language_mark(p, title.lang) }, { "agreement", look_agreed(&k, true) },
			       { "withdrawal", withdrawal(&k) }, { "number", number }));
	page_send(p, 200, heading, main);
	return RC_OK;
}

/* ---- signed ---- */

static enum rc sign(const struct look *k, bool number, struct str *out)
{
	struct web *web = req_web(k->p.req);
	const struct receipt_order o = { .issuer = web->issuer, .withdrawal = overview_url(k), .number = number };
	struct signer *signer;
	struct str json;
	TRY(receipt_write(web->consents, k->p.a, k->c, &k->f, &o, &json));
	TRY(keyring_signer(web->keys, web->token_alg, &signer));
	return signer_sign_long(signer, k->p.a, STR("\"typ\":\"" RECEIPT_TYPE "\""), json, out);
}

enum rc receipt_signed_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct look k;
	bool ok;
	struct str jwt;
	TRY(receipt_open(&k, req, res, &ok));
	if (!ok)
		return RC_OK;
	TRY(http_query(req, &query));
	const struct pair *number = pair_get(query, "number");
	enum rc rc = sign(&k, look_own(&k) && number && str_is(number->value, "1"), &jwt);
	if (rc == RC_TOO_LARGE)
		return no_receipt(&k, MSG_RECEIPT_TOO_LARGE);
	TRY(rc);
	page_headers(res);
	http_set_header(res, "Content-Disposition",
			arena_fmt(k.p.a, "attachment; filename=\"samtykkekvittering-%.*s.jwt\"",
				  STR_FMT(uuid_str(k.p.a, k.c->id))));
	http_reply(res, 200, "application/" RECEIPT_TYPE);
	buf_add(&res->body, jwt);
	return RC_OK;
}
