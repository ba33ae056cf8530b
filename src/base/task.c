#include "base/task.h"

#include "base/switch.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* AddressSanitizer and ThreadSanitizer follow a change of stack only when told. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define SWITCH_BEGIN(fake, stack, size) __sanitizer_start_switch_fiber((fake), (stack), (size))
#define SWITCH_END(fake, stack, size) __sanitizer_finish_switch_fiber((fake), (stack), (size))
#else
#define SWITCH_BEGIN(fake, stack, size) ((void)(fake), (void)(stack), (void)(size))
#define SWITCH_END(fake, stack, size) ((void)(fake), (void)(stack), (void)(size))
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define FIBER_CREATE() __tsan_create_fiber(0)
#define FIBER_SELF() __tsan_get_current_fiber()
#define FIBER_DESTROY(f) __tsan_destroy_fiber(f)
#define FIBER_SWITCH(f) __tsan_switch_to_fiber((f), 0)
#else
#define FIBER_CREATE() NULL
#define FIBER_SELF() NULL
#define FIBER_DESTROY(f) ((void)(f))
#define FIBER_SWITCH(f) ((void)(f))
#endif

enum task_state { TASK_FREE, TASK_RUNNING, TASK_WAITING, TASK_WOKEN };

struct task {
	struct task_loop *loop;
	void *context;
	char *stack;
	task_fn *fn;
	void *arg;
	_Atomic int state; /* enum task_state; the wait and the wake come in either order */
	bool ended;
	struct task *next; /* in the list `free` or `woken` */
	void *fake;
	void *fiber;
};

struct task_loop {
	void *context; /* of the thread, while a task runs */
	struct task *tasks;
	struct task *free;
	struct task *current;
	size_t n_tasks;
	size_t n_running;
	size_t stack_bytes;
	_Atomic(struct task *) woken; /* any thread pushes one; the loop's thread takes the whole list */
	_Atomic bool asleep;
	_Atomic int pushing; /* threads in woken_push: the loop must live until they have left it */
	void (*notify)(void *ctx);
	void *ctx;
	void *fake;
	void *fiber;
	const void *thread_stack;
	size_t thread_stack_bytes;
};

static _Thread_local struct task *current;

/* Switches back to the loop's thread. */
static void leave(struct task *t, bool for_good)
{
	struct task_loop *l = t->loop;
	SWITCH_BEGIN(for_good ? NULL : &t->fake, l->thread_stack, l->thread_stack_bytes);
	FIBER_SWITCH(l->fiber);
	switch_to(&t->context, l->context);
	SWITCH_END(t->fake, &l->thread_stack, &l->thread_stack_bytes);
}

static void enter(struct task_loop *l, struct task *t)
{
	current = t;
	SWITCH_BEGIN(&l->fake, t->stack, l->stack_bytes);
	FIBER_SWITCH(t->fiber);
	switch_to(&l->context, t->context);
	SWITCH_END(l->fake, NULL, NULL);
	current = NULL;
	if (!t->ended)
		return;
	t->next = l->free;
	l->free = t;
	l->n_running--;
}

static void task_main(void)
{
	struct task *t = current;
	SWITCH_END(NULL, &t->loop->thread_stack, &t->loop->thread_stack_bytes);
	t->fn(t->arg);
	t->ended = true;
	leave(t, true);
}

static char *stack_map(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	assert(bytes && bytes % page == 0);
	char *p = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p, page, PROT_NONE) != 0) {
		(void)munmap(p, bytes + page);
		return NULL;
	}
	return p + page;
}

enum rc task_loop_create(size_t tasks, size_t stack_bytes, void (*notify)(void *ctx), void *ctx, struct task_loop **out)
{
	struct task_loop *l = calloc(1, sizeof *l);
	if (!l)
		return RC_FAIL;
	l->notify = notify;
	l->ctx = ctx;
	l->stack_bytes = stack_bytes;
	l->tasks = calloc(tasks, sizeof *l->tasks);
	for (; l->tasks && l->n_tasks < tasks; l->n_tasks++) {
		struct task *t = &l->tasks[l->n_tasks];
		t->loop = l;
		t->stack = stack_map(stack_bytes);
		if (!t->stack)
			break;
		t->fiber = FIBER_CREATE();
		t->next = l->free;
		l->free = t;
	}
	if (l->n_tasks < tasks) {
		task_loop_destroy(l);
		return RC_FAIL;
	}
	*out = l;
	return RC_OK;
}

