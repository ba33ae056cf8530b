#include "store/committer.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"

#define UNDECIDED RC__MAX
#define YIELDS_MAX 16
#define BACKOFF_FIRST_US (50 * INT64_C(1000))
#define BACKOFF_LAST_US (2 * CLOCK_SECOND)

struct committer {
	struct committer_config config;
	struct db *db;
	struct arena a; /* of the batch */
	/* of the connection, by the monotonic clock */
	int64_t retry_at;
	int64_t backoff_us;
	pthread_t thread;
	struct monitor monitor; /* of the queue: the members from here to `idle` */
	struct change *head;
	struct change **tail;
	size_t waiting;
	bool idle;
	/* The lock is held while the listener runs: a new listener takes its place after it has returned. */
	pthread_mutex_t listener_lock;
	committed_fn *listener;
	void *listener_ctx;
	bool has_listener; /* of the batch */
	_Atomic int64_t batches;
	_Atomic int64_t changes;
	_Atomic int64_t max_batch;
	_Atomic int64_t rerun_singly;
	_Atomic int64_t held;
	/* for changes whose rows others hold; NULL: none, or this is the lane itself */
	struct committer *lane;
	struct committer *fast; /* of a lane: where its changes come from */
};

struct batch {
	struct change **items;
	size_t n;
	struct uuid *receivers; /* distinct, in byte order */
	size_t n_receivers;
	struct uuid last; /* the newest event id of the receivers' feeds */
	int64_t version;  /* of the registry */
	unsigned hurry;   /* DB_HURRY after a lock was waited for in vain */
	/* after RC_CONFLICT: the change whose row is locked, or the receiver whose feed row is */
	struct change *held;
	const struct uuid *held_feed;
};

static const struct uuid uuid_nil;
/* The committer whose thread this is. */
static _Thread_local const struct committer *own;

/* ---- the writing connection ---- */
static enum rc writer_ensure(struct committer *c)
{
	if (c->db)
		return RC_OK;
	if (clock_mono() < c->retry_at)
		return RC_BUSY;
	struct str err = STR_NONE;
	enum rc rc = db_open_to(c->config.driver, c->config.waits, &c->a, c->config.uri, true, &c->db, &err);
	db_reach_log(c->backoff_us != BACKOFF_FIRST_US, rc, err);
	if (rc == RC_OK) {
		c->backoff_us = BACKOFF_FIRST_US;
		return RC_OK;
	}
	c->db = NULL;
	c->retry_at = clock_mono() + c->backoff_us;
	c->backoff_us = c->backoff_us * 2 > BACKOFF_LAST_US ? BACKOFF_LAST_US : c->backoff_us * 2;
	return RC_BUSY;
}

static void writer_drop(struct committer *c)
{
	db_close(c->db);
	c->db = NULL;
}

/* ---- one batch ---- */
static int receiver_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static size_t receivers_room(const struct batch *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += CHANGE_RECEIVERS + b->items[i]->n_more_receivers;
	return n;
}

/* Receivers of the changes with that result, with repetitions. `out` has room for receivers_room(). */
static size_t receivers_with(const struct batch *b, enum rc rc, struct uuid *out)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->items[i]->has_event && b->items[i]->rc == rc)
			n += change_receivers(b->items[i], out + n);
	return n;
}

static size_t receivers_distinct(struct uuid *all, size_t n)
{
	size_t distinct = 0;
	qsort(all, n, sizeof *all, receiver_cmp);
	for (size_t i = 0; i < n; i++) {
		if (distinct == 0 || !uuid_eq(all[distinct - 1], all[i]))
			all[distinct++] = all[i];
	}
	return distinct;
}

static void receivers_collect(struct committer *c, struct batch *b)
{
	struct uuid *all = arena_array(&c->a, struct uuid, receivers_room(b));
	size_t n = receivers_with(b, (enum rc)UNDECIDED, all);
	/* A single writer needs no locks: the row of the nil receiver keeps the order for all. */
	if (n && c->config.driver->single_writer) {
		all[0] = uuid_nil;
		n = 1;
	}
	b->receivers = all;
	b->n_receivers = receivers_distinct(all, n);
}

