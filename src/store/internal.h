/* Calls that the files of this folder share. */
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
/* Was opened as a snapshot. */
bool reader_is_snapshot(const struct reader *r);
/* True in the sandbox, whose clock can be set: an event's time says nothing of its id then. */
bool reader_clock_moves(const struct reader *r);
/* Changes that end a consent go to this receiver too, so that they have one order. It sorts after all others. */
extern const struct uuid status_feed;
#define COLUMN_COUNTED(...) +1
enum { EVENT_COLUMN_COUNT = EVENT_COLUMNS(COLUMN_COUNTED, COLUMN_COUNTED, ) };
/* events.c: the first `n` of EVENT_COLUMNS. */
MUST_USE enum rc event_read(struct arena *a, const struct db_val *cols, size_t n, struct event *out);
/* All of EVENT_COLUMNS. The values borrow from `e`; the URN is written into `a`. */
void event_args(struct arena *a, const struct event *e, struct db_val args[EVENT_COLUMN_COUNT]);
/* consents.c: the row's key, then CONSENT_COLUMNS. */
MUST_USE enum rc consent_read(struct arena *a, const struct db_val *cols, size_t n, struct consent **out);
/* consents.c: inserts the row, unless its id is there. last_event: the id of its newest event, read when it runs. */
void consent_insert_op(struct change *ch, const struct consent *c, const struct uuid *last_event);
/* consents.c: the columns of CONSENT_LIST_COLS (statements.def). */
MUST_USE enum rc consent_list_read(struct arena *a, const struct db_val *cols, size_t n, struct consent **out);
/* Hands the change to the committer and waits. RC_FAIL: the store is offline. */
MUST_USE enum rc store_change(struct store *s, struct change *c);
