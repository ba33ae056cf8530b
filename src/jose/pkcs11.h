/* Private keys in a PKCS#11 token (OASIS PKCS #11 2.40; Ed25519: 3.0), which they never leave. */
#pragma once
#include "jose/jose.h"

#define P11_PIN_MAX 256 /* bytes */
#define P11_URI_MAX 512
#define P11_SESSIONS 64 /* of one key: so many signatures run at once, further ones wait */

/* A module: the shared library of the token's maker. Many threads may use it. */
struct p11;
/* Loads the module; the token itself may be absent. RC_INVALID: *err_out is one line. */
MUST_USE enum rc p11_open(struct arena *a, const char *module, struct str pin, struct p11 **out, struct str *err_out);
void p11_close(struct p11 *p); /* p may be NULL; no key of it may be left */

/* uri (RFC 7512): pkcs11: with token= or serial=, and object= or id= or both. */
MUST_USE bool p11_uri_ok(struct str uri);

/* Lets the public key k sign with the private key that the URI names. The first signature opens the token, and so does
 * the first one after the token was away; while it is away, signing is RC_BUSY. RC_INVALID: the URI is malformed. The
 * key must not outlive p, must have no private part yet, and no other thread may have it yet. */
MUST_USE enum rc p11_attach(struct p11 *p, struct str uri, struct jwk *k);

/* The key pair that the URI names, with its thumbprint as kid. The token makes the pair when it has none, not
 * extractable; the URI then needs object=. RC_INVALID: *why_out is static text. RC_BUSY: the token does not answer. */
MUST_USE enum rc p11_key(struct p11 *p, struct str uri, enum jose_alg alg, unsigned bits, struct jwk **out,
			 const char **why_out);
