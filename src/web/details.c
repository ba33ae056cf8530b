#include "web/consent_state.h"

#include "base/clock.h"
#include "domain/trail.h"

static const struct consent_state active = { "success", MSG_STATUS_ACTIVE, MSG_STATUS_ACTIVE_POA, MSG_APPROVED_SINCE };
static const struct consent_state withdrawn = { "success", MSG_ALREADY_REVOKED, MSG_ALREADY_REVOKED_POA,
						MSG_WITHDRAWN_BODY };
static const struct consent_state nothing = { "danger", MSG_WITHDRAW_ERROR, MSG_WITHDRAW_ERROR_POA,
					      MSG_WITHDRAW_NOTHING };

/* One call about one agreement. */
struct look {
	struct page p;
	struct visit v;
	bool done; /* it was withdrawn a moment ago */
	struct consent *c;
	struct shown s;
	struct str frozen; /* HTML: in place of texts that are gone; absent: they are there */
};

struct str details_address(struct arena *a, struct uuid id)
{
	return arena_fmt(a, PATH_DETAILS "?id=%.*s", STR_FMT(uuid_str(a, id)));
}

static struct str withdraw_address(struct arena *a, struct uuid id)
{
	return arena_fmt(a, PATH_WITHDRAW "?id=%.*s", STR_FMT(uuid_str(a, id)));
}

static enum rc see_other(struct page *p, struct str to)
{
	page_headers(p->res);
	http_redirect(p->res, 303, to);
	return RC_OK;
}

static bool is_answerable(const struct consent *c)
{
	return c->status == ST_CREATED && !consent_expired(c);
}

/* ---- what is shown ---- */

static enum rc frozen_load(struct look *k)
{
	const struct js *o, *html, *lang;
	struct str json;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_app(k->p.req)->domain.store, false, &r));
	TRY(consents_shown(r, k->p.a, k->c->id, &json));
	if (!json.n || js_parse(k->p.a, json, NULL, &o, NULL) != RC_OK)
		return RC_NOT_FOUND;
	html = js_get(o, "html");
	lang = js_get(o, "language");
	if (!html || !lang || html->type != JS_STRING || lang->type != JS_STRING)
		return RC_NOT_FOUND;
	k->frozen = view_str(k->p.a, "frozen.html", k->p.lang, FILLS({ "lang", lang->s }), FILLS({ "html", html->s }));
	return RC_OK;
}

/* Texts that are gone must not keep anybody from withdrawing: what was frozen with the acceptance stands in. */
static enum rc texts_load(struct look *k)
{
	struct page *p = &k->p;
	enum rc rc = consent_shown(&req_app(p->req)->domain, p->a, k->c, p->lang, &k->s);
	if (rc != RC_NOT_FOUND && rc != RC_TOO_LARGE)
		return rc;
	k->s = (struct shown){ .lang = p->lang };
	k->s.title = k->s.title_accepted = msg(MSG_AGREEMENTS, p->lang);
	if (k->c->to.kind == URN_ORG)
		k->s.to_orgno = k->c->to.value;
	return frozen_load(k);
}

/* RC_OK and *allowed_out false: another page has been sent. */
static enum rc look_allow(struct look *k, bool *allowed_out)
{
	struct page *p = &k->p;
	struct domain *d = &req_app(p->req)->domain;
	const struct person_caller *who = &req_caller(p->req)->person;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	*allowed_out = false;
	enum rc rc = consent_details(d, p->a, k->v.id, who, &c, &problems);
	if (rc == RC_NOT_FOUND)
		return state_not_found(p, &k->v);
	if (rc == RC_DENIED)
		return state_denied(p, &problems);
	TRY(rc);
	int64_t need = state_level_needed(d, c);
	if (who->level < need)
		return state_low_level(p, need, who->level);
	k->c = c;
	*allowed_out = true;
	return RC_OK;
}

/* RC_OK and *shown_out false: another page has been sent. */
static enum rc look_open(struct look *k, bool *shown_out)
{
	struct page *p = &k->p;
	bool allowed;
	*shown_out = false;
	TRY(look_allow(k, &allowed));
	if (!allowed)
		return RC_OK;
	if (is_answerable(k->c))
		return see_other(p, visit_address(p->a, &k->v));
	TRY(page_user(p));
	enum rc rc = texts_load(k);
	if (rc == RC_NOT_FOUND)
		return state_load_error(p, &k->v);
	TRY(rc);
	*shown_out = true;
	return RC_OK;
}

