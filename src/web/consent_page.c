#include <assert.h>

#include "base/url.h"
#include "registry/redirects.h"
#include "web/consent_notices_internal.h"
#include "web/consent_state_internal.h"
#include "web/handlers_internal.h"
#include "web/language_internal.h"
#include "web/login_guard_internal.h"
#include "web/notice_internal.h"
#include "web/view_internal.h"

/* ---- parts ---- */

static struct str answer_form(const struct page *p, const struct consent_params *params, const struct consent *c,
			      const struct consent_view *view, const struct fill *fills)
{
	enum lang l = p->lang;
	enum msg next = params->stay ? MSG_NEXT_STAY : c->keep_session ? MSG_NEXT_KEEP : MSG_NEXT_RETURN;
	struct str yes = message_filled(p, view->is_poa ? MSG_NEXT_YES_POA : MSG_NEXT_YES, fills);
	struct str no = message_filled(p, view->is_poa ? MSG_NEXT_NO_POA : MSG_NEXT_NO, fills);
	struct str after = message_filled(p, next, fills);
	return view_str(p->a, "answer.html", l,
			FILLS({ "yes", yes }, { "no", no }, { "after", after },
			      { "withdraw", msg(view->is_poa ? MSG_NEXT_WITHDRAW_POA : MSG_NEXT_WITHDRAW, l) },
			      { "approve", msg(view->is_poa ? MSG_APPROVE_POA : MSG_APPROVE_CONSENT, l) },
			      { "reject", msg(view->is_poa ? MSG_REJECT_POA : MSG_REJECT_CONSENT, l) },
			      { "csrf", p->csrf }, { "id", uuid_str(p->a, params->id) },
			      { "lang", str_of(lang_code(l)) }, { "skiplogout", params->stay ? STR("true") : STR_NONE },
			      { "backtopage", params->back }),
			NULL);
}

/* The requester's own address, where the person's session goes on behind the answer. */
static struct str kept_address(const struct page *p, const struct consent *c, bool *is_web_out)
{
	struct url target;
	struct str to = c->keep_session ? consent_redirect(p->a, c) : STR_NONE;
	if (!to.n || url_parse(to, &target) != RC_OK || !redirect_target_ok(&target, false))
		return STR_NONE;
	*is_web_out = url_is_web(&target, true);
	return to;
}

/* The address behind an answered request. *moves_out: a page may move there by itself; browsers open an app only where
 * a person presses. */
static struct str next_address(const struct page *p, const struct consent_params *params, const struct consent *c,
			       bool *moves_out)
{
	*moves_out = !params->stay;
	if (params->stay)
		return consent_back_address(params);
	struct str kept = kept_address(p, c, moves_out);
	return kept.n ? kept : consent_leave_address(p->a, params->id);
}

static struct str next_link(const struct page *p, const struct consent_params *params, const struct consent *c,
			    const struct fill *fills)
{
	bool moves;
	return link_html(p, next_address(p, params, c, &moves),
			 message_filled(p, params->stay ? MSG_RECEIPT_BACK : MSG_GO_TO, params->stay ? NULL : fills));
}

static struct str agreement_link(const struct page *p, const struct consent *c)
{
	if (c->status != ST_ACCEPTED && c->status != ST_REVOKED)
		return STR_NONE;
	return view_str(p->a, "withdraw_link.html", p->lang,
			FILLS({ "href", details_address(p->a, c->id) }, { "text", msg(MSG_SEE_ENDED, p->lang) }), NULL);
}

static bool is_own(const struct page *p, const struct consent *c)
{
	return uuid_eq(c->from_uuid, req_caller(p->req)->person.party);
}

/* ---- the page ---- */

static struct str open_html(const struct page *p, const struct consent_view *view, const struct consent *c)
{
	struct buf b = BUF(p->a);
	consent_view_html(&b, view, c);
	return view_str(p->a, "agreement.html", p->lang, NULL, FILLS({ "html", buf_str(&b) }));
}

/* What was asked, in the past tense. */
static struct str past_html(const struct page *p, const struct consent_view *view, const struct fill *fills)
{
	return view_str(p->a, "asked.html", p->lang, NULL, FILLS({ "agreement", consent_asked(p, view, fills) }));
}

static enum rc send_consent(struct page *p, const struct consent_params *params, const struct consent *c,
			    const struct consent_view *view, const struct consent_state *crossed)
{
	const struct consent_state *state = crossed ? crossed : consent_state_of(c);
	const struct fill *fills = consent_fills(p, c, view);
	struct str back = params->back.p ? back_link(p, params->back) : STR_NONE;
	struct str alert = STR_NONE, agreement, answer;
	if (state) {
		alert = consent_state_html(p, "alert.html", state, view->is_poa, fills);
		agreement = past_html(p, view, fills);
		answer = arena_fmt(p->a, "%.*s%.*s", STR_FMT(next_link(p, params, c, fills)),
				   STR_FMT(agreement_link(p, c)));
	} else {
		agreement = open_html(p, view, c);
		answer = answer_form(p, params, c, view, fills);
	}
	struct str title_lang = language_mark(p->a, p->lang, view->title.lang);
	struct str main = view_str(p->a, "consent.html", p->lang, FILLS({ "title", view->title.text }),
				   FILLS({ "back", back }, { "title_lang", title_lang }, { "alert", alert },
					 { "facts", consent_facts(p, c, view) }, { "agreement", agreement },
					 { "answer", answer }));
	return page_send(p, crossed ? 409 : 200, msg(MSG_PAGE_TITLE, p->lang), main);
}

