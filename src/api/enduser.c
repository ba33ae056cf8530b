#include "api/internal.h"

#include <assert.h>

#include "proof/receipt.h"

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
	TRY(front_id(req, res, "requestId", &id));
	enum rc rc = consent_open(d, req->arena, id, &req_caller(req)->person, &c, &p);
	TRY(api_refused(res, rc, &p));
	bff_reply(res, c, consent_view_uri(req->arena, api_origin(req), c));
	return RC_OK;
}

static enum rc decide(struct http_req *req, struct uuid id, enum consent_status to, struct str language,
		      struct consent **out, struct problems *p)
{
	p->why = session_fresh(req) ? NULL : "the login is too old";
	if (p->why)
		return RC_DENIED;
	return consent_decide(req_api(req)->consents, req->arena, id, &req_caller(req)->person, to, language, out, p);
}

enum rc api_language(struct http_req *req, struct http_res *res, struct str *out)
{
	struct binder *b = binder_new(req->arena);
	const struct js *body;
	TRY(front_body(req, res, "consentContext", &body));
	return front_bound(req, res, b, codec_accept(b, body, out));
}

static enum rc bff_decide(struct http_req *req, struct http_res *res, enum consent_status to, struct str language)
{
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	struct uuid id;
	TRY(front_id(req, res, "requestId", &id));
	enum rc rc = decide(req, id, to, language, &c, &p);
	TRY(api_refused(res, rc, &p));
	gate_note_decision(res, c, to);
	bff_reply(res, c, STR(""));
	return RC_OK;
}

enum rc api_bff_accept(struct http_req *req, struct http_res *res)
{
	struct str language;
	TRY(api_language(req, res, &language));
	return bff_decide(req, res, ST_ACCEPTED, language);
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
	TRY(front_id(req, res, "consentId", &id));
	enum rc rc = decide(req, id, ST_REVOKED, STR_NONE, &c, &p);
	TRY(api_refused(res, rc, &p));
	gate_note_decision(res, c, ST_REVOKED);
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
	TRY(front_id(req, res, "consentId", &id));
	enum rc rc = consent_details(req_api(req)->consents, req->arena, id, &req_caller(req)->person, &c, &p);
	TRY(api_refused(res, rc, &p));
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	codec_core_consent(&w, c);
	return RC_OK;
}

enum rc api_bff_receipt(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct api *api = req_api(req);
	struct consent_snapshot snapshot;
	struct consent *c;
	struct uuid id;
	struct str jwt;
	TRY(front_id(req, res, "consentId", &id));
	enum rc rc = consent_details(api->consents, req->arena, id, &req_caller(req)->person, &c, &p);
	TRY(api_refused(res, rc, &p));
	rc = consent_snapshot_load(api->consents, req->arena, c, &snapshot);
	if (rc == RC_NOT_FOUND) {
		(void)problems_add(&p, PROB_NOT_ACCEPTED, STR_NONE);
		return api_refused(res, RC_INVALID, &p);
	}
	TRY(rc == RC_INVALID ? RC_FAIL : rc); /* the kept text is damaged */
	const struct receipt_visit of = { req->arena, c, &snapshot };
	const struct receipt_order o = {
		.issuer = api->issuer->url,
		.withdrawal =
			arena_fmt(req->arena, "%.*s/accessmanagement/ui/consent/active", STR_FMT(api_origin(req))),
	};
	rc = receipt_sign(api->consents, api->keys, api->issuer->alg, &of, &o, &jwt);
	TRY(rc == RC_TOO_LARGE ? RC_FAIL : rc);
	http_reply(res, 200, "application/" RECEIPT_TYPE);
	buf_add(&res->body, jwt);
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
	TRY(front_query(req, res, &query));
	TRY(front_id(req, res, "party", &party));
	TRY(front_bound(req, res, b, query_status(b, query, &status)));
	TRY(consent_count(req_api(req)->consents, req->arena, &req_caller(req)->person, party, status, &n));
	http_reply(res, 200, JSON_TYPE);
	buf_i64(&res->body, n);
	return RC_OK;
}

/* RFC 8288: the address of the next page. */
static void link_next(struct http_req *req, struct http_res *res, const struct history_page *page, struct uuid last)
{
	struct str token = query_page_token(req->arena, last), size = STR("");
	if (page->limit != CONSENT_HISTORY_MAX)
		size = arena_fmt(req->arena, "pageSize=%zu&", page->limit);
	http_set_header(res, "Link",
			arena_fmt(req->arena, "<%.*s%.*s?%.*scontinuationToken=%.*s>; rel=\"next\"",
				  STR_FMT(api_origin(req)), STR_FMT(req->path), STR_FMT(size), STR_FMT(token)));
}

enum rc api_history(struct http_req *req, struct http_res *res, history_fn *read, struct history_page *page_out,
		    struct consent_history *out)
{
	struct binder *b = binder_new(req->arena);
	const struct pair *query;
	struct uuid party;
	TRY(front_query(req, res, &query));
	TRY(front_id(req, res, "party", &party));
	TRY(front_bound(req, res, b, query_page(b, query, page_out)));
	enum rc rc = read(req_api(req)->consents, req->arena, &req_caller(req)->person, party, page_out, out);
	if (rc == RC_INVALID)
		return front_invalid(req, res, STR("continuationToken"), "The value is not valid.");
	return rc;
}

void api_history_write(struct http_req *req, struct http_res *res, const struct history_page *page,
		       const struct consent_history *h, history_item_fn *item, const void *ctx)
{
	struct jsw w = JSW(&res->body);
	size_t i = 0;
	http_reply(res, 200, JSON_TYPE);
	jsw_arr(&w);
	for (; i < h->n; i++) {
		size_t start = res->body.n;
		item(&w, ctx, h, i);
		if (i && res->body.n > LIST_BYTES_MAX) {
			res->body.n = start;
			break;
		}
	}
	jsw_end_arr(&w);
	bool whole = i == h->n;
	assert(whole || i > 0);
	if (!whole || h->more)
		link_next(req, res, page, whole && !uuid_is_nil(h->last) ? h->last : h->items[i - 1]->id);
}

enum rc api_bff_count(struct http_req *req, struct http_res *res)
{
	struct problems none = PROBLEMS(req->arena);
	return api_refused(res, api_count(req, res), &none);
}

static void details_item(struct jsw *w, const void *ctx, const struct consent_history *h, size_t i)
{
	(void)ctx;
	codec_core_details(w, h->items[i]);
}

enum rc api_bff_list(struct http_req *req, struct http_res *res)
{
	struct problems none = PROBLEMS(req->arena);
	struct history_page page;
	struct consent_history h;
	TRY(api_refused(res, api_history(req, res, consent_history, &page, &h), &none));
	api_history_write(req, res, &page, &h, details_item, NULL);
	return RC_OK;
}
