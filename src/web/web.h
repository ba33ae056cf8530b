/* The pages: tables of routes, which the daemon puts together. */
#pragma once
#include "consent/consent.h"
#include "http/http.h"
#include "keys/keyring.h"
#include "web/logo.h"
#include "web/provider.h"

/* The context of the pages: http_table.handlers. The services outlive the server. */
struct web {
	struct consent_service *consents;
	struct keyring *keys;      /* receipts are signed with these… */
	enum jose_alg token_alg;   /* …by this algorithm */
	struct provider *provider; /* of OpenID logins; NULL: none */
	struct str issuer;         /* of receipts, with its slash */
	struct str public_url;     /* origin, no trailing slash */
	struct str login_path;     /* where a login starts, with ?goto=; absent: no login is set up */
	/* who runs the service; absent = not said */
	struct str operator_name; /* there is one where there is a logo */
	struct str operator_contact;
	struct str operator_privacy;
	struct str operator_help;
	struct str accessibility_statement;
	struct logo logo;
	bool sandbox;
};
static inline struct web *req_web(const struct http_req *req)
{
	return req->handlers;
}
/* The origin of addresses in an answer: the one that the caller used, where the server takes it, else public_url. */
static inline struct str web_origin(const struct http_req *req)
{
	return req->origin.p ? req->origin : req_web(req)->public_url;
}

extern const struct http_table web_routes;         /* consents, receipts, login, logout, stylesheet */
extern const struct http_table web_sandbox_routes; /* /sandbox, test login, test logout; not under serve */
/* http_config.error_page: a page for addresses of people, by path and Accept. false: the address is a program's, and
 * the response is untouched. The response must not have a status yet. */
bool web_error_page(struct http_req *req, struct http_res *res, int status);
