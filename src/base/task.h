/* Tasks: straight-line code that waits without holding a thread.
 *
 * A thread that has a loop runs functions on stacks of their own; where such a function waits (waiter_wait), its stack
 * is set aside and the thread goes on with the next one. A batch of writes then costs one wake-up of a thread, not one
 * for each waiter. A task never moves to another thread. Elsewhere waiter_wait simply blocks the thread. */
#pragma once
#include <semaphore.h>
#include <stdatomic.h>

#include "base/base.h"

struct task;
struct task_loop;
typedef void task_fn(void *arg);

/* At most `tasks` at a time, each on a stack of stack_bytes with a guard page. notify(ctx) is called from any thread
 * when a waiting task of the loop has been woken and the loop may be asleep. RC_FAIL: no memory. */
MUST_USE enum rc task_loop_create(size_t tasks, size_t stack_bytes, void (*notify)(void *ctx), void *ctx,
				  struct task_loop **out);
void task_loop_destroy(struct task_loop *l); /* no task may be running; l may be NULL */

/* For the loop's own thread only. */
bool task_loop_has_room(const struct task_loop *l);
size_t task_loop_running(const struct task_loop *l); /* tasks that have begun and not ended */
/* Runs fn(arg) until it ends or waits. There must be room. */
void task_loop_start(struct task_loop *l, task_fn *fn, void *arg);
/* Goes on with the tasks that were woken. false: there was none. */
bool task_loop_resume(struct task_loop *l);
/* Before the thread sleeps: false when a task has been woken meanwhile; true: notify will be called for the next one.
 */
bool task_loop_sleep(struct task_loop *l);

/* One wait for one event; lives on the waiting side's stack or in its memory. */
struct waiter {
	struct task *task; /* NULL: a thread without a loop */
	sem_t sem;
};
void waiter_init(struct waiter *w);
void waiter_wait(struct waiter *w); /* returns after waiter_wake, which may come first */
void waiter_wake(struct waiter *w); /* once; w is not touched after the waiting side may have gone on */
