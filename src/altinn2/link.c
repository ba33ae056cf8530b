#include "altinn2/altinn2.h"
#include "altinn2/link_internal.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/url.h"
#include "consent/draft.h"
#include "page/consent_notices.h"
#include "page/language.h"
#include "page/login_guard.h"
#include "page/notice.h"
#include "page/parts.h"
#include "page/question.h"
#include "page/view.h"

/* One link on its way. */
struct visit {
	struct page p;
	struct str query;
	struct link link;
	struct link_error error;
	struct draft draft;
	struct consent *c; /* not stored yet */
};

/* ---- what is wrong ---- */

// clang-format off
static const struct {
	int status;
	enum msg body;
	const char *why;
} faults[] = {
	[LINK_UNREADABLE] = { 400, MSG_LINK_UNREADABLE, "the link is too long or cannot be read" },
	[LINK_TWICE]      = { 400, MSG_LINK_TWICE,      "the link has a parameter twice" },
	[LINK_MISSING]    = { 400, MSG_LINK_MISSING,    "the link lacks a parameter" },
	[LINK_VALUE]      = { 400, MSG_LINK_VALUE,      "the link has a value that is not valid" },
	[LINK_SERVICE]    = { 400, MSG_LINK_SERVICE,    "the link asks for an unknown service" },
	[LINK_CONSUMER]   = { 403, MSG_LINK_CONSUMER,   "the consumer may not ask for the service" },
	[LINK_TEMPLATE]   = { 400, MSG_LINK_TEMPLATE,   "the service's template cannot be used by a link" },
	[LINK_REDIRECT]   = { 400, MSG_LINK_REDIRECT,   "the redirect address is not allowed" },
	[LINK_TIME]       = { 400, MSG_LINK_TIME,       "the end is over or too far away" },
};
// clang-format on

/* spec altinn2.md section 5: what was wrong and when, percent-encoded twice. */
static struct str outcome(struct arena *a, const struct link_error *error)
{
	char time[CLOCK_TEXT_MAX];
	struct buf once = BUF(a), twice = BUF(a);
	struct str text = arena_fmt(a, "%s (%.*s) %.*s", faults[error->fault].why, STR_FMT(error->name),
				    STR_FMT(clock_text(clock_now() - clock_now() % CLOCK_SECOND, time)));
	buf_lit(&twice, "Status=Failed&ErrorMessage=");
	buf_url(&once, text);
	buf_url(&twice, buf_str(&once));
	return buf_str(&twice);
}

static enum rc fault_send(struct visit *v)
{
	struct page *p = &v->p;
	enum link_fault fault = v->error.fault;
	struct notice n = { .status = faults[fault].status, .heading = MSG_LINK_BAD, .body = faults[fault].body };
	http_why(p->res, faults[fault].why);
	TRY(page_user(p));
	n.fills = FILLS({ "name", v->error.name });
	n.link_fills = FILLS({ "to", text_orgno(p->a, v->link.covered_by) });
	if (link_may_return(p->a, req_site(p->req)->consents, &v->link)) {
		n.href = redirect_with(p->a, v->link.redirect, outcome(p->a, &v->error));
		n.link = MSG_GO_TO;
	}
	return notice_send(p, &n);
}

/* ---- the link ---- */

static struct str here_of(struct visit *v)
{
	struct buf b = BUF(v->p.a);
	buf_lit(&b, PATH_LINK "?");
	buf_add(&b, v->query);
	if (!pair_get(v->link.pairs, LINK_CHOSEN))
		buf_lit(&b, "&" LINK_CHOSEN "=1");
	return buf_str(&b);
}

static bool fits(struct arena *a, struct str query)
{
	struct buf encoded = BUF(a);
	buf_url(&encoded, query);
	return query.n <= LINK_MAX && encoded.n <= LINK_MAX_ENCODED - 100;
}

/* The link's language, until the person chooses another one on the page. */
static enum lang language(const struct visit *v)
{
	enum lang chosen;
	bool has_chosen = pair_get(v->link.pairs, LINK_CHOSEN) &&
			  language_code_parse(http_cookie(v->p.req, "selectedLanguage"), &chosen);
	return v->link.has_lang && !has_chosen ? v->link.lang : language_of(v->p.req);
}

static enum rc visit_read(struct visit *v, struct str query)
{
	struct page *p = &v->p;
	v->query = query;
	if (!fits(p->a, query)) {
		v->error = (struct link_error){ .fault = LINK_UNREADABLE };
		return fault_send(v);
	}
	enum rc rc = link_read(p->a, query, &v->link, &v->error);
	if (v->error.fault != LINK_UNREADABLE)
		p->lang = language(v);
	struct str here = here_of(v);
	if (address_is_local(here))
		p->here = here;
	else if (rc == RC_OK) {
		v->error.fault = LINK_UNREADABLE;
		return fault_send(v);
	}
	return rc == RC_OK ? RC_OK : fault_send(v);
}

static enum rc draft(struct visit *v, const struct party *giver, struct uuid id)
{
	struct page *p = &v->p;
	const struct link_order order = {
		.consents = req_site(p->req)->consents, .link = &v->link, .id = id, .lang = p->lang, .giver = giver
	};
	enum rc rc = link_draft(p->a, &order, &v->draft, &v->c, &v->error);
	return rc == RC_INVALID ? fault_send(v) : rc;
}

