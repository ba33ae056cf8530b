/* Chains that were found good. What a check says of one follows from the chain, the files and the time alone, and stays
 * the same from the latest beginning to the earliest end of all that was looked at: within that, it is not worked out
 * again. For trust.c. */
#pragma once
#include "jose/trust.h"

#define TRUST_KEPT 1024 /* chains; one more takes the place of one that is there */

struct kept;                       /* may be used by many threads at once */
struct kept *kept_create(void);    /* NULL: out of memory */
void kept_destroy(struct kept *k); /* may be NULL */

struct kept_id {
	uint8_t chain[32];
	uint64_t files; /* which ones: a number that is never given twice */
};
struct kept_id kept_id(const struct str *der, size_t n, uint64_t files);
struct kept_span {
	/* both included */
	int64_t from_s;
	int64_t until_s;
};
bool kept_find(struct kept *k, const struct kept_id *id, int64_t now_s, struct arena *a, struct org_cert *out);
void kept_put(struct kept *k, const struct kept_id *id, struct kept_span span, const struct org_cert *cert);
