#include "web/address_internal.h"
#include "web/handlers_internal.h"
#include "web/logout_provider_internal.h"
#include "web/notice_internal.h"

/* Answers a form with a page that moves on: Chromium holds redirects after a form to form-action. */
static enum rc move_on(struct page *p, enum msg heading, enum msg body, struct str to)
{
	p->refresh = to;
	p->csrf = p->user = STR_NONE;
	return notice_send(
		p,
		&(struct notice){ .status = 200, .heading = heading, .body = body, .href = to, .link = MSG_CONTINUE });
}

/* Only a person who may see the request goes on to its redirect address. */
enum rc logout_consent(struct http_req *req, struct http_res *res)
{
	struct uuid id;
	struct consent *c;
	struct problems problems = PROBLEMS(req->arena);
	if (uuid_parse(req->param[0], &id) != RC_OK)
		return RC_NOT_FOUND;
	if (req_caller(req)) {
		enum rc rc =
			consent_open(req_web(req)->consents, req->arena, id, &req_caller(req)->person, &c, &problems);
		if (rc == RC_NOT_FOUND || rc == RC_DENIED)
			id = (struct uuid){ { 0 } };
		else
			TRY(rc);
		TRY(session_leave(req, id));
	}
	return page_redirect(res, 302, logout_address(req));
}

enum rc logout_all(struct http_req *req, struct http_res *res)
{
	TRY(session_leave(req, (struct uuid){ { 0 } }));
	return page_redirect(res, 302, logout_address(req));
}

static enum rc redirect_address(struct http_req *req, struct uuid id, struct str *out)
{
	struct consent *c;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_web(req)->consents->store, true, &r));
	TRY(consents_get(r, req->arena, id, true, &c, NULL));
	*out = consent_redirect(req->arena, c);
	return RC_OK;
}

static enum rc logged_out(struct http_req *req, struct http_res *res)
{
	req->caller = NULL;
	struct page p = page_of(req, res);
	p.here = STR(PATH_LEFT);
	return notice_send(&p, &(struct notice){ .status = 200,
						 .heading = MSG_LOGGED_OUT,
						 .body = MSG_LOGGED_OUT_BODY,
						 .href = login_again_address(req, STR(PATH_OVERVIEW)),
						 .link = MSG_LOG_IN_AGAIN });
}

enum rc logout_left(struct http_req *req, struct http_res *res)
{
	struct uuid id;
	struct str to;
	if (req_caller(req)) /* a visit of this address alone logs nobody out */
		return page_redirect(res, 302, STR(PATH_OVERVIEW));
	TRY(session_remove(req, res, &id));
	if (uuid_is_nil(id))
		return logged_out(req, res);
	enum rc rc = redirect_address(req, id, &to);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !to.n))
		return logged_out(req, res);
	TRY(rc);
	return page_redirect(res, 302, to);
}

enum rc logout_post(struct http_req *req, struct http_res *res)
{
	struct page p = page_of(req, res);
	TRY(session_leave(req, (struct uuid){ { 0 } }));
	return move_on(&p, MSG_LOGGING_OUT, MSG_LOGGING_OUT_BODY, STR(PATH_LOGOUT));
}

/* A provider that still knows the person would log them in at once. So it is told to ask again, or for a higher level.
 */
static struct str next_login(const struct page *p, int64_t level)
{
	return req_web(p->req)->provider ? login_address(p->req, p->here, level, level == 0) : p->here;
}

/* Ends the session at once and starts the login again, which leads back to the page that needs another person. */
enum rc change_user_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct uuid id;
	TRY(http_form(req, &form));
	struct page p = page_of(req, res);
	struct str to = address_goto(form);
	TRY(session_leave(req, (struct uuid){ { 0 } }));
	TRY(session_remove(req, res, &id));
	p.here = to.p ? to : home_address(req);
	int64_t level = login_level(form); /* 0: it asks for another person */
	return move_on(&p, level ? MSG_STEPPING_UP : MSG_CHANGING_USER,
		       level ? MSG_STEPPING_UP_BODY : MSG_CHANGING_USER_BODY, next_login(&p, level));
}
