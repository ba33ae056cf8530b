/* Registered parties seen lately, by number. An entry counts only for the registry version that it was read at, and
 * every change of a party raises that version; so whoever decides on an entry must write with that version (RC_STALE
 * otherwise), or must not care. */
#pragma once
#include "model/model.h"

struct party_cache;
MUST_USE enum rc party_cache_create(struct party_cache **out);
void party_cache_destroy(struct party_cache *c); /* c may be NULL */
/* A copy in `a`, or NULL. */
struct party *party_cache_get(struct party_cache *c, struct arena *a, struct str ident, int64_t version);
void party_cache_put(struct party_cache *c, const struct party *p, int64_t version);
