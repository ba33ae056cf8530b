/* What the files of this folder share behind store.h. */
#pragma once
#include "store/columns.h"
#include "store/committer.h"
#include "store/db.h"
#include "store/store.h"

#define READER_WAIT_US (2 * INT64_C(1000000)) /* for a connection of the pool */
#define HASH_BYTES 32                         /* SHA-256: guards, session ids, CSRF secrets */

MUST_USE enum rc reader_query(struct reader *r, enum stmt stmt, const struct db_val *args, size_t n_args,
			      db_row_fn *row, void *ctx);
#define READER_QUERY(r, stmt, row, ctx, ...)                                                                           \
	reader_query((r), (stmt), (const struct db_val[]){ __VA_ARGS__ },                                              \
		     LEN(((const struct db_val[]){ __VA_ARGS__ })), (row), (ctx))
/* The sandbox's clock does: there an event's time and its id have nothing to do with each other. */
bool reader_clock_moves(const struct reader *r);
/* What ends a consent goes to this receiver too: then such changes have one order over all receivers. It sorts last. */
extern const struct uuid status_feed;
#define COLUMN_COUNTED(...) +1
enum { EVENT_COLUMN_COUNT = EVENT_COLUMNS(COLUMN_COUNTED, COLUMN_COUNTED, ) };
/* events.c: the first `n` of EVENT_COLUMNS. */
MUST_USE enum rc event_read(struct arena *a, const struct db_val *cols, size_t n, struct event *out);
/* All of EVENT_COLUMNS. The values borrow from `e`; the URN is written into `a`. */
void event_args(struct arena *a, const struct event *e, struct db_val args[EVENT_COLUMN_COUNT]);
/* consents.c: the columns of CONSENT_LIST_COLS (statements.def). */
MUST_USE enum rc consent_list_read(struct arena *a, const struct db_val *cols, size_t n, struct consent **out);
/* To the committer. RC_FAIL when the store is open for reading only. */
MUST_USE enum rc store_change(struct store *s, struct change *c);
