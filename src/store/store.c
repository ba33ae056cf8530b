#include "store/internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "store/migrate.h"
#include "store/pulse.h"

enum { READERS_SQLITE = 4, READERS_POSTGRES = 8 };
/* Statements, and locks that other transactions hold. A writer that waits holds up a whole batch. */
#define READ_MS 10000
#define WRITE_MS 5000
#define WRITE_LOCK_MS 500
#define SLOW_MS 10000
#define SLOW_LOCK_MS 3000

struct reader {
	struct store *s;
	struct db *db; /* opened at first use */
	bool snapshot;
	bool taken; /* from the pool */
	struct reader *next;
};

/* One that waits for a reader. */
struct pool_turn {
	struct park park;
	struct reader *given;
	struct pool_turn *next;
};

struct store {
	const struct db_driver *driver;
	const char *uri;
	enum store_mode mode;
	struct arena a;
	struct committer *committer; /* NULL: offline */
	struct patience *patience;
	struct pulse *pulse;
	struct db_waits waits;        /* of readers */
	struct db_waits waits_writer; /* of the committer */
	struct db_waits waits_slow;   /* of its lane */
	struct reader *readers;
	int n_readers;
	struct monitor monitor; /* of the pool */
	struct reader *free;    /* the one that was used last comes first: its cache is warm */
	struct pool_turn *turns;
	struct pool_turn **last_turn;
};

/* ---- the pool of readers ---- */
static void pool_create(struct store *s, int wanted)
{
	s->n_readers = wanted > 0 ? wanted : s->driver->single_writer ? READERS_SQLITE : READERS_POSTGRES;
	s->readers = arena_array(&s->a, struct reader, (size_t)s->n_readers);
	for (int i = 0; i < s->n_readers; i++) {
		s->readers[i] = (struct reader){ .s = s, .next = s->free };
		s->free = &s->readers[i];
	}
	s->last_turn = &s->turns;
	monitor_init(&s->monitor);
}

static void pool_destroy(struct store *s)
{
	for (int i = 0; i < s->n_readers; i++) {
		assert(!s->readers[i].taken);
		db_close(s->readers[i].db);
	}
	monitor_finish(&s->monitor);
}

/* The lock is held. */
static void turn_leave(struct store *s, const struct pool_turn *me)
{
	struct pool_turn **at = &s->turns;
	while (*at && *at != me)
		at = &(*at)->next;
	if (*at)
		*at = me->next;
	if (!*at)
		s->last_turn = at;
}

/* A task that waits here must not hold its thread: another task of the thread may have the reader. */
static struct reader *pool_wait(struct store *s, struct pool_turn *me)
{
	(void)park_wait(&me->park);
	monitor_enter(&s->monitor);
	if (!me->given)
		turn_leave(s, me);
	monitor_leave(&s->monitor);
	return me->given;
}

static struct reader *pool_take(struct store *s)
{
	struct pool_turn me = { 0 };
	bool waits = false;
	monitor_enter(&s->monitor);
	struct reader *r = s->free;
	if (r) {
		s->free = r->next;
		r->taken = true;
	} else if (!patience_lost(&s->waits)) {
		*s->last_turn = &me;
		s->last_turn = &me.next;
		waits = true;
		park_enter(s->patience->parking, &me.park, -1, 0, clock_mono() + READER_WAIT_US);
	}
	monitor_leave(&s->monitor);
	return waits ? pool_wait(s, &me) : r;
}

/* The reader goes to the one that waits longest. A turn whose time is over leaves by itself. */
static void pool_give(struct store *s, struct reader *r)
{
	bool handed = false;
	if (r->db && db_lost(r->db)) {
		db_close(r->db);
		r->db = NULL;
	}
	monitor_enter(&s->monitor);
	assert(r->taken && r->s == s);
	while (s->turns && !handed) {
		struct pool_turn *turn = s->turns;
		s->turns = turn->next;
		turn->given = r;
		handed = park_wake(s->patience->parking, &turn->park);
		if (!handed)
			turn->given = NULL;
	}
	if (!s->turns)
		s->last_turn = &s->turns;
	if (!handed) {
		r->taken = false;
		r->next = s->free;
		s->free = r;
	}
	monitor_leave(&s->monitor);
}

static enum rc reader_ready(struct reader *r, bool snapshot)
{
	if (!r->db) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct str err;
		TRY(db_open_to(r->s->driver, &r->s->waits, &a, r->s->uri, false, &r->db, &err));
	}
	r->snapshot = snapshot;
	return snapshot ? db_snapshot_begin(r->db) : RC_OK;
}

enum rc reader_open(struct store *s, bool snapshot, struct reader **out)
{
	struct reader *r = pool_take(s);
	if (!r)
		return RC_BUSY;
	if (reader_ready(r, snapshot) != RC_OK) {
		pool_give(s, r);
		return RC_BUSY;
	}
	*out = r;
	return RC_OK;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	if (r->snapshot)
		db_snapshot_end(r->db);
	pool_give(r->s, r);
}

bool reader_is_snapshot(const struct reader *r)
{
	return r->snapshot;
}

bool reader_clock_moves(const struct reader *r)
{
	return r->s->mode == STORE_SANDBOX;
}

enum rc reader_query(struct reader *r, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
		     void *ctx)
{
	assert(r->taken);
	return db_query(r->db, stmt, args, n_args, row, ctx);
}

