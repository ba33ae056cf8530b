#include "base/limit.h"

#include <pthread.h>

#include "base/clock.h"
#include "t.h"

#define S CLOCK_SECOND

static int taken(const struct limit *l, _Atomic int64_t *budget, int64_t now, int tries, int64_t *wait)
{
	int n = 0;
	for (int i = 0; i < tries; i++)
		n += limit_take(l, budget, now, wait) == RC_OK;
	return n;
}

static void test_limit__burst_then_the_rate(void **state)
{
	(void)state;
	const struct limit l = { .per_s = 10, .burst = 5 };
	_Atomic int64_t budget = 0;
	int64_t wait = 0;
	assert_int_equal(taken(&l, &budget, 100 * S, 6, &wait), 5);
	assert_int_equal(wait, 1);
	assert_int_equal(taken(&l, &budget, 100 * S + S / 10, 2, &wait), 1);
	assert_int_equal(taken(&l, &budget, 101 * S, 20, &wait), 5);
	assert_int_equal(taken(&l, &budget, 200 * S, 20, &wait), 5);
}

static void test_limit__says_how_long_to_wait(void **state)
{
	(void)state;
	const struct limit l = { .per_s = 1, .burst = 1 };
	_Atomic int64_t budget = 0;
	int64_t wait = 0;
	CHECK_RC(limit_take(&l, &budget, 7 * S, &wait), RC_OK);
	CHECK_RC(limit_take(&l, &budget, 7 * S, &wait), RC_BUSY);
	assert_int_equal(wait, 1);
	CHECK_RC(limit_take(&l, &budget, 8 * S, &wait), RC_OK);
	budget = 20 * S;
	CHECK_RC(limit_take(&l, &budget, 8 * S, &wait), RC_BUSY);
	assert_int_equal(wait, 12);
}

static void test_limit__none(void **state)
{
	(void)state;
	const struct limit l = { .per_s = 0, .burst = 1 };
	_Atomic int64_t budget = 0;
	int64_t wait;
	assert_int_equal(taken(&l, &budget, 0, 1000, &wait), 1000);
}

struct racer {
	const struct limit *l;
	_Atomic int64_t *budget;
	int taken;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	int64_t wait;
	r->taken = taken(r->l, r->budget, 50 * S, 10000, &wait);
	return NULL;
}

static void test_limit__threads_share_one_budget(void **state)
{
	(void)state;
	const struct limit l = { .per_s = 1000, .burst = 500 };
	_Atomic int64_t budget = 0;
	struct racer racers[4];
	pthread_t threads[LEN(racers)];
	int sum = 0;
	for (size_t i = 0; i < LEN(racers); i++) {
		racers[i] = (struct racer){ &l, &budget, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (size_t i = 0; i < LEN(racers); i++) {
		pthread_join(threads[i], NULL);
		sum += racers[i].taken;
	}
	assert_int_equal(sum, 500);
}

T_MAIN(cmocka_unit_test(test_limit__burst_then_the_rate), cmocka_unit_test(test_limit__says_how_long_to_wait),
       cmocka_unit_test(test_limit__none), cmocka_unit_test(test_limit__threads_share_one_budget))
