#include "api/internal.h"

bool api_id(struct http_req *req, struct http_res *res, const char *name, struct uuid *out)
{
	if (uuid_parse(req->param[0], out) == RC_OK)
		return true;
	struct binder *b = binder_new(req->arena);
	bind_fail(b, str_of(name), "The value is not valid.");
	problem_binding(req, res, b->first);
	return false;
}

static void bff_reply(struct http_res *res, const struct consent *c, struct str view_uri)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_bff_details(&w, c, view_uri);
}

enum rc api_bff_show(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent_service *d = req_api(req)->consents;
	struct consent *c;
	struct uuid id;
	if (!api_id(req, res, "requestId", &id))
		return RC_OK;
	enum rc rc = consent_open(d, req->arena, id, &req_caller(req)->person, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	bff_reply(res, c, consent_view_uri(d, req->arena, c));
	return RC_OK;
}

static enum rc decide(struct http_req *req, struct uuid id, enum consent_status to, struct str language,
		      struct consent **out, struct problems *p)
{
	if (!session_fresh(req))
		return RC_DENIED;
	return consent_decide(req_api(req)->consents, req->arena, id, &req_caller(req)->person, to, language, out, p);
}

enum rc api_language(struct http_req *req, struct http_res *res, struct str *out, bool *read_out)
{
	struct binder *b = binder_new(req->arena);
	const struct js *body;
	*read_out = false;
	TRY(api_body(req, res, "consentContext", &body));
	if (!body)
		return RC_OK;
	if (codec_accept(b, body, out) == RC_OK)
		*read_out = true;
	else
		problem_binding(req, res, b->first);
	return RC_OK;
}

static enum rc bff_decide(struct http_req *req, struct http_res *res, enum consent_status to, struct str language)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	struct uuid id;
	if (!api_id(req, res, "requestId", &id))
		return RC_OK;
	enum rc rc = decide(req, id, to, language, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	bff_reply(res, c, STR(""));
	return RC_OK;
}

enum rc api_bff_accept(struct http_req *req, struct http_res *res)
{
	struct str language;
	bool read;
	TRY(api_language(req, res, &language, &read));
	return read ? bff_decide(req, res, ST_ACCEPTED, language) : RC_OK;
}

enum rc api_bff_reject(struct http_req *req, struct http_res *res)
{
	return bff_decide(req, res, ST_REJECTED, STR_NONE);
}

enum rc api_bff_revoke(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	struct uuid id;
	if (!api_id(req, res, "consentId", &id))
		return RC_OK;
	enum rc rc = decide(req, id, ST_REVOKED, STR_NONE, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_core_details(&w, c);
	return RC_OK;
}

enum rc api_bff_consent(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	struct uuid id;
	if (!api_id(req, res, "consentId", &id))
		return RC_OK;
	enum rc rc = consent_details(req_api(req)->consents, req->arena, id, &req_caller(req)->person, &c, &p);
	if (rc != RC_OK)
		return api_refused(res, rc, &p);
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_core_consent(&w, c);
	return RC_OK;
}

/* ---- of a party ---- */

enum rc api_count(struct http_req *req, struct http_res *res)
{
	struct binder *b = binder_new(req->arena);
	enum consent_status status = ST_CREATED;
	const struct pair *query;
	struct uuid party;
	int64_t n;
	TRY(http_query(req, &query));
	if (!api_id(req, res, "party", &party))
		return RC_OK;
	if (codec_status(b, query, &status) != RC_OK) {
		problem_binding(req, res, b->first);
		return RC_OK;
	}
	TRY(consent_count(req_api(req)->consents, req->arena, &req_caller(req)->person, party, status, &n));
	http_reply(res, 200, JSON_TYPE);
	buf_i64(&res->body, n);
	return RC_OK;
}

/* Where the next page is (RFC 8288). */
static void link_next(struct http_req *req, struct http_res *res, const struct history_page *page, struct uuid last)
{
	struct str token = codec_page_token(req->arena, last), size = STR("");
	if (page->limit != CONSENT_HISTORY_MAX)
		size = arena_fmt(req->arena, "pageSize=%zu&", page->limit);
	http_set_header(res, "Link",
			arena_fmt(req->arena, "<%.*s%.*s?%.*scontinuationToken=%.*s>; rel=\"next\"",
				  STR_FMT(req_api(req)->public_url), STR_FMT(req->path), STR_FMT(size),
				  STR_FMT(token)));
}

enum rc api_history(struct http_req *req, struct http_res *res, struct consent_history *out, bool *read_out)
{
	struct binder *b = binder_new(req->arena);
	struct history_page page;
	const struct pair *query;
	struct uuid party;
	*read_out = false;
	TRY(http_query(req, &query));
	if (!api_id(req, res, "party", &party))
		return RC_OK;
	enum rc rc = codec_page(b, query, &page);
	if (rc == RC_OK) {
		rc = consent_history(req_api(req)->consents, req->arena, &req_caller(req)->person, party, &page, out);
		if (rc == RC_INVALID)
			bind_fail(b, STR("continuationToken"), "The value is not valid.");
	}
	if (rc == RC_INVALID) {
		problem_binding(req, res, b->first);
		return RC_OK;
	}
	TRY(rc);
	http_reply(res, 200, JSON_TYPE);
	if (out->more)
		link_next(req, res, &page, out->items[out->n - 1]->id);
	*read_out = true;
	return RC_OK;
}

enum rc api_bff_count(struct http_req *req, struct http_res *res)
{
	struct problems none = PROBLEMS(req->arena);
	enum rc rc = api_count(req, res);
	return rc == RC_OK ? rc : api_refused(res, rc, &none);
}

enum rc api_bff_list(struct http_req *req, struct http_res *res)
{
	struct problems none = PROBLEMS(req->arena);
	struct consent_history h;
	bool read;
	enum rc rc = api_history(req, res, &h, &read);
	if (rc != RC_OK)
		return api_refused(res, rc, &none);
	if (!read)
		return RC_OK;
	struct jsw w = JSW(&res->body);
	jsw_arr(&w);
	for (size_t i = 0; i < h.n; i++)
		codec_core_details(&w, h.items[i]);
	jsw_end_arr(&w);
	return RC_OK;
}