/* ---- open and close ---- */
static struct db_waits waits_of(struct store *s, int lock_ms, int statement_ms)
{
	return (struct db_waits){ .patience = s->patience,
				  .lock_ms = lock_ms,
				  .statement_ms = statement_ms,
				  .answer_us = (statement_ms + PATIENCE_GRACE_MS) * (CLOCK_SECOND / 1000) };
}

/* A command may read for minutes. A silent database ends it all the same. */
static enum rc patience_ready(struct store *s, bool offline)
{
	TRY(patience_create(&s->patience));
	s->waits = waits_of(s, READ_MS, READ_MS);
	if (offline)
		s->waits = (struct db_waits){ .patience = s->patience };
	s->waits_writer = waits_of(s, WRITE_LOCK_MS, WRITE_MS);
	s->waits_slow = waits_of(s, SLOW_LOCK_MS, SLOW_MS);
	return pulse_create(s->driver, s->uri, s->patience, &s->pulse);
}

static enum rc store_begin(struct store *s, const struct store_config *c, struct arena *a, struct str *err_out)
{
	struct db *writer = NULL;
	if (c->migrate) {
		TRY(db_open_to(s->driver, &s->waits_writer, a, s->uri, true, &writer, err_out));
		enum rc rc = migrate_run(writer, a, c->mode, err_out);
		if (rc != RC_OK) {
			db_close(writer);
			return rc;
		}
	}
	if (c->offline) {
		db_close(writer);
		writer = NULL;
	}
	struct reader *first = s->free;
	enum rc rc = db_open_to(s->driver, &s->waits, a, s->uri, false, &first->db, err_out);
	if (rc == RC_OK)
		rc = migrate_check(first->db, a, c->mode, err_out);
	if (rc == RC_OK && !c->offline && !writer)
		rc = db_open_to(s->driver, &s->waits_writer, a, s->uri, true, &writer, err_out);
	if (rc == RC_OK && !c->offline)
		rc = committer_create(
			&(struct committer_config){ .driver = s->driver,
						    .uri = s->uri,
						    .writer = writer,
						    .waits = &s->waits_writer,
						    .waits_slow = s->driver->single_writer ? NULL : &s->waits_slow },
			&s->committer);
	if (rc != RC_OK)
		db_close(writer);
	return rc;
}

enum rc store_open(const struct store_config *c, struct store **out, struct arena *a, struct str *err_out)
{
	const struct db_driver *driver;
	*err_out = STR_NONE;
	if (db_driver_for(c->uri, &driver) != RC_OK) {
		*err_out = STR("store: neither sqlite:PATH nor postgresql://…");
		return RC_INVALID;
	}
	struct store *s = calloc(1, sizeof *s);
	if (!s)
		return RC_FAIL;
	s->driver = driver;
	s->mode = c->mode;
	s->uri = arena_cstr(&s->a, str_of(c->uri));
	pool_create(s, c->readers);
	if (driver->map)
		driver->map((size_t)c->map_mb << 20);
	enum rc rc = patience_ready(s, c->offline);
	if (rc == RC_OK)
		rc = store_begin(s, c, a, err_out);
	if (rc == RC_OK) {
		*out = s;
		return RC_OK;
	}
	if (!err_out->p)
		*err_out = arena_fmt(a, "store: %s", rc_name(rc));
	store_close(s);
	return rc;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	committer_destroy(s->committer);
	pool_destroy(s);
	pulse_destroy(s->pulse);
	patience_destroy(s->patience);
	arena_finish(&s->a);
	free(s);
}

void store_on_commit(struct store *s, committed_fn *fn, void *ctx)
{
	if (s->committer)
		committer_on_commit(s->committer, fn, ctx);
}

enum rc store_ready(struct store *s, const char **why_out)
{
	if (pulse_ready(s->pulse, why_out) == RC_OK)
		return RC_OK;
	const char *fault = s->driver->fault ? s->driver->fault(s->uri) : NULL;
	if (fault)
		*why_out = fault;
	return RC_BUSY;
}

bool store_shared(const struct store *s)
{
	return !s->driver->single_writer;
}

enum rc store_change(struct store *s, struct change *c)
{
	return s->committer ? committer_run(s->committer, c) : RC_FAIL;
}

struct store_stats store_stats(const struct store *s)
{
	return s->committer ? committer_stats(s->committer) : (struct store_stats){ 0 };
}

/* ---- integrity ---- */
static enum rc count_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	*(int64_t *)ctx = cols[0].i;
	return RC_OK;
}

static const struct {
	enum stmt stmt;
	const char *fault;
} checks[] = {
	{ SQL_check_orphans, "events without their consent" },
	{ SQL_check_last, "consents whose last event is missing" },
};

enum rc store_check(struct store *s, struct arena *a, struct str *report_out)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	TRY(reader_open(s, true, &r));
	if (s->driver->check)
		TRY(s->driver->check(r->db, a, report_out));
	for (size_t i = 0; i < LEN(checks); i++) {
		int64_t n = 0;
		TRY(reader_query(r, checks[i].stmt, NULL, 0, count_row, &n));
		if (n == 0)
			continue;
		*report_out = arena_fmt(a, "%lld %s", (long long)n, checks[i].fault);
		return RC_FAIL;
	}
	return RC_OK;
}
