/* The issuers of the setting trusted_issuers, and their published keys (RFC 7517). Keys are fetched at the first token,
 * and again when they are old or a token names an unknown key, but not more often than the waits below. */
#pragma once
#include "jose/jose.h"
#include "net/pool.h"

#define ISSUERS_MAX 8
#define ISSUER_KEYS_AGE_S 3600  /* older keys are fetched again */
#define ISSUER_KEYS_END_S 86400 /* older keys are not used, even where no newer ones can be fetched */
#define ISSUER_KEYS_WAIT_S 5    /* shortest time between two fetches from one issuer */
#define ISSUER_FETCH_S 5        /* longest time of one fetch */

struct issuers;
struct issuers_config {
	const char
		*text; /* entries "ISSUER JWKS-URL [enduser]", separated by commas; enduser: it may speak for people */
	struct net_pool *pool; /* outlives the issuers */
	int64_t min_wait_us;   /* ISSUER_KEYS_WAIT_S; shorter in tests */
	int max_waiting;       /* requests that wait for a fetch at one time; one more gets RC_BUSY */
};
/* RC_INVALID: the text is malformed; err_out (in `a`) is one line. The caller destroys *out. */
MUST_USE enum rc issuers_create(struct arena *a, const struct issuers_config *c, struct issuers **out,
				struct str *err_out);
void issuers_destroy(struct issuers *s); /* s may be NULL */

struct issued_by {
	struct str name; /* lives as long as the issuers */
	bool enduser;    /* it may speak for people */
};
/* Verifies that `issuer` (exact text) signed `jws`. RC_NOT_FOUND: not a trusted issuer, and *out is untouched.
 * RC_DENIED: it did not sign. RC_BUSY: its keys cannot be fetched now. From any thread; may wait for a fetch. */
MUST_USE enum rc issuers_verify(const struct issuers *s, struct str issuer, const struct jws *jws,
				struct issued_by *out);
