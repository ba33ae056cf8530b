#include "http/internal.h"

#include "base/clock.h"
#include "base/task.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A worker is a thread that runs several calls, each as a task: while one waits for the committer, the next one runs.
 */
struct worker {
	struct pool *pool;
	pthread_t thread;
	struct task_loop *loop;
	sem_t wake;
	bool idle; /* in the pool's list; under its lock */
	struct worker *next_idle;
};

struct pool {
	pthread_mutex_t lock;
	void (*run)(struct call *c);
	struct call **ring;
	size_t at;
	size_t n;
	size_t cap;
	struct worker *idle; /* who slept last wakes first: its stack is in the cache */
	bool waking;         /* a worker is on its way: nobody else needs to be woken until it has taken its call */
	bool stop;
	pthread_cond_t ended;
	struct worker *workers;
	int n_workers;
	int n_alive;
};

/* Under the lock: whom the caller shall wake, or NULL. */
static struct worker *idle_take(struct pool *p)
{
	struct worker *w = p->idle;
	if (p->waking || p->n == 0 || !w)
		return NULL;
	p->idle = w->next_idle;
	w->idle = false;
	p->waking = true;
	return w;
}

static void wake(struct worker *w)
{
	if (w)
		sem_post(&w->wake);
}

static void notify(void *worker)
{
	wake(worker);
}

static void idle_leave(struct pool *p, struct worker *self)
{
	struct worker **at = &p->idle;
	while (*at != self)
		at = &(*at)->next_idle;
	*at = self->next_idle;
	self->idle = false;
}

/* The next call, or NULL when there is none for now. */
static struct call *pool_next(struct pool *p, struct worker *self)
{
	struct call *c = NULL;
	struct worker *w = NULL;
	pthread_mutex_lock(&p->lock);
	if (p->n && task_loop_has_room(self->loop)) {
		c = p->ring[p->at];
		p->at = (p->at + 1) % p->cap;
		p->n--;
		w = idle_take(p);
	}
	pthread_mutex_unlock(&p->lock);
	wake(w);
	return c;
}

/* Until a call comes that this worker has room for, or one of its tasks is woken. false: the end. */
static bool sleep_until_woken(struct pool *p, struct worker *self)
{
	pthread_mutex_lock(&p->lock);
	bool room = task_loop_has_room(self->loop), end = p->stop && task_loop_running(self->loop) == 0;
	if ((p->n && room) || end) {
		bool more = p->n || !end;
		pthread_mutex_unlock(&p->lock);
		return more;
	}
	if (room && !p->stop) {
		self->next_idle = p->idle;
		p->idle = self;
		self->idle = true;
	}
	pthread_mutex_unlock(&p->lock);
	if (task_loop_sleep(self->loop))
		while (sem_wait(&self->wake) != 0 && errno == EINTR)
			;
	pthread_mutex_lock(&p->lock);
	if (self->idle)
		idle_leave(p, self);
	else if (room)
		p->waking = false;
	pthread_mutex_unlock(&p->lock);
	return true;
}

static void call_task(void *arg)
{
	struct call *c = arg;
	c->pool->run(c);
}

static void *worker_main(void *arg)
{
	struct worker *self = arg;
	struct pool *p = self->pool;
	do {
		while (task_loop_resume(self->loop))
			;
		for (struct call *c; (c = pool_next(p, self)) != NULL;)
			task_loop_start(self->loop, call_task, c);
	} while (sleep_until_woken(p, self));
	pthread_mutex_lock(&p->lock);
	p->n_alive--;
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

bool pool_full(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	bool full = p->n == p->cap || p->stop;
	pthread_mutex_unlock(&p->lock);
	return full;
}

bool pool_push(struct pool *p, struct call *c)
{
	c->pool = p;
	pthread_mutex_lock(&p->lock);
	bool full = p->n == p->cap || p->stop;
	if (!full)
		p->ring[(p->at + p->n++) % p->cap] = c;
	struct worker *w = idle_take(p);
	pthread_mutex_unlock(&p->lock);
	wake(w);
	return !full;
}

static enum rc worker_start(struct pool *p, struct worker *w, size_t tasks)
{
	pthread_attr_t attr;
	w->pool = p;
	TRY(task_loop_create(tasks, HTTP_STACK_BYTES, notify, w, &w->loop));
	sem_init(&w->wake, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, HTTP_STACK_BYTES);
	pthread_mutex_lock(&p->lock);
	int failed = pthread_create(&w->thread, &attr, worker_main, w);
	p->n_alive += !failed;
	p->n_workers += !failed;
	pthread_mutex_unlock(&p->lock);
	pthread_attr_destroy(&attr);
	if (!failed)
		return RC_OK;
	sem_destroy(&w->wake);
	task_loop_destroy(w->loop);
	return RC_FAIL;
}

/* Calls that run at once, spread over a few threads: every processor has one, and many calls have more, since a read
 * may wait for a disk or for a database elsewhere. More than needed cost switches between them. */
static int threads_for(int workers)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int n = workers / HTTP_TASKS_PER_THREAD;
	if (n < processors)
		n = (int)processors;
	return n > workers ? workers : n;
}

enum rc pool_create(int workers, size_t queue, void (*run)(struct call *c), struct pool **out)
{
	int n = threads_for(workers);
	struct pool *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->ended, &attr);
	pthread_condattr_destroy(&attr);
	p->run = run;
	p->cap = queue;
	p->ring = calloc(queue, sizeof(struct call *));
	p->workers = calloc((size_t)n, sizeof(struct worker));
	enum rc rc = p->ring && p->workers ? RC_OK : RC_FAIL;
	for (int i = 0; rc == RC_OK && i < n; i++)
		rc = worker_start(p, &p->workers[i], (size_t)workers / (size_t)n + (i < workers % n));
	if (rc == RC_OK)
		*out = p;
	if (rc != RC_OK)
		pool_destroy(p);
	return rc;
}

static void stop(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	for (int i = 0; i < p->n_workers; i++)
		sem_post(&p->workers[i].wake);
	pthread_mutex_unlock(&p->lock);
}

bool pool_stop(struct pool *p, int64_t deadline_us)
{
	struct timespec until = { .tv_sec = deadline_us / CLOCK_SECOND, .tv_nsec = deadline_us % CLOCK_SECOND * 1000 };
	int late = 0;
	stop(p);
	pthread_mutex_lock(&p->lock);
	while (p->n_alive > 0 && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&p->ended, &p->lock, &until);
	bool ended = p->n_alive == 0;
	pthread_mutex_unlock(&p->lock);
	for (; ended && p->n_workers > 0; p->n_workers--) {
		struct worker *w = &p->workers[p->n_workers - 1];
		pthread_join(w->thread, NULL);
		task_loop_destroy(w->loop);
		sem_destroy(&w->wake);
	}
	return ended;
}

void pool_destroy(struct pool *p)
{
	if (!p)
		return;
	(void)pool_stop(p, INT64_MAX);
	pthread_cond_destroy(&p->ended);
	pthread_mutex_destroy(&p->lock);
	free(p->ring);
	free(p->workers);
	free(p);
}
