/* The activity log of a giver: all that happened to its consents after the requests, in the order of time. The table is
 * called trail. Results that calls share are in store.h. */
#pragma once
#include "store/store.h"

/* The numbers are stored. */
enum activity_row_kind {
	ACTIVITY_ROW_EVENT, /* an answer, a withdrawal, a use */
	ACTIVITY_ROW_TOKEN, /* a token was fetched */
	ACTIVITY_ROW_END,   /* the consent ends: written with the acceptance, also when a withdrawal comes first */
};
struct activity_row {
	int64_t at;
	struct uuid id;
	enum activity_row_kind kind;
	/* of ACTIVITY_ROW_TOKEN: organisation numbers; absent = none */
	struct str consumer;
	struct str supplier;
	struct event event;      /* of ACTIVITY_ROW_EVENT */
	struct consent *consent; /* the members that consents_of sets, and handled_by_uuid */
};
/* A place in the log: rows at one time are in order of id. */
struct activity_at {
	int64_t at;
	struct uuid id;
};
#define ACTIVITY_ROWS_MAX 1000 /* rows of one call; RC_TOO_LARGE past it */
/* The giver's rows before `before`, newest first, at most `limit`. */
MUST_USE enum rc activities_of(struct reader *r, struct arena *a, struct uuid from_uuid,
			       const struct activity_at *before, size_t limit, struct activity_row *out[],
			       size_t *n_out);
/* The tokens of one consent, newest first, at most `limit`. The rows have no `consent`. */
MUST_USE enum rc activities_tokens(struct reader *r, struct arena *a, struct uuid consent, size_t limit,
				   struct activity_row *out[], size_t *n_out);
