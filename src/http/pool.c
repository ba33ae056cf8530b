#include "http/internal.h"

#include "base/clock.h"
#include "base/task.h"
#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RESERVED_TASKS 8  /* of each worker, beside its other calls */
#define RESERVED_QUEUE 64 /* calls that wait for one */

/* A worker is a thread that runs several calls, each as a task: while one waits for the committer, the next one runs.
 */
struct worker {
	struct pool *pool;
	pthread_t thread;
	struct task_loop *loop;
	size_t calls_max; /* without the reserved ones */
	size_t calls;     /* the thread's own */
	sem_t wake;
	bool idle; /* in the pool's list; under its lock */
	struct worker *next_idle;
};

struct pool {
	struct monitor monitor; /* woken when a worker ends */
	void (*run)(struct call *c);
	struct call **ring;
	size_t at;
	size_t n;
	size_t cap;
	/* the same for routes with reserved places */
	struct call *reserved[RESERVED_QUEUE];
	size_t reserved_at;
	size_t reserved_n;
	struct worker *idle; /* the worker that fell asleep last wakes first: its stack is in the cache */
	bool waking;         /* a worker has been woken and has not taken its call yet: no other one is woken */
	struct worker *workers;
	int n_workers;
	int n_alive;
};

/* The lock is held. Returns the worker that the caller must wake, or NULL. */
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

static void idle_leave(struct pool *p, struct worker *worker)
{
	struct worker **at = &p->idle;
	assert(worker->idle);
	while (*at != worker)
		at = &(*at)->next_idle;
	*at = worker->next_idle;
	worker->idle = false;
}

static bool is_reserved(const struct call *c)
{
	return c->req.route && c->req.route->reserved;
}

static bool has_room(const struct worker *worker)
{
	return worker->calls < worker->calls_max;
}

static bool has_reserved(const struct pool *p, const struct worker *worker)
{
	return p->reserved_n && task_loop_running(worker->loop) - worker->calls < RESERVED_TASKS;
}

/* The next call, or NULL when there is none for now. */
static struct call *pool_next(struct pool *p, struct worker *worker)
{
	struct call *c = NULL;
	struct worker *w = NULL;
	monitor_enter(&p->monitor);
	if (has_reserved(p, worker)) {
		c = p->reserved[p->reserved_at];
		p->reserved_at = (p->reserved_at + 1) % RESERVED_QUEUE;
		p->reserved_n--;
	} else if (p->n && has_room(worker)) {
		c = p->ring[p->at];
		p->at = (p->at + 1) % p->cap;
		p->n--;
		w = idle_take(p);
	}
	monitor_leave(&p->monitor);
	wake(w);
	return c;
}

/* Sleeps until a call comes that this worker has room for, or one of its tasks is woken. false: the thread ends. */
static bool sleep_until_woken(struct pool *p, struct worker *worker)
{
	monitor_enter(&p->monitor);
	bool room = has_room(worker), end = p->monitor.stopped && task_loop_running(worker->loop) == 0;
	if ((p->n && room) || has_reserved(p, worker) || end) {
		bool more = p->n || p->reserved_n || !end;
		monitor_leave(&p->monitor);
		return more;
	}
	if (room && !p->monitor.stopped) {
		worker->next_idle = p->idle;
		p->idle = worker;
		worker->idle = true;
	}
	monitor_leave(&p->monitor);
	if (task_loop_sleep(worker->loop))
		while (sem_wait(&worker->wake) != 0 && errno == EINTR)
			;
	monitor_enter(&p->monitor);
	if (worker->idle)
		idle_leave(p, worker);
	else if (room)
		p->waking = false;
	monitor_leave(&p->monitor);
	return true;
}

static _Thread_local struct worker *mine;

static void call_task(void *arg)
{
	struct call *c = arg;
	bool counts = !is_reserved(c);
	mine->calls += counts;
	c->pool->run(c); /* afterwards another thread may have the call */
	mine->calls -= counts;
}

/* false: there was nothing to do. */
static bool work(struct pool *p, struct worker *worker)
{
	bool any = false;
	while (task_loop_resume(worker->loop))
		any = true;
	for (struct call *c; (c = pool_next(p, worker)) != NULL; any = true)
		task_loop_start(worker->loop, call_task, c);
	return any;
}

/* A sleep and its wake cost more than a yield, after which other threads have often brought work. */
static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct pool *p = worker->pool;
	mine = worker;
	do {
		while (work(p, worker))
			(void)sched_yield();
	} while (sleep_until_woken(p, worker));
	assert(task_loop_running(worker->loop) == 0);
	monitor_enter(&p->monitor);
	p->n_alive--;
	monitor_wake(&p->monitor);
	monitor_leave(&p->monitor);
	return NULL;
}

/* Any worker may have the room. */
static bool push_reserved(struct pool *p, struct call *c)
{
	monitor_enter(&p->monitor);
	bool full = p->reserved_n == RESERVED_QUEUE || p->monitor.stopped;
	if (!full)
		p->reserved[(p->reserved_at + p->reserved_n++) % RESERVED_QUEUE] = c;
	monitor_leave(&p->monitor);
	for (int i = 0; !full && i < p->n_workers; i++)
		wake(&p->workers[i]);
	return !full;
}

bool pool_push(struct pool *p, struct call *c)
{
	c->pool = p;
	if (is_reserved(c))
		return push_reserved(p, c);
	monitor_enter(&p->monitor);
	bool full = p->n == p->cap || p->monitor.stopped;
	if (!full)
		p->ring[(p->at + p->n++) % p->cap] = c;
	struct worker *w = idle_take(p);
	monitor_leave(&p->monitor);
	wake(w);
	return !full;
}

static enum rc worker_start(struct pool *p, struct worker *w, size_t tasks)
{
	w->pool = p;
	w->calls_max = tasks;
	TRY(task_loop_create(tasks + RESERVED_TASKS, HTTP_STACK_BYTES, notify, w, &w->loop));
	sem_init(&w->wake, 0, 0);
	monitor_enter(&p->monitor);
	enum rc rc = thread_start(&w->thread, HTTP_STACK_BYTES, worker_main, w);
	p->n_alive += rc == RC_OK;
	p->n_workers += rc == RC_OK;
	monitor_leave(&p->monitor);
	if (rc == RC_OK)
		return RC_OK;
	sem_destroy(&w->wake);
	task_loop_destroy(w->loop);
	return RC_FAIL;
}

/* Every processor has one thread. Many calls have more threads, since a read may wait for a disk or a remote database.
 * Too many threads cost switches between them. */
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
	assert(workers > 0 && queue > 0);
	int n = threads_for(workers);
	struct pool *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	monitor_init(&p->monitor);
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
	monitor_enter(&p->monitor);
	p->monitor.stopped = true;
	for (int i = 0; i < p->n_workers; i++)
		sem_post(&p->workers[i].wake);
	monitor_leave(&p->monitor);
}

bool pool_stop(struct pool *p, int64_t deadline_us)
{
	bool in_time = true;
	stop(p);
	monitor_enter(&p->monitor);
	while (p->n_alive > 0 && in_time)
		in_time = monitor_wait_until(&p->monitor, deadline_us);
	bool ended = p->n_alive == 0;
	monitor_leave(&p->monitor);
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
	monitor_finish(&p->monitor);
	free(p->ring);
	free(p->workers);
	free(p);
}
