#include "base/park.h"

#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "t.h"

#define FOREVER INT64_MAX
#define SHORT (20 * CLOCK_SECOND / 1000)
#define MANY 100

static struct parking *parking;

static int set_up(void **state)
{
	(void)state;
	CHECK_RC(parking_create(&parking), RC_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	parking_destroy(parking);
	return 0;
}

static void test_park__ends_when_the_descriptor_is_ready(void **state)
{
	(void)state;
	struct park at;
	int fds[2];
	CHECK(pipe(fds) == 0);
	CHECK(write(fds[1], "x", 1) == 1);
	park_enter(parking, &at, fds[0], POLLIN, FOREVER);
	CHECK(park_wait(&at) == PARKED_READY);
	CHECK(!park_wake(parking, &at));
	close(fds[0]);
	close(fds[1]);
}

static void test_park__ends_at_its_time(void **state)
{
	(void)state;
	struct park at, later;
	int64_t until = clock_mono() + SHORT;
	park_enter(parking, &later, -1, 0, FOREVER);
	park_enter(parking, &at, -1, 0, until);
	CHECK(park_wait(&at) == PARKED_TIME);
	CHECK(clock_mono() >= until);
	CHECK(park_wake(parking, &later)); /* it may come before the wait */
	CHECK(park_wait(&later) == PARKED_WOKEN);
}

static void *park_main(void *arg)
{
	struct park *at = arg;
	park_enter(parking, at, -1, 0, FOREVER);
	return park_wait(at) == PARKED_WOKEN ? at : NULL;
}

static void test_park__all_are_woken(void **state)
{
	(void)state;
	static struct park parks[MANY];
	pthread_t threads[MANY];
	for (int i = 0; i < MANY; i++)
		CHECK_RC(thread_start(&threads[i], 0, park_main, &parks[i]), RC_OK);
	void *woken;
	for (int i = 0; i < MANY; i++) {
		while (pthread_tryjoin_np(threads[i], &woken) != 0)
			park_wake_all(parking);
		CHECK(woken);
	}
}

static void no_notice(void *ctx)
{
	(void)ctx;
}

static void park_task(void *arg)
{
	CHECK(park_main(arg));
}

/* Two tasks of one thread wait at the same time. */
static void test_park__a_task_leaves_its_thread_to_others(void **state)
{
	(void)state;
	struct task_loop *l;
	struct park parks[2];
	CHECK_RC(task_loop_create(2, 262144, no_notice, NULL, &l), RC_OK);
	for (int i = 0; i < 2; i++)
		task_loop_start(l, park_task, &parks[i]);
	CHECK(task_loop_running(l) == 2);
	CHECK(park_wake(parking, &parks[1]) && park_wake(parking, &parks[0]));
	while (task_loop_running(l))
		(void)task_loop_resume(l);
	task_loop_destroy(l);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
T_MAIN(CASE(test_park__ends_when_the_descriptor_is_ready), CASE(test_park__ends_at_its_time),
       CASE(test_park__all_are_woken), CASE(test_park__a_task_leaves_its_thread_to_others))
