/* The organisation behind a request of Altinn 2: by an API key, and by a Maskinporten token or a client certificate
 * (client_cert.h; spec altinn2.md sections 3.2, 6.1). */
#pragma once
#include "gate/gate.h"

#define ALTINN2_MAX_KEY 200 /* bytes of the header ApiKey */

struct altinn2_caller {
	struct str consumer; /* organisation number that the caller acts for */
	struct str supplier; /* its supplier, by delegation at Maskinporten; absent: none */
	struct str own;      /* the caller's own organisation: the supplier, or the consumer */
};
/* Reads the caller of a row whose check is gate_bearer_if. The API key's organisation must be the caller's own.
 * RC_ANSWERED: 401 without a known key or, where `enterprise` is set, without a token and a certificate, and for a
 * certificate that cannot be read; 403 for the key of another organisation. A token counts before a certificate. The
 * reason is the log's. */
MUST_USE enum rc altinn2_caller_read(struct http_req *req, struct http_res *res, bool enterprise,
				     struct altinn2_caller *out);
/* The organisation of a service owner: by a token with the row's scope, with or without its API key, or by the key with
 * a client certificate. The key alone is enough to read. RC_ANSWERED: 401 without these, 403 when they are of two
 * organisations. */
MUST_USE enum rc altinn2_owner_read(struct http_req *req, struct http_res *res, struct str *orgno_out);
/* Answers 403: the service is unknown or of another owner. Always RC_ANSWERED. */
enum rc altinn2_not_owner(struct http_res *res);
/* Answers with the status and a text; `why` is static text for the log. Always RC_ANSWERED. */
enum rc altinn2_refuse(struct http_res *res, int status, const char *text, const char *why);
