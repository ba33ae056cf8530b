#include "daemon/internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "store/lists.h"
#include "store/sessions.h"

#define KEYS_EVERY_S 5 /* a process that issues no tokens sees a new key only by this */
#define JOBS_EVERY_S 60
#define LISTED_KEPT_US CLOCK_DAY /* behind its end, for clocks that differ */

struct jobs {
	struct service *service;
	pthread_t thread;
	struct monitor monitor;
	bool now;
};

/* Without a refusal or a write that was overtaken, a process learns only here what others have changed. */
static void keys_once(struct service *s)
{
	if (keyring_refresh(s->keys) != RC_OK)
		log_warn("jobs.keys_kept");
	(void)service_refresh(s, 0);
}

static void jobs_once(struct service *s)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	int64_t now = clock_real();

	const struct sessions_over over = { .created_before = now - SESSION_MAX_S * CLOCK_SECOND,
					    .seen_before = now - SESSION_IDLE_S * CLOCK_SECOND,
					    .left_before = now - SESSION_LEFT_S * CLOCK_SECOND,
					    .ahead = now + CLOCK_SKEW_S * CLOCK_SECOND };

	if (sessions_prune(s->store, &a, &over) != RC_OK)
		log_warn("jobs.sessions_kept");
	if (logins_prune(s->store, &a, now) != RC_OK)
		log_warn("jobs.logins_kept");
	if (listed_prune(s->store, &a, now - LISTED_KEPT_US) != RC_OK)
		log_warn("jobs.lists_kept");
	certs_refresh(s);
	tls_refresh(s);
}

/* Waits until the keys are due. False: jobs_now or jobs_stop has ended the wait. The caller holds the lock. */
static bool wait_for_keys(struct jobs *j)
{
	int64_t until = clock_mono() + KEYS_EVERY_S * CLOCK_SECOND;
	bool woken = true;
	while (!j->monitor.stopped && !j->now && woken)
		woken = monitor_wait_until(&j->monitor, until);
	return !j->monitor.stopped && !j->now;
}

static void *jobs_run(void *arg)
{
	struct jobs *j = arg;
	int waited_s = 0;
	monitor_enter(&j->monitor);
	while (!j->monitor.stopped) {
		waited_s += wait_for_keys(j) ? KEYS_EVERY_S : JOBS_EVERY_S;
		j->now = false;
		if (j->monitor.stopped)
			break;
		monitor_leave(&j->monitor);
		keys_once(j->service);
		if (waited_s >= JOBS_EVERY_S) {
			jobs_once(j->service);
			waited_s = 0;
		}
		monitor_enter(&j->monitor);
	}
	monitor_leave(&j->monitor);
	return NULL;
}

enum rc jobs_start(struct service *s, struct jobs **out)
{
	struct jobs *j = calloc(1, sizeof *j);
	if (!j)
		return RC_FAIL;
	j->service = s;
	monitor_init(&j->monitor);
	if (thread_start(&j->thread, 0, jobs_run, j) != RC_OK) {
		free(j);
		return RC_FAIL;
	}
	*out = j;
	return RC_OK;
}

void jobs_now(struct jobs *j)
{
	monitor_enter(&j->monitor);
	assert(!j->monitor.stopped);
	j->now = true;
	monitor_wake(&j->monitor);
	monitor_leave(&j->monitor);
}

void jobs_stop(struct jobs *j)
{
	if (!j)
		return;
	monitor_stop(&j->monitor);
	pthread_join(j->thread, NULL);
	monitor_finish(&j->monitor);
	free(j);
}
