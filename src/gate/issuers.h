/* Other issuers whose access tokens are taken, and their published keys (RFC 7517): fetched when first needed, kept,
 * fetched again when old or when a token names a key that is not among them, but not often. */
#pragma once
#include "jose/jose.h"
#include "net/pool.h"

#define ISSUERS_MAX 8
#define ISSUER_KEYS_AGE_S 3600  /* then they are fetched again */
#define ISSUER_KEYS_END_S 86400 /* then they are not used any more, though no newer ones can be had */
#define ISSUER_KEYS_WAIT_S 5    /* between two fetches from one issuer, whatever tokens come */
#define ISSUER_FETCH_S 5        /* for one fetch */

struct issuers;
struct issuers_config {
	const char *text; /* "ISSUER JWKS-URL", and "enduser" after them where it may speak for people; separated by
			     commas */
	struct net_pool *pool;
	int64_t min_wait_us; /* ISSUER_KEYS_WAIT_S, but for tests */
	int max_waiting;     /* calls that wait for a fetch that another one makes; one more is refused */
};
/* RC_INVALID: err_out (in `a`) is one line. */
MUST_USE enum rc issuers_create(struct arena *a, const struct issuers_config *c, struct issuers **out,
				struct str *err_out);
void issuers_destroy(struct issuers *s); /* may be NULL */
/* Is the signature that of the issuer (exact text)? RC_NOT_FOUND: it is none of them. RC_DENIED: no. RC_BUSY: it cannot
 * be told now. */
struct issued_by {
	struct str name; /* as long as the issuers live */
	bool enduser;    /* it may speak for people */
};
MUST_USE enum rc issuers_verify(const struct issuers *s, struct str issuer, const struct jws *jws,
				struct issued_by *out);
