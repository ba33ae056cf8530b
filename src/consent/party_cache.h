/* Recently read parties, by number and by UUID. An entry counts only for the registry epoch that it was read at, and
 * every change of a party raises the epoch. So a decision that rests on an entry must be written with a basis of that
 * epoch: the store answers RC_STALE when it is old. */
#pragma once
#include "model/model.h"

struct party_cache;
MUST_USE enum rc party_cache_create(struct party_cache **out);
void party_cache_destroy(struct party_cache *c); /* c may be NULL */
/* A copy in `a`, or NULL. */
struct party *party_cache_get(struct party_cache *c, struct arena *a, struct str ident, int64_t epoch);
/* The same by UUID. Parties without a name are not found so: a first registration may name them without raising the
 * epoch. */
struct party *party_cache_find(struct party_cache *c, struct arena *a, struct uuid uuid, int64_t epoch);
void party_cache_put(struct party_cache *c, const struct party *p, int64_t epoch);
