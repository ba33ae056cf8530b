/* The frame around every page: head, menu, language choice, warning before the session ends. */
#pragma once
#include "gate/gate.h"
#include "text/text.h"
#include "page/site.h"

#define PAGE_WARN_S 120 /* before a session ends, its pages say so */

/* One page on its way. Texts live in `a`, the request's arena. */
struct page {
	struct http_req *req;
	struct http_res *res;
	struct arena *a;
	enum lang lang;
	struct str here;    /* local address of this page: the language choice and the login come back to it */
	struct str user;    /* name of the person with the session; absent: not loaded, or no session */
	struct str csrf;    /* absent without a session */
	struct str refresh; /* local address to move on to after refresh_s; absent: the page stays */
	int refresh_s;
};
struct page page_of(struct http_req *req, struct http_res *res);
/* Loads page.user, once. RC_OK also without a session. */
MUST_USE enum rc page_user(struct page *p);
/* The whole answer; always RC_ANSWERED. title: of the document; " - Samtykke" is added unless it is there. main: HTML.
 * The response must not have a status yet. */
enum rc page_send(struct page *p, int status, struct str title, struct str main);
/* Content-Security-Policy and the other headers that every page carries. */
void page_headers(struct http_res *res);
/* Redirects with the headers of a page; always RC_ANSWERED. The response must not have a status yet. */
enum rc page_redirect(struct http_res *res, int status, struct str to);
