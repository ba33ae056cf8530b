#include <assert.h>

#include "consent/activity.h"
#include "web/agreement_internal.h"
#include "page/consent_notices.h"
#include "web/handlers_internal.h"
#include "page/language.h"
#include "page/view.h"

static const struct consent_state withdrawn = { "success", MSG_ALREADY_REVOKED, MSG_ALREADY_REVOKED_POA,
						MSG_WITHDRAWN_BODY };
static const struct consent_state not_withdrawn = { "danger", MSG_WITHDRAW_ERROR, MSG_WITHDRAW_ERROR_POA,
						    MSG_WITHDRAW_NOTHING };

/* [kind][by another person than the one who reads] */
static const enum msg event_texts[ACTIVITY__MAX][2] = {
	[ACTIVITY_CREATED] = { MSG_EVENT_CREATED, MSG_EVENT_CREATED },
	[ACTIVITY_REJECTED] = { MSG_EVENT_REJECTED, MSG_EVENT_REJECTED_BY },
	[ACTIVITY_ACCEPTED] = { MSG_EVENT_ACCEPTED, MSG_EVENT_ACCEPTED_BY },
	[ACTIVITY_REVOKED] = { MSG_EVENT_REVOKED, MSG_EVENT_REVOKED_BY },
	[ACTIVITY_DELETED] = { MSG_EVENT_DELETED, MSG_EVENT_DELETED },
	[ACTIVITY_EXPIRED] = { MSG_EVENT_EXPIRED, MSG_EVENT_EXPIRED },
	[ACTIVITY_USED] = { MSG_EVENT_USED, MSG_EVENT_USED },
	[ACTIVITY_TOKEN] = { MSG_LOG_TOKEN_BY, MSG_LOG_TOKEN_BY },
};

static struct str event_text(const struct agreement_visit *visit, const struct activity *e)
{
	const struct page *p = &visit->p;
	assert(e->kind < ACTIVITY__MAX);
	bool by_other = !uuid_eq(e->event.performed_by_uuid, req_caller(p->req)->person.party);
	struct buf b = BUF(p->a);
	buf_add(&b,
		message_filled(p, event_texts[e->kind][by_other],
			       FILLS({ "by", actor_name(p, e->by_name, e->by_orgno) },
				     { "to", requester_name(p, &visit->view) }, { "what", e->resource_title.text })));
	if (e->reference.n) {
		buf_c(&b, ' ');
		buf_add(&b, message_filled(p, MSG_LOG_REFERENCE, FILLS({ "reference", e->reference })));
	}
	return buf_str(&b);
}

static enum rc events(const struct agreement_visit *visit, struct str *out)
{
	struct buf b = BUF(visit->p.a);
	struct activity *entries;
	size_t n;
	bool over = visit->c->status != ST_ACCEPTED && visit->c->status != ST_CREATED;
	TRY(activity_of_consent(req_site(visit->p.req)->consents, visit->p.a, visit->c, visit->p.lang, &entries, &n));
	for (size_t i = 0; i < n; i++) {
		const struct activity *e = &entries[i];
		if (e->kind == ACTIVITY_EXPIRED && over)
			continue;
		view(&b, "event.html", visit->p.lang, FILLS({ "what", event_text(visit, e) }),
		     FILLS({ "when", time_html(&visit->p, e->at) }));
	}
	*out = buf_str(&b);
	return RC_OK;
}

/* The introduction of an agreement that is given, where it differs from that of a request; of one that has ended, whose
 * text it is. */
static struct str given_intro(const struct agreement_visit *visit)
{
	const struct localized *intro = &visit->view.intro_accepted;
	if (!consent_active(visit->c))
		return paragraph_html(&visit->p, msg(MSG_AS_SHOWN, visit->p.lang));
	if (!intro->text.n || str_eq(intro->text, visit->view.intro.text))
		return STR_NONE;
	return view_str(visit->p.a, "paragraph.html", visit->p.lang, NULL,
			FILLS({ "text", localized_html(&visit->p, intro) }));
}

/* A given agreement is shown as the person saw it when they gave it. */
static struct str agreement(const struct agreement_visit *visit)
{
	struct buf b = BUF(visit->p.a);
	if (visit->snapshot.html.n) {
		buf_add(&b, given_intro(visit));
		buf_add(&b, agreement_snapshot_html(visit, false));
		return buf_str(&b);
	}
	if (!visit->damaged && !visit->texts_gone) {
		if (agreement_given(visit))
			buf_add(&b, paragraph_html(&visit->p, msg(MSG_SEEN_NOT_KEPT, visit->p.lang)));
		buf_add(&b, consent_asked(&visit->p, &visit->view, consent_fills(&visit->p, visit->c, &visit->view)));
		return buf_str(&b);
	}
	struct str none = paragraph_html(&visit->p,
					 msg(visit->damaged ? MSG_SEEN_DAMAGED : MSG_SEEN_NOTHING_KEPT, visit->p.lang));
	return view_str(visit->p.a, "agreement.html", visit->p.lang, NULL, FILLS({ "html", none }));
}

static struct str withdraw_link(const struct agreement_visit *visit)
{
	const struct page *p = &visit->p;
	if (!consent_active(visit->c))
		return STR_NONE;
	return view_str(p->a, "withdraw_link.html", p->lang,
			FILLS({ "href", withdraw_address(p->a, visit->params.id) },
			      { "text", msg(visit->view.is_poa ? MSG_WITHDRAW_POA : MSG_WITHDRAW, p->lang) }),
			NULL);
}

