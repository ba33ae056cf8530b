/* The JSON endpoints. Tables of routes for the daemon to assemble. */
#pragma once
#include "http/http.h"
#include "issuer/issuer.h"

/* The context of the JSON endpoints: http_table.handlers. The services outlive the server. */
struct api {
	struct consent_service *consents;
	struct keyring *keys;
	struct issuer *issuer;
	struct status_lists *status;
	struct trust *trust;                /* roots of organisation certificates; NULL: none are taken */
	struct str public_url;              /* origin, no trailing slash */
	struct http_server *_Atomic server; /* NULL until it listens */
	_Atomic int64_t requests;           /* answered so far, for /metrics */
};
static inline struct api *req_api(const struct http_req *req)
{
	return req->handlers;
}

/* http_config.error_page for /token: what its clients read is error and error_description, whoever refuses. */
bool api_error_page(struct http_req *req, struct http_res *res, int status);

extern const struct http_table api_routes; /* consumer, issuer lookup, end user, /token, /jwk, discovery, health */
extern const struct uuid api_status_key;   /* of http_wait: calls for a status list, until status_work has looked */
extern const struct http_table api_sandbox_routes; /* apply, clock, token generator: not linked in by serve */
