#include "base/task.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "t.h"

#define STACK ((size_t)256 * 1024)
#define LOOPS 4
#define TASKS 8
#ifndef WAITS
#define WAITS 20000
#endif

struct notes {
	char text[256];
	size_t n;
};

static void note(struct notes *n, char c)
{
	CHECK(n->n < sizeof n->text - 1);
	n->text[n->n++] = c;
}

static void no_notice(void *ctx)
{
	(void)ctx;
}

static struct task_loop *loop_new(size_t tasks)
{
	struct task_loop *l;

	CHECK_RC(task_loop_create(tasks, STACK, no_notice, NULL, &l), RC_OK);
	return l;
}

/* A task that notes its begin and its end around one wait. */
struct one {
	struct notes *notes;
	char name;
	struct waiter *w; /* where others find it */
	struct waiter waiter;
	bool woken_before;
};

static void one_wait(void *arg)
{
	struct one *o = arg;

	note(o->notes, o->name);
	waiter_init(&o->waiter);
	if (o->woken_before)
		waiter_wake(&o->waiter);
	waiter_wait(&o->waiter);
	note(o->notes, (char)(o->name - 'a' + 'A'));
}

static void test_task__goes_on_at_once_when_woken_before_it_waits(void **state)
{
	(void)state;
	struct notes n = { 0 };
	struct task_loop *l = loop_new(1);
	struct one o = { .notes = &n, .name = 'a', .woken_before = true };
	task_loop_start(l, one_wait, &o);
	CHECK_STR(str_of(n.text), STR("aA"));
	CHECK(task_loop_running(l) == 0 && task_loop_has_room(l) && !task_loop_resume(l));
	task_loop_destroy(l);
}

static void test_task__sets_its_stack_aside_until_woken(void **state)
{
	(void)state;
	struct notes n = { 0 };
	struct task_loop *l = loop_new(1);
	struct one o = { .notes = &n, .name = 'a' };
	task_loop_start(l, one_wait, &o);
	CHECK_STR(str_of(n.text), STR("a"));
	CHECK(task_loop_running(l) == 1 && !task_loop_has_room(l) && !task_loop_resume(l));
	waiter_wake(&o.waiter);
	CHECK_STR(str_of(n.text), STR("a")); /* only the loop's thread goes on with it */
	CHECK(task_loop_resume(l));
	CHECK_STR(str_of(n.text), STR("aA"));
	CHECK(task_loop_running(l) == 0 && task_loop_has_room(l) && !task_loop_resume(l));
	task_loop_destroy(l);
	task_loop_destroy(NULL);
}

static void test_task__goes_on_in_the_order_of_the_wakes(void **state)
{
	(void)state;
	struct notes n = { 0 };
	struct task_loop *l = loop_new(4);
	struct one o[4];
	static const int order[] = { 2, 0, 3, 1 };
	for (size_t i = 0; i < LEN(o); i++) {
		o[i] = (struct one){ .notes = &n, .name = (char)('a' + i) };
		CHECK(task_loop_has_room(l) && task_loop_running(l) == i);
		task_loop_start(l, one_wait, &o[i]);
	}
	CHECK(!task_loop_has_room(l) && task_loop_running(l) == 4);
	for (size_t i = 0; i < LEN(order); i++)
		waiter_wake(&o[order[i]].waiter);
	CHECK(task_loop_resume(l));
	CHECK_STR(str_of(n.text), STR("abcdCADB"));
	CHECK(task_loop_running(l) == 0);
	for (size_t i = 0; i < LEN(o); i++) { /* the stacks serve again */
		o[i].woken_before = true;
		task_loop_start(l, one_wait, &o[i]);
	}
	CHECK_STR(str_of(n.text), STR("abcdCADBaAbBcCdD"));
	task_loop_destroy(l);
}

/* One task wakes another of its loop: that one runs at the next resume, not in between. */
static void wakes_other(void *arg)
{
	struct one *o = arg;

	note(o->notes, o->name);
	waiter_wake(o->w);
	note(o->notes, (char)(o->name - 'a' + 'A'));
}

static void test_task__can_wake_another_of_its_loop(void **state)
{
	(void)state;
	struct notes n = { 0 };
	struct task_loop *l = loop_new(2);
	struct one a = { .notes = &n, .name = 'a' }, b = { .notes = &n, .name = 'b', .w = &a.waiter };
	task_loop_start(l, one_wait, &a);
	task_loop_start(l, wakes_other, &b);
	CHECK_STR(str_of(n.text), STR("abB"));
	CHECK(task_loop_resume(l));
	CHECK_STR(str_of(n.text), STR("abBA"));
	task_loop_destroy(l);
}

