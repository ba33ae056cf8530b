#include <assert.h>

#include "page/consent_notices.h"
#include "page/login_guard.h"
#include "page/question.h"
#include "web/handlers_internal.h"

static enum rc show(struct page *p, const struct consent_params *params, const struct consent *c,
		    const struct consent_state *crossed)
{
	return question_send(p, &(struct question){ .params = *params, .action = PATH_CONSENT }, c, crossed);
}

static enum rc open_and_show(struct page *p, const struct consent_params *params, const struct consent_state *crossed)
{
	struct consent_service *consents = req_site(p->req)->consents;
	const struct person_caller *person = &req_caller(p->req)->person;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	enum rc rc = consent_open_page(consents, p->a, params->id, person, &c, &problems);
	if (rc == RC_NOT_FOUND)
		return notice_not_found(p, params);
	if (rc == RC_DENIED && consent_orphaned(consents, p->a, params->id, person, &c))
		return question_texts_gone(p, params, c);
	if (rc == RC_DENIED)
		return notice_denied(p, &problems);
	TRY(rc);
	consent_opened(consents, p->a, c);
	return show(p, params, c, crossed);
}

enum rc consent_page_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct consent_params params;
	struct page p = page_of(req, res);
	if (http_query(req, &query) != RC_OK || consent_params_read(query, &params) != RC_OK)
		return notice_bad_id(&p);
	p.here = consent_address(p.a, &params);
	TRY(login_require(&p));
	return open_and_show(&p, &params, NULL);
}

/* ---- the answer ---- */

static enum rc decide(struct page *p, const struct consent_params *params, enum consent_status decision)
{
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	assert(decision == ST_ACCEPTED || decision == ST_REJECTED);
	enum rc rc = consent_decide(req_site(p->req)->consents, p->a, params->id, &req_caller(p->req)->person, decision,
				    str_of(lang_code(p->lang)), &c, &problems);
	if (rc == RC_OK) {
		gate_note_decision(p->res, c, decision);
		return question_answered(p, params, c, decision == ST_ACCEPTED);
	}
	if (rc == RC_INVALID || rc == RC_DENIED || rc == RC_NOT_FOUND)
		return open_and_show(p, params, consent_state_crossed(&problems, decision));
	return rc == RC_UNCERTAIN ? notice_uncertain(p, decision) : rc;
}

enum rc consent_page_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct consent_params params;
	enum consent_status decision;
	struct page p = page_of(req, res);
	if (http_form(req, &form) != RC_OK || consent_params_read(form, &params) != RC_OK)
		return notice_bad_id(&p);
	p.here = consent_address(p.a, &params);
	if (!req_caller(req))
		return notice_session_lost(&p);
	if (!question_decision(form, &decision))
		return notice_form_stale(&p);
	const struct pair *language = pair_get(form, "language");
	if (pair_count(form, "language") > 1 || (language && lang_parse_shipped(language->value, &p.lang) != RC_OK))
		return notice_form_stale(&p);
	if (!session_fresh(req))
		return notice_login_old(&p);
	return decide(&p, &params, decision);
}