/* The details page of an answered request shows the texts that were kept with the answer. */
static enum rc texts_gone(struct page *p, const struct consent_params *params, const struct consent *c)
{
	if (c->status == ST_CREATED)
		return notice_load_error(p, params, false);
	return page_redirect(p->res, 303, details_address(p->a, params->id));
}

static enum rc show(struct page *p, const struct consent_params *params, const struct consent *c,
		    const struct consent_state *crossed)
{
	struct consent_view view;
	enum rc rc = consent_view_load(req_web(p->req)->consents, p->a, c, p->lang, &view);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE)
		return texts_gone(p, params, c);
	TRY(rc);
	if (is_own(p, c) && view.from_name.n)
		p->user = view.from_name;
	TRY(page_user(p));
	return send_consent(p, params, c, &view, crossed);
}

static enum rc open_and_show(struct page *p, const struct consent_params *params, const struct consent_state *crossed)
{
	struct consent_service *consents = req_web(p->req)->consents;
	const struct person_caller *person = &req_caller(p->req)->person;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	enum rc rc = consent_open_page(consents, p->a, params->id, person, &c, &problems);
	if (rc == RC_NOT_FOUND)
		return notice_not_found(p, params);
	if (rc == RC_DENIED && consent_orphaned(consents, p->a, params->id, person, &c))
		return texts_gone(p, params, c);
	if (rc == RC_DENIED)
		return notice_denied(p, &problems);
	TRY(rc);
	consent_opened(consents, p->a, c);
	return show(p, params, c, crossed);
}

enum rc consent_page_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct consent_params params;
	struct page p = page_of(req, res);
	if (http_query(req, &query) != RC_OK || consent_params_read(query, &params) != RC_OK)
		return notice_bad_id(&p);
	p.here = consent_address(p.a, &params);
	TRY(login_require(&p));
	return open_and_show(&p, &params, NULL);
}

/* ---- the answer ---- */

/* [is_poa][approved] */
static const struct {
	enum msg heading;
	enum msg body;
} receipts[2][2] = {
	{ { MSG_REJECTED_HEADER, MSG_REJECTED_BODY }, { MSG_RECEIPT_HEADER, MSG_RECEIPT_BODY } },
	{ { MSG_REJECTED_HEADER, MSG_REJECTED_BODY_POA }, { MSG_RECEIPT_HEADER_POA, MSG_RECEIPT_BODY_POA } },
};

/* The page after an answer: it stays, or moves on to log out and go back to the requester. */
static enum rc send_receipt(struct page *p, const struct consent_params *params, const struct consent *c, bool approved)
{
	struct consent_view view;
	enum rc rc = consent_view_load(req_web(p->req)->consents, p->a, c, p->lang, &view);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE) /* the answer counts although the texts are gone by now */
		view = (struct consent_view){ .lang = p->lang,
					      .to_orgno = c->to.kind == URN_ORG ? c->to.value : STR_NONE };
	else
		TRY(rc);
	const struct fill *fills = consent_fills(p, c, &view);
	if (is_own(p, c) && view.from_name.n)
		p->user = view.from_name;
	TRY(page_user(p));
	bool moves;
	struct notice n = { .status = 200,
			    .heading = receipts[view.is_poa][approved].heading,
			    .body = receipts[view.is_poa][approved].body,
			    .fills = fills,
			    .href = next_address(p, params, c, &moves),
			    .link = params->stay ? MSG_RECEIPT_BACK : MSG_GO_TO,
			    .link_fills = fills };
	if (moves)
		p->refresh = n.href;
	if (approved && params->stay)
		n.more = receipt_link(p, c->id);
	return notice_send(p, &n);
}

static bool decision_parse(const struct pair *form, enum consent_status *out)
{
	const struct pair *field = pair_get(form, "decision");
	if (!field)
		return false;
	*out = str_is(field->value, "approve") ? ST_ACCEPTED : ST_REJECTED;
	return str_is(field->value, "approve") || str_is(field->value, "reject");
}

static enum rc decide(struct page *p, const struct consent_params *params, enum consent_status decision)
{
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	assert(decision == ST_ACCEPTED || decision == ST_REJECTED);
	enum rc rc = consent_decide(req_web(p->req)->consents, p->a, params->id, &req_caller(p->req)->person, decision,
				    str_of(lang_code(p->lang)), &c, &problems);
	if (rc == RC_OK) {
		gate_note_decision(p->res, c, decision);
		return send_receipt(p, params, c, decision == ST_ACCEPTED);
	}
	if (rc == RC_INVALID || rc == RC_DENIED || rc == RC_NOT_FOUND)
		return open_and_show(p, params, consent_state_crossed(&problems, decision));
	return rc == RC_UNCERTAIN ? notice_uncertain(p, decision) : rc;
}

enum rc consent_page_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct consent_params params;
	enum consent_status decision;
	struct page p = page_of(req, res);
	if (http_form(req, &form) != RC_OK || consent_params_read(form, &params) != RC_OK)
		return notice_bad_id(&p);
	p.here = consent_address(p.a, &params);
	if (!req_caller(req))
		return notice_session_lost(&p);
	if (!decision_parse(form, &decision))
		return notice_form_stale(&p);
	const struct pair *language = pair_get(form, "language");
	if (pair_count(form, "language") > 1 || (language && lang_parse_shipped(language->value, &p.lang) != RC_OK))
		return notice_form_stale(&p);
	if (!session_fresh(req))
		return notice_login_old(&p);
	return decide(&p, &params, decision);
}
