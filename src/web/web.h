/* The pages: tables of routes, which the daemon puts together. */
#pragma once
#include <stddef.h>

#include "keys/keyring.h"
#include "page/site.h"
#include "web/provider.h"

#define WEB_MAX_SECTIONS 4
/* The context of the pages: http_table.handlers. The services outlive the server. */
struct web {
	struct site site;          /* first: req_site */
	struct keyring *keys;      /* receipts are signed with these… */
	enum jose_alg token_alg;   /* …by this algorithm */
	struct provider *provider; /* of OpenID logins; NULL: none */
	struct str issuer;         /* of receipts, with its slash */
	/* Of the sandbox's page: each appends a section; origin: of addresses in it. */
	void (*sections[WEB_MAX_SECTIONS])(struct http_req *req, struct str origin, struct buf *b);
	size_t n_sections;
};
_Static_assert(offsetof(struct web, site) == 0, "req_site");
static inline struct web *req_web(const struct http_req *req)
{
	return req->handlers;
}

extern const struct http_table web_routes;         /* consents, receipts, login, logout, stylesheet */
extern const struct http_table web_sandbox_routes; /* /sandbox, test login, test logout; not under serve */
/* http_config.error_page: a page for addresses of people, by path and Accept. false: the address is a program's, and
 * the response is untouched. The response must not have a status yet. */
bool web_error_page(struct http_req *req, struct http_res *res, int status);
