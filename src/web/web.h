/* The pages. Tables of routes for the daemon to assemble. */
#pragma once
#include "http/http.h"
#include "consent/consent.h"
#include "keys/keyring.h"
#include "web/provider.h"

/* The context of the pages: http_table.handlers. The services outlive the server. */
struct web {
	struct consent_service *consents;
	struct keyring *keys;      /* receipts are signed with these… */
	enum jose_alg token_alg;   /* …by this algorithm */
	struct provider *provider; /* of OpenID logins; NULL: none */
	struct str issuer;         /* of receipts, with its slash */
	struct str public_url;     /* origin, no trailing slash */
	struct str login_path; /* a person without a session goes to this path + "?goto="; absent: no login is set up */
	/* of the accessibility page; absent = none */
	struct str operator_name;
	struct str operator_contact;
	struct str accessibility_statement;
	bool sandbox;
};
static inline struct web *req_web(const struct http_req *req)
{
	return req->handlers;
}

extern const struct http_table web_routes;         /* consent page, receipt, logout, stylesheet */
extern const struct http_table web_sandbox_routes; /* /sandbox, test login, test logout */
/* http_config.error_page: an HTML page for paths of people, by Accept and prefix. */
bool web_error_page(struct http_req *req, struct http_res *res, int status);
