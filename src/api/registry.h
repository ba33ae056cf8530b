/* What the files of the resource registry's API share; nobody else includes it. */
#pragma once
#include "api/internal.h"
#include "publish/publish.h"

#define REGISTRY_PREFIX "/resourceregistry/api/v1"
#define REGISTRY_FOUND_MAX 1000 /* resources in one answer; a Link header leads to the next ones */
#define REGISTRY_PAGE 100       /* lists or members in one answer */

/* The newest snapshot: what another process published is seen at the next request. */
MUST_USE enum rc registry_now(struct http_req *req, const struct registry **out);
/* The publisher that the token names; false: it names none, and `res` is the answer. */
bool registry_publisher(struct http_req *req, struct http_res *res, struct publisher *out);
/* What a publication that was not done has to say. */
enum rc registry_refused(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p);

/* A query parameter in any letter case; absent: not given. RC_INVALID: the query cannot be read, `res` is the answer.
 */
MUST_USE enum rc registry_query(struct http_req *req, struct http_res *res, const struct pair **out);
struct str registry_param(const struct pair *query, const char *name);
/* A whole number in the query; `missing` when it is not given. RC_INVALID: `res` is the answer. */
MUST_USE enum rc registry_number(struct http_req *req, struct http_res *res, const char *name, int64_t missing,
				 int64_t *out);
/* "links", with the address of the next page unless `last` is absent. */
void registry_links(const struct http_req *req, struct jsw *w, struct str last);
