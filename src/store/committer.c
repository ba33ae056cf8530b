#include "store/committer.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "base/log.h"

#define UNDECIDED RC__MAX
#define YIELDS_MAX 16
#define BACKOFF_FIRST_US (50 * INT64_C(1000))
#define BACKOFF_LAST_US (2 * CLOCK_SECOND)

struct committer {
	struct committer_config config;
	struct db *db;
	struct arena a; /* the batch's */
	int64_t retry_at;
	int64_t backoff_us;
	pthread_t thread;
	struct monitor monitor;
	struct change *head;
	struct change **tail;
	size_t waiting;
	bool idle;
	bool stop;
	pthread_mutex_t telling; /* tell; held while it runs, so that it has ended when another takes its place */
	committed_fn *tell;
	void *tell_ctx;
	bool tells; /* somebody, in this batch */
	_Atomic int64_t batches;
	_Atomic int64_t changes;
	_Atomic int64_t max_batch;
	_Atomic int64_t rerun_singly;
};

struct batch {
	struct change **items;
	size_t n;
	struct uuid *receivers; /* distinct, in byte order */
	size_t n_receivers;
	struct uuid last;
	int64_t version;
};

static const struct uuid uuid_nil;

/* ---- changes ---- */
struct change *change_new(struct arena *a)
{
	struct change *c = arena_new(a, struct change);
	c->a = a;
	return c;
}

static bool arg_missing(char sig, const struct db_val *v)
{
	return v->type == DB_NULL && sig >= 'a';
}

void change_op(struct change *c, enum stmt stmt, const struct db_val *args, size_t n_args)
{
	const char *sig = sql_texts[stmt].sig;
	assert(n_args == strlen(sig));
	arena_room(c->a, c->ops, c->n_ops, &c->cap, 2);
	struct db_val *copy = NULL;
	if (n_args) {
		copy = arena_array(c->a, struct db_val, n_args);
		memcpy(copy, args, n_args * sizeof *copy);
	}
	for (size_t i = 0; i < n_args; i++)
		c->invalid |= arg_missing(sig[i], &args[i]);
	c->ops[c->n_ops++] = (struct db_op){ .stmt = stmt, .args = copy, .n_args = n_args };
}

/* ---- the writing connection ---- */
static enum rc writer_ensure(struct committer *c)
{
	if (c->db)
		return RC_OK;
	if (clock_mono() < c->retry_at)
		return RC_BUSY;
	struct str err = STR_NONE;
	if (db_open(c->config.driver, &c->a, c->config.uri, true, &c->db, &err) == RC_OK) {
		c->backoff_us = BACKOFF_FIRST_US;
		return RC_OK;
	}
	log_warn("store.unreachable", KV("driver", c->config.driver->name));
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

/* Of the changes with that result, as they come; room for CHANGE_RECEIVERS each. */
static size_t receivers_of(const struct batch *b, enum rc rc, struct uuid *out)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct change *ch = b->items[i];
		if (!ch->has_event || ch->rc != rc)
			continue;
		out[n++] = ch->receivers[0];
		for (size_t k = 1; k < CHANGE_RECEIVERS; k++)
			if (!uuid_is_nil(ch->receivers[k]))
				out[n++] = ch->receivers[k];
	}
	return n;
}

static size_t receivers_sort(struct uuid *all, size_t n)
{
	size_t kept = 0;
	qsort(all, n, sizeof *all, receiver_cmp);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !uuid_eq(all[kept - 1], all[i]))
			all[kept++] = all[i];
	}
	return kept;
}

static void receivers_collect(struct committer *c, struct batch *b)
{
	struct uuid *all = arena_array(&c->a, struct uuid, CHANGE_RECEIVERS * b->n);
	size_t n = receivers_of(b, (enum rc)UNDECIDED, all);
	/* One writer at a time needs no locks: the nil row keeps the order for all receivers. */
	if (n && c->config.driver->single_writer) {
		all[0] = uuid_nil;
		n = 1;
	}
	b->receivers = all;
	b->n_receivers = receivers_sort(all, n);
}

