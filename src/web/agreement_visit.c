#include <assert.h>

#include "web/agreement_internal.h"
#include "page/consent_notices.h"
#include "page/login_guard.h"

enum rc agreement_read(struct agreement_visit *visit, struct http_req *req, struct http_res *res,
		       const struct pair *pairs)
{
	const struct pair *id = pair_get(pairs, "id");
	*visit = (struct agreement_visit){ .p = page_of(req, res) };
	TRY(uuid_parse(id ? id->value : STR_NONE, &visit->params.id));
	visit->params.stay = true;
	visit->params.back = STR(PATH_OVERVIEW);
	visit->done = pair_count(pairs, "done") > 0;
	return RC_OK;
}

enum rc agreement_get(struct agreement_visit *visit, struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	*visit = (struct agreement_visit){ .p = page_of(req, res) };
	if (http_query(req, &query) != RC_OK || agreement_read(visit, req, res, query) != RC_OK)
		return notice_bad_id(&visit->p);
	TRY(login_require(&visit->p));
	return agreement_open(visit);
}

static bool is_answerable(const struct consent *c)
{
	return c->status == ST_CREATED && !consent_expired(c);
}

/* A person may withdraw an agreement whose texts are gone, damaged or were never kept: the names stand in for them.
 * RC_NOT_FOUND: it was never given. */
static enum rc view_from_snapshot(struct agreement_visit *visit)
{
	struct page *p = &visit->p;
	const struct consent_snapshot *snapshot = &visit->snapshot;
	visit->texts_gone = !snapshot->html.n && !visit->damaged;
	if (visit->texts_gone && !agreement_given(visit))
		return RC_NOT_FOUND;
	struct localized title = { snapshot->title, snapshot->lang };
	if (!title.text.n)
		title = (struct localized){ msg(MSG_AGREEMENTS, p->lang), p->lang };
	visit->view = (struct consent_view){ .lang = p->lang,
					     .is_poa = snapshot->is_poa,
					     .title = title,
					     .title_accepted = title,
					     .from_name = snapshot->from.name,
					     .from_orgno = snapshot->from.orgno,
					     .to_name = snapshot->to.name,
					     .to_orgno = snapshot->to.orgno };
	if (!snapshot->from.name.n && !snapshot->from.orgno.n)
		visit->view.from_masked = text_masked(p->a, visit->c->from.value);
	if (!visit->view.to_orgno.n && visit->c->to.kind == URN_ORG)
		visit->view.to_orgno = visit->c->to.value;
	return RC_OK;
}

static enum rc texts_load(struct agreement_visit *visit)
{
	struct page *p = &visit->p;
	struct consent_service *consents = req_site(p->req)->consents;
	enum rc rc = consent_snapshot_load(consents, p->a, visit->c, &visit->snapshot);
	visit->damaged = rc == RC_INVALID;
	if (visit->damaged || rc == RC_NOT_FOUND)
		visit->snapshot = (struct consent_snapshot){ .lang = p->lang };
	else
		TRY(rc);
	rc = consent_view_load(consents, p->a, visit->c, p->lang, &visit->view);
	return rc == RC_NOT_FOUND || rc == RC_TOO_LARGE ? view_from_snapshot(visit) : rc;
}

enum rc agreement_allow(struct agreement_visit *visit)
{
	struct page *p = &visit->p;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	assert(req_caller(p->req));
	enum rc rc = consent_details(req_site(p->req)->consents, p->a, visit->params.id, &req_caller(p->req)->person,
				     &c, &problems);
	if (rc == RC_NOT_FOUND)
		return notice_not_found(p, &visit->params);
	if (rc == RC_DENIED)
		return notice_not_yours(p, &problems);
	TRY(rc);
	visit->c = c;
	return RC_OK;
}

enum rc agreement_open(struct agreement_visit *visit)
{
	struct page *p = &visit->p;
	TRY(agreement_allow(visit));
	if (is_answerable(visit->c))
		return page_redirect(p->res, 303, consent_address(p->a, &visit->params));
	TRY(page_user(p));
	enum rc rc = texts_load(visit);
	if (rc == RC_NOT_FOUND)
		return notice_load_error(p, &visit->params, visit->c->status != ST_CREATED);
	return rc;
}
