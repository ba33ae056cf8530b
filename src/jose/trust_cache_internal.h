/* The cache of certificate chains that trust.c found good. The result of a check follows from the chain, the files and
 * the time alone. It stays the same from the latest start to the earliest end of all certificates and revocation lists
 * that the check used, so within that span it is not computed again. */
#pragma once
#include "jose/trust.h"

#define TRUST_CACHE_CHAINS 1024 /* a new chain replaces the one in its place */

struct trust_cache;                              /* may be used by many threads at once */
struct trust_cache *trust_cache_create(void);    /* NULL: out of memory */
void trust_cache_destroy(struct trust_cache *c); /* c may be NULL */

struct chain_id {
	uint8_t sha256[32];
	uint64_t files; /* the number of the files that it was checked with; a number is never used twice */
};
struct chain_id trust_cache_id(const struct str *der, size_t n, uint64_t files);

struct trust_span {
	/* seconds since 1970, both included */
	int64_t from_s;
	int64_t until_s;
};
/* true: the chain is good at now_s. out->orgno lies in `a`; out->key is yours to unref. */
bool trust_cache_find(struct trust_cache *c, const struct chain_id *id, int64_t now_s, struct arena *a,
		      struct org_cert *out);
/* Takes a reference to cert->key. A certificate whose orgno has not TRUST_ORGNO_DIGITS digits is not kept. */
void trust_cache_put(struct trust_cache *c, const struct chain_id *id, struct trust_span span,
		     const struct org_cert *cert);
