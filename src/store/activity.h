/* The log of a giver: everything after the request itself, in the order of time. Calls as in store.h. */
#pragma once
#include "store/store.h"

enum activity_row_kind {
	ACTIVITY_ROW_EVENT, /* an answer, a withdrawal, a use */
	ACTIVITY_ROW_TOKEN, /* a token was fetched */
	ACTIVITY_ROW_END,   /* an accepted one runs out, or would have: written with the acceptance */
};
struct activity_row {
	int64_t at;
	struct uuid id;
	enum activity_row_kind kind;
	/* organisation numbers; ACTIVITY_ROW_TOKEN */
	struct str consumer;
	struct str supplier;
	struct event event;      /* ACTIVITY_ROW_EVENT */
	struct consent *consent; /* as consents_of loads it, and handled_by_uuid */
};
struct activity_at {
	int64_t at;
	struct uuid id;
};
#define ACTIVITY_ROWS_MAX 1000 /* rows of one answer */
/* Newest first, earlier than `before`, at most `limit`. RC_TOO_LARGE past ACTIVITY_ROWS_MAX. */
MUST_USE enum rc activities_of(struct reader *r, struct arena *a, struct uuid from_uuid,
			       const struct activity_at *before, size_t limit, struct activity_row *out[],
			       size_t *n_out);
/* The tokens of one consent, newest first, at most `limit`; without `consent`. RC_TOO_LARGE past ACTIVITY_ROWS_MAX. */
MUST_USE enum rc activities_tokens(struct reader *r, struct arena *a, struct uuid consent, size_t limit,
				   struct activity_row *out[], size_t *n_out);
