#include "page/consent_notices.h"

#include <assert.h>

#include "consent/authority.h"
#include "page/notice.h"
#include "page/view.h"

enum rc notice_bad_id(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 400,
						.heading = MSG_BAD_ID,
						.body = MSG_BAD_ID_BODY,
						.href = STR(PATH_OVERVIEW),
						.link = MSG_RECEIPT_BACK });
}

enum rc notice_not_found(struct page *p, const struct consent_params *params)
{
	http_why(p->res, "unknown consent request");
	TRY(page_user(p));
	return notice_send(p, &(struct notice){ .status = 404,
						.heading = MSG_CONSENT_NOT_FOUND,
						.body = MSG_NOT_FOUND_BODY,
						.href = consent_back_address(params),
						.link = MSG_RECEIPT_BACK });
}

static struct str change_user(struct page *p)
{
	return view_str(p->a, "change_user.html", p->lang, FILLS({ "csrf", p->csrf }, { "here", p->here }), NULL);
}

static enum rc wrong_person(struct page *p, enum msg heading, enum msg body)
{
	TRY(page_user(p));
	return notice_send(p, &(struct notice){ .status = 403,
						.heading = heading,
						.body = body,
						.fills = FILLS({ "name", p->user }),
						.action = change_user(p) });
}

static enum rc low_level(struct page *p, int64_t need, int64_t have)
{
	TRY(page_user(p));
	const struct fill *levels = FILLS({ "need", arena_fmt(p->a, "%lld", (long long)need) },
					  { "have", arena_fmt(p->a, "%lld", (long long)have) });
	struct str again = view_str(p->a, "log_in_again.html", p->lang,
				    FILLS({ "csrf", p->csrf }, { "here", p->here }, levels[0]), NULL);
	return notice_send(p, &(struct notice){ .status = 403,
						.heading = MSG_LOW_LEVEL,
						.body = MSG_LOW_LEVEL_BODY,
						.fills = levels,
						.action = again });
}

static enum rc denied(struct page *p, const struct problems *problems, enum msg heading, enum msg body)
{
	int64_t level = req_caller(p->req)->person.level;
	http_why(p->res,
		 problems->level ? "the login's level is too low" : "the person may not answer or see this request");
	if (problems->level)
		return low_level(p, problems->level, level);
	if (!problems->n && level < AUTHORITY_LEVEL)
		return low_level(p, AUTHORITY_LEVEL, level);
	return wrong_person(p, heading, body);
}

enum rc notice_denied(struct page *p, const struct problems *problems)
{
	return denied(p, problems, MSG_NOT_AUTHORIZED, MSG_WRONG_PERSON_BODY);
}

enum rc notice_not_yours(struct page *p, const struct problems *problems)
{
	return denied(p, problems, MSG_FORBIDDEN, MSG_NOT_YOURS_BODY);
}

enum rc notice_uncertain(struct page *p, enum consent_status wanted)
{
	assert(wanted == ST_ACCEPTED || wanted == ST_REJECTED || wanted == ST_REVOKED);
	bool end = wanted == ST_REVOKED;
	p->req->uncertain = true;
	return notice_send(p, &(struct notice){ .status = 503,
						.heading = end ? MSG_UNCERTAIN_WITHDRAW : MSG_UNCERTAIN,
						.body = end ? MSG_UNCERTAIN_WITHDRAW_BODY : MSG_UNCERTAIN_BODY,
						.href = p->here,
						.link = end ? MSG_SEE_ENDED : MSG_OPEN_AGAIN });
}

enum rc notice_load_error(struct page *p, const struct consent_params *params, bool answered)
{
	TRY(page_user(p));
	return notice_send(p, &(struct notice){ .status = 500,
						.heading = MSG_LOAD_ERROR,
						.body = answered ? MSG_LOAD_ERROR_ANSWERED : MSG_LOAD_ERROR_BODY,
						.href = consent_address(p->a, params),
						.link = MSG_TRY_AGAIN });
}

enum rc notice_session_lost(struct page *p)
{
	http_why(p->res, "no session");
	return notice_send(p, &(struct notice){ .status = 403,
						.heading = MSG_SESSION_LOST,
						.body = MSG_SESSION_LOST_BODY,
						.href = login_again_address(p->req, p->here),
						.link = MSG_LOG_IN_AGAIN });
}

/* A page that moves on to the login, which comes back to ask once more: Chromium holds redirects after a form to
 * form-action. */
enum rc notice_login_old(struct page *p)
{
	p->csrf = p->user = STR_NONE;
	p->refresh = login_address(p->req, p->here, 0, true);
	return notice_send(p, &(struct notice){ .status = 200,
						.heading = MSG_LOGIN_OLD,
						.body = MSG_LOGIN_OLD_BODY,
						.href = p->refresh,
						.link = MSG_LOG_IN_AGAIN });
}

enum rc notice_form_stale(struct page *p)
{
	http_why(p->res, "the form is incomplete or of another session");
	return notice_send(p, &(struct notice){ .status = 400,
						.heading = MSG_FORM_STALE,
						.body = MSG_FORM_STALE_BODY,
						.href = p->here,
						.link = MSG_OPEN_AGAIN });
}

enum rc notice_withdraw_session_lost(struct page *p)
{
	http_why(p->res, "no session");
	return notice_send(p, &(struct notice){ .status = 403,
						.heading = MSG_SESSION_LOST,
						.body = MSG_WITHDRAW_LOST_BODY,
						.href = login_again_address(p->req, p->here),
						.link = MSG_LOG_IN_AGAIN });
}

enum rc notice_withdraw_stale(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 400,
						.heading = MSG_FORM_STALE,
						.body = MSG_WITHDRAW_STALE_BODY,
						.href = p->here,
						.link = MSG_SEE_ENDED });
}
