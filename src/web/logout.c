#include "registry/redirects.h"
#include "page/address.h"
#include "web/handlers_internal.h"
#include "web/logout_provider_internal.h"
#include "page/notice.h"
#include "page/parts.h"
#include "page/view.h"

/* Answers a form with a page that moves on: Chromium holds redirects after a form to form-action. */
static enum rc move_on(struct page *p, enum msg heading, enum msg body, struct str to)
{
	p->refresh = to;
	p->csrf = p->user = STR_NONE;
	return notice_send(
		p,
		&(struct notice){ .status = 200, .heading = heading, .body = body, .href = to, .link = MSG_CONTINUE });
}

/* Without a session: the logout was begun for this request, or its page asks for the login and has the way on. */
static enum rc logout_again(struct http_req *req, struct http_res *res, struct uuid id)
{
	struct uuid left;
	TRY(session_after(req, res, &left));
	struct str page = consent_address(req->arena, &(struct consent_params){ .id = id });
	return page_redirect(res, 302, uuid_eq(left, id) ? logout_address(req) : page);
}

/* Only a person who may see the request goes on to its redirect address. */
enum rc logout_consent(struct http_req *req, struct http_res *res)
{
	struct uuid id;
	struct consent *c;
	struct problems problems = PROBLEMS(req->arena);
	if (uuid_parse(req->param[0], &id) != RC_OK)
		return RC_NOT_FOUND;
	if (!req_caller(req))
		return logout_again(req, res, id);
	enum rc rc = consent_open(req_site(req)->consents, req->arena, id, &req_caller(req)->person, &c, &problems);
	if (rc == RC_NOT_FOUND || rc == RC_DENIED)
		id = (struct uuid){ { 0 } };
	else
		TRY(rc);
	TRY(session_leave(req, id));
	http_did(res, "logout.done", KV("consent", uuid_is_nil(id) ? STR_NONE : uuid_str(req->arena, id)));
	return page_redirect(res, 302, logout_address(req));
}

static enum rc leave(struct http_req *req, struct http_res *res)
{
	TRY(session_leave(req, (struct uuid){ { 0 } }));
	if (req_caller(req))
		http_did(res, "logout.done");
	return RC_OK;
}

enum rc logout_all(struct http_req *req, struct http_res *res)
{
	TRY(leave(req, res));
	return page_redirect(res, 302, logout_address(req));
}

static enum rc logged_out(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 200,
						.heading = MSG_LOGGED_OUT,
						.body = MSG_LOGGED_OUT_BODY,
						.href = login_again_address(p->req, STR(PATH_OVERVIEW)),
						.link = MSG_LOG_IN_AGAIN });
}

/* Browsers open an app only where a person presses, so the address of another scheme is a button. */
static enum rc press_on(struct page *p, struct str to, const struct party *requester)
{
	const struct fill *fills = FILLS({ "to", party_display_name(p, requester) });
	struct str again = view_str(p->a, "log_in_link.html", p->lang,
				    FILLS({ "href", login_again_address(p->req, STR(PATH_OVERVIEW)) }), NULL);
	return notice_send(p, &(struct notice){ .status = 200,
						.heading = MSG_LOGGED_OUT,
						.body = MSG_PRESS_ON,
						.fills = fills,
						.href = to,
						.link = MSG_GO_TO,
						.link_fills = fills,
						.more = again });
}

static enum rc go_back(struct page *p, struct uuid id)
{
	struct consent *c;
	struct url target;
	struct party *requester[1] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_site(p->req)->consents->store, true, &r));
	enum rc rc = consents_get(r, p->a, id, true, &c, NULL);
	if (rc == RC_NOT_FOUND)
		return logged_out(p);
	TRY(rc);
	struct str to = consent_redirect(p->a, c);
	if (!to.n || url_parse(to, &target) != RC_OK || !redirect_target_ok(&target, false))
		return logged_out(p);
	http_did(p->res, "consent.redirected", KV("consent", uuid_str(p->a, id)));
	if (url_is_web(&target, true))
		return page_redirect(p->res, 302, to);
	TRY(parties_by_uuid(r, p->a, &c->to_uuid, 1, requester, NULL));
	return press_on(p, to, requester[0]);
}

enum rc logout_left(struct http_req *req, struct http_res *res)
{
	struct uuid id;
	if (req_caller(req)) /* a visit of this address alone logs nobody out */
		return page_redirect(res, 302, STR(PATH_OVERVIEW));
	TRY(session_after(req, res, &id));
	struct page p = page_of(req, res);
	p.here = STR(PATH_LEFT);
	return uuid_is_nil(id) ? logged_out(&p) : go_back(&p, id);
}

enum rc logout_post(struct http_req *req, struct http_res *res)
{
	struct page p = page_of(req, res);
	TRY(leave(req, res));
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
	TRY(leave(req, res));
	TRY(session_after(req, res, &id));
	p.here = to.p ? to : home_address(req);
	int64_t level = login_level(form); /* 0: it asks for another person */
	return move_on(&p, level ? MSG_STEPPING_UP : MSG_CHANGING_USER,
		       level ? MSG_STEPPING_UP_BODY : MSG_CHANGING_USER_BODY, next_login(&p, level));
}
