#include "page/question.h"

#include <assert.h>

#include "base/url.h"
#include "page/consent_notices.h"
#include "page/language.h"
#include "page/notice.h"
#include "page/view.h"
#include "registry/redirects.h"

/* ---- parts ---- */

static struct str answer_form(const struct page *p, const struct question *q, const struct consent *c,
			      const struct consent_view *view, const struct fill *fills)
{
	const struct consent_params *params = &q->params;
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
			      { "backtopage", params->back }, { "action", str_of(q->action) }),
			FILLS({ "fields", q->fields }));
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

static enum rc send_consent(struct page *p, const struct question *q, const struct consent *c,
			    const struct consent_view *view, const struct consent_state *crossed)
{
	const struct consent_params *params = &q->params;
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
		answer = answer_form(p, q, c, view, fills);
	}
	struct str title_lang = language_mark(p->a, p->lang, view->title.lang);
	struct str main = view_str(p->a, "consent.html", p->lang, FILLS({ "title", view->title.text }),
				   FILLS({ "back", back }, { "title_lang", title_lang }, { "alert", alert },
					 { "facts", consent_facts(p, c, view) }, { "agreement", agreement },
					 { "answer", answer }));
	return page_send(p, crossed ? 409 : 200, msg(MSG_PAGE_TITLE, p->lang), main);
}

/* The details page of an answered request shows the texts that were kept with the answer. */
enum rc question_texts_gone(struct page *p, const struct consent_params *params, const struct consent *c)
{
	if (c->status == ST_CREATED)
		return notice_load_error(p, params, false);
	return page_redirect(p->res, 303, details_address(p->a, params->id));
}

enum rc question_send(struct page *p, const struct question *q, const struct consent *c,
		      const struct consent_state *crossed)
{
	struct consent_view view;
	enum rc rc = consent_view_load(req_site(p->req)->consents, p->a, c, p->lang, &view);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE)
		return question_texts_gone(p, &q->params, c);
	TRY(rc);
	if (is_own(p, c) && view.from_name.n)
		p->user = view.from_name;
	TRY(page_user(p));
	return send_consent(p, q, c, &view, crossed);
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

enum rc question_answered(struct page *p, const struct consent_params *params, const struct consent *c, bool approved)
{
	struct consent_view view;
	enum rc rc = consent_view_load(req_site(p->req)->consents, p->a, c, p->lang, &view);
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

bool question_decision(const struct pair *form, enum consent_status *out)
{
	const struct pair *field = pair_get(form, "decision");
	if (!field)
		return false;
	*out = str_is(field->value, "approve") ? ST_ACCEPTED : ST_REJECTED;
	return str_is(field->value, "approve") || str_is(field->value, "reject");
}
