/* What the files of the registry's API share. Its routes read the registry and publish to it. */
#pragma once
#include "api/internal.h"
#include "publish/publish.h"

#define REGISTRY_PREFIX "/resourceregistry/api/v1"
#define REGISTRY_FOUND_MAX 1000 /* resources in one answer; a Link header leads to the next page */
#define REGISTRY_PAGE 100       /* access lists or members in one answer */

/* The organisation that publishes, with the request's If-Match. RC_ANSWERED: the token names no organisation; 401. */
MUST_USE enum rc api_publisher(struct http_req *req, struct http_res *res, struct publisher *out);
/* Passes the result of a publication on. RC_ANSWERED: it was refused; 400 with the faults, 403, 404, 409 or, when
 * another publication came first, 412. */
MUST_USE enum rc api_publish_refused(struct http_req *req, struct http_res *res, enum rc rc,
				     const struct publication *p);
/* Writes the member "links". It leads to the page behind the identifier or member `last`; absent: no next page. */
void api_links_write(const struct http_req *req, struct jsw *w, struct str last);