/* What a task keeps on its stack, deep down, is there after each wait. */
static uint64_t deep(int depth, struct waiter *w)
{
	volatile char block[512];

	memset((char *)(uintptr_t)block, depth, sizeof block);
	if (depth == 0) {
		waiter_init(w);
		waiter_wait(w);
	}
	uint64_t sum = depth ? deep(depth - 1, w) : 0;
	for (size_t i = 0; i < sizeof block; i++)
		sum += (unsigned char)block[i];
	return sum;
}

struct dive {
	struct waiter w;
	uint64_t sum;
};

static void dive(void *arg)
{
	struct dive *d = arg;

	d->sum = deep(60, &d->w);
}

static void test_task__keeps_its_stack_over_a_wait(void **state)
{
	(void)state;
	struct task_loop *l = loop_new(3);
	struct dive d[3] = { 0 };
	for (size_t i = 0; i < LEN(d); i++)
		task_loop_start(l, dive, &d[i]);
	for (size_t i = 0; i < LEN(d); i++)
		waiter_wake(&d[i].w);
	CHECK(task_loop_resume(l));
	for (size_t i = 0; i < LEN(d); i++)
		CHECK(d[i].sum == 512 * 60 * 61 / 2);
	task_loop_destroy(l);
}

static void count_notice(void *ctx)
{
	(*(int *)ctx)++;
}

static void test_task__notifies_only_a_loop_that_may_sleep(void **state)
{
	(void)state;
	struct notes n = { 0 };
	struct task_loop *l;
	int notices = 0;
	struct one o[3];
	CHECK_RC(task_loop_create(3, STACK, count_notice, &notices, &l), RC_OK);
	for (size_t i = 0; i < LEN(o); i++) {
		o[i] = (struct one){ .notes = &n, .name = (char)('a' + i) };
		task_loop_start(l, one_wait, &o[i]);
	}
	waiter_wake(&o[0].waiter);
	CHECK(notices == 0);
	CHECK(!task_loop_sleep(l)); /* one was woken meanwhile */
	CHECK(task_loop_resume(l));
	CHECK(task_loop_sleep(l));
	waiter_wake(&o[1].waiter);
	CHECK(notices == 1);
	waiter_wake(&o[2].waiter); /* it is awake already */
	CHECK(notices == 1);
	CHECK(task_loop_resume(l));
	CHECK_STR(str_of(n.text), STR("abcABC"));
	task_loop_destroy(l);
}

static void waits_for_ever(void *arg)
{
	struct waiter *w = arg;

	for (;;) {
		waiter_init(w);
		waiter_wait(w);
	}
}

