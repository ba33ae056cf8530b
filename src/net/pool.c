#include "net/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/task.h"
#include "base/thread.h"

struct job {
	struct arena *a;
	struct net_req req;
	struct net_res *out;
	struct str *why_out;
	int64_t deadline_us;
	enum rc rc;
	struct waiter waiter;
	struct job *next;
};

struct net_pool {
	struct monitor monitor;
	struct job *first;
	struct job **last;
	/* calls that have begun and not ended */
	int n;
	int most;
	pthread_t *threads;
	int n_threads;
};

static struct job *job_take(struct net_pool *p)
{
	monitor_enter(&p->monitor);
	while (!p->first && !p->monitor.stopped)
		monitor_wait(&p->monitor);
	struct job *j = p->first;
	if (j)
		p->first = j->next;
	if (!p->first)
		p->last = &p->first;
	monitor_leave(&p->monitor);
	return j;
}

static void job_run(struct job *j)
{
	int64_t left_us = j->deadline_us - clock_mono();
	j->rc = RC_BUSY;
	if (left_us <= 0) {
		if (j->why_out)
			*j->why_out = STR("waited too long for its turn");
		return;
	}
	j->req.timeout_s = (int)((left_us + CLOCK_SECOND - 1) / CLOCK_SECOND);
	j->rc = net_fetch(j->a, &j->req, j->out, j->why_out);
}

static void *pool_main(void *arg)
{
	struct net_pool *p = arg;
	for (struct job *j; (j = job_take(p)) != NULL;) {
		job_run(j);
		monitor_enter(&p->monitor);
		p->n--;
		monitor_leave(&p->monitor);
		waiter_wake(&j->waiter); /* the job is on its caller's stack, which goes on now */
	}
	return NULL;
}

enum rc net_pool_create(int threads, int most, struct net_pool **out)
{
	assert(threads > 0 && most > 0);
	struct net_pool *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	monitor_init(&p->monitor);
	p->last = &p->first;
	p->most = most;
	p->threads = calloc((size_t)threads, sizeof *p->threads);
	while (p->threads && p->n_threads < threads &&
	       thread_start(&p->threads[p->n_threads], 0, pool_main, p) == RC_OK)
		p->n_threads++;
	if (p->n_threads < threads) {
		net_pool_destroy(p);
		return RC_FAIL;
	}
	*out = p;
	return RC_OK;
}

void net_pool_destroy(struct net_pool *p)
{
	if (!p)
		return;
	monitor_stop(&p->monitor);
	while (p->n_threads > 0)
		pthread_join(p->threads[--p->n_threads], NULL);
	assert(p->n == 0); /* no caller came after the stop */
	monitor_finish(&p->monitor);
	free(p->threads);
	free(p);
}

static bool job_push(struct net_pool *p, struct job *j)
{
	monitor_enter(&p->monitor);
	bool room = p->n < p->most;
	if (room) {
		p->n++;
		*p->last = j;
		p->last = &j->next;
		monitor_wake(&p->monitor);
	}
	monitor_leave(&p->monitor);
	return room;
}

enum rc net_pool_fetch(struct net_pool *p, struct arena *a, const struct net_req *req, struct net_res *out,
		       struct str *why_out)
{
	int timeout_s = req->timeout_s > 0 ? req->timeout_s : NET_TIMEOUT_S;
	struct job j = { .a = a, .req = *req, .out = out, .why_out = why_out };
	j.deadline_us = clock_mono() + timeout_s * CLOCK_SECOND;
	waiter_init(&j.waiter);
	if (!job_push(p, &j)) {
		if (why_out)
			*why_out = STR("too many outgoing calls at once");
		return RC_BUSY;
	}
	waiter_wait(&j.waiter);
	return j.rc;
}
