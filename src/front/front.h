/* What every front needs between a request and the rules: the caller, the body, the query, ids in the path, and the
 * answers to requests that are refused.
 *
 * RC_OK means "go on" and nothing else. RC_ANSWERED means that `res` holds the answer already; a handler passes it on
 * with TRY. What a function hands out lives in the request's arena. */
#pragma once
#include "base/url.h"
#include "consent/consent.h"
#include "consent/problem.h"
#include "front/bind.h"
#include "front/problem.h"
#include "http/http.h"

/* ---- caller and path ---- */
/* The calling organisation. RC_ANSWERED: the token names none; 401. */
MUST_USE enum rc front_org(struct http_req *req, struct http_res *res, const struct org_caller **out);
/* The first path parameter as a UUID. RC_ANSWERED: it is none; 400 with an error at `name`. */
MUST_USE enum rc front_id(struct http_req *req, struct http_res *res, const char *name, struct uuid *out);
/* The same, for routes where a malformed id is an unknown one. RC_ANSWERED: 404 with an empty body. */
MUST_USE enum rc front_id_or_404(struct http_req *req, struct http_res *res, struct uuid *out);

/* ---- body ---- */
/* Is the body application/json or application/…+json, as Altinn's APIs consume them? text/json is none. */
bool front_is_json(const struct http_req *req);
/* The body as a JSON object. RC_ANSWERED: another media type, 415; no JSON object, or one with a member that stands
 * twice in any letter case, 400. That answer has an error at `name` as well, which is what the endpoint calls its body.
 */
MUST_USE enum rc front_body(struct http_req *req, struct http_res *res, const char *name, const struct js **out);
/* Passes the result of a reader on. RC_ANSWERED: the binder has errors; 400 with them. */
MUST_USE enum rc front_bound(struct http_req *req, struct http_res *res, const struct binder *b, enum rc rc);
/* Answers 400 with one error at `path`. Always RC_ANSWERED. `message` is static text. */
enum rc front_invalid(struct http_req *req, struct http_res *res, struct str path, const char *message);

/* ---- query ---- */
/* RC_ANSWERED: the query is malformed, or a parameter stands twice, in any letter case; 400. */
MUST_USE enum rc front_query(struct http_req *req, struct http_res *res, const struct pair **out);
/* A parameter in any letter case of its name. Absent when it is missing or empty. */
struct str front_param(const struct pair *query, const char *name);
/* A parameter that must be there. RC_ANSWERED: the query is malformed, or the parameter is missing or empty; 400. */
MUST_USE enum rc front_param_required(struct http_req *req, struct http_res *res, const char *name, struct str *out);
/* A whole number from 0 to INT64_MAX. *out is `missing` without the parameter. RC_ANSWERED: the query is malformed, or
 * the value is no such number; 400. */
MUST_USE enum rc front_number(struct http_req *req, struct http_res *res, const char *name, int64_t missing,
			      int64_t *out);

/* Parameters that several endpoints of consents have. RC_INVALID: the binder has an error.
 * status: the name in any letter case, or the number. *out stays without the parameter. */
MUST_USE enum rc query_status(struct binder *b, const struct pair *query, enum consent_status *out);
/* pageSize, 1 to CONSENT_PAGE_MAX (without it: CONSENT_HISTORY_MAX), and continuationToken. */
#define CONSENT_PAGE_MAX 1000
MUST_USE enum rc query_page(struct binder *b, const struct pair *query, struct history_page *out);
/* The continuationToken of the page behind the consent `last`, which must not be nil. */
struct str query_page_token(struct arena *a, struct uuid last);

/* ---- refusals ---- */
/* How one front tells its clients that a rule refused. */
struct front_refusal {
	void (*problems)(struct http_res *res, const struct problems *p); /* the rule named problems: p->n > 0 */
	void (*denied)(struct http_res *res);                             /* RC_DENIED, and the rule named none */
};
/* Passes the result of a rule on. RC_ANSWERED: the rule refused, and `refusal` has written the answer. RC_STALE,
 * RC_BUSY, RC_UNCERTAIN and RC_FAIL are no refusals, whatever problems stand beside them. */
MUST_USE enum rc front_refused(const struct front_refusal *refusal, struct http_res *res, enum rc rc,
			       const struct problems *p);
