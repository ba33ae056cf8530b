#include "page/consent_state.h"

#include "page/view.h"

// clang-format off
static const struct consent_state pending_expired =
	{ "warning", MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED_BODY };
static const struct consent_state active =
	{ "success", MSG_STATUS_ACTIVE, MSG_STATUS_ACTIVE_POA, MSG_APPROVED_SINCE };
static const struct consent_state accepted_expired =
	{ "warning", MSG_STATUS_EXPIRED, MSG_STATUS_EXPIRED_POA, MSG_EXPIRED_ACCEPTED_BODY };
static const struct consent_state used_up =
	{ "warning", MSG_STATUS_USED, MSG_STATUS_USED_POA, MSG_USED_BODY };
static const struct consent_state states[ST__MAX] = {
	[ST_ACCEPTED] = { "success", MSG_ALREADY_APPROVED, MSG_ALREADY_APPROVED_POA, MSG_APPROVED_SINCE },
	[ST_REJECTED] = { "info",    MSG_ALREADY_REJECTED, MSG_ALREADY_REJECTED_POA, MSG_REJECTED_SINCE },
	[ST_REVOKED]  = { "info",    MSG_ALREADY_REVOKED,  MSG_ALREADY_REVOKED_POA,  MSG_REVOKED_SINCE },
	[ST_DELETED]  = { "warning", MSG_ALREADY_DELETED,  MSG_ALREADY_DELETED,      MSG_DELETED_SINCE },
	[ST_EXPIRED]  = { "warning", MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED_BODY },
};
static const struct consent_state crossed_accept =
	{ "danger", MSG_APPROVE_ERROR, MSG_APPROVE_ERROR_POA, MSG_ANSWERED_ELSEWHERE };
static const struct consent_state crossed_reject =
	{ "danger", MSG_REJECT_ERROR, MSG_REJECT_ERROR_POA, MSG_ANSWERED_ELSEWHERE };
// clang-format on

const struct consent_state *consent_state_of(const struct consent *c)
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

const struct consent_state *agreement_state_of(const struct consent *c)
{
	const struct consent_state *state = consent_active(c) ? &active : consent_state_of(c);
	return state ? state : &pending_expired; /* the clock of a sandbox may go back between two looks */
}

const struct consent_state *consent_state_crossed(const struct problems *problems, enum consent_status wanted)
{
	if (!problems_has(problems, PROB_WRONG_STATUS) && !problems_has(problems, PROB_REJECT_STATUS))
		return NULL;
	return wanted == ST_ACCEPTED ? &crossed_accept : &crossed_reject;
}

struct str consent_state_html(const struct page *p, const char *name, const struct consent_state *state, bool is_poa,
			      const struct fill *fills)
{
	struct str body = paragraph_html(p, message_filled(p, state->body, fills));
	return view_str(p->a, name, p->lang,
			FILLS({ "kind", str_of(state->kind) },
			      { "heading", msg(is_poa ? state->heading_poa : state->heading, p->lang) }),
			FILLS({ "body", body }));
}
