/* Threads, and the monitors that they wait at. */
#pragma once
#include <pthread.h>

#include "base/base.h"

/* Runs fn(arg) on a thread of its own; the caller joins it (pthread_join). stack_bytes 0: the system's default.
 * RC_FAIL: the system gives no thread; *out is not written. */
MUST_USE enum rc thread_start(pthread_t *out, size_t stack_bytes, void *(*fn)(void *arg), void *arg);

/* A lock, a condition and the word to stop. The lock guards `stopped` and whatever else its owner says. A thread that
 * enters twice, or leaves or waits without having entered, is a bug and ends the process. */
struct monitor {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopped;
};
void monitor_init(struct monitor *m);
void monitor_finish(struct monitor *m); /* no thread may be inside */
void monitor_enter(struct monitor *m);
void monitor_leave(struct monitor *m);
/* Inside only: leaves, sleeps until a wake, and enters again. Ask the condition again afterwards: a wake may be
 * another's, or none at all. */
void monitor_wait(struct monitor *m);
/* The same until clock_mono() passes `mono_us`. false: that time has come. */
bool monitor_wait_until(struct monitor *m, int64_t mono_us);
/* Wakes one thread that waits, or all. The caller may be inside or outside. */
void monitor_wake(struct monitor *m);
void monitor_wake_all(struct monitor *m);
/* From outside: sets `stopped` and wakes all. */
void monitor_stop(struct monitor *m);