static struct str requester(const struct look *k)
{
	return k->s.to_name.n || !k->s.to_orgno.n ? party_name(&k->p, k->s.to_name) : k->s.to_orgno;
}

static struct str status(const struct look *k, const struct consent_state *st)
{
	char answered[TEXT_DATE_MAX], until[TEXT_DATE_MAX], used[TEXT_DATE_MAX];
	const struct page *p = &k->p;
	const struct fill *names =
		FILLS({ "to", requester(k) }, { "date", text_datetime(k->c->answered, answered) },
		      { "until", text_datetime(k->c->valid_to, until) }, { "used", text_datetime(k->c->used, used) });
	struct str body = view_str(p->a, "paragraph.html", p->lang,
				   FILLS({ "text", text_filled(p->a, msg(st->body, p->lang), names) }), NULL);
	return view_str(p->a, "status.html", p->lang,
			FILLS({ "kind", str_of(st->kind) },
			      { "heading", msg(k->s.is_poa ? st->heading_poa : st->heading, p->lang) }),
			FILLS({ "body", body }));
}

/* By oneself, or by somebody who is named. */
static const enum msg told[LOGGED__MAX][2] = {
	[LOGGED_CREATED] = { MSG_EVENT_CREATED, MSG_EVENT_CREATED },
	[LOGGED_REJECTED] = { MSG_EVENT_REJECTED, MSG_EVENT_REJECTED_BY },
	[LOGGED_ACCEPTED] = { MSG_EVENT_ACCEPTED, MSG_EVENT_ACCEPTED_BY },
	[LOGGED_REVOKED] = { MSG_EVENT_REVOKED, MSG_EVENT_REVOKED_BY },
	[LOGGED_DELETED] = { MSG_EVENT_DELETED, MSG_EVENT_DELETED },
	[LOGGED_EXPIRED] = { MSG_EVENT_EXPIRED, MSG_EVENT_EXPIRED },
	[LOGGED_USED] = { MSG_EVENT_USED, MSG_EVENT_USED },
	[LOGGED_TOKEN] = { MSG_LOG_TOKEN_BY, MSG_LOG_TOKEN_BY },
};

static struct str told_text(const struct look *k, const struct log_entry *e)
{
	const struct page *p = &k->p;
	bool other = !uuid_eq(e->event.performed_by_uuid, req_caller(p->req)->person.party);
	struct buf b = BUF(p->a);
	buf_add(&b, text_filled(p->a, msg(told[e->kind][other], p->lang),
				FILLS({ "by", doer_name(p, e->by_name, e->by_orgno) }, { "to", requester(k) },
				      { "what", e->about })));
	if (e->reference.n) {
		buf_c(&b, ' ');
		buf_add(&b, text_filled(p->a, msg(MSG_LOG_REFERENCE, p->lang), FILLS({ "reference", e->reference })));
	}
	return buf_str(&b);
}

static enum rc events(const struct look *k, struct str *out)
{
	struct buf b = BUF(k->p.a);
	struct log_entry *entries;
	size_t n;
	bool over = k->c->status != ST_ACCEPTED && k->c->status != ST_CREATED;
	TRY(consent_story(&req_app(k->p.req)->domain, k->p.a, k->c, k->p.lang, &entries, &n));
	for (size_t i = 0; i < n; i++) {
		const struct log_entry *e = &entries[i];
		if (e->kind == LOGGED_EXPIRED && over)
			continue;
		view(&b, "event.html", k->p.lang, FILLS({ "what", told_text(k, e) }),
		     FILLS({ "when", time_html(&k->p, e->at) }));
	}
	*out = buf_str(&b);
	return RC_OK;
}

static struct str overview_of(const struct look *k)
{
	if (uuid_eq(k->c->from_uuid, req_caller(k->p.req)->person.party))
		return STR(PATH_OVERVIEW);
	return arena_fmt(k->p.a, PATH_OVERVIEW "?party=%.*s", STR_FMT(uuid_str(k->p.a, k->c->from_uuid)));
}

