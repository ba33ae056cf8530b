#include "base/clock.h"
#include "base/thread.h"
#include "t.h"

#define THREADS 4
#define TURNS 500
#define LARGE_STACK ((size_t)8 << 20)

/* Threads that each take a turn when it is theirs: every wake is needed. */
struct ring {
	struct monitor monitor;
	int turn;
	int taken;
};
struct player {
	struct ring *ring;
	int place;
	pthread_t thread;
};

static void *player_main(void *arg)
{
	struct player *p = arg;
	struct ring *r = p->ring;
	monitor_enter(&r->monitor);
	for (int i = 0; i < TURNS; i++) {
		while (r->turn != p->place)
			monitor_wait(&r->monitor);
		r->turn = (r->turn + 1) % THREADS;
		r->taken++;
		monitor_wake_all(&r->monitor);
	}
	monitor_leave(&r->monitor);
	return NULL;
}

static void test_thread__monitor_hands_over(void **state)
{
	(void)state;
	struct ring r = { .turn = 0 };
	struct player players[THREADS];
	monitor_init(&r.monitor);
	for (int i = 0; i < THREADS; i++) {
		players[i] = (struct player){ .ring = &r, .place = i };
		CHECK_RC(thread_start(&players[i].thread, 0, player_main, &players[i]), RC_OK);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(players[i].thread, NULL);
	assert_int_equal(r.taken, THREADS * TURNS);
	monitor_finish(&r.monitor);
}

static void *until_stopped(void *arg)
{
	struct monitor *m = arg;
	monitor_enter(m);
	while (!m->stopped)
		monitor_wait(m);
	monitor_leave(m);
	return arg;
}

static void test_thread__stop_wakes_all(void **state)
{
	(void)state;
	struct monitor m;
	pthread_t threads[THREADS];
	monitor_init(&m);
	assert_false(m.stopped);
	for (int i = 0; i < THREADS; i++)
		CHECK_RC(thread_start(&threads[i], 0, until_stopped, &m), RC_OK);
	monitor_stop(&m);
	for (int i = 0; i < THREADS; i++) {
		void *end;
		pthread_join(threads[i], &end);
		assert_ptr_equal(end, &m);
	}
	monitor_finish(&m);
}

static void test_thread__wait_until_ends_at_its_time(void **state)
{
	(void)state;
	struct monitor m;
	monitor_init(&m);
	monitor_enter(&m);
	int64_t until = clock_mono() + 20 * CLOCK_SECOND / 1000;
	while (monitor_wait_until(&m, until))
		;
	assert_true(clock_mono() >= until);
	assert_false(monitor_wait_until(&m, 0));
	monitor_leave(&m);
	monitor_finish(&m);
}

static void test_thread__wait_until_hears_of_a_stop(void **state)
{
	(void)state;
	struct monitor m;
	pthread_t thread;
	monitor_init(&m);
	monitor_enter(&m);
	CHECK_RC(thread_start(&thread, 0, until_stopped, &m), RC_OK);
	m.stopped = true;
	monitor_wake(&m);
	monitor_leave(&m);
	pthread_join(thread, NULL);
	monitor_finish(&m);
}

static void *stack_use(void *arg)
{
	volatile char *at_end = __builtin_alloca(LARGE_STACK * 3 / 4);
	at_end[0] = 1;
	*(bool *)arg = at_end[0] == 1;
	return NULL;
}

static void test_thread__stack_of_that_size(void **state)
{
	(void)state;
	pthread_t thread;
	bool used = false;
	CHECK_RC(thread_start(&thread, LARGE_STACK, stack_use, &used), RC_OK);
	pthread_join(thread, NULL);
	assert_true(used);
	CHECK_RC(thread_start(&thread, SIZE_MAX / 4 * 3 & ~(size_t)0xffff, stack_use, &used), RC_FAIL);
}

T_MAIN(cmocka_unit_test(test_thread__monitor_hands_over), cmocka_unit_test(test_thread__stop_wakes_all),
       cmocka_unit_test(test_thread__wait_until_ends_at_its_time),
       cmocka_unit_test(test_thread__wait_until_hears_of_a_stop), cmocka_unit_test(test_thread__stack_of_that_size))
