/* Tasks: straight-line code that waits without blocking its thread.
 *
 * A thread with a loop runs each task on a stack of its own. When a task waits (waiter_wait), the thread sets its stack
 * aside and runs the next task. So a batch of writes wakes a thread once, and not once for each waiter. A task never
 * moves to another thread. Outside a task, waiter_wait blocks the thread. */
#pragma once
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/base.h"

struct task;
struct task_loop;
typedef void task_fn(void *arg);

/* A loop for at most `tasks` tasks at a time, each with a stack of stack_bytes (whole pages) and a guard page. Any
 * thread may call notify(ctx): a waiting task has been woken while the loop may be asleep. RC_FAIL: no memory. */
MUST_USE enum rc task_loop_create(size_t tasks, size_t stack_bytes, void (*notify)(void *ctx), void *ctx,
				  struct task_loop **out);
void task_loop_destroy(struct task_loop *l); /* no task may be running or waiting; l may be NULL */

/* The functions from here to task_loop_sleep are for the loop's own thread, outside its tasks. */
bool task_loop_has_room(const struct task_loop *l);
size_t task_loop_running(const struct task_loop *l); /* begun and not ended, waiting ones too */
/* Runs fn(arg) until it ends or waits. Ask task_loop_has_room first. */
void task_loop_start(struct task_loop *l, task_fn *fn, void *arg);
/* Runs the tasks that were woken, each until it ends or waits again. false: there was none. */
bool task_loop_resume(struct task_loop *l);
/* Call this before the thread sleeps. false: a task has been woken, do not sleep. true: the next wake calls notify. */
bool task_loop_sleep(struct task_loop *l);

/* One wait for one event. It lives in memory of the waiting side. */
struct waiter {
	struct task *task; /* NULL: a thread without a loop */
	sem_t sem;
};
void waiter_init(struct waiter *w); /* by the task or thread that is going to wait */
void waiter_wait(struct waiter *w); /* returns after waiter_wake, which may come first */
void waiter_wake(struct waiter *w); /* exactly once, by any thread; afterwards w is the waiting side's alone */

/* A lock that a task may hold while it waits: the next one in line waits as a task, and its thread runs others. */
struct task_lock {
	/* the lock's */
	pthread_mutex_t guard; /* of the members below, for a few instructions */
	bool held;
	struct task_turn *first;
	struct task_turn **last;
};
void task_lock_init(struct task_lock *l);
void task_lock_finish(struct task_lock *l); /* it must be free */
void task_lock_enter(struct task_lock *l);
void task_lock_leave(struct task_lock *l); /* the one who waits longest has it next */
