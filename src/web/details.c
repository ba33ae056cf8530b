#include "consent/activity.h"
#include "web/agreement_internal.h"

static const struct consent_state withdrawn = { "success", MSG_ALREADY_REVOKED, MSG_ALREADY_REVOKED_POA,
						MSG_WITHDRAWN_BODY };
static const struct consent_state nothing = { "danger", MSG_WITHDRAW_ERROR, MSG_WITHDRAW_ERROR_POA,
					      MSG_WITHDRAW_NOTHING };

/* By oneself, or by somebody who is named. */
static const enum msg told[ACTIVITY__MAX][2] = {
	[ACTIVITY_CREATED] = { MSG_EVENT_CREATED, MSG_EVENT_CREATED },
	[ACTIVITY_REJECTED] = { MSG_EVENT_REJECTED, MSG_EVENT_REJECTED_BY },
	[ACTIVITY_ACCEPTED] = { MSG_EVENT_ACCEPTED, MSG_EVENT_ACCEPTED_BY },
	[ACTIVITY_REVOKED] = { MSG_EVENT_REVOKED, MSG_EVENT_REVOKED_BY },
	[ACTIVITY_DELETED] = { MSG_EVENT_DELETED, MSG_EVENT_DELETED },
	[ACTIVITY_EXPIRED] = { MSG_EVENT_EXPIRED, MSG_EVENT_EXPIRED },
	[ACTIVITY_USED] = { MSG_EVENT_USED, MSG_EVENT_USED },
	[ACTIVITY_TOKEN] = { MSG_LOG_TOKEN_BY, MSG_LOG_TOKEN_BY },
};

static struct str told_text(const struct look *k, const struct activity *e)
{
	const struct page *p = &k->p;
	bool other = !uuid_eq(e->event.performed_by_uuid, req_caller(p->req)->person.party);
	struct buf b = BUF(p->a);
	buf_add(&b, text_filled(p->a, msg(told[e->kind][other], p->lang),
				FILLS({ "by", doer_name(p, e->by_name, e->by_orgno) },
				      { "to", requester_name(p, &k->s) }, { "what", e->about.text })));
	if (e->reference.n) {
		buf_c(&b, ' ');
		buf_add(&b, text_filled(p->a, msg(MSG_LOG_REFERENCE, p->lang), FILLS({ "reference", e->reference })));
	}
	return buf_str(&b);
}

static enum rc events(const struct look *k, struct str *out)
{
	struct buf b = BUF(k->p.a);
	struct activity *entries;
	size_t n;
	bool over = k->c->status != ST_ACCEPTED && k->c->status != ST_CREATED;
	TRY(activity_of_consent(req_web(k->p.req)->consents, k->p.a, k->c, k->p.lang, &entries, &n));
	for (size_t i = 0; i < n; i++) {
		const struct activity *e = &entries[i];
		if (e->kind == ACTIVITY_EXPIRED && over)
			continue;
		view(&b, "event.html", k->p.lang, FILLS({ "what", told_text(k, e) }),
		     FILLS({ "when", time_html(&k->p, e->at) }));
	}
	*out = buf_str(&b);
	return RC_OK;
}

/* What stands there once it is given, unless it is what stood there before. */
static struct str given_intro(const struct look *k)
{
	const struct localized *w = &k->s.intro_accepted;
	if (!w->text.n || str_eq(w->text, k->s.intro.text))
		return STR_NONE;
	return view_str(k->p.a, "paragraph.html", k->p.lang, NULL, FILLS({ "text", localized_html(&k->p, w) }));
}

/* What was said yes to is shown as it was seen then, in the language that it was read in. */
static struct str agreement(const struct look *k)
{
	struct buf b = BUF(k->p.a);
	if (k->f.html.n) {
		buf_add(&b, given_intro(k));
		buf_add(&b, look_agreed(k, false));
		return buf_str(&b);
	}
	struct buf html = BUF(k->p.a);
	if (k->damaged)
		view(&html, "paragraph.html", k->p.lang, FILLS({ "text", msg(MSG_SEEN_DAMAGED, k->p.lang) }), NULL);
	else
		consent_view_html(&html, &k->s, k->c);
	return view_str(k->p.a, "agreement.html", k->p.lang, NULL, FILLS({ "html", buf_str(&html) }));
}

static struct str withdraw_link(const struct look *k)
{
	const struct page *p = &k->p;
	if (!consent_active(k->c))
		return STR_NONE;
	return view_str(p->a, "withdraw_link.html", p->lang,
			FILLS({ "href", withdraw_address(p->a, k->v.id) },
			      { "text", msg(k->s.is_poa ? MSG_WITHDRAW_POA : MSG_WITHDRAW, p->lang) }),
			NULL);
}