static struct db_op op_new(struct committer *c, enum stmt stmt, const struct uuid *first, const struct uuid *second)
{
	struct db_val *args = arena_array(&c->a, struct db_val, 2);
	size_t n = strlen(sql_texts[stmt].sig);
	if (n > 0)
		args[0] = db_blob(uuid_bytes(first));
	if (n > 1)
		args[1] = db_blob(uuid_bytes(second));
	return (struct db_op){ .stmt = stmt, .args = args, .n_args = n };
}

static struct uuid op_uuid(const struct db_op *op)
{
	struct uuid u;
	memcpy(u.b, op->returned, sizeof u.b);
	return u;
}

static bool told_anybody(struct committer *c)
{
	pthread_mutex_lock(&c->telling);
	bool any = c->tell != NULL;
	pthread_mutex_unlock(&c->telling);
	return any;
}

static bool lookup_wanted(const struct committer *c, const struct change *ch)
{
	return ch->has_event && !uuid_is_nil(ch->consent) && uuid_is_nil(ch->receivers[0]) &&
	       (!c->config.driver->single_writer || c->tells);
}

/* Whose feeds an answer belongs to never changes, so it may be read before anything is locked. */
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

/* Does one of them raise the version that it was decided on? Then no other process may raise it meanwhile. */
static bool version_guarded(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->items[i]->bump && b->items[i]->registry_version)
			return true;
	return false;
}

/* Begins: locks the feeds, learns their last ids, then the registry version (read last, so that it is no older). */
static enum rc batch_begin(struct committer *c, struct batch *b)
{
	unsigned flags = DB_BEGIN;
	TRY(receivers_lookup(c, b, &flags));
	receivers_collect(c, b);
	size_t n = b->n_receivers, failed;
	struct db_op *ops = arena_array(&c->a, struct db_op, n + 1);
	for (size_t i = 0; i < n; i++)
		ops[i] = op_new(c, SQL_feed_lock, &b->receivers[i], &uuid_nil);
	ops[n] = op_new(c, version_guarded(b) ? SQL_version_lock : SQL_version, NULL, NULL);
	TRY(db_run(c->db, flags, ops, n + 1, &failed));
	b->version = ops[n].returned_int;
	b->last = uuid_nil;
	for (size_t i = 0; i < n; i++) {
		struct uuid last = op_uuid(&ops[i]);
		if (uuid_cmp(last, b->last) > 0)
			b->last = last;
	}
	return RC_OK;
}

/* Leaves out what was decided on another version; gives event ids to the rest. Returns the number of statements. */
static size_t batch_prepare(struct batch *b)
{
	int64_t now = clock_real();
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct change *ch = b->items[i];
		if (ch->registry_version != 0 && ch->registry_version != b->version)
			ch->rc = RC_STALE;
		if (ch->rc != UNDECIDED)
			continue;
		if (ch->has_event)
			ch->event_id = uuid_v7_after(&b->last, now);
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
		ch->rc = ch->guarded && ops[ch->guard_at].rows == 0 ? RC_CONFLICT : RC_OK;
		ops += ch->n_ops;
	}
}

static enum rc batch_commit(struct committer *c, struct batch *b)
{
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
	for (size_t i = 0; i < b->n_receivers; i++)
		ops[at++] = op_new(c, SQL_feed_set, &b->last, &b->receivers[i]);
	TRY(db_run(c->db, DB_COMMIT, ops, at, &failed));
	batch_results(b, ops);
	return RC_OK;
}

