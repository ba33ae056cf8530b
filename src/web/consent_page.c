#include "web/consent_state_internal.h"

#include "base/clock.h"
#include "web/agreement_internal.h"

/* ---- parts ---- */

void consent_fact_html(const struct page *p, struct buf *b, enum msg name, struct str html, struct str orgno)
{
	struct str number = STR_NONE;
	if (orgno.p)
		number = view_str(p->a, "orgno.html", p->lang, FILLS({ "orgno", text_orgno(p->a, orgno) }), NULL);
	view(b, "fact.html", p->lang, FILLS({ "name", msg(name, p->lang) }),
	     FILLS({ "value", html }, { "number", number }));
}

void consent_fact(const struct page *p, struct buf *b, enum msg name, struct str value, struct str orgno)
{
	struct buf html = BUF(p->a);
	buf_html(&html, value);
	consent_fact_html(p, b, name, buf_str(&html), orgno);
}

struct str party_name(const struct page *p, struct str name)
{
	return name.n ? name : msg(MSG_NAME_UNKNOWN, p->lang);
}

struct str requester_name(const struct page *p, const struct consent_view *s)
{
	return s->to_name.n || !s->to_orgno.n ? party_name(p, s->to_name) : s->to_orgno;
}

static struct str time_text(struct arena *a, int64_t us)
{
	char text[TEXT_DATE_MAX];
	return us ? arena_str(a, text_datetime(us, text)) : STR_NONE;
}

const struct fill *consent_fills(const struct page *p, const struct consent *c, const struct consent_view *s)
{
	const struct fill from[] = { { "from", party_name(p, s->from_name) }, { 0 } };
	bool own = uuid_eq(c->from_uuid, req_caller(p->req)->person.party);
	struct fill *f = arena_array(p->a, struct fill, 6);
	f[0] = (struct fill){ "to", requester_name(p, s) };
	f[1] = (struct fill){ "date", time_text(p->a, c->answered) };
	f[2] = (struct fill){ "until", time_text(p->a, c->valid_to) };
	f[3] = (struct fill){ "used", time_text(p->a, c->used) };
	f[4] = (struct fill){ "behalf", text_filled(p->a, msg(own ? MSG_FOR_YOU : MSG_FOR_PARTY, p->lang), from) };
	f[5] = (struct fill){ 0 };
	return f;
}

/* Each data source once, in the order of the rights. */
static struct str owners(const struct page *p, const struct consent_view *s)
{
	struct buf b = BUF(p->a);
	for (size_t i = 0; i < s->n_rights; i++) {
		const struct localized *name = &s->rights[i].owner_name;
		size_t k = 0;
		while (k < i && !str_eq(s->rights[k].owner_name.text, name->text))
			k++;
		if (k < i || !name->text.n)
			continue;
		if (b.n)
			buf_lit(&b, ", ");
		put_localized(p, &b, name);
	}
	return buf_str(&b);
}

struct str consent_facts(const struct page *p, const struct consent_view *s)
{
	struct buf b = BUF(p->a);
	struct str from = owners(p, s);
	consent_fact(p, &b, MSG_ASKED_BY, party_name(p, s->to_name), s->to_orgno);
	if (s->handler_orgno.p)
		consent_fact(p, &b, MSG_HANDLED_THROUGH, party_name(p, s->handler_name), s->handler_orgno);
	if (from.n)
		consent_fact_html(p, &b, s->is_poa ? MSG_SERVICE_OWNER : MSG_COLLECTED_FROM, from, STR_NONE);
	consent_fact(p, &b, MSG_ON_BEHALF, party_name(p, s->from_name), s->from_orgno);
	consent_fact(p, &b, MSG_SIGNED_IN, p->user, STR_NONE);
	return buf_str(&b);
}

