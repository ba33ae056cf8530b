/* The client certificate that a trusted proxy hands over in a header: an organisation's authentication beside the API
 * key (spec altinn2.md section 3.2). The proxy checks its chain and that the client has its key. */
#pragma once
#include "base/conf.h"
#include "http/http.h"

struct altinn2_settings {
	const char *client_cert_header; /* NULL or empty: certificates do not count */
};
#define ALTINN2_SETTINGS 1
extern const struct conf_row altinn2_settings[ALTINN2_SETTINGS];

/* The organisation of the certificate. RC_NOT_FOUND: there is none, the setting is off, or the peer is no trusted
 * proxy. RC_INVALID: the header holds no certificate of an organisation, or stands twice; *why_out is static text for
 * the log.
 *
 * The header holds the certificate in PEM, percent-encoded (nginx: $ssl_client_escaped_cert), or its DER in standard
 * base64 (HAProxy: ssl_c_der,base64). HTTP_MAX_HEADER limits it. */
MUST_USE enum rc altinn2_client_cert(struct http_req *req, struct str *orgno_out, const char **why_out);
