/* Consents from another system, with what has happened to them. Results are those of store.h. */
#pragma once
#include "store/store.h"

#define IMPORT_ROWS_MAX 500     /* consents of one change */
#define IMPORT_EVENTS_MAX 10000 /* events of one change */
struct import_row {
	/* All members that are stored, and its events in the order in which they happened, EV_CREATED first. The store
	 * sets last_event, the ids of the events, and in an acceptance no texts that were shown. */
	struct consent *consent;
	/* resources whose owners have an accepted consent in a list (lists.h), and when it came to its state there */
	const struct str *listed;
	size_t n_listed;
	int64_t listed_at;
	bool existed; /* out: the id was there, and the row is as it was */
};
/* Writes all of them in one transaction, or none. Ids of events are made as always, so that the feeds keep the order of
 * the commits; their times are those of the events. RC_TOO_LARGE: past the limits. */
MUST_USE enum rc consents_import(struct store *s, struct arena *a, struct import_row *rows, size_t n);