static struct db_op op_new(struct committer *c, enum stmt stmt, const struct uuid *first, const struct uuid *second)
{
	struct db_val *args = arena_array(&c->a, struct db_val, 2);
	size_t n = strlen(sql_texts[stmt].sig);
	assert(n <= 2 && (n < 1 || first) && (n < 2 || second));
	if (n > 0)
		args[0] = db_blob(uuid_bytes(first));
	if (n > 1)
		args[1] = db_blob(uuid_bytes(second));
	return (struct db_op){ .stmt = stmt, .args = args, .n_args = n };
}

static struct db_op subject_op(struct committer *c, const struct subject *s)
{
	struct db_val *args = arena_array(&c->a, struct db_val, 2);
	args[0] = db_text(str_of(s->kind));
	args[1] = db_text(s->name);
	return (struct db_op){ .stmt = SQL_subject_version, .args = args, .n_args = 2 };
}

static struct uuid op_uuid(const struct db_op *op)
{
	struct uuid u;
	memcpy(u.b, op->returned, sizeof u.b);
	return u;
}

static bool listener_set(struct committer *c)
{
	pthread_mutex_lock(&c->listener_lock);
	bool set = c->listener != NULL;
	pthread_mutex_unlock(&c->listener_lock);
	return set;
}

static bool lookup_wanted(const struct committer *c, const struct change *ch)
{
	return ch->has_event && !uuid_is_nil(ch->consent) && uuid_is_nil(ch->receivers[0]) &&
	       (!c->config.driver->single_writer || c->has_listener);
}

/* The receivers of a consent never change, so this may read them before the feeds are locked. */
static enum rc receivers_lookup(struct committer *c, struct batch *b, unsigned *flags)
{
	struct db_op *ops = arena_array(&c->a, struct db_op, 2 * b->n);
	size_t n = 0, failed;
	for (size_t i = 0; i < b->n; i++) {
		if (!lookup_wanted(c, b->items[i]))
			continue;
		ops[n++] = op_new(c, SQL_consent_to, &b->items[i]->consent, NULL);
		ops[n++] = op_new(c, SQL_consent_handler, &b->items[i]->consent, NULL);
	}
	if (n == 0)
		return RC_OK;
	TRY(db_run(c->db, *flags, ops, n, &failed));
	*flags = 0;
	n = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (!lookup_wanted(c, ch))
			continue;
		ch->receivers[0] = op_uuid(&ops[n]);
		ch->receivers[1] = op_uuid(&ops[n + 1]);
		if (ops[n].rows == 0)
			ch->rc = RC_CONFLICT;
		n += 2;
	}
	return RC_OK;
}

/* A change that raises the version it was decided on: until it commits, no other process may raise the version. */
static bool version_guarded(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->items[i]->bump && b->items[i]->basis.version)
			return true;
	return false;
}

/* Begins the transaction, locks the feeds, reads their last ids. The registry version is read last: it is no older than
 * they. */
static enum rc batch_begin(struct committer *c, struct batch *b)
{
	unsigned flags = DB_BEGIN | b->hurry;
	TRY(receivers_lookup(c, b, &flags));
	receivers_collect(c, b);
	size_t n = b->n_receivers, failed;
	struct db_op *ops = arena_array(&c->a, struct db_op, n + 1);
	for (size_t i = 0; i < n; i++)
		ops[i] = op_new(c, SQL_feed_lock, &b->receivers[i], &uuid_nil);
	ops[n] = op_new(c, version_guarded(b) ? SQL_version_lock : SQL_version, NULL, NULL);
	enum rc rc = db_run(c->db, flags, ops, n + 1, &failed);
	if (rc == RC_CONFLICT && failed < n)
		b->held_feed = &b->receivers[failed];
	else if (rc == RC_CONFLICT && failed == n)
		b->held = b->items[b->n - 1]; /* the version's row: a guarded change is the last of its batch */
	TRY(rc);
	b->version = ops[n].returned_int;
	b->last = uuid_nil;
	for (size_t i = 0; i < n; i++) {
		struct uuid last = op_uuid(&ops[i]);
		if (uuid_cmp(last, b->last) > 0)
			b->last = last;
	}
	return RC_OK;
}

/* The registry has moved, but perhaps not in what the change used. */
static bool may_hold_still(const struct batch *b, const struct change *ch)
{
	return ch->basis.narrow && ch->basis.version && ch->basis.version < b->version;
}

/* Reads when the epoch and the subjects of those changes have changed last, and sets RC_STALE where that was after the
 * decision. */