static struct str agreement(const struct look *k, bool accepted)
{
	if (k->frozen.p)
		return k->frozen;
	struct buf b = BUF(k->p.a);
	if (accepted)
		shown_accepted_html(&b, &k->s, k->c);
	else
		shown_html(&b, &k->s, k->c);
	return buf_str(&b);
}

static struct str back_to(const struct page *p, struct str href)
{
	return view_str(p->a, "back.html", p->lang, FILLS({ "href", href }), NULL);
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
	const struct consent_state *st = refused ? refused : consent_active(k->c) ? &active : state_of(k->c);
	if (k->done && k->c->status == ST_REVOKED)
		st = &withdrawn;
	struct str title = accepted ? k->s.title_accepted : k->s.title, history;
	TRY(events(k, &history));
	struct str main =
		view_str(p->a, "details.html", p->lang,
			 FILLS({ "title", title }, { "agreed", msg(accepted ? MSG_AGREED : MSG_ASKED, p->lang) }),
			 FILLS({ "back", back_to(p, overview_of(k)) }, { "status", status(k, st) },
			       { "withdraw", withdraw_link(k) }, { "facts", consent_facts(p, &k->s) },
			       { "agreement", agreement(k, accepted) }, { "events", history }));
	page_send(p, refused ? 409 : 200, title, main);
	return RC_OK;
}

/* ---- the pages ---- */

static enum rc look_read(struct look *k, struct http_req *req, struct http_res *res, const struct pair *pairs)
{
	*k = (struct look){ .p = page_of(req, res) };
	TRY(uuid_parse(pair_get(pairs, "id") ? pair_get(pairs, "id")->value : STR_NONE, &k->v.id));
	k->v.stay = true;
	k->v.back = STR(PATH_OVERVIEW);
	k->done = pair_get(pairs, "done") != NULL;
	return RC_OK;
}

/* RC_OK and *shown_out false: another page has been sent. */
static enum rc look_get(struct look *k, struct http_req *req, struct http_res *res, bool *shown_out)
{
	const struct pair *query;
	*k = (struct look){ .p = page_of(req, res) };
	*shown_out = false;
	if (http_query(req, &query) != RC_OK || look_read(k, req, res, query) != RC_OK)
		return state_bad_id(&k->p);
	if (!req_caller(req))
		return address_login(&k->p);
	return look_open(k, shown_out);
}

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
		buf_add(&what, k->s.rights[i].title);
	}
	consent_fact(&k->p, &b, MSG_GIVEN_TO, party_name(&k->p, k->s.to_name), k->s.to_orgno);
	if (what.n)
		consent_fact(&k->p, &b, MSG_WITHDRAW_ABOUT, buf_str(&what), STR_NONE);
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
	const struct fill *to = FILLS({ "to", requester(&k) });
	struct str heading = msg(poa ? MSG_WITHDRAW_SURE_POA : MSG_WITHDRAW_SURE, p->lang);
	struct str after = text_filled(p->a, msg(poa ? MSG_WITHDRAW_AFTER_POA : MSG_WITHDRAW_AFTER, p->lang), to);
	struct str before = text_filled(p->a, msg(poa ? MSG_WITHDRAW_BEFORE_POA : MSG_WITHDRAW_BEFORE, p->lang), to);
	struct str main = view_str(p->a, "withdraw.html", p->lang,
				   FILLS({ "heading", heading }, { "after", after }, { "before", before },
					 { "final", text_filled(p->a, msg(MSG_WITHDRAW_FINAL, p->lang), to) },
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
	enum rc rc = consent_decide(&req_app(req)->domain, p->a, k.v.id, &req_caller(req)->person, ST_REVOKED,
				    str_of(lang_code(p->lang)), &c, &problems);
	if (rc == RC_OK)
		return see_other(p, arena_fmt(p->a, "%.*s&done=1", STR_FMT(p->here)));
	if (rc != RC_INVALID && rc != RC_DENIED && rc != RC_NOT_FOUND)
		return rc;
	TRY(look_open(&k, &shown));
	return shown ? send_details(&k, &nothing) : RC_OK;
}
