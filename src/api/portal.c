#include "api/internal.h"

#include <assert.h>

/* The error codes that the portal's front end knows, by the problem of the rule. */
static const struct portal_error {
	enum problem_code code;
	int status;
	const char *ctui;
	const char *detail;
} errors[] = {
	// clang-format off
	{ PROB_NOT_AUTHORIZED, 403, "CTUI-00000", "User is not authorized to give consent/power of attorney" },
	{ PROB_NOT_FOUND,      404, "CTUI-00001", "Consent/power of attorney does not exist" },
	{ PROB_WRONG_STATUS,   400, "CTUI-00002", "Consent/power of attorney has wrong status to be consented" },
	{ PROB_REVOKE_STATUS,  400, "CTUI-00010", "Consent/power of attorney has wrong status to be revoked" },
	{ PROB_REVOKED,        400, "CTUI-00011", "Consent/power of attorney is revoked" },
	{ PROB_EXPIRED,        400, "CTUI-00013", "Consent/power of attorney has expired" },
	{ PROB_NOT_ACCEPTED,   400, "CTUI-00014", "Consent/power of attorney is not approved" },
	{ PROB_REJECT_STATUS,  400, "CTUI-00015", "Consent/power of attorney has wrong status to be rejected" },
};
static const struct portal_error missing_errors[] = {
	[PART_PARTY]    = { PROB__MAX, 404, "CTUI-00095", "A party of the consent does not exist" },
	[PART_RESOURCE] = { PROB__MAX, 404, "CTUI-00096", "A resource of the consent does not exist" },
	[PART_TEMPLATE] = { PROB__MAX, 404, "CTUI-00097", "The template of the consent does not exist" },
};
static const struct portal_error other_error  = { PROB__MAX, 500, "CTUI-00099", "The consent cannot be handled" };
static const struct portal_error denied_error = { PROB__MAX, 403, "CTUI-00999", "Not authorized" };
// clang-format on

static void error_write(struct http_res *res, const struct portal_error *e)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, e->status, PROBLEM_TYPE);
	http_why(res, e->ctui);
	problem_head(&w, e->status);
	jsw_kz(&w, "detail", e->detail);
	jsw_kz(&w, "code", e->ctui);
	jsw_end_obj(&w);
}

static const struct portal_error *error_of(const struct problems *p)
{
	for (size_t i = 0; p->n == 1 && i < LEN(errors); i++)
		if (errors[i].code == p->items[0].code)
			return &errors[i];
	return &other_error;
}

static void problems_error_write(struct http_res *res, const struct problems *p)
{
	error_write(res, error_of(p));
}

static void denied_write(struct http_res *res)
{
	error_write(res, &denied_error);
}

static enum rc refused(struct http_res *res, enum rc rc, const struct problems *p)
{
	static const struct front_refusal refusal = { problems_error_write, denied_write };
	return front_refused(&refusal, res, rc, p);
}

typedef enum rc open_fn(struct consent_service *d, struct arena *a, struct uuid id, const struct person_caller *who,
			struct consent **out, struct problems *p);
typedef void write_fn(struct jsw *w, const struct consent *c, const struct unfilled_view *u);

static enum rc show(struct http_req *req, struct http_res *res, open_fn *open, write_fn *write)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent_service *d = req_api(req)->consents;
	enum agreement_part missing;
	struct unfilled_view u;
	struct consent *c;
	struct uuid id;
	TRY(front_id(req, res, "consentRequestId", &id));
	enum rc rc = open(d, req->arena, id, &req_caller(req)->person, &c, &p);
	TRY(refused(res, rc, &p));
	rc = unfilled_view_load(d, req->arena, c, &u, &missing);
	if (rc == RC_NOT_FOUND) {
		assert((size_t)missing < LEN(missing_errors));
		error_write(res, &missing_errors[missing]);
		return RC_ANSWERED;
	}
	TRY(rc);
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	write(&w, c, &u);
	return RC_OK;
}

enum rc api_portal_request(struct http_req *req, struct http_res *res)
{
	return show(req, res, consent_open, codec_portal_request);
}

enum rc api_portal_consent(struct http_req *req, struct http_res *res)
{
	return show(req, res, consent_details, codec_portal_consent);
}

static enum rc decide(struct http_req *req, struct http_res *res, enum consent_status to, struct str language)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	struct uuid id;
	if (!session_fresh(req)) {
		http_why(res, "the login is too old");
		return RC_DENIED;
	}
	TRY(front_id(req, res, "consentRequestId", &id));
	enum rc rc =
		consent_decide(req_api(req)->consents, req->arena, id, &req_caller(req)->person, to, language, &c, &p);
	TRY(refused(res, rc, &p));
	gate_note_decision(res, c, to);
	http_reply(res, 200, JSON_TYPE);
	buf_lit(&res->body, "true");
	return RC_OK;
}

enum rc api_portal_approve(struct http_req *req, struct http_res *res)
{
	struct str language;
	TRY(api_language(req, res, &language));
	return decide(req, res, ST_ACCEPTED, language);
}

enum rc api_portal_reject(struct http_req *req, struct http_res *res)
{
	return decide(req, res, ST_REJECTED, STR_NONE);
}

enum rc api_portal_revoke(struct http_req *req, struct http_res *res)
{
	return decide(req, res, ST_REVOKED, STR_NONE);
}

/* ---- of a party ---- */

enum rc api_portal_count(struct http_req *req, struct http_res *res)
{
	struct problems none = PROBLEMS(req->arena);
	return refused(res, api_count(req, res), &none);
}

static enum rc rows_reply(struct http_req *req, struct http_res *res, history_fn *read, history_item_fn *item)
{
	struct problems none = PROBLEMS(req->arena);
	struct history_page page;
	struct consent_history h;
	struct consent_row *rows;
	TRY(refused(res, api_history(req, res, read, &page, &h), &none));
	TRY(consent_rows(req_api(req)->consents, req->arena, h.items, h.n, &rows));
	api_history_write(req, res, &page, &h, item, rows);
	return RC_OK;
}

static void active_item(struct jsw *w, const void *ctx, const struct consent_history *h, size_t i)
{
	const struct consent_row *rows = ctx;
	assert(i < h->n);
	codec_portal_active(w, &rows[i]);
}

static void log_item(struct jsw *w, const void *ctx, const struct consent_history *h, size_t i)
{
	const struct consent_row *rows = ctx;
	assert(i < h->n);
	codec_portal_log(w, &rows[i]);
}

enum rc api_portal_active(struct http_req *req, struct http_res *res)
{
	return rows_reply(req, res, consent_current, active_item);
}

enum rc api_portal_log(struct http_req *req, struct http_res *res)
{
	return rows_reply(req, res, consent_history, log_item);
}
