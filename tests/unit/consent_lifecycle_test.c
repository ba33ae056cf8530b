#include "t.h"

#include "base/clock.h"
#include "consent/internal.h"

static void test_lifecycle__lists_three_moves(void **state)
{
	(void)state;
	for (unsigned from = 0; from < ST__MAX; from++) {
		for (unsigned to = 0; to < ST__MAX; to++) {
			bool legal = (from == ST_CREATED && (to == ST_ACCEPTED || to == ST_REJECTED)) ||
				     (from == ST_ACCEPTED && to == ST_REVOKED);
			CHECK_RC(lifecycle_check((enum consent_status)from, (enum consent_status)to),
				 legal ? RC_OK : RC_CONFLICT);
		}
	}
}

static void test_lifecycle__expired_is_derived_once(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct consent c = { .valid_to = clock_now() + CLOCK_HOUR, .status = ST_REJECTED };
	c.to = (struct urn){ .kind = URN_ORG, .value = STR("810419512") };
	consent_derive_expired(&a, &c);
	assert_int_equal(c.n_events, 0);
	c.valid_to = clock_now() - 1;
	CHECK(consent_expired(&c));
	consent_derive_expired(&a, &c);
	consent_derive_expired(&a, &c);
	assert_int_equal(c.n_events, 1);
	assert_int_equal(c.events[0].type, EV_EXPIRED);
	CHECK(uuid_is_nil(c.events[0].id));
	CHECK(c.events[0].created == c.valid_to);
	CHECK(urn_eq(c.events[0].performed_by, c.to));
	assert_int_equal(c.status, ST_REJECTED);
	arena_finish(&a);
}

static void test_lifecycle__live_before_the_end_and_over_from_then_on(void **state)
{
	(void)state;
	const int64_t end = INT64_C(1780000000000000);
	CHECK(consent_live(end, end - 1));
	CHECK(!consent_live(end, end));
	CHECK(!consent_live(end, end + 1));
	struct consent c = { .valid_to = clock_now() + CLOCK_HOUR, .status = ST_ACCEPTED };
	CHECK(!consent_expired(&c) && consent_active(&c));
	c.valid_to = clock_now(); /* now, or a moment ago when it is asked */
	CHECK(consent_expired(&c) && !consent_active(&c));
}

T_MAIN(cmocka_unit_test(test_lifecycle__lists_three_moves),
       cmocka_unit_test(test_lifecycle__live_before_the_end_and_over_from_then_on),
       cmocka_unit_test(test_lifecycle__expired_is_derived_once))
