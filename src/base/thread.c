#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/clock.h"

enum rc thread_start(pthread_t *out, size_t stack_bytes, void *(*fn)(void *arg), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	pthread_attr_init(&attr);
	int failed = stack_bytes ? pthread_attr_setstacksize(&attr, stack_bytes) : 0;
	assert(!failed);
	failed = pthread_create(&thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	if (failed)
		return RC_FAIL;
	*out = thread;
	return RC_OK;
}

void monitor_init(struct monitor *m)
{
	pthread_mutexattr_t strict;
	pthread_mutexattr_init(&strict);
	pthread_mutexattr_settype(&strict, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&m->lock, &strict);
	pthread_mutexattr_destroy(&strict);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&m->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	m->stopped = false;
}

void monitor_finish(struct monitor *m)
{
	pthread_cond_destroy(&m->changed);
	int failed = pthread_mutex_destroy(&m->lock);
	assert(!failed);
}

void monitor_enter(struct monitor *m)
{
	int failed = pthread_mutex_lock(&m->lock);
	assert(!failed);
}

void monitor_leave(struct monitor *m)
{
	int failed = pthread_mutex_unlock(&m->lock);
	assert(!failed);
}

void monitor_wait(struct monitor *m)
{
	int failed = pthread_cond_wait(&m->changed, &m->lock);
	assert(!failed);
}

bool monitor_wait_until(struct monitor *m, int64_t mono_us)
{
	struct timespec until = { .tv_sec = mono_us / CLOCK_SECOND, .tv_nsec = mono_us % CLOCK_SECOND * 1000 };
	int failed = pthread_cond_timedwait(&m->changed, &m->lock, &until);
	assert(!failed || failed == ETIMEDOUT);
	return !failed;
}

void monitor_wake(struct monitor *m)
{
	pthread_cond_signal(&m->changed);
}

void monitor_wake_all(struct monitor *m)
{
	pthread_cond_broadcast(&m->changed);
}

void monitor_stop(struct monitor *m)
{
	monitor_enter(m);
	m->stopped = true;
	monitor_wake_all(m);
	monitor_leave(m);
}