static struct str answer_form(const struct page *p, const struct visit *v, const struct consent_view *s,
			      const struct fill *names)
{
	enum lang l = p->lang;
	struct str yes = text_filled(p->a, msg(s->is_poa ? MSG_NEXT_YES_POA : MSG_NEXT_YES, l), names);
	struct str no = text_filled(p->a, msg(s->is_poa ? MSG_NEXT_NO_POA : MSG_NEXT_NO, l), names);
	struct str after = text_filled(p->a, msg(v->stay ? MSG_NEXT_STAY : MSG_NEXT_RETURN, l), names);
	return view_str(p->a, "answer.html", l,
			FILLS({ "yes", yes }, { "no", no }, { "after", after },
			      { "withdraw", msg(s->is_poa ? MSG_NEXT_WITHDRAW_POA : MSG_NEXT_WITHDRAW, l) },
			      { "approve", msg(s->is_poa ? MSG_APPROVE_POA : MSG_APPROVE_CONSENT, l) },
			      { "reject", msg(s->is_poa ? MSG_REJECT_POA : MSG_REJECT_CONSENT, l) },
			      { "csrf", p->csrf }, { "id", uuid_str(p->a, v->id) }, { "lang", str_of(lang_code(l)) },
			      { "skiplogout", v->stay ? STR("true") : STR_NONE }, { "backtopage", v->back }),
			NULL);
}

/* Out of an answered request: back to where the person came from. */
static struct str way_on(const struct page *p, const struct visit *v, const struct fill *names)
{
	struct str text = v->stay ? msg(MSG_RECEIPT_BACK, p->lang) : text_filled(p->a, msg(MSG_GO_TO, p->lang), names);
	struct str href = v->stay ? visit_back(v) : visit_leave(p->a, v);
	return view_str(p->a, "link.html", p->lang, FILLS({ "href", href }, { "text", text }), NULL);
}

static struct str alert(const struct page *p, const struct consent_state *st, bool is_poa, const struct fill *names)
{
	struct str body = STR_NONE;
	if (st->body != MSG__MAX)
		body = view_str(p->a, "paragraph.html", p->lang,
				FILLS({ "text", text_filled(p->a, msg(st->body, p->lang), names) }), NULL);
	return view_str(p->a, "alert.html", p->lang,
			FILLS({ "kind", str_of(st->kind) },
			      { "heading", msg(is_poa ? st->heading_poa : st->heading, p->lang) }),
			FILLS({ "body", body }));
}

/* ---- the page ---- */

static enum rc send_consent(struct page *p, const struct visit *v, const struct consent *c,
			    const struct consent_view *s, const struct consent_state *crossed)
{
	const struct consent_state *st = crossed ? crossed : state_of(c);
	const struct fill *names = consent_fills(p, c, s);
	struct buf agreement = BUF(p->a);
	consent_view_html(&agreement, s, c);
	struct str back = STR_NONE;
	if (v->back.p)
		back = back_to(p, v->back);
	struct str main = view_str(p->a, "consent.html", p->lang, FILLS({ "title", s->title.text }),
				   FILLS({ "back", back }, { "title_lang", language_mark(p, s->title.lang) },
					 { "alert", st ? alert(p, st, s->is_poa, names) : STR_NONE },
					 { "facts", consent_facts(p, s) }, { "agreement", buf_str(&agreement) },
					 { "answer", st ? way_on(p, v, names) : answer_form(p, v, s, names) }));
	page_send(p, crossed ? 409 : 200, msg(MSG_PAGE_TITLE, p->lang), main);
	return RC_OK;
}

/* What was answered is shown by its details as it was seen then. */
static enum rc texts_gone(struct page *p, const struct visit *v, const struct consent *c)
{
	return c->status == ST_CREATED ? state_load_error(p, v, false) : see_other(p, details_address(p->a, v->id));
}

static enum rc show(struct page *p, const struct visit *v, const struct consent *c, const struct consent_state *crossed)
{
	struct consent_service *d = req_web(p->req)->consents;
	struct consent_view s;
	enum rc rc = consent_view_load(d, p->a, c, p->lang, &s);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE)
		return texts_gone(p, v, c);
	TRY(rc);
	if (uuid_eq(c->from_uuid, req_caller(p->req)->person.party) && s.from_name.n)
		p->user = s.from_name;
	TRY(page_user(p));
	return send_consent(p, v, c, &s, crossed);
}

