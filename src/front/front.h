/* What the fronts share: bodies, queries, problem documents and binders. */
#pragma once
#include "base/url.h"
#include "consent/consent.h"
#include "front/bind.h"
#include "http/http.h"

/* The answer to a body that is no JSON object of a media type that we read: RC_OK with *out NULL when `res` is the
 * answer. */
MUST_USE enum rc api_body(struct http_req *req, struct http_res *res, const char *param, const struct js **out);
/* The caller of an enterprise endpoint; NULL when the token names no organisation: `res` is the answer. */
const struct org_caller *api_org(struct http_req *req, struct http_res *res);

/* Query parameters: name of a status in any case, or its number; absent: *out stays. */
MUST_USE enum rc codec_status(struct binder *b, const struct pair *query, enum consent_status *out);
/* pageSize (1 … CONSENT_PAGE_MAX; absent: CONSENT_HISTORY_MAX) and continuationToken. */
#define CONSENT_PAGE_MAX 1000
MUST_USE enum rc codec_page(struct binder *b, const struct pair *query, struct history_page *out);
struct str codec_page_token(struct arena *a, struct uuid last);
