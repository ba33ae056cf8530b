/* What the pages of every front know about the service. */
#pragma once
#include "consent/consent.h"
#include "http/http.h"
#include "page/logo.h"

struct site {
	struct consent_service *consents;
	struct str public_url; /* origin, no trailing slash */
	struct str login_path; /* where a login starts, with ?goto=; absent: no login is set up */
	bool login_elsewhere;  /* the login is at another origin: an OpenID provider's */
	/* who runs the service; absent = not said */
	struct str operator_name; /* there is one where there is a logo */
	struct str operator_contact;
	struct str operator_privacy;
	struct str operator_help;
	struct str accessibility_statement;
	struct logo logo;
	bool sandbox;
};
/* A front with pages has a struct site as the first member of its context, http_table.handlers, and asserts so. */
static inline struct site *req_site(const struct http_req *req)
{
	return req->handlers;
}
/* The origin of addresses in an answer: the one that the caller used, where the server takes it, else public_url. */
static inline struct str site_origin(const struct http_req *req)
{
	return req->origin.p ? req->origin : req_site(req)->public_url;
}