static enum rc subjects_check(struct committer *c, struct batch *b)
{
	size_t n = 0, at = 1, failed;
	for (size_t i = 0; i < b->n; i++)
		if (may_hold_still(b, b->items[i]))
			n += 1 + b->items[i]->basis.n_used;
	if (n == 0)
		return RC_OK;
	struct db_op *ops = arena_array(&c->a, struct db_op, n);
	ops[0] = op_new(c, SQL_epoch, NULL, NULL);
	for (size_t i = 0; i < b->n; i++) {
		const struct basis *basis = &b->items[i]->basis;
		for (size_t k = 0; may_hold_still(b, b->items[i]) && k < basis->n_used; k++)
			ops[at++] = subject_op(c, &basis->used[k]);
	}
	TRY(db_run(c->db, 0, ops, at, &failed));
	int64_t epoch = ops[0].returned_int;
	at = 1;
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (!may_hold_still(b, ch))
			continue;
		bool stale = epoch > ch->basis.version;
		for (size_t k = 0; k < ch->basis.n_used; k++, at++)
			stale |= ops[at].has_returned && ops[at].returned_int > ch->basis.version;
		if (stale)
			ch->rc = RC_STALE;
	}
	return RC_OK;
}

/* Sets RC_STALE for changes that were decided on another version, and makes event ids for the rest. Returns the number
 * of their statements. */
static size_t batch_prepare(struct batch *b)
{
	int64_t now = clock_real();
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (ch->basis.version != 0 && ch->basis.version != b->version && !may_hold_still(b, ch))
			ch->rc = RC_STALE;
		if (ch->rc != UNDECIDED)
			continue;
		if (ch->has_event)
			ch->event_id = uuid_v7_after(&b->last, now);
		for (size_t k = 0; k < ch->n_more_ids; k++)
			ch->more_ids[k] = uuid_v7_after(&b->last, now);
		n += ch->n_ops;
	}
	return n;
}

static void batch_results(struct batch *b, const struct db_op *ops)
{
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (ch->rc != UNDECIDED)
			continue;
		assert(!ch->guarded || ch->guard_at < ch->n_ops);
		ch->rc = ch->guarded && ops[ch->guard_at].rows == 0 ? RC_CONFLICT : RC_OK;
		if (ch->returns)
			memcpy(ch->ops, ops, ch->n_ops * sizeof *ops);
		ops += ch->n_ops;
	}
}

/* The change whose statement is the one at `at`; NULL: none is. */
static struct change *change_at_op(const struct batch *b, size_t at)
{
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (ch->rc != UNDECIDED)
			continue;
		if (at < ch->n_ops)
			return ch;
		at -= ch->n_ops;
	}
	return NULL;
}

static enum rc batch_commit(struct committer *c, struct batch *b)
{
	TRY(subjects_check(c, b));
	size_t n = batch_prepare(b), at = 0, failed;
	if (n == 0)
		return db_rollback(c->db);
	struct db_op *ops = arena_array(&c->a, struct db_op, n + b->n_receivers);
	for (size_t i = 0; i < b->n; i++) {
		const struct change *ch = b->items[i];
		if (ch->rc != UNDECIDED)
			continue;
		memcpy(ops + at, ch->ops, ch->n_ops * sizeof *ops);
		at += ch->n_ops;
	}
	assert(at == n);
	for (size_t i = 0; i < b->n_receivers; i++)
		ops[at++] = op_new(c, SQL_feed_set, &b->last, &b->receivers[i]);
	enum rc rc = db_run(c->db, DB_COMMIT, ops, at, &failed);
	if (rc == RC_CONFLICT)
		b->held = change_at_op(b, failed);
	TRY(rc);
	batch_results(b, ops);
	return RC_OK;
}

static enum rc batch_try(struct committer *c, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->items[i]->rc = UNDECIDED;
	b->held = NULL;
	b->held_feed = NULL;
	TRY(writer_ensure(c));
	TRY(batch_begin(c, b));
	return batch_commit(c, b);
}

static void batch_settle(struct batch *b, enum rc rc)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i]->rc == UNDECIDED || rc != RC_OK)
			b->items[i]->rc = rc;
	}
}