void task_loop_destroy(struct task_loop *l)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	if (!l)
		return;
	assert(l->n_running == 0);
	while (atomic_load(&l->pushing))
		(void)sched_yield();
	for (size_t i = 0; i < l->n_tasks; i++) {
		FIBER_DESTROY(l->tasks[i].fiber);
		(void)munmap(l->tasks[i].stack - page, l->stack_bytes + page);
	}
	free(l->tasks);
	free(l);
}

bool task_loop_has_room(const struct task_loop *l)
{
	return l->free != NULL;
}

size_t task_loop_running(const struct task_loop *l)
{
	return l->n_running;
}

void task_loop_start(struct task_loop *l, task_fn *fn, void *arg)
{
	struct task *t = l->free;
	assert(t && !current);
	l->free = t->next;
	l->n_running++;
	l->fiber = FIBER_SELF();
	t->fn = fn;
	t->arg = arg;
	t->ended = false;
	atomic_store_explicit(&t->state, TASK_RUNNING, memory_order_relaxed);
	t->context = switch_make(t->stack, l->stack_bytes, task_main);
	enter(l, t);
}

/* Takes the woken tasks in the order in which they were woken. */
static struct task *woken_take(struct task_loop *l)
{
	struct task *t = atomic_exchange(&l->woken, NULL), *ordered = NULL;
	while (t) {
		struct task *next = t->next;
		t->next = ordered;
		ordered = t;
		t = next;
	}
	return ordered;
}

bool task_loop_resume(struct task_loop *l)
{
	struct task *t = atomic_load_explicit(&l->woken, memory_order_relaxed) ? woken_take(l) : NULL;
	bool any = t != NULL;
	assert(!current);

	while (t) {
		struct task *next = t->next; /* t may end and be started again */
		enter(l, t);
		t = next;
	}
	return any;
}

bool task_loop_sleep(struct task_loop *l)
{
	atomic_store(&l->asleep, true);
	if (!atomic_load(&l->woken))
		return true;
	atomic_store(&l->asleep, false);
	return false;
}

static void woken_push(struct task *t)
{
	struct task_loop *l = t->loop;
	atomic_fetch_add(&l->pushing, 1);
	t->next = atomic_load_explicit(&l->woken, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&l->woken, &t->next, t))
		;
	if (atomic_load(&l->asleep) && atomic_exchange(&l->asleep, false))
		l->notify(l->ctx);
	atomic_fetch_sub(&l->pushing, 1);
}

void waiter_init(struct waiter *w)
{
	w->task = current;
	if (!w->task)
		(void)sem_init(&w->sem, 0, 0);
}

/* The wake may come before the task has left its stack, so the second of the two acts. When the task is second, it goes
 * on. When the waker is second, it pushes the task to `woken`. */
void waiter_wait(struct waiter *w)
{
	int running = TASK_RUNNING;
	assert(w->task == current);
	if (!w->task) {
		while (sem_wait(&w->sem) != 0)
			; /* interrupted by a signal */
		(void)sem_destroy(&w->sem);
		return;
	}
	if (atomic_compare_exchange_strong(&w->task->state, &running, TASK_WAITING))
		leave(w->task, false);
	atomic_store(&w->task->state, TASK_RUNNING);
}

void waiter_wake(struct waiter *w)
{
	struct task *t = w->task;
	if (!t) {
		(void)sem_post(&w->sem);
		return;
	}
	/* The task's own thread takes it from `woken`, and has left its stack before it looks there. */
	if (atomic_exchange(&t->state, TASK_WOKEN) == TASK_WAITING)
		woken_push(t);
}

/* ---- locks ---- */
struct task_turn {
	struct waiter waiter;
	struct task_turn *next;
};

void task_lock_init(struct task_lock *l)
{
	*l = (struct task_lock){ 0 };
	pthread_mutex_init(&l->guard, NULL);
	l->last = &l->first;
}

void task_lock_finish(struct task_lock *l)
{
	assert(!l->held);
	pthread_mutex_destroy(&l->guard);
}

void task_lock_enter(struct task_lock *l)
{
	struct task_turn turn = { 0 };
	waiter_init(&turn.waiter);
	pthread_mutex_lock(&l->guard);
	bool wait = l->held;
	l->held = true;
	if (wait) {
		*l->last = &turn;
		l->last = &turn.next;
	}
	pthread_mutex_unlock(&l->guard);
	if (wait)
		waiter_wait(&turn.waiter);
}

void task_lock_leave(struct task_lock *l)
{
	pthread_mutex_lock(&l->guard);
	assert(l->held);
	struct task_turn *next = l->first;
	if (next)
		l->first = next->next;
	if (!l->first)
		l->last = &l->first;
	l->held = next != NULL;
	pthread_mutex_unlock(&l->guard);
	if (next)
		waiter_wake(&next->waiter);
}
