/* The provider's part in a logout. */
#pragma once
#include "http/http.h"

/* Address of the login's own logout pages: the provider's (OpenID Connect RP-Initiated Logout 1.0), the sandbox's, or
 * the page where they end. Absolute for a provider, else local. */
struct str logout_address(struct http_req *req);
