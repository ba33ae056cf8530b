/* Status lists: what has ended, STATUS_LIST_SIZE row keys a list. */
#pragma once
#include "store/store.h"

#define STATUS_LIST_SIZE 1048576
#define STATUS_SEED_BYTES 32
#define STATUS_PAGE 500 /* rows of one read: a driver may hold them all */
/* The store's own secret, the same in every process; made by whoever asks first. */
MUST_USE enum rc status_seed(struct store *s, struct arena *a, uint8_t out[STATUS_SEED_BYTES]);
MUST_USE enum rc status_lists_count(struct reader *r, int64_t *out); /* lists 0 … count-1 have consents */
typedef void status_fn(void *ctx, int64_t key);
/* Revoked and used-up consents of the list. Nothing ever appears behind the cursor, which begins as nil and is moved.
 */
MUST_USE enum rc status_ended(struct reader *r, int64_t list, struct uuid *cursor, status_fn *fn, void *ctx);
/* Those, answered or not, whose valid_to is after `after` and not after `until` (µs). */
MUST_USE enum rc status_expired(struct reader *r, int64_t list, int64_t after, int64_t until, status_fn *fn, void *ctx);
