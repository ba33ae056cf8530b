/* The committer: one thread and one writing connection a store. It takes the changes of all workers, runs them in one
 * transaction with one disk sync, and gives each its own result.
 *
 * A change is a list of statements. One, mostly the first, may be guarded: zero rows is that change's RC_CONFLICT, and
 * the statements after it are written so that they then do nothing. Event ids are made inside the transaction, after
 * the feed rows of all receivers of the batch are locked in byte order: their order is the order of the commits,
 * whichever process made them. */
#pragma once
#include "base/task.h"
#include "store/db.h"
#include "store/store.h"

#define COMMITTER_QUEUE_MAX 4096 /* changes that wait; the next one is RC_BUSY at once */
#define COMMITTER_BATCH_MAX 256  /* changes of one transaction */
#define CHANGE_RECEIVERS 3
#define CHANGE_OPS_MAX 500000 /* statements of one change of administration */

struct change {
	struct arena *a;
	struct db_op *ops;
	size_t n_ops;
	size_t cap;
	bool guarded;             /* the next one must touch a row */
	size_t guard_at;          /* which statement that is; those before it are kept all the same */
	bool invalid;             /* an argument was absent that must not be */
	bool bump;                /* raises the registry version: last of its batch */
	int64_t registry_version; /* decided on this one; 0 = any */
	bool has_event;
	struct uuid event_id;                    /* arguments point here; set before the statements run */
	struct uuid consent;                     /* receivers unknown: those of this consent, when not nil */
	struct uuid receivers[CHANGE_RECEIVERS]; /* whose feeds get the event; nil = none */
	enum rc rc;
	struct waiter done;
	struct change *next;
};

/* Appends a statement; the values are copied, what they point to is not. */
void change_op(struct change *c, enum stmt stmt, const struct db_val *args, size_t n_args);
#define CHANGE_OP(c, stmt, ...)                                                                                        \
	change_op((c), (stmt), (const struct db_val[]){ __VA_ARGS__ }, LEN(((const struct db_val[]){ __VA_ARGS__ })))

struct committer;
struct committer_config {
	const struct db_driver *driver;
	const char *uri;
	struct db *writer; /* taken over; NULL = opened by the first batch */
	size_t queue_max;  /* 0 = COMMITTER_QUEUE_MAX */
};
MUST_USE enum rc committer_create(const struct committer_config *config, struct committer **out);
/* See store_on_commit. */
void committer_tell(struct committer *c, committed_fn *fn, void *ctx);
/* Waits for what is queued; c may be NULL. */
void committer_destroy(struct committer *c);
/* Blocks until the change is durable or refused. */
MUST_USE enum rc committer_run(struct committer *c, struct change *change);
struct store_stats committer_stats(const struct committer *c);
