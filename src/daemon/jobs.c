#include "daemon/internal.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/sessions.h"

#define KEYS_EVERY_S 5 /* a process that gives no tokens learns of a new key by this alone */
#define JOBS_EVERY_S 60
#define LOGIN_KEPT_S 3600 /* a login under way, which is refused long before */

struct jobs {
	struct service *service;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool now;
};

static void keys_once(struct service *s)
{
	if (keyring_refresh(s->keys) != RC_OK)
		log_warn("jobs.keys_kept");
}

static void jobs_once(struct service *s)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	int64_t now = clock_real();

	if (sessions_prune(s->store, &a, now - SESSION_MAX_S * CLOCK_SECOND, now - SESSION_IDLE_S * CLOCK_SECOND) !=
	    RC_OK)
		log_warn("jobs.sessions_kept");
	if (logins_prune(s->store, &a, now - LOGIN_KEPT_S * CLOCK_SECOND, now) != RC_OK)
		log_warn("jobs.logins_kept");
	certs_refresh(s);
	(void)service_refresh(s, 0);
}

/* False: somebody wants it done now, or no more. Under the lock. */
static bool slept(struct jobs *j)
{
	struct timespec t;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += KEYS_EVERY_S;
	while (!j->stop && !j->now && rc == 0)
		rc = pthread_cond_timedwait(&j->wake, &j->lock, &t);
	return !j->stop && !j->now;
}

static void *jobs_run(void *arg)
{
	struct jobs *j = arg;
	int waited_s = 0;

	pthread_mutex_lock(&j->lock);
	while (!j->stop) {
		waited_s += slept(j) ? KEYS_EVERY_S : JOBS_EVERY_S;
		j->now = false;
		if (j->stop)
			break;
		pthread_mutex_unlock(&j->lock);
		keys_once(j->service);
		if (waited_s >= JOBS_EVERY_S) {
			jobs_once(j->service);
			waited_s = 0;
		}
		pthread_mutex_lock(&j->lock);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

enum rc jobs_start(struct service *s, struct jobs **out)
{
	struct jobs *j = calloc(1, sizeof *j);
	pthread_condattr_t attr;

	if (!j)
		return RC_FAIL;
	j->service = s;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&j->thread, NULL, jobs_run, j) != 0) {
		free(j);
		return RC_FAIL;
	}
	*out = j;
	return RC_OK;
}

void jobs_now(struct jobs *j)
{
	pthread_mutex_lock(&j->lock);
	j->now = true;
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
}

void jobs_stop(struct jobs *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	pthread_cond_destroy(&j->wake);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
