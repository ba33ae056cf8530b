/* Private keys that lie in a PKCS#11 token (OASIS PKCS #11 2.40; Ed25519: 3.0) and never leave it. */
#pragma once
#include "jose/jose.h"

#define P11_PIN_MAX 256 /* bytes */
#define P11_URI_MAX 512
#define P11_SESSIONS 64 /* kept open for one key, so many signatures run at once; more of them wait */

/* One module (a shared library of the token's maker). Many threads may use it. */
struct p11;
/* RC_INVALID: err_out is one line. The token itself need not be there yet. */
MUST_USE enum rc p11_open(struct arena *a, const char *module, struct str pin, struct p11 **out, struct str *err_out);
void p11_close(struct p11 *p); /* may be NULL; its keys are gone by then */

/* uri (RFC 7512): pkcs11: with token= or serial=, and object= or id= or both. */
MUST_USE bool p11_uri_ok(struct str uri);

/* Lets a public key sign with the private key that the URI names. The token is asked at the first signature and again
 * whenever it has been away; while it is, signing is RC_BUSY. RC_INVALID: no such URI. The key does not outlive `p`. */
MUST_USE enum rc p11_attach(struct p11 *p, struct str uri, struct jwk *k);

/* The pair that the URI names, made in the token when it has none (then `object` is needed): never extractable there,
 * kid = thumbprint. RC_INVALID with a reason; RC_BUSY: the token does not answer. */
MUST_USE enum rc p11_key(struct p11 *p, struct str uri, enum jose_alg alg, unsigned bits, struct jwk **out,
			 const char **why_out);
