#include "publish/pace.h"

#include "base/clock.h"
#include "t.h"

#include <pthread.h>
#include <stdatomic.h>

#define SHARE 3
#define BURST 5
#define WAITING 20

static struct pace *pace_of(int64_t per_s)
{
	const struct pace_config c = { { .per_s = per_s, .burst = BURST }, .share = SHARE };
	struct pace *p;
	CHECK_RC(pace_create(&c, &p), RC_OK);
	return p;
}

static enum rc change(struct pace *p, const char *orgno, int64_t now, int64_t *wait_s)
{
	TRY(pace_enter(p, str_of(orgno), now, wait_s));
	pace_leave(p, str_of(orgno));
	return RC_OK;
}

static void test_pace__an_organisation_has_a_rate(void **state)
{
	(void)state;
	struct pace *p = pace_of(2);
	int64_t wait_s, now = 100 * CLOCK_SECOND;
	for (int i = 0; i < BURST; i++)
		CHECK_RC(change(p, "810419512", now, &wait_s), RC_OK);
	CHECK_RC(change(p, "810419512", now, &wait_s), RC_BUSY);
	assert_int_equal(wait_s, 1);
	for (int i = 0; i < BURST; i++)
		CHECK_RC(change(p, "991825827", now, &wait_s), RC_OK);
	CHECK_RC(change(p, "810419512", now + CLOCK_SECOND / 2, &wait_s), RC_OK);
	CHECK_RC(change(p, "810419512", now + CLOCK_SECOND / 2, &wait_s), RC_BUSY);
	pace_destroy(p);
	p = pace_of(0);
	for (int i = 0; i < 100 * BURST; i++)
		CHECK_RC(change(p, "810419512", now, &wait_s), RC_OK);
	pace_destroy(p);
	pace_destroy(NULL);
}

static void test_pace__an_organisation_has_a_share(void **state)
{
	(void)state;
	struct pace *p = pace_of(0);
	int64_t wait_s;
	for (int i = 0; i < SHARE; i++)
		CHECK_RC(pace_enter(p, STR("810419512"), 1, &wait_s), RC_OK);
	CHECK_RC(pace_enter(p, STR("810419512"), 1, &wait_s), RC_BUSY);
	assert_int_equal(wait_s, 1);
	CHECK_RC(change(p, "991825827", 1, &wait_s), RC_OK);
	pace_leave(p, STR("810419512"));
	CHECK_RC(change(p, "810419512", 1, &wait_s), RC_OK);
	for (int i = 1; i < SHARE; i++)
		pace_leave(p, STR("810419512"));
	pace_destroy(p);
}

/* More organisations than there are places: the ones with changes under way keep theirs. */
static void test_pace__resting_organisations_make_room(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct pace *p = pace_of(0);
	int64_t wait_s;
	for (int i = 0; i < SHARE; i++)
		CHECK_RC(pace_enter(p, STR("810419512"), 1, &wait_s), RC_OK);
	for (int i = 0; i < 5000; i++)
		CHECK_RC(change(p, arena_cstr(&a, arena_fmt(&a, "%09d", i)), i, &wait_s), RC_OK);
	CHECK_RC(pace_enter(p, STR("810419512"), 1, &wait_s), RC_BUSY);
	for (int i = 0; i < SHARE; i++)
		pace_leave(p, STR("810419512"));
	pace_destroy(p);
}

struct queue {
	struct pace *p;
	atomic_int asked, inside, turns;
	int order[WAITING];
};
struct one {
	struct queue *q;
	int nth;
};

static void *take_turn(void *arg)
{
	struct one *o = arg;
	struct queue *q = o->q;
	while (atomic_load(&q->asked) != o->nth) /* so that they come in a known order */
		sched_yield();
	atomic_fetch_add(&q->asked, 1);
	pace_turn(q->p);
	assert_int_equal(atomic_fetch_add(&q->inside, 1), 0);
	q->order[atomic_fetch_add(&q->turns, 1)] = o->nth;
	atomic_fetch_sub(&q->inside, 1);
	pace_turn_end(q->p);
	return NULL;
}

static void test_pace__turns_are_one_at_a_time_and_each_comes(void **state)
{
	(void)state;
	struct queue q = { .p = pace_of(0) };
	struct one ones[WAITING];
	pthread_t t[WAITING];
	bool seen[WAITING] = { false };
	pace_turn(q.p);
	for (int i = 0; i < WAITING; i++) {
		ones[i] = (struct one){ &q, i };
		assert_int_equal(pthread_create(&t[i], NULL, take_turn, &ones[i]), 0);
	}
	while (atomic_load(&q.asked) < WAITING)
		sched_yield();
	assert_int_equal(q.turns, 0);
	pace_turn_end(q.p);
	for (int i = 0; i < WAITING; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(q.turns, WAITING);
	for (int i = 0; i < WAITING; i++)
		seen[q.order[i]] = true;
	for (int i = 0; i < WAITING; i++)
		CHECK(seen[i]);
	pace_turn(q.p); /* free again */
	pace_turn_end(q.p);
	pace_destroy(q.p);
}

T_MAIN(cmocka_unit_test(test_pace__an_organisation_has_a_rate),
       cmocka_unit_test(test_pace__an_organisation_has_a_share),
       cmocka_unit_test(test_pace__resting_organisations_make_room),
       cmocka_unit_test(test_pace__turns_are_one_at_a_time_and_each_comes))