static enum rc batch_try(struct committer *c, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->items[i]->rc = UNDECIDED;
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

/* A connection that died while nothing was on its way costs a change nothing but the reconnection. */
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

static void batch_run(struct committer *c, struct batch *b)
{
	enum rc rc = batch_try_twice(c, b);
	if (rc != RC_FAIL || b->n == 1) {
		batch_settle(b, rc);
		return;
	}
	/* One of them cannot be done: each on its own, so that only that one fails. */
	for (size_t i = 0; i < b->n; i++) {
		struct batch one = { .items = &b->items[i], .n = 1 };
		batch_settle(&one, batch_try_twice(c, &one));
	}
	c->rerun_singly += (int64_t)b->n;
}

/* ---- the thread ---- */
/* As long as others that could run add to the queue, it is their turn: a larger batch shares one sync. When nobody is
 * there, this returns at once; it never sleeps. Under the lock. */
static void others_first(struct committer *c)
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
	others_first(c);
	while (c->head && n < COMMITTER_BATCH_MAX) {
		struct change *ch = c->head;
		items[n++] = ch;
		c->head = ch->next;
		if (ch->bump)
			break;
	}
	if (!c->head)
		c->tail = &c->head;
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

/* An event whose commit may have come through is told as well: to look once more costs little. */
static size_t told_collect(struct committer *c, const struct batch *b, struct uuid **out)
{
	if (!c->tells)
		return 0;
	*out = arena_array(&c->a, struct uuid, CHANGE_RECEIVERS * b->n);
	size_t n = receivers_of(b, RC_OK, *out);
	n += receivers_of(b, RC_UNCERTAIN, *out + n);
	return receivers_sort(*out, n);
}

static void told_tell(struct committer *c, const struct uuid *receivers, size_t n)
{
	pthread_mutex_lock(&c->telling);
	if (c->tell)
		c->tell(c->tell_ctx, receivers, n);
	pthread_mutex_unlock(&c->telling);
}

static void *committer_main(void *arg)
{
	struct committer *c = arg;
	struct change *items[COMMITTER_BATCH_MAX];
	size_t n;
	/* On a busy machine it shall not interrupt those who are about to hand it their changes. Where this is not to
	 * be had, it does. */
	(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){ 0 });
	while ((n = queue_take(c, items)) > 0) {
		struct batch b = { .items = items, .n = n };
		c->tells = told_anybody(c);
		batch_run(c, &b);
		stats_count(c, n);
		struct uuid *told = NULL;
		size_t n_told = told_collect(c, &b, &told);
		/* A change is its waiter's memory again from here on. */
		for (size_t i = 0; i < n; i++)
			waiter_wake(&items[i]->done);
		if (n_told)
			told_tell(c, told, n_told);
		arena_reset(&c->a);
	}
	return NULL;
}

enum rc committer_create(const struct committer_config *config, struct committer **out)
{
	struct committer *c = calloc(1, sizeof *c);
	if (!c)
		return RC_FAIL;
	c->config = *config;
	if (c->config.queue_max == 0)
		c->config.queue_max = COMMITTER_QUEUE_MAX;
	c->db = config->writer;
	c->backoff_us = BACKOFF_FIRST_US;
	c->tail = &c->head;
	monitor_init(&c->monitor);
	pthread_mutex_init(&c->telling, NULL);
	if (thread_start(&c->thread, 0, committer_main, c) != RC_OK) {
		free(c);
		return RC_FAIL;
	}
	*out = c;
	return RC_OK;
}

void committer_destroy(struct committer *c)
{
	if (!c)
		return;
	monitor_stop(&c->monitor);
	pthread_join(c->thread, NULL);
	writer_drop(c);
	arena_finish(&c->a);
	monitor_finish(&c->monitor);
	pthread_mutex_destroy(&c->telling);
	free(c);
}

void committer_tell(struct committer *c, committed_fn *fn, void *ctx)
{
	pthread_mutex_lock(&c->telling);
	c->tell = fn;
	c->tell_ctx = ctx;
	pthread_mutex_unlock(&c->telling);
}

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

enum rc committer_run(struct committer *c, struct change *ch)
{
	if (ch->invalid)
		return RC_INVALID;
	if (ch->n_ops > CHANGE_OPS_MAX)
		return RC_TOO_LARGE;
	ch->next = NULL;
	waiter_init(&ch->done);
	enum rc rc = queue_add(c, ch);
	if (rc == RC_OK) {
		waiter_wait(&ch->done);
		rc = ch->rc;
	}
	return rc;
}

struct store_stats committer_stats(const struct committer *c)
{
	struct monitor *monitor = (struct monitor *)(uintptr_t)&c->monitor;
	monitor_enter(monitor);
	int64_t waiting = (int64_t)c->waiting;
	monitor_leave(monitor);
	return (struct store_stats){ c->batches, c->changes, c->max_batch, c->rerun_singly, waiting };
}
