#include "store/pulse.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define STACK_BYTES 262144

static const char away[] = "the database cannot be reached", silence[] = "the database does not answer";

/* One that waits for the next look to end. */
struct asker {
	struct park park;
	struct asker *next;
	bool told;
	bool answers;
};

struct pulse {
	const struct db_driver *driver;
	const char *uri;
	struct patience *patience; /* its monitor guards `askers` too */
	struct db_waits waits;
	struct asker *askers;
	pthread_t thread;
	/* the thread's own */
	struct db *db;
	int64_t used_at;
};

static void drop(struct pulse *p)
{
	db_close(p->db);
	p->db = NULL;
}

static enum rc row_any(void *ctx, const struct db_val *cols, size_t n)
{
	(void)ctx, (void)cols, (void)n;
	return RC_OK;
}

static enum rc look(struct pulse *p)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str err;
	if (p->db && clock_mono() - p->used_at > PULSE_IDLE_US)
		drop(p);
	if (!p->db)
		TRY(db_open_to(p->driver, &p->waits, &a, p->uri, false, &p->db, &err));
	enum rc rc = db_query(p->db, SQL_version, NULL, 0, row_any, NULL);
	p->used_at = clock_mono();
	if (rc != RC_OK)
		drop(p);
	return rc;
}

/* Not silent is a database that refuses: each caller hears of that at once. */
static void judge(struct pulse *p, bool answers, int64_t us)
{
	bool before = atomic_load(&p->patience->silent), silent = !answers && us >= PULSE_LOOK_US;
	if (silent && !before)
		log_error("store.lost", KV("part", "pulse"), KV("why", "the database does not answer"),
			  KV("ms", us / 1000));
	if (!silent && before)
		log_warn(
			"store.back", KV("part", "pulse"),
			KV("why", answers ? "the database answers" : "the database refuses, and each caller hears it"));
	patience_judge(p->patience, silent);
}

static void askers_tell(struct pulse *p, bool answers)
{
	monitor_enter(&p->patience->monitor);
	for (struct asker *at = p->askers, *next; at; at = next) {
		next = at->next;
		at->told = true;
		at->answers = answers;
		(void)park_wake(p->patience->parking, &at->park);
	}
	p->askers = NULL;
	monitor_leave(&p->patience->monitor);
}

/* false: the thread ends. */
static bool wait_for_ask(struct pulse *p)
{
	struct patience *q = p->patience;
	int64_t again = clock_mono() + PULSE_AGAIN_US;
	bool in_time = true;
	monitor_enter(&q->monitor);
	while (!q->monitor.stopped && !q->asked && in_time) {
		if (atomic_load(&q->silent))
			in_time = monitor_wait_until(&q->monitor, again);
		else
			monitor_wait(&q->monitor);
	}
	q->asked = false;
	bool go_on = !q->monitor.stopped;
	monitor_leave(&q->monitor);
	return go_on;
}

static void *pulse_main(void *arg)
{
	struct pulse *p = arg;
	while (wait_for_ask(p)) {
		int64_t from = clock_mono();
		bool answers = look(p) == RC_OK;
		judge(p, answers, clock_mono() - from);
		askers_tell(p, answers);
	}
	return NULL;
}

enum rc pulse_create(const struct db_driver *driver, const char *uri, struct patience *patience, struct pulse **out)
{
	struct pulse *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	p->driver = driver;
	p->uri = uri;
	p->patience = patience;
	p->waits = (struct db_waits){ .patience = patience, .judges = true, .answer_us = PULSE_LOOK_US };
	if (thread_start(&p->thread, STACK_BYTES, pulse_main, p) != RC_OK) {
		free(p);
		return RC_FAIL;
	}
	*out = p;
	return RC_OK;
}

void pulse_destroy(struct pulse *p)
{
	if (!p)
		return;
	monitor_stop(&p->patience->monitor);
	pthread_join(p->thread, NULL);
	drop(p);
	free(p);
}

static void asker_enter(struct pulse *p, struct asker *me)
{
	struct patience *q = p->patience;
	monitor_enter(&q->monitor);
	me->next = p->askers;
	p->askers = me;
	park_enter(q->parking, &me->park, -1, 0, clock_mono() + PULSE_READY_US);
	q->asked = true;
	monitor_wake(&q->monitor);
	monitor_leave(&q->monitor);
}

static void asker_leave(struct pulse *p, struct asker *me)
{
	monitor_enter(&p->patience->monitor);
	struct asker **at = &p->askers;
	while (*at && *at != me)
		at = &(*at)->next;
	if (*at)
		*at = me->next;
	monitor_leave(&p->patience->monitor);
}

enum rc pulse_ready(struct pulse *p, const char **why_out)
{
	struct asker me = { 0 };
	if (!atomic_load(&p->patience->silent)) {
		asker_enter(p, &me);
		(void)park_wait(&me.park);
		asker_leave(p, &me);
	}
	if (me.told && me.answers)
		return RC_OK;
	*why_out = me.told && !atomic_load(&p->patience->silent) ? away : silence;
	return RC_BUSY;
}
