/* Consents that another platform keeps, asked for over HTTP as the real issuer asks Altinn: POST {id, from, to} to its
 * lookup, with a bearer token. */
#pragma once
#include "http/http.h"
#include "issuer/issuer.h"

#define REMOTE_SCOPE "altinn:maskinporten/consent.read"
#define REMOTE_MAX_ANSWER 32768 /* bytes */

struct remote_config {
	const char *url;              /* of the lookup, as it is called: a gateway may want the slash at its end */
	const char *subscription_key; /* of an API gateway in front of it; NULL: none */
	/* Where the bearer token comes from: an issuer that knows this client, by JWT grant. client_id NULL: this
	 * platform signs it itself, for one that trusts its keys. */
	/* issuer with its slash */
	const char *issuer;
	const char *client_id;
	struct jwk *key; /* the client's; the reference is the remote's from then on */
	int timeout_s;   /* of a lookup, its token included */
};
struct remote;
MUST_USE enum rc remote_create(const struct remote_config *c, struct remote **out);
void remote_destroy(struct remote *r); /* may be NULL */
/* What a token may say of the consent: id, from, to, consented_text, valid_to(_text), rights. The text of the times is
 * the other's. RC_DENIED: the other says no, whatever its reason. RC_BUSY: no answer, or none that can be trusted; the
 * log has the request's trace id with it. */
MUST_USE enum rc remote_lookup(struct issuer *issuer, const struct http_req *req, const struct oauth_consent *asked,
			       struct urn to, struct consent **out);
/* The answer alone; status: HTTP. *why_out, for the log, where it is RC_BUSY. */
MUST_USE enum rc remote_read(struct arena *a, int status, struct str body, const struct oauth_consent *asked,
			     struct consent **out, const char **why_out);
