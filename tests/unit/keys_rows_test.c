#include "keys_kit.h"

static void test_keys_rows__states(void **state)
{
	(void)state;
	struct kit k;
	struct str old, new, other;
	kit_open(&k, STORE_PRODUCTION);
	int64_t now = clock_now();
	CHECK_RC(make(&k, JOSE_ES256, 0, &old), RC_OK);
	CHECK_RC(make(&k, JOSE_EDDSA, 0, &other), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 26 * CLOCK_HOUR, 26 * CLOCK_HOUR, &new), RC_OK);
	const struct {
		int64_t hours;
		enum key_state old, new;
	} rows[] = {
		{ 1, KEY_ACTIVE, KEY_WAITING },  { 25, KEY_ACTIVE, KEY_WAITING }, { 27, KEY_RETIRED, KEY_ACTIVE },
		{ 51, KEY_RETIRED, KEY_ACTIVE }, { 53, KEY_REMOVED, KEY_ACTIVE },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		int64_t at = now + rows[i].hours * CLOCK_HOUR;
		assert_int_equal(state_at(&k, old, at), rows[i].old);
		assert_int_equal(state_at(&k, new, at), rows[i].new);
		assert_int_equal(state_at(&k, other, at), KEY_ACTIVE);
	}
	struct str third;
	CHECK_RC(make(&k, JOSE_EDDSA, 0, &third), RC_OK); /* nobody told the first one to end */
	assert_int_equal(state_at(&k, other, clock_now()), KEY_IDLE);
	assert_int_equal(state_at(&k, third, clock_now()), KEY_ACTIVE);
	for (int i = 0; i < KEY_STATE__MAX; i++)
		CHECK(key_state_name((enum key_state)i) != NULL);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_keys_rows__states))