/* From now on any system call but the end of the process kills it. */
static bool system_calls_end(void)
{
	struct sock_filter only_exit[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { LEN(only_exit), only_exit };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void wait_and_wake(struct task_loop *l, struct waiter *w, int times)
{
	for (int i = 0; i < times; i++) {
		waiter_wake(w);
		if (!task_loop_resume(l))
			_exit(2);
	}
}

/* Only a context of POSIX keeps a signal mask, which takes a system call. */
static void test_task__a_wait_and_its_wake_make_no_system_call(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct waiter w;
		struct task_loop *l = loop_new(1);
		task_loop_start(l, waits_for_ever, &w);
		wait_and_wake(l, &w, 1);
		if (!system_calls_end())
			_exit(3);
		wait_and_wake(l, &w, 1000);
		(void)syscall(SYS_exit_group, 0); /* a sanitizer's _exit makes calls of its own */
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
#ifdef SWITCH_UCONTEXT
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
#else
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

/* ---- threads ---- */

struct thread_wait {
	struct waiter w;
	atomic_int ready, done;
};

static void *thread_waits(void *arg)
{
	struct thread_wait *t = arg;

	waiter_init(&t->w);
	CHECK(!t->w.task);
	atomic_store(&t->ready, 1);
	waiter_wait(&t->w);
	atomic_store(&t->done, 1);
	return NULL;
}

static void test_task__a_plain_thread_blocks(void **state)
{
	(void)state;
	pthread_t thread;
	for (int late = 0; late < 2; late++) {
		struct thread_wait t = { 0 };
		CHECK(pthread_create(&thread, NULL, thread_waits, &t) == 0);
		while (!atomic_load(&t.ready))
			usleep(100);
		if (late)
			usleep(20000);
		CHECK(!atomic_load(&t.done));
		waiter_wake(&t.w);
		pthread_join(thread, NULL);
		CHECK(t.done);
	}
	struct waiter w; /* woken first */
	waiter_init(&w);
	waiter_wake(&w);
	waiter_wait(&w);
}

/* Waiters on their way to the thread that wakes them. */
struct post {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct waiter *ring[LOOPS * TASKS + LOOPS];
	size_t at, n;
	bool stop;
};

static void post_send(struct post *p, struct waiter *w)
{
	pthread_mutex_lock(&p->lock);
	p->ring[(p->at + p->n++) % LEN(p->ring)] = w;
	pthread_cond_signal(&p->some);
	pthread_mutex_unlock(&p->lock);
}

static void *post_main(void *arg)
{
	struct post *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->n && !p->stop)
			pthread_cond_wait(&p->some, &p->lock);
		if (!p->n)
			break;
		struct waiter *w = p->ring[p->at];
		p->at = (p->at + 1) % LEN(p->ring);
		p->n--;
		pthread_mutex_unlock(&p->lock);
		waiter_wake(w);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct loop_thread {
	struct post *post;
	sem_t bell;
	int64_t waited;
	pthread_t thread;
};

static void bell_ring(void *ctx)
{
	sem_post(ctx);
}

static void waits_often(void *arg)
{
	struct loop_thread *t = arg;

	for (int i = 0; i < WAITS; i++) {
		struct waiter w; /* another one at the same place each time */
		waiter_init(&w);
		post_send(t->post, &w);
		waiter_wait(&w);
		t->waited++; /* of one thread: its tasks take turns */
	}
}

static void *loop_main(void *arg)
{
	struct loop_thread *t = arg;
	struct task_loop *l;

	CHECK_RC(task_loop_create(TASKS, STACK, bell_ring, &t->bell, &l), RC_OK);
	while (task_loop_has_room(l))
		task_loop_start(l, waits_often, t);
	while (task_loop_running(l)) {
		if (!task_loop_resume(l) && task_loop_sleep(l))
			while (sem_wait(&t->bell) != 0)
				;
	}
	task_loop_destroy(l); /* while the waker may be in its last call yet */
	return NULL;
}

/* A lost wake shows as a test that never ends. */
static void test_task__loses_no_wake_under_load(void **state)
{
	(void)state;
	struct post post = { .lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER };
	struct loop_thread t[LOOPS];
	pthread_t wakers[2];
	for (size_t i = 0; i < LEN(wakers); i++)
		CHECK(pthread_create(&wakers[i], NULL, post_main, &post) == 0);
	for (size_t i = 0; i < LEN(t); i++) {
		t[i] = (struct loop_thread){ .post = &post };
		CHECK(sem_init(&t[i].bell, 0, 0) == 0);
		CHECK(pthread_create(&t[i].thread, NULL, loop_main, &t[i]) == 0);
	}
	for (size_t i = 0; i < LEN(t); i++)
		pthread_join(t[i].thread, NULL);
	pthread_mutex_lock(&post.lock);
	post.stop = true;
	pthread_cond_broadcast(&post.some);
	pthread_mutex_unlock(&post.lock);
	for (size_t i = 0; i < LEN(wakers); i++)
		pthread_join(wakers[i], NULL);
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK(t[i].waited == (int64_t)TASKS * WAITS);
		sem_destroy(&t[i].bell);
	}
}

struct turn {
	struct notes *notes;
	struct task_lock *lock;
	char name;
	struct waiter waiter;
};

static void turn_take(void *arg)
{
	struct turn *t = arg;
	task_lock_enter(t->lock);
	note(t->notes, t->name);
	waiter_init(&t->waiter);
	waiter_wait(&t->waiter);
	note(t->notes, (char)(t->name - 'a' + 'A'));
	task_lock_leave(t->lock);
}

/* The holder waits, and the next in line wait for it on the same thread, which goes on all the same. */
static void test_task__a_lock_goes_round_in_order(void **state)
{
	(void)state;
	struct notes n = { 0 };
	struct task_loop *l = loop_new(3);
	struct task_lock lock;
	struct turn turns[3];
	task_lock_init(&lock);
	for (int i = 0; i < 3; i++) {
		turns[i] = (struct turn){ .notes = &n, .lock = &lock, .name = (char)('a' + i) };
		task_loop_start(l, turn_take, &turns[i]);
	}
	for (int i = 0; i < 3; i++) {
		waiter_wake(&turns[i].waiter);
		while (task_loop_resume(l))
			;
	}
	CHECK_STR(str_of(n.text), STR("aAbBcC"));
	CHECK(task_loop_running(l) == 0);
	task_lock_finish(&lock);
	task_loop_destroy(l);
}

T_MAIN(cmocka_unit_test(test_task__goes_on_at_once_when_woken_before_it_waits),
       cmocka_unit_test(test_task__sets_its_stack_aside_until_woken),
       cmocka_unit_test(test_task__goes_on_in_the_order_of_the_wakes),
       cmocka_unit_test(test_task__can_wake_another_of_its_loop),
       cmocka_unit_test(test_task__keeps_its_stack_over_a_wait),
       cmocka_unit_test(test_task__notifies_only_a_loop_that_may_sleep),
       cmocka_unit_test(test_task__a_wait_and_its_wake_make_no_system_call),
       cmocka_unit_test(test_task__a_lock_goes_round_in_order), cmocka_unit_test(test_task__a_plain_thread_blocks),
       cmocka_unit_test(test_task__loses_no_wake_under_load))
