/* The log of a giver: everything after the request itself, in the order of time. Calls as in store.h. */
#pragma once
#include "store/store.h"

enum trail_kind {
	TRAIL_EVENT, /* an answer, a withdrawal, a use */
	TRAIL_TOKEN, /* a token was fetched */
	TRAIL_END,   /* an accepted one runs out, or would have: written with the acceptance */
};
struct trail_row {
	int64_t at;
	struct uuid id;
	enum trail_kind kind;
	/* organisation numbers; TRAIL_TOKEN */
	struct str consumer;
	struct str supplier;
	struct event event;      /* TRAIL_EVENT */
	struct consent *consent; /* as consents_of loads it, and handled_by_uuid */
};
struct trail_at {
	int64_t at;
	struct uuid id;
};
#define TRAIL_MAX 1000 /* rows of one answer */
/* Newest first, earlier than `before`, at most `limit`. RC_TOO_LARGE past TRAIL_MAX. */
MUST_USE enum rc trail_of(struct reader *r, struct arena *a, struct uuid from_uuid, const struct trail_at *before,
			  size_t limit, struct trail_row *out[], size_t *n_out);
/* The tokens of one consent, newest first, at most `limit`; without `consent`. RC_TOO_LARGE past TRAIL_MAX. */
MUST_USE enum rc trail_tokens(struct reader *r, struct arena *a, struct uuid consent, size_t limit,
			      struct trail_row *out[], size_t *n_out);
