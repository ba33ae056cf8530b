/* The JSON endpoints: tables of routes for the daemon to assemble, and their context. */
#pragma once
#include "http/http.h"
#include "issuer/issuer.h"

/* The context of the JSON endpoints: http_table.handlers. The services outlive the server. */
struct api {
	struct consent_service *consents;
	struct keyring *keys;
	struct issuer *issuer;
	struct status_lists *status;
	struct trust *trust;   /* roots of organisation certificates; NULL: clients may tie no key to one */
	struct pace *pace;     /* of changes of the registry */
	struct str public_url; /* origin, without a slash at its end */
	struct http_server *_Atomic server; /* NULL until it listens */
	_Atomic int64_t requests;           /* answered so far, for /metrics */
};
static inline struct api *req_api(const struct http_req *req)
{
	return req->handlers;
}
/* The origin of addresses in an answer: the one that the caller used, where the server takes it, else public_url. */
static inline struct str api_origin(const struct http_req *req)
{
	return req->origin.p ? req->origin : req_api(req)->public_url;
}

/* http_config.error_page for /token, whose clients read error and error_description in every refusal, the server's own
 * included. false: the path is another one, and `res` is untouched. */
bool api_error_page(struct http_req *req, struct http_res *res, int status);

/* Consents for consumers and people, registry, self-service, token issuer, discovery, health. */
extern const struct http_table api_routes;
/* The sandbox's seed documents, clock and token generator. `serve` must not offer them. */
extern const struct http_table api_sandbox_routes;
/* The http_wait key of requests for a status list. The daemon wakes them when the lists are up to date. */
extern const struct uuid api_status_key;