static enum rc send_details(struct agreement_visit *visit, const struct consent_state *refused)
{
	struct page *p = &visit->p;
	const struct consent_state *state = refused ? refused : agreement_state_of(visit->c);
	if (visit->done && visit->c->status == ST_REVOKED)
		state = &withdrawn;
	const struct localized *title = consent_active(visit->c) ? &visit->view.title_accepted : &visit->view.title;
	struct str history;
	TRY(events(visit, &history));
	struct str main = view_str(
		p->a, "details.html", p->lang,
		FILLS({ "title", title->text },
		      { "agreed", msg(visit->snapshot.html.n || visit->damaged ? MSG_AGREED : MSG_ASKED, p->lang) }),
		FILLS({ "back", back_link(p, agreement_list_address(visit)) },
		      { "title_lang", language_mark(p->a, p->lang, title->lang) },
		      { "status", agreement_status(visit, state) }, { "withdraw", withdraw_link(visit) },
		      { "facts", consent_facts(p, visit->c, &visit->view) }, { "agreement", agreement(visit) },
		      { "receipt", visit->snapshot.html.n ? receipt_link(p, visit->c->id) : STR_NONE },
		      { "events", history }));
	return page_send(p, refused ? 409 : 200, title->text, main);
}

/* ---- the pages ---- */

enum rc details_get(struct http_req *req, struct http_res *res)
{
	struct agreement_visit visit;
	TRY(agreement_get(&visit, req, res));
	return send_details(&visit, NULL);
}

static struct str withdraw_facts(const struct agreement_visit *visit)
{
	struct buf b = BUF(visit->p.a), titles = BUF(visit->p.a);
	for (size_t i = 0; i < visit->view.n_rights; i++) {
		if (i)
			buf_lit(&titles, ", ");
		right_title_put(&visit->p, &titles, &visit->view.rights[i].title, visit->view.rights[i].right);
	}
	fact_put(&visit->p, &b, MSG_GIVEN_TO, party_name(&visit->p, visit->view.to_name), visit->view.to_orgno);
	if (titles.n)
		fact_put_html(&visit->p, &b, MSG_WITHDRAW_ABOUT, buf_str(&titles), STR_NONE);
	fact_put_html(&visit->p, &b, MSG_VALID_UNTIL, time_html(&visit->p, visit->c->valid_to), STR_NONE);
	return buf_str(&b);
}

enum rc withdraw_get(struct http_req *req, struct http_res *res)
{
	struct agreement_visit visit;
	TRY(agreement_get(&visit, req, res));
	struct page *p = &visit.p;
	struct str details = details_address(p->a, visit.params.id);
	if (!consent_active(visit.c))
		return page_redirect(res, 303, details);
	bool poa = visit.view.is_poa;
	const struct fill *fills = consent_fills(p, visit.c, &visit.view);
	struct str heading = msg(poa ? MSG_WITHDRAW_SURE_POA : MSG_WITHDRAW_SURE, p->lang);
	struct str after = message_filled(p, poa ? MSG_WITHDRAW_AFTER_POA : MSG_WITHDRAW_AFTER, fills);
	struct str before = message_filled(p, poa ? MSG_WITHDRAW_BEFORE_POA : MSG_WITHDRAW_BEFORE, fills);
	struct str main =
		view_str(p->a, "withdraw.html", p->lang,
			 FILLS({ "heading", heading }, { "after", after }, { "before", before },
			       { "final", message_filled(p, MSG_WITHDRAW_FINAL, fills) },
			       { "yes", msg(poa ? MSG_WITHDRAW_YES_POA : MSG_WITHDRAW_YES, p->lang) },
			       { "csrf", p->csrf }, { "id", uuid_str(p->a, visit.params.id) }, { "href", details }),
			 FILLS({ "back", back_link(p, details) }, { "facts", withdraw_facts(&visit) }));
	return page_send(p, 200, heading, main);
}

static enum rc withdraw(struct agreement_visit *visit)
{
	struct page *p = &visit->p;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	enum rc rc = consent_decide(req_site(p->req)->consents, p->a, visit->params.id, &req_caller(p->req)->person,
				    ST_REVOKED, str_of(lang_code(p->lang)), &c, &problems);
	if (rc == RC_OK) {
		gate_note_decision(p->res, c, ST_REVOKED);
		return page_redirect(p->res, 303, arena_fmt(p->a, "%.*s&done=1", STR_FMT(p->here)));
	}
	if (rc == RC_UNCERTAIN)
		return notice_uncertain(p, ST_REVOKED);
	if (rc != RC_INVALID && rc != RC_DENIED && rc != RC_NOT_FOUND)
		return rc;
	TRY(agreement_open(visit));
	return send_details(visit, &not_withdrawn);
}

enum rc withdraw_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct agreement_visit visit = { .p = page_of(req, res) };
	struct page *p = &visit.p;
	if (http_form(req, &form) != RC_OK || agreement_read(&visit, req, res, form) != RC_OK)
		return notice_bad_id(p);
	p->here = details_address(p->a, visit.params.id);
	if (!req_caller(req))
		return notice_withdraw_session_lost(p);
	TRY(agreement_allow(&visit));
	if (!session_fresh(req)) {
		p->here = withdraw_address(p->a, visit.params.id);
		return notice_login_old(p);
	}
	return withdraw(&visit);
}
