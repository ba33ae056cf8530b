/* The JSON endpoints. Tables of routes for the daemon to assemble. */
#pragma once
#include "http/http.h"

extern const struct http_table api_routes; /* consumer, issuer lookup, end user, /token, /jwk, discovery, health */
extern const struct http_table api_sandbox_routes; /* apply, clock, token generator: not linked in by serve */