/* When the connection is found dead before a commit was sent, the batch runs once more on a new one. */
static enum rc batch_try_twice(struct committer *c, struct batch *b)
{
	enum rc rc = batch_try(c, b);
	if (rc == RC_BUSY && c->db && db_lost(c->db)) {
		writer_drop(c);
		rc = batch_try(c, b);
	}
	if (rc == RC_UNCERTAIN || (c->db && db_lost(c->db)))
		writer_drop(c);
	return rc;
}

/* ---- the queue, and changes that leave a batch ---- */
static enum rc queue_add(struct committer *c, struct change *ch)
{
	monitor_enter(&c->monitor);
	enum rc rc = c->monitor.stopped || c->waiting >= c->config.queue_max ? RC_BUSY : RC_OK;
	bool wake = rc == RC_OK && c->idle;
	if (rc == RC_OK) {
		*c->tail = ch;
		c->tail = &ch->next;
		c->waiting++;
		c->idle = false;
	}
	monitor_leave(&c->monitor);
	if (wake)
		monitor_wake(&c->monitor);
	return rc;
}

static void change_end(struct change *ch, enum rc rc)
{
	ch->rc = rc;
	waiter_wake(&ch->done); /* from here on its memory belongs to the thread that waited */
}

static void together_end(struct change *first, enum rc rc)
{
	for (struct change *ch = first, *next; ch; ch = next) {
		next = ch->together;
		change_end(ch, rc);
	}
}

static void lane_add(struct committer *lane, struct change *first)
{
	first->next = NULL;
	if (queue_add(lane, first) != RC_OK)
		together_end(first, RC_BUSY);
}

/* Does the change wait for the lock that the batch met? */
static bool is_held(const struct batch *b, const struct change *ch)
{
	bool feed = b->held_feed && ch->has_event && change_receives(ch, *b->held_feed);
	return feed || ch == b->held;
}

/* Takes the changes that wait for the lock out of the batch, as one entry of the lane. NULL: there is no lane, or none
 * can be named. */
static struct change *held_take(struct committer *c, struct batch *b)
{
	struct change *first = NULL;
	size_t n = 0;
	if (!c->lane)
		return NULL;
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (!is_held(b, ch)) {
			b->items[n++] = ch;
			continue;
		}
		ch->together = first;
		first = ch;
		c->held++;
	}
	if (first && b->held_feed)
		first->feed = *b->held_feed;
	b->n = n;
	return first;
}

/* As long as a lock is in the way, its changes leave the batch, and the rest runs again at once. */
static enum rc batch_run_rest(struct committer *c, struct batch *b)
{
	enum rc rc = batch_try_twice(c, b);
	while (rc == RC_CONFLICT) {
		struct change *held = held_take(c, b);
		if (!held)
			return RC_BUSY;
		lane_add(c->lane, held);
		b->hurry = DB_HURRY;
		rc = b->n ? batch_try_twice(c, b) : RC_OK;
	}
	return rc;
}

/* Decides the changes of the batch. Those that went to the lane are not in it any more. */
static void batch_run(struct committer *c, struct batch *b)
{
	assert(own == c && b->n > 0 && b->n <= COMMITTER_BATCH_MAX);
	enum rc rc = batch_run_rest(c, b);
	if (rc != RC_FAIL || b->n <= 1) {
		batch_settle(b, rc);
		return;
	}
	/* One change is bad: each runs alone, so that only that one fails. */
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		struct batch one = { .items = &ch, .n = 1, .hurry = b->hurry };
		batch_settle(&one, batch_run_rest(c, &one));
		if (one.n)
			b->items[n++] = ch;
	}
	c->rerun_singly += (int64_t)b->n;
	b->n = n;
}

/* ---- the thread ---- */
/* Yields as long as other threads add to the queue: a larger batch shares one sync. It never sleeps, and returns at
 * once when no thread is ready. The caller holds the lock. */
static void let_others_queue(struct committer *c)
{
	size_t before = 0;
	for (int i = 0;
	     i < YIELDS_MAX && c->waiting > before && c->waiting < COMMITTER_BATCH_MAX && !c->monitor.stopped; i++) {
		before = c->waiting;
		monitor_leave(&c->monitor);
		sched_yield();
		monitor_enter(&c->monitor);
	}
}

