#include "http/internal.h"

#include <semaphore.h>

#include "base/clock.h"
#include "base/task.h"
#include "t.h"

#define LONG (60 * CLOCK_SECOND)
#define CALLS 64

static atomic_int begun;
static atomic_int ended;
static sem_t came;
static sem_t go;
static struct waiter waiters[CALLS];

static int setup(void **state)
{
	(void)state;
	return sem_init(&came, 0, 0) || sem_init(&go, 0, 0);
}

static void sem_pass(sem_t *s)
{
	while (sem_wait(s) != 0)
		;
}

static void count(struct call *c)
{
	(void)c;
	atomic_fetch_add(&ended, 1);
}

/* Blocks the thread, as a slow system call does. */
static void hold(struct call *c)
{
	sem_post(&came);
	sem_pass(&go);
	count(c);
}

/* Waits as a task does for the committer; c->allow is the call's number. */
static void wait_for_wake(struct call *c)
{
	waiter_init(&waiters[c->allow]);
	if (atomic_fetch_add(&begun, 1) + 1 == CALLS)
		sem_post(&came);
	waiter_wait(&waiters[c->allow]);
	count(c);
}

static struct pool *start(int workers, size_t queue, void (*run)(struct call *c))
{
	struct pool *p;

	atomic_store(&begun, 0);
	atomic_store(&ended, 0);
	CHECK_RC(pool_create(workers, queue, run, &p), RC_OK);
	return p;
}

static void test_pool__stopping_runs_what_is_queued_and_takes_no_more(void **state)
{
	(void)state;
	static struct call calls[CALLS + 1];
	struct pool *p = start(2, CALLS, count);

	for (int i = 0; i < CALLS; i++)
		CHECK(pool_push(p, &calls[i]));
	CHECK(pool_stop(p, clock_mono() + LONG));
	CHECK(ended == CALLS);
	CHECK(!pool_push(p, &calls[CALLS]));
	pool_destroy(p);
	pool_destroy(NULL);
}

static void test_pool__a_full_queue_takes_no_more(void **state)
{
	(void)state;
	static struct call calls[4];
	struct pool *p = start(1, 2, hold);

	CHECK(pool_push(p, &calls[0]));
	sem_pass(&came); /* it has left the queue */
	CHECK(pool_push(p, &calls[1]));
	CHECK(pool_push(p, &calls[2]));
	CHECK(!pool_push(p, &calls[3]));
	CHECK(!pool_stop(p, clock_mono() + CLOCK_SECOND / 50)); /* a call has not ended */
	for (int i = 0; i < 3; i++)
		sem_post(&go);
	pool_destroy(p);
	CHECK(ended == 3);
}

/* All calls are under way at once, on fewer threads. */
static void test_pool__a_call_that_waits_leaves_its_thread_to_others(void **state)
{
	(void)state;
	static struct call calls[CALLS];
	struct pool *p = start(CALLS, CALLS, wait_for_wake);

	for (int i = 0; i < CALLS; i++) {
		calls[i].allow = (unsigned)i;
		CHECK(pool_push(p, &calls[i]));
	}
	sem_pass(&came);
	CHECK(ended == 0);
	while (begun < CALLS)
		usleep(100);
	for (int i = 0; i < CALLS; i++)
		waiter_wake(&waiters[i]);
	CHECK(pool_stop(p, clock_mono() + LONG));
	CHECK(ended == CALLS);
	pool_destroy(p);
}

T_MAIN_WITH(setup, NULL, cmocka_unit_test(test_pool__stopping_runs_what_is_queued_and_takes_no_more),
	    cmocka_unit_test(test_pool__a_full_queue_takes_no_more),
	    cmocka_unit_test(test_pool__a_call_that_waits_leaves_its_thread_to_others))
