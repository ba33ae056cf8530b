#include "base/clock.h"
#include "page/address.h"
#include "web/handlers_internal.h"
#include "page/notice.h"
#include "page/view.h"

#define PEOPLE_MAX 60 /* buttons on the page */

static struct str goto_or_home(const struct page *p, const struct pair *pairs)
{
	struct str to = address_goto(pairs);
	return to.p ? to : home_address(p->req);
}

enum rc login_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	TRY(http_query(req, &query));
	struct page p = page_of(req, res);
	struct buf url = BUF(p.a);
	buf_url(&url, goto_or_home(&p, query));
	struct str main = view_str(p.a, "login.html", p.lang, FILLS({ "goto_url", buf_str(&url) }), NULL);
	return page_send(&p, 200, msg(MSG_LOGIN_CHOOSE, p.lang), main);
}

struct people {
	struct page *p;
	struct buf html;
	int n;
};

/* For parties_each. RC_TOO_LARGE ends the list. */
static enum rc person_button(void *ctx, const struct party *party)
{
	struct people *people = ctx;
	if (party->type != PARTY_PERSON || !party->name.n)
		return RC_OK;
	if (people->n++ == PEOPLE_MAX)
		return RC_TOO_LARGE;
	struct page *p = people->p;
	view(&people->html, "person.html", p->lang,
	     FILLS({ "pid", party->ident }, { "name", text_display_name(p->a, party->name, party->type) }), NULL);
	return RC_OK;
}

static enum rc people_list(struct page *p, struct str *out)
{
	struct people people = { .p = p, .html = BUF(p->a) };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_site(p->req)->consents->store, false, &r));
	enum rc rc = parties_each(r, person_button, &people);
	if (rc != RC_OK && rc != RC_TOO_LARGE)
		return rc;
	*out = buf_str(&people.html);
	return RC_OK;
}

/* error: MSG__MAX when there is none. */
static enum rc testid_form(struct page *p, struct str to, struct str pid, enum msg error)
{
	struct str people, failed = STR_NONE, csrf = csrf_anonymous(p->req, p->res);
	bool wrong = error != MSG__MAX;
	struct buf here = BUF(p->a);
	TRY(people_list(p, &people));
	if (wrong)
		failed = view_str(p->a, "login_error.html", p->lang, FILLS({ "text", msg(error, p->lang) }), NULL);
	buf_lit(&here, "/sandbox/login/testid?goto=");
	buf_url(&here, to);
	p->here = buf_str(&here);
	struct str main = view_str(p->a, "testid.html", p->lang,
				   FILLS({ "csrf", csrf }, { "goto", to }, { "pid", pid },
					 { "described", wrong ? STR(" pid-error") : STR_NONE }),
				   FILLS({ "error", failed }, { "people", people },
					 { "invalid", wrong ? STR("aria-invalid=\"true\" ") : STR_NONE }));
	return page_send(p, wrong ? 422 : 200, msg(MSG_LOGIN_HEADER, p->lang), main);
}

enum rc testid_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	TRY(http_query(req, &query));
	struct page p = page_of(req, res);
	return testid_form(&p, goto_or_home(&p, query), STR_NONE, MSG__MAX);
}

enum rc testid_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	TRY(http_form(req, &form));
	struct page p = page_of(req, res);
	struct str to = goto_or_home(&p, form);
	struct str pid = pair_get(form, "pid") ? str_trim(pair_get(form, "pid")->value) : STR_NONE;
	int64_t level = login_level(form) == 3 ? 3 : 4;
	struct party *party;
	if (!csrf_anonymous_ok(req, form))
		return testid_form(&p, to, pid, MSG_LOGIN_STALE);
	if (!model_pid_valid(pid))
		return testid_form(&p, to, pid, MSG_LOGIN_ERROR);
	TRY(party_ensure_person(req_site(req)->consents, req->arena, pid, true, &party));
	const struct login_result person = {
		.party = party->uuid,
		.level = level,
		.acr = level == 3 ? STR("idporten-loa-substantial") : STR("idporten-loa-high"),
		.lang = p.lang,
		.auth_time = clock_real(),
	};
	TRY(session_start(req, res, &person));
	return page_redirect(res, 303, to);
}

enum rc test_left_get(struct http_req *req, struct http_res *res)
{
	struct page p = page_of(req, res);
	p.refresh = STR(PATH_LEFT);
	p.refresh_s = 1;
	return notice_send(&p, &(struct notice){ .status = 200,
						 .heading = MSG_TEST_LOGGED_OUT,
						 .body = MSG_TEST_LOGGED_OUT_BODY,
						 .href = STR(PATH_LEFT),
						 .link = MSG_CONTINUE });
}