static size_t queue_take(struct committer *c, struct change *items[COMMITTER_BATCH_MAX])
{
	size_t n = 0;
	monitor_enter(&c->monitor);
	while (!c->head && !c->monitor.stopped) {
		c->idle = true;
		monitor_wait(&c->monitor);
	}
	c->idle = false;
	let_others_queue(c);
	while (c->head && n < COMMITTER_BATCH_MAX) {
		struct change *ch = c->head;
		items[n++] = ch;
		c->head = ch->next;
		if (ch->bump)
			break;
	}
	if (!c->head)
		c->tail = &c->head;
	assert(n <= c->waiting);
	c->waiting -= n;
	monitor_leave(&c->monitor);
	return n;
}

static void stats_count(struct committer *c, size_t n)
{
	c->batches++;
	c->changes += (int64_t)n;
	if ((int64_t)n > c->max_batch)
		c->max_batch = (int64_t)n;
}

/* With the receivers of uncertain commits: to read a feed once more costs little. */
static size_t committed_receivers(struct committer *c, const struct batch *b, struct uuid **out)
{
	if (!c->has_listener)
		return 0;
	*out = arena_array(&c->a, struct uuid, receivers_room(b));
	size_t n = receivers_with(b, RC_OK, *out);
	n += receivers_with(b, RC_UNCERTAIN, *out + n);
	return receivers_distinct(*out, n);
}

static void listener_call(struct committer *c, const struct uuid *receivers, size_t n)
{
	pthread_mutex_lock(&c->listener_lock);
	if (c->listener)
		c->listener(c->listener_ctx, receivers, n);
	pthread_mutex_unlock(&c->listener_lock);
}

static void *committer_main(void *arg)
{
	struct committer *c = arg;
	struct change *items[COMMITTER_BATCH_MAX];
	size_t n;
	own = c;
	/* On a busy machine this thread must not interrupt workers that are about to queue their changes. Without
	 * SCHED_BATCH it works too, in smaller batches. */
	(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){ 0 });
	while ((n = queue_take(c, items)) > 0) {
		struct batch b = { .items = items, .n = n };
		c->has_listener = listener_set(c);
		batch_run(c, &b);
		stats_count(c, n);
		struct uuid *receivers = NULL;
		size_t n_receivers = committed_receivers(c, &b, &receivers);
		for (size_t i = 0; i < b.n; i++)
			change_end(items[i], items[i]->rc);
		if (n_receivers)
			listener_call(c, receivers, n_receivers);
		arena_reset(&c->a);
	}
	return NULL;
}

/* ---- the lane ---- */
static struct change *lane_take(struct committer *lane, bool *stopped_out)
{
	monitor_enter(&lane->monitor);
	while (!lane->head && !lane->monitor.stopped) {
		lane->idle = true;
		monitor_wait(&lane->monitor);
	}
	lane->idle = false;
	struct change *first = lane->head;
	if (first) {
		lane->head = first->next;
		lane->waiting--;
	}
	if (!lane->head)
		lane->tail = &lane->head;
	*stopped_out = lane->monitor.stopped;
	monitor_leave(&lane->monitor);
	return first;
}

/* Waits for the locks, and gives them back at once: with the feed rows of its batch it would hold up others. */
static enum rc locks_try(struct committer *lane, const struct change *first)
{
	size_t n = uuid_is_nil(first->feed) ? first->n_ops : 1, failed;
	struct db_op *ops = arena_array(&lane->a, struct db_op, n);
	if (uuid_is_nil(first->feed))
		memcpy(ops, first->ops, n * sizeof *ops);
	else
		ops[0] = op_new(lane, SQL_feed_lock, &first->feed, &uuid_nil);
	TRY(writer_ensure(lane));
	TRY(db_run(lane->db, DB_BEGIN, ops, n, &failed));
	return db_rollback(lane->db);
}

/* A change without an event has no feed rows: it can wait and commit in one. */
static enum rc lane_try(struct committer *lane, struct change *first)
{
	struct batch one = { .items = &first, .n = 1 };
	enum rc rc = first->has_event ? locks_try(lane, first) : batch_try_twice(lane, &one);
	if (lane->db && db_lost(lane->db))
		writer_drop(lane);
	if (!first->has_event && rc != RC_CONFLICT)
		batch_settle(&one, rc);
	return rc;
}

static void lane_give_back(struct committer *lane, struct change *first)
{
	for (struct change *ch = first, *next; ch; ch = next) {
		next = ch->together;
		ch->together = ch->next = NULL;
		ch->feed = uuid_nil;
		if (queue_add(lane->fast, ch) != RC_OK)
			change_end(ch, RC_BUSY);
	}
}