static enum rc send_details(struct look *k, const struct consent_state *refused)
{
	struct page *p = &k->p;
	bool accepted = k->c->status == ST_ACCEPTED || k->c->status == ST_REVOKED;
	const struct consent_state *st = refused ? refused : look_state(k);
	if (k->done && k->c->status == ST_REVOKED)
		st = &withdrawn;
	const struct localized *title = accepted ? &k->s.title_accepted : &k->s.title;
	struct str history;
	TRY(events(k, &history));
	struct str main = view_str(
		p->a, "details.html", p->lang,
		FILLS({ "title", title->text },
		      { "agreed", msg(k->f.html.n || k->damaged ? MSG_AGREED : MSG_ASKED, p->lang) }),
		FILLS({ "back", back_to(p, look_overview(k)) }, { "title_lang", language_mark(p, title->lang) },
		      { "status", look_status(k, st) }, { "withdraw", withdraw_link(k) },
		      { "facts", consent_facts(p, &k->s) }, { "agreement", agreement(k) },
		      { "receipt", k->f.html.n ? receipt_link(p, k->c->id) : STR_NONE }, { "events", history }));
	page_send(p, refused ? 409 : 200, title->text, main);
	return RC_OK;
}

/* ---- the pages ---- */

enum rc details_get(struct http_req *req, struct http_res *res)
{
	struct look k;
	bool shown;
	TRY(look_get(&k, req, res, &shown));
	return shown ? send_details(&k, NULL) : RC_OK;
}

static struct str withdraw_facts(const struct look *k)
{
	struct buf b = BUF(k->p.a), what = BUF(k->p.a);
	char until[TEXT_DATE_MAX];
	for (size_t i = 0; i < k->s.n_rights; i++) {
		if (i)
			buf_lit(&what, ", ");
		put_localized(&k->p, &what, &k->s.rights[i].title);
	}
	consent_fact(&k->p, &b, MSG_GIVEN_TO, party_name(&k->p, k->s.to_name), k->s.to_orgno);
	if (what.n)
		consent_fact_html(&k->p, &b, MSG_WITHDRAW_ABOUT, buf_str(&what), STR_NONE);
	consent_fact(&k->p, &b, MSG_VALID_UNTIL, text_datetime(k->c->valid_to, until), STR_NONE);
	return buf_str(&b);
}

enum rc withdraw_get(struct http_req *req, struct http_res *res)
{
	struct look k;
	bool shown;
	TRY(look_get(&k, req, res, &shown));
	if (!shown)
		return RC_OK;
	struct page *p = &k.p;
	struct str details = details_address(p->a, k.v.id);
	if (!consent_active(k.c))
		return see_other(p, details);
	bool poa = k.s.is_poa;
	const struct fill *names = consent_fills(p, k.c, &k.s);
	struct str heading = msg(poa ? MSG_WITHDRAW_SURE_POA : MSG_WITHDRAW_SURE, p->lang);
	struct str after = text_filled(p->a, msg(poa ? MSG_WITHDRAW_AFTER_POA : MSG_WITHDRAW_AFTER, p->lang), names);
	struct str before = text_filled(p->a, msg(poa ? MSG_WITHDRAW_BEFORE_POA : MSG_WITHDRAW_BEFORE, p->lang), names);
	struct str main = view_str(p->a, "withdraw.html", p->lang,
				   FILLS({ "heading", heading }, { "after", after }, { "before", before },
					 { "final", text_filled(p->a, msg(MSG_WITHDRAW_FINAL, p->lang), names) },
					 { "yes", msg(poa ? MSG_WITHDRAW_YES_POA : MSG_WITHDRAW_YES, p->lang) },
					 { "csrf", p->csrf }, { "id", uuid_str(p->a, k.v.id) }, { "href", details }),
				   FILLS({ "back", back_to(p, details) }, { "facts", withdraw_facts(&k) }));
	page_send(p, 200, heading, main);
	return RC_OK;
}

enum rc withdraw_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct consent *c;
	struct problems problems = PROBLEMS(req->arena);
	struct look k = { .p = page_of(req, res) };
	bool allowed, shown;
	if (http_form(req, &form) != RC_OK || look_read(&k, req, res, form) != RC_OK)
		return state_bad_id(&k.p);
	struct page *p = &k.p;
	p->here = details_address(p->a, k.v.id);
	if (!req_caller(req))
		return state_withdraw_lost(p);
	TRY(look_allow(&k, &allowed));
	if (!allowed)
		return RC_OK;
	if (!session_fresh(req)) {
		p->here = arena_fmt(p->a, PATH_WITHDRAW "?id=%.*s", STR_FMT(uuid_str(p->a, k.v.id)));
		return state_login_old(p);
	}
	enum rc rc = consent_decide(req_web(req)->consents, p->a, k.v.id, &req_caller(req)->person, ST_REVOKED,
				    str_of(lang_code(p->lang)), &c, &problems);
	if (rc == RC_OK)
		return see_other(p, arena_fmt(p->a, "%.*s&done=1", STR_FMT(p->here)));
	if (state_unsure(p, rc))
		return state_uncertain(p, ST_REVOKED);
	if (rc != RC_INVALID && rc != RC_DENIED && rc != RC_NOT_FOUND)
		return rc;
	TRY(look_open(&k, &shown));
	return shown ? send_details(&k, &nothing) : RC_OK;
}
