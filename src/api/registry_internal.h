/* What the files of the registry's API share. Its routes read the registry and publish to it. */
#pragma once
#include "api/internal.h"
#include "publish/publish.h"

#define REGISTRY_PREFIX "/resourceregistry/api/v1"
#define REGISTRY_FOUND_MAX 1000 /* resources in one answer; a Link header leads to the next page */
#define REGISTRY_PAGE 100       /* access lists or members in one answer */

/* The organisation that publishes, with the request's If-Match. RC_ANSWERED: the token names no organisation; 401. */
MUST_USE enum rc api_publisher(struct http_req *req, struct http_res *res, struct publisher *out);
/* Passes the result of a publication on. RC_ANSWERED: it was refused; 400 with the faults, 403, 404, 409, 429
 * or, when another publication came first, 412. */
MUST_USE enum rc api_publish_refused(struct http_req *req, struct http_res *res, enum rc rc,
				     const struct publication *p);
/* One page of a list, written entry by entry in order of their names. It ends at `max` entries or LIST_BYTES_MAX, and
 * has one entry at least. */
struct api_page {
	struct jsw w;
	struct str after; /* name of the last entry of the page before; absent: the first page */
	size_t max;       /* 0: any number */
	struct str last;
	size_t n;
	size_t start;
	bool more;
};
/* `out` gets the entries, of which api_page_of writes the array's beginning. after: the parameter of the query that
 * names the page. */
struct api_page api_page_of(struct buf *out, const struct pair *query, const char *after, size_t max);
/* Does the entry stand on this page? Then the caller writes it to page->w and calls api_page_end. */
bool api_page_begin(struct api_page *page, struct str name);
void api_page_end(struct api_page *page, struct str name);
/* For lists in an order of their own, where a name may stand twice. The name of the i-th entry on a page: */
struct str api_place_name(struct arena *a, size_t i, struct str name);
/* The entry at which the page behind such a name begins. Another entry may have gone meanwhile: then the list goes on
 * behind that name, or begins anew when the name has gone, so that none is missed. */
typedef struct str api_place_fn(const void *list, size_t i);
size_t api_place_after(struct str after, const void *list, size_t n, api_place_fn *name);
/* Answers with the page as an array, which page->w has written to res->body. A Link header leads to the next page. */
void api_page_reply(struct http_req *req, struct http_res *res, const struct pair *query, struct api_page *page);
/* Answers with "links" and "data"; page->w has written to another buffer. */
void api_page_reply_data(struct http_req *req, struct http_res *res, const struct pair *query, struct api_page *page);
/* Writes the member "links". It leads to the page behind the identifier or member `last`, with the other parameters
 * of the query; absent: no next page. */
void api_links_write(const struct http_req *req, struct jsw *w, const struct pair *query, struct str last);