static void lane_run(struct committer *lane, struct change *first, bool stopped)
{
	enum rc rc = stopped || clock_mono() > first->until ? RC_BUSY : lane_try(lane, first);
	if (rc == RC_CONFLICT)
		lane_add(lane, first);
	else if (rc == RC_BUSY || rc == RC_UNCERTAIN)
		together_end(first, rc);
	else if (first->has_event)
		lane_give_back(lane, first);
	else
		change_end(first, first->rc);
}

static void *lane_main(void *arg)
{
	struct committer *lane = arg;
	struct change *first;
	bool stopped;
	own = lane;
	while ((first = lane_take(lane, &stopped)) != NULL) {
		lane_run(lane, first, stopped);
		arena_reset(&lane->a);
	}
	return NULL;
}

/* ---- open and close ---- */
static void committer_free(struct committer *c)
{
	arena_finish(&c->a);
	monitor_finish(&c->monitor);
	pthread_mutex_destroy(&c->listener_lock);
	free(c);
}

static enum rc committer_begin(const struct committer_config *config, struct committer *fast, struct committer **out)
{
	struct committer *c = calloc(1, sizeof *c);
	if (!c)
		return RC_FAIL;
	c->config = *config;
	if (c->config.queue_max == 0)
		c->config.queue_max = COMMITTER_QUEUE_MAX;
	c->fast = fast;
	c->backoff_us = BACKOFF_FIRST_US;
	c->tail = &c->head;
	monitor_init(&c->monitor);
	pthread_mutex_init(&c->listener_lock, NULL);
	*out = c;
	return RC_OK;
}

static enum rc lane_create(struct committer *c)
{
	struct committer *lane;
	const struct committer_config config = {
		.driver = c->config.driver,
		.uri = c->config.uri,
		.waits = c->config.waits_slow,
	};
	TRY(committer_begin(&config, c, &lane));
	if (thread_start(&lane->thread, 0, lane_main, lane) == RC_OK) {
		c->lane = lane;
		return RC_OK;
	}
	committer_free(lane);
	return RC_FAIL;
}

enum rc committer_create(const struct committer_config *config, struct committer **out)
{
	struct committer *c;
	TRY(committer_begin(config, NULL, &c));
	c->db = config->writer; /* on RC_FAIL it stays the caller's */
	enum rc rc = config->waits_slow ? lane_create(c) : RC_OK;
	if (rc == RC_OK)
		rc = thread_start(&c->thread, 0, committer_main, c);
	if (rc == RC_OK) {
		*out = c;
		return RC_OK;
	}
	committer_destroy(c->lane);
	committer_free(c);
	return rc;
}

void committer_destroy(struct committer *c)
{
	if (!c)
		return;
	monitor_stop(&c->monitor);
	pthread_join(c->thread, NULL);
	committer_destroy(c->lane); /* after the thread that fills it; it gives changes back to this queue, in vain */
	writer_drop(c);
	committer_free(c);
}

void committer_on_commit(struct committer *c, committed_fn *fn, void *ctx)
{
	pthread_mutex_lock(&c->listener_lock);
	c->listener = fn;
	c->listener_ctx = ctx;
	pthread_mutex_unlock(&c->listener_lock);
}

enum rc committer_run(struct committer *c, struct change *ch)
{
	assert(own != c); /* it would wait for itself */
	if (ch->invalid)
		return RC_INVALID;
	if (ch->n_ops > CHANGE_OPS_MAX)
		return RC_TOO_LARGE;
	ch->next = ch->together = NULL;
	ch->feed = uuid_nil;
	ch->until = clock_mono() + CHANGE_WAIT_US;
	waiter_init(&ch->done);
	TRY(queue_add(c, ch));
	waiter_wait(&ch->done);
	return ch->rc;
}

struct store_stats committer_stats(const struct committer *c)
{
	struct monitor *monitor = (struct monitor *)(uintptr_t)&c->monitor;
	monitor_enter(monitor);
	int64_t waiting = (int64_t)c->waiting;
	monitor_leave(monitor);
	return (struct store_stats){ c->batches, c->changes, c->max_batch, c->rerun_singly, c->held, waiting };
}
