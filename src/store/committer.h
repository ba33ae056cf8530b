/* The committer: one thread and one writing connection per store. It takes the changes of all workers, runs them in one
 * transaction with one disk sync, and gives each change its own result.
 *
 * A change is a list of statements. One of them, mostly the first, may be guarded: when it changes no row, the change
 * is RC_CONFLICT. The statements after it are written so that they do nothing then.
 *
 * The committer makes the ids of events inside the transaction. Before, it locks the feed rows of all receivers of the
 * batch, in byte order. So ids have the order of the commits, also between processes.
 *
 * When a batch fails with RC_FAIL, each of its changes runs again alone, so that only the bad one fails.
 *
 * A change whose row another transaction holds leaves its batch, and the others run again at once. It waits in a lane
 * of its own, with a connection of its own, and holds no lock meanwhile that others need. When it could have the row it
 * joins a batch again. After CHANGE_WAIT_US it is RC_BUSY. */
#pragma once
#include "base/task.h"
#include "store/db.h"
#include "store/change.h"

#define COMMITTER_QUEUE_MAX 4096              /* changes in the queue; a further one is RC_BUSY at once */
#define COMMITTER_BATCH_MAX 256               /* changes of one transaction */
#define CHANGE_WAIT_US (5 * INT64_C(1000000)) /* of a change for rows that others hold */
#define CHANGE_RECEIVERS 3                    /* feeds that get the event of one change */

struct change {
	struct arena *a;
	struct db_op *ops;
	size_t n_ops;
	size_t cap;
	bool guarded;     /* the statement at guard_at must change a row */
	size_t guard_at;  /* statements before it are kept also when it changes none */
	bool invalid;     /* an argument is absent that must be there: the change is RC_INVALID */
	bool bump;        /* raises the registry version: the change is the last of its batch */
	bool touches;     /* names its subjects (change_touch) */
	bool touches_all; /* concerns what every decision rests on */
	bool returns;     /* what the statements return is wanted: after RC_OK it stands in ops */
	struct basis basis;
	bool has_event;
	struct uuid event_id;                    /* set before the statements run; their arguments point here */
	struct uuid consent;                     /* with a nil receivers[0]: the receivers are this consent's */
	struct uuid receivers[CHANGE_RECEIVERS]; /* feeds that get the event; nil = none */
	/* of a change with many events: ids of those behind the first, made like event_id, and feeds that get them */
	struct uuid *more_ids;
	size_t n_more_ids;
	const struct uuid *more_receivers;
	size_t n_more_receivers;
	/* the committer's, while the change is in the queue */
	enum rc rc;
	struct waiter done;
	struct change *next;
	int64_t until;           /* clock_mono(): for its locks it waits no longer */
	struct change *together; /* in the lane: changes that wait for the same lock */
	struct uuid feed;        /* in the lane: the receiver whose feed row is locked; nil: another row is */
};

/* Appends a statement. The values are copied. Texts and bytes are not: they must live until the change has run. The
 * number of values must be the one of the statement's signature. */
void change_op(struct change *c, enum stmt stmt, const struct db_val *args, size_t n_args);
#define CHANGE_OP(c, stmt, ...)                                                                                        \
	change_op((c), (stmt), (const struct db_val[]){ __VA_ARGS__ }, LEN(((const struct db_val[]){ __VA_ARGS__ })))

/* The feeds of the change, which may repeat; `out` has room for CHANGE_RECEIVERS and n_more_receivers. */
size_t change_receivers(const struct change *c, struct uuid *out);
bool change_receives(const struct change *c, struct uuid receiver);

struct committer;
struct committer_config {
	const struct db_driver *driver;
	const char *uri;
	struct db *writer; /* the committer closes it; NULL = the first batch opens one */
	size_t queue_max;  /* 0 = COMMITTER_QUEUE_MAX */
	/* they must outlive the committer */
	const struct db_waits *waits;      /* of the writer; NULL = without deadlines */
	const struct db_waits *waits_slow; /* of the lane; NULL = no lane: a locked row is RC_BUSY */
};
/* Starts the thread. RC_FAIL: out of memory or threads; the caller keeps the writer. */
MUST_USE enum rc committer_create(const struct committer_config *config, struct committer **out);
/* As store_on_commit. */
void committer_on_commit(struct committer *c, committed_fn *fn, void *ctx);
/* Runs the changes of the queue, then ends the thread. c may be NULL. */
void committer_destroy(struct committer *c);
/* Blocks until the change is durable or refused. Any thread but the committer's may call it; a change runs once. */
MUST_USE enum rc committer_run(struct committer *c, struct change *change);
struct store_stats committer_stats(const struct committer *c);