static enum rc open_and_show(struct page *p, const struct visit *v, const struct consent_state *crossed)
{
	struct consent_service *d = req_web(p->req)->consents;
	const struct person_caller *who = &req_caller(p->req)->person;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	bool high;
	enum rc rc = consent_open(d, p->a, v->id, who, &c, &problems);
	if (rc == RC_NOT_FOUND)
		return state_not_found(p, v);
	if (rc == RC_DENIED && consent_orphaned(d, p->a, v->id, who, &c))
		return texts_gone(p, v, c);
	if (rc == RC_DENIED)
		return state_denied(p, &problems);
	TRY(rc);
	TRY(state_level(p, c, &high));
	return high ? show(p, v, c, crossed) : RC_OK;
}

enum rc consent_page_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct visit v;
	struct page p = page_of(req, res);
	if (http_query(req, &query) != RC_OK || visit_read(query, &v) != RC_OK)
		return state_bad_id(&p);
	p.here = visit_address(p.a, &v);
	if (!req_caller(req))
		return address_login(&p);
	return open_and_show(&p, &v, NULL);
}

/* ---- the answer ---- */

/* The page after an answer: a receipt that stays, or one that moves on to log out and go back. */
static enum rc send_receipt(struct page *p, const struct visit *v, const struct consent *c, bool approved)
{
	struct consent_view s;
	enum rc rc = consent_view_load(req_web(p->req)->consents, p->a, c, p->lang, &s);
	if (rc == RC_NOT_FOUND || rc == RC_TOO_LARGE) /* the answer counts, whatever has become of the texts since */
		s = (struct consent_view){ .lang = p->lang };
	else
		TRY(rc);
	const struct fill *names = consent_fills(p, c, &s);
	enum msg heading = approved ? MSG_RECEIPT_HEADER : MSG_REJECTED_HEADER;
	enum msg body = approved ? MSG_RECEIPT_BODY : MSG_REJECTED_BODY;
	if (s.is_poa) {
		heading = approved ? MSG_RECEIPT_HEADER_POA : MSG_REJECTED_HEADER_POA;
		body = approved ? MSG_RECEIPT_BODY_POA : MSG_REJECTED_BODY_POA;
	}
	if (uuid_eq(c->from_uuid, req_caller(p->req)->person.party))
		p->user = s.from_name;
	TRY(page_user(p));
	struct notice n = { .status = 200, .heading = heading, .body = body, .fills = names, .link_fills = names };
	n.link = v->stay ? MSG_RECEIPT_BACK : MSG_GO_TO;
	n.href = v->stay ? visit_back(v) : visit_leave(p->a, v);
	if (!v->stay)
		p->refresh = n.href;
	if (approved && v->stay)
		n.more = receipt_link(p, c->id);
	return notice_send(p, &n);
}

static bool decision_parse(const struct pair *form, enum consent_status *out)
{
	const struct pair *field = pair_get(form, "decision");
	if (!field || pair_count(form, "decision") != 1)
		return false;
	*out = str_is(field->value, "approve") ? ST_ACCEPTED : ST_REJECTED;
	return str_is(field->value, "approve") || str_is(field->value, "reject");
}

static enum rc decide(struct page *p, const struct visit *v, enum consent_status to)
{
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	enum rc rc = consent_decide(req_web(p->req)->consents, p->a, v->id, &req_caller(p->req)->person, to,
				    str_of(lang_code(p->lang)), &c, &problems);
	if (rc == RC_OK)
		return send_receipt(p, v, c, to == ST_ACCEPTED);
	if (rc == RC_INVALID || rc == RC_DENIED || rc == RC_NOT_FOUND)
		return open_and_show(p, v, state_crossed(&problems, to));
	return state_unsure(p, rc) ? state_uncertain(p, to) : rc;
}

enum rc consent_page_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct visit v;
	enum consent_status to;
	struct page p = page_of(req, res);
	if (http_form(req, &form) != RC_OK || visit_read(form, &v) != RC_OK)
		return state_bad_id(&p);
	p.here = visit_address(p.a, &v);
	if (!req_caller(req))
		return state_session_lost(&p);
	if (!decision_parse(form, &to))
		return state_form_stale(&p);
	const struct pair *language = pair_get(form, "language");
	if (language && lang_parse_shipped(language->value, &p.lang) != RC_OK)
		return state_form_stale(&p);
	if (!session_fresh(req))
		return state_login_old(&p);
	return decide(&p, &v, to);
}
