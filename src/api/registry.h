/* What the files of the resource registry's API share; nobody else includes it. */
#pragma once
#include "api/internal.h"
#include "publish/publish.h"

#define REGISTRY_PREFIX "/resourceregistry/api/v1"
#define REGISTRY_FOUND_MAX 1000 /* resources in one answer; a Link header leads to the next ones */
#define REGISTRY_PAGE 100       /* lists or members in one answer */

/* The newest snapshot: what another process published is seen at the next request. */
MUST_USE enum rc registry_now(struct http_req *req, const struct registry **out);
/* The organisation that publishes, with the request's If-Match. RC_ANSWERED: the token names no organisation; 401. */
MUST_USE enum rc registry_publisher(struct http_req *req, struct http_res *res, struct publisher *out);
/* Passes the result of a publication on. RC_ANSWERED: it was refused; 400 with the faults, 403, 404, 409 or, when
 * another publication came first, 412. */
MUST_USE enum rc registry_refused(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p);

/* "links", with the address of the next page unless `last` is absent. */
void registry_links(const struct http_req *req, struct jsw *w, struct str last);
