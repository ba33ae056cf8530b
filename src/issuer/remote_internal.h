/* Consents that another platform keeps, asked for over HTTP as the real issuer asks Altinn: POST {id, from, to} to its
 * lookup, with a bearer token. */
#pragma once
#include "issuer/issuer.h"

#define REMOTE_SCOPE "altinn:maskinporten/consent.read"
#define REMOTE_MAX_ANSWER 32768 /* bytes */

/* What a token may say of the consent: id, from, to, consented_text, valid_to(_text), rights. The text of the times is
 * the other's. RC_DENIED: the other says no, whatever its reason. RC_BUSY: no answer, or none that can be trusted; the
 * log has the request's trace id with it. */
MUST_USE enum rc remote_lookup(struct issuer *issuer, struct arena *a, const char *trace_id,
			       const struct oauth_consent *detail, struct urn to, struct consent **out);
/* The answer alone; status: HTTP. *why_out, for the log, where it is RC_BUSY. */
MUST_USE enum rc remote_read(struct arena *a, int status, struct str body, const struct oauth_consent *detail,
			     struct consent **out, const char **why_out);
