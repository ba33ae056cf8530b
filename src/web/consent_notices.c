#include "web/consent_state_internal.h"

#include "consent/authority.h"

#define CHANGE_UNSURE 1u /* in http_req.carried: an earlier run may have changed something */

/* ---- states of a request ---- */

// clang-format off
static const struct consent_state pending_expired =
	{ "warning", MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED_BODY };
static const struct consent_state accepted_expired =
	{ "warning", MSG_STATUS_EXPIRED, MSG_STATUS_EXPIRED_POA, MSG_EXPIRED_ACCEPTED_BODY };
static const struct consent_state used_up =
	{ "warning", MSG_STATUS_USED, MSG_STATUS_USED_POA, MSG_USED_BODY };
static const struct consent_state states[ST__MAX] = {
	[ST_ACCEPTED] = { "success", MSG_ALREADY_APPROVED, MSG_ALREADY_APPROVED_POA, MSG_APPROVED_SINCE },
	[ST_REJECTED] = { "warning", MSG_ALREADY_REJECTED, MSG_ALREADY_REJECTED_POA, MSG_REJECTED_SINCE },
	[ST_REVOKED]  = { "warning", MSG_ALREADY_REVOKED,  MSG_ALREADY_REVOKED_POA,  MSG_REVOKED_SINCE },
	[ST_DELETED]  = { "warning", MSG_ALREADY_DELETED,  MSG_ALREADY_DELETED,      MSG_DELETED_SINCE },
	[ST_EXPIRED]  = { "warning", MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED_BODY },
};
static const struct consent_state crossed_accept =
	{ "danger", MSG_APPROVE_ERROR, MSG_APPROVE_ERROR_POA, MSG_ANSWERED_ELSEWHERE };
static const struct consent_state crossed_reject =
	{ "danger", MSG_REJECT_ERROR, MSG_REJECT_ERROR_POA, MSG_ANSWERED_ELSEWHERE };
// clang-format on

const struct consent_state *state_of(const struct consent *c)
{
	bool expired = consent_expired(c);
	if (c->status == ST_CREATED)
		return expired ? &pending_expired : NULL;
	if (c->status == ST_ACCEPTED && c->used)
		return &used_up;
	if (c->status == ST_ACCEPTED && expired)
		return &accepted_expired;
	return &states[c->status < ST__MAX ? c->status : ST_DELETED];
}

const struct consent_state *state_crossed(const struct problems *problems, enum consent_status wanted)
{
	if (!problems_has(problems, PROB_WRONG_STATUS) && !problems_has(problems, PROB_REJECT_STATUS))
		return NULL;
	return wanted == ST_ACCEPTED ? &crossed_accept : &crossed_reject;
}

/* ---- pages of their own ---- */

struct str visit_back(const struct visit *v)
{
	return v->back.p ? v->back : STR(PATH_OVERVIEW);
}

enum rc state_bad_id(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 400,
						.heading = MSG_BAD_ID,
						.body = MSG_BAD_ID_BODY,
						.href = STR(PATH_OVERVIEW),
						.link = MSG_RECEIPT_BACK });
}

enum rc state_not_found(struct page *p, const struct visit *v)
{
	TRY(page_user(p));
	return notice_send(p, &(struct notice){ .status = 404,
						.heading = MSG_CONSENT_NOT_FOUND,
						.body = MSG_NOT_FOUND_BODY,
						.href = visit_back(v),
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

enum rc state_level(struct page *p, const struct consent *c, bool *ok_out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&req_web(p->req)->consents->registry);
	int64_t need = authority_level(reg, c), have = req_caller(p->req)->person.level;
	*ok_out = have >= need;
	return *ok_out ? RC_OK : low_level(p, need, have);
}

static enum rc denied(struct page *p, const struct problems *problems, enum msg heading, enum msg body)
{
	int64_t level = req_caller(p->req)->person.level;
	if (!problems->n && level < AUTHORITY_LEVEL)
		return low_level(p, AUTHORITY_LEVEL, level);
	return wrong_person(p, heading, body);
}

enum rc state_denied(struct page *p, const struct problems *problems)
{
	return denied(p, problems, MSG_NOT_AUTHORIZED, MSG_WRONG_PERSON_BODY);
}

enum rc state_not_yours(struct page *p, const struct problems *problems)
{
	return denied(p, problems, MSG_FORBIDDEN, MSG_NOT_YOURS_BODY);
}

/* A request may be run again: what one run does not know, the next does not know either. */
bool state_unsure(struct page *p, enum rc rc)
{
	if (rc == RC_UNCERTAIN)
		p->req->carried |= CHANGE_UNSURE;
	return (p->req->carried & CHANGE_UNSURE) && (rc == RC_UNCERTAIN || rc == RC_BUSY || rc == RC_FAIL);
}

enum rc state_uncertain(struct page *p, enum consent_status wanted)
{
	bool end = wanted == ST_REVOKED;
	return notice_send(p, &(struct notice){ .status = 503,
						.heading = end ? MSG_UNCERTAIN_WITHDRAW : MSG_UNCERTAIN,
						.body = end ? MSG_UNCERTAIN_WITHDRAW_BODY : MSG_UNCERTAIN_BODY,
						.href = p->here,
						.link = end ? MSG_SEE_ENDED : MSG_OPEN_AGAIN });
}

enum rc state_load_error(struct page *p, const struct visit *v, bool answered)
{
	TRY(page_user(p));
	return notice_send(p, &(struct notice){ .status = 500,
						.heading = MSG_LOAD_ERROR,
						.body = answered ? MSG_LOAD_ERROR_ANSWERED : MSG_LOAD_ERROR_BODY,
						.href = visit_address(p->a, v),
						.link = MSG_TRY_AGAIN });
}

enum rc state_session_lost(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 403,
						.heading = MSG_SESSION_LOST,
						.body = MSG_SESSION_LOST_BODY,
						.href = address_again(p, p->here),
						.link = MSG_LOG_IN_AGAIN });
}

/* The answer to a form: a page that moves on to the login, and comes back to ask once more. */
enum rc state_login_old(struct page *p)
{
	p->csrf = p->user = STR_NONE;
	p->refresh = login_address(p, p->here, 0, true);
	return notice_send(p, &(struct notice){ .status = 200,
						.heading = MSG_LOGIN_OLD,
						.body = MSG_LOGIN_OLD_BODY,
						.href = p->refresh,
						.link = MSG_LOG_IN_AGAIN });
}

enum rc state_form_stale(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 400,
						.heading = MSG_FORM_STALE,
						.body = MSG_FORM_STALE_BODY,
						.href = p->here,
						.link = MSG_OPEN_AGAIN });
}

enum rc state_withdraw_lost(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 403,
						.heading = MSG_SESSION_LOST,
						.body = MSG_WITHDRAW_LOST_BODY,
						.href = address_again(p, p->here),
						.link = MSG_LOG_IN_AGAIN });
}

enum rc state_withdraw_stale(struct page *p)
{
	return notice_send(p, &(struct notice){ .status = 400,
						.heading = MSG_FORM_STALE,
						.body = MSG_WITHDRAW_STALE_BODY,
						.href = p->here,
						.link = MSG_SEE_ENDED });
}
