/* Recently read standings of people for parties. An entry counts only for the registry epoch that it was read at: every
 * change of a holding raises the epoch, and so does every change of a party but its first registration. So only
 * standings of a registered person for a registered party are kept. */
#pragma once
#include "store/store.h"

struct standing_cache;
MUST_USE enum rc standing_cache_create(struct standing_cache **out);
void standing_cache_destroy(struct standing_cache *c); /* c may be NULL */
/* A copy in `a`; false: there is none. */
bool standing_cache_get(struct standing_cache *c, struct arena *a, struct uuid person, struct uuid party, int64_t epoch,
			struct standing *out);
/* One with many holdings is not kept. */
void standing_cache_put(struct standing_cache *c, struct uuid person, struct uuid party, const struct standing *s);