static enum rc denied(struct visit *v)
{
	struct problems problems = PROBLEMS(v->p.a);
	(void)problems_add(&problems, PROB_NOT_AUTHORIZED, STR_NONE);
	return notice_denied(&v->p, &problems);
}

static enum rc giver_load(struct visit *v, struct party **out)
{
	struct page *p = &v->p;
	struct party *found[1] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_site(p->req)->consents->store, false, &r));
	TRY(parties_by_uuid(r, p->a, &req_caller(p->req)->person.party, 1, found, NULL));
	if (!found[0])
		return denied(v);
	p->user = party_display_name(p, found[0]);
	*out = found[0];
	return RC_OK;
}

/* UserToken guards against a session of somebody else in the same browser: it leads to a new login, once. */
static enum rc token_check(struct visit *v, const struct party *person)
{
	struct page *p = &v->p;
	struct str token = v->link.user_token;
	if (!token.n || link_token_fits(p->a, token, person->ident))
		return RC_OK;
	struct str back = arena_fmt(p->a, "%.*s&" LINK_RETRIED "=1", STR_FMT(p->here));
	struct str login = login_address(p->req, back, 0, true);
	if (pair_get(v->link.pairs, LINK_RETRIED) || !login.p || !address_is_local(back))
		return denied(v);
	return page_redirect(p->res, 302, login);
}

/* What a person with a session may answer: v->draft and v->c. */
static enum rc visit_open(struct visit *v, struct uuid id)
{
	struct page *p = &v->p;
	struct party *person = NULL;
	struct problems problems = PROBLEMS(p->a);
	TRY(giver_load(v, &person));
	TRY(token_check(v, person));
	enum rc rc = draft(v, person, id);
	if (rc == RC_DENIED)
		return denied(v);
	TRY(rc);
	rc = consent_may_answer(req_site(p->req)->consents, p->a, v->c, &req_caller(p->req)->person, &problems);
	return rc == RC_DENIED ? notice_denied(p, &problems) : rc;
}

static enum rc ask(struct visit *v, const struct consent *c, const struct consent_state *crossed)
{
	struct page *p = &v->p;
	const struct question q = {
		.params = { .id = c->id },
		.action = PATH_LINK,
		.fields = view_str(p->a, "hidden.html", p->lang, FILLS({ "name", STR("link") }, { "value", v->query }),
				   NULL),
	};
	return question_send(p, &q, c, crossed);
}

enum rc link_get(struct http_req *req, struct http_res *res)
{
	struct visit v = { .p = page_of(req, res) };
	const struct uuid id = uuid_v4();
	TRY(visit_read(&v, req->query));
	if (!req_caller(req))
		TRY(draft(&v, NULL, id));
	TRY(login_require(&v.p));
	TRY(visit_open(&v, id));
	return ask(&v, v.c, NULL);
}

/* ---- the answer ---- */

static enum rc answer(struct visit *v, enum consent_status decision)
{
	struct page *p = &v->p;
	struct consent_service *consents = req_site(p->req)->consents;
	const struct org_caller who = link_caller(&v->link);
	struct problems problems = PROBLEMS(p->a);
	struct consent *c, *decided;
	bool existed;
	enum rc rc = consent_create(consents, p->a, &v->draft, &who, &c, &existed, &problems);
	if (rc == RC_INVALID || rc == RC_DENIED)
		return notice_form_stale(p);
	TRY(rc);
	rc = consent_decide(consents, p->a, c->id, &req_caller(p->req)->person, decision, str_of(lang_code(p->lang)),
			    &decided, &problems);
	if (rc == RC_INVALID)
		return ask(v, c, consent_state_crossed(&problems, decision));
	if (rc == RC_DENIED)
		return notice_denied(p, &problems);
	if (rc == RC_UNCERTAIN)
		return notice_uncertain(p, decision);
	TRY(rc);
	const struct consent_params params = { .id = c->id };
	gate_note_decision(p->res, decided, decision);
	return question_answered(p, &params, decided, decision == ST_ACCEPTED);
}

enum rc link_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form, *link, *language;
	struct consent_params params;
	enum consent_status decision;
	struct visit v = { .p = page_of(req, res) };
	if (http_form(req, &form) != RC_OK || consent_params_read(form, &params) != RC_OK ||
	    !(link = pair_get(form, "link")) || uuid_is_nil(params.id))
		return notice_bad_id(&v.p);
	TRY(visit_read(&v, link->value));
	language = pair_get(form, "language");
	if (!question_decision(form, &decision) || !language || lang_parse_shipped(language->value, &v.p.lang) != RC_OK)
		return notice_form_stale(&v.p);
	if (!req_caller(req))
		return notice_session_lost(&v.p);
	if (!session_fresh(req))
		return notice_login_old(&v.p);
	TRY(visit_open(&v, params.id));
	return answer(&v, decision);
}

/* ---- the address of a stored request ---- */

/* The pages' ?lng= for a LanguageCode; absent: they are not offered in it. */
static struct str page_language(struct str code)
{
	enum lang lang;
	return lang_parse_shipped(code, &lang) == RC_OK ? language_code(lang) : STR_NONE;
}

enum rc link_request_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query, *id, *code;
	TRY(http_query(req, &query));
	id = pair_get_icase(query, "id");
	code = pair_get_icase(query, "languageCode");
	struct address to = address_start(req->arena, STR(PATH_CONSENT));
	address_put(&to, "id", id ? id->value : STR_NONE);
	address_put(&to, "lng", code ? page_language(code->value) : STR_NONE);
	return page_redirect(res, 302, address_str(&to));
}
