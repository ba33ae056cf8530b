/* Consents that have ended, for the status lists. List n covers the row keys from n × STATUS_LIST_SIZE on. */
#pragma once
#include "store/store.h"

#define STATUS_LIST_SIZE 1048576
#define STATUS_SEED_BYTES 32
#define STATUS_PAGE 500 /* rows of one statement: a driver may hold all of them in memory */
/* The store's secret for the order of the indices, the same in every process. The first call makes it. */
MUST_USE enum rc status_seed(struct store *s, struct arena *a, uint8_t out[STATUS_SEED_BYTES]);
/* Lists 0 … count-1 cover all consents of the store. */
MUST_USE enum rc status_lists_count(struct reader *r, int64_t *out);
/* Gets the row key of a consent. */
typedef void status_fn(void *ctx, int64_t key);
/* Consents of the list that were revoked or used up since the cursor. The cursor begins as nil; the call moves it. No
 * consent ever appears before a cursor. */
MUST_USE enum rc status_ended(struct reader *r, int64_t list, struct uuid *cursor, status_fn *fn, void *ctx);
/* Consents and requests of the list that were live at `after` and are over at `until`. */
MUST_USE enum rc status_expired(struct reader *r, int64_t list, int64_t after, int64_t until, status_fn *fn, void *ctx);
