#include "keys_kit.h"

static void test_keys_retire__retire(void **state)
{
	(void)state;
	struct kit k;
	struct str one, two, waiting;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &one), RC_OK);
	struct key_end e = { .kid = STR("nobody"), .keep = -1 };
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_NOT_FOUND);
	e.kid = one;
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_INVALID); /* nothing else signs */
	CHECK(e.why);
	CHECK_RC(make(&k, JOSE_ES256, 0, &two), RC_OK);
	CHECK_RC(make(&k, JOSE_ES256, CLOCK_DAY, &waiting), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	e.keep = KEYRING_KEEP_MIN - 1;
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_INVALID);
	e.keep = -1;
	e.kid = two;
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_OK);
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_INVALID);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_ES256), one); /* the one before takes over */
	CHECK(str_find(jwks_of(&k, ring), two) > 0);
	e.compromised = true; /* found out later */
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK(str_find(jwks_of(&k, ring), two) < 0);
	struct key_end w = { .kid = waiting, .keep = -1 };
	CHECK_RC(keyring_retire(k.store, &k.a, &w), RC_OK); /* never used: gone at once */
	assert_int_equal(state_at(&k, waiting, clock_now()), KEY_REMOVED);
	struct key_end last = { .kid = one, .keep = -1, .last = true };
	CHECK_RC(keyring_retire(k.store, &k.a, &last), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_ES256), STR("none"));
	CHECK_RC(keyring_ready(ring, JOSE_ES256), RC_NOT_FOUND);
	/* What has signed receipts can be looked up for good, unless somebody else has it. */
	clock_set_offset(10 * CLOCK_DAY);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK(str_find(jwks_of(&k, ring), one) < 0);
	CHECK(str_find(past_of(&k, ring), one) > 0);
	CHECK(str_find(past_of(&k, ring), two) < 0);
	struct key_end late = { .kid = one, .keep = -1, .compromised = true };
	CHECK_RC(keyring_retire(k.store, &k.a, &late), RC_OK); /* stolen from an old backup, say */
	CHECK(str_find(past_of(&k, ring), one) < 0);
	CHECK_RC(keyring_retire(k.store, &k.a, &late), RC_INVALID);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keys_retire__a_rotation_is_called_off(void **state)
{
	(void)state;
	struct kit k;
	struct str old, new;
	struct keyring *ring = NULL;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &old), RC_OK);
	CHECK_RC(rotate(&k, JOSE_RS256, -1, -1, &new), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_RC(retire(&k, new, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 1);
	CHECK_STR(e.going_on[0].kid, old);
	assert_int_equal(row_of(&k, old)->retire_at, 0);
	assert_int_equal(row_of(&k, old)->remove_at, 0);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	clock_set_offset(KEYRING_LEAD + KEYRING_KEEP + CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), old); /* the planned second is past, and it signs */
	assert_int_equal(published(&k, ring), 1);
	/* Once the new one has taken over it is a key like any other. */
	CHECK_RC(rotate(&k, JOSE_RS256, -1, -1, &new), RC_OK);
	clock_set_offset(2 * KEYRING_LEAD + KEYRING_KEEP + 2 * CLOCK_MINUTE);
	CHECK_RC(retire(&k, new, false, &e), RC_INVALID);
	CHECK(e.why && e.n_going_on == 0);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keys_retire__the_middle_of_two_rotations_is_called_off(void **state)
{
	(void)state;
	struct kit k;
	struct str a, b, c;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &a), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 48 * CLOCK_HOUR, -1, &b), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 96 * CLOCK_HOUR, -1, &c), RC_OK);
	CHECK_RC(retire(&k, b, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 1);
	assert_int_equal(row_of(&k, a)->retire_at, row_of(&k, c)->active_from); /* it makes way for the next one */
	assert_int_equal(row_of(&k, a)->remove_at, row_of(&k, a)->retire_at + KEYRING_KEEP);
	/* A second successor that signs by then takes over as planned. */
	struct str beside;
	CHECK_RC(make(&k, JOSE_ES256, 72 * CLOCK_HOUR, &beside), RC_OK);
	CHECK_RC(retire(&k, c, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 0);
	CHECK(row_of(&k, a)->retire_at != 0);
	/* And is the last that does. */
	CHECK_RC(retire(&k, beside, false, &e), RC_INVALID);
	CHECK(str_find(str_of(e.why), STR("planned to end")) > 0);
	CHECK_RC(retire(&k, beside, true, &e), RC_OK);
	kit_close(&k);
}

/* A second rotation that takes over before the first one would have. */
static void test_keys_retire__an_overtaking_rotation_is_called_off(void **state)
{
	(void)state;
	struct kit k;
	struct str a, b, c;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &a), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 48 * CLOCK_HOUR, -1, &b), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 26 * CLOCK_HOUR, -1, &c), RC_OK);
	CHECK_RC(retire(&k, c, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 1);
	assert_int_equal(row_of(&k, b)->retire_at, 0);
	assert_int_equal(row_of(&k, a)->retire_at, row_of(&k, b)->active_from);
	kit_close(&k);
}

/* Between two keys there is a gap: the one behind it is not the last one's to lose. */
static void test_keys_retire__no_silence_for_good(void **state)
{
	(void)state;
	struct kit k;
	struct str old, late;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &old), RC_OK);
	struct key_row row = *row_of(&k, old);
	row.retire_at = clock_now() + CLOCK_HOUR;
	row.remove_at = row.retire_at + KEYRING_KEEP;
	CHECK_RC(keys_set_times(k.store, &k.a, &row, 1), RC_OK);
	CHECK_RC(make(&k, JOSE_RS256, 72 * CLOCK_HOUR, &late), RC_OK);
	CHECK_RC(retire(&k, late, false, &e), RC_INVALID);
	CHECK(str_find(str_of(e.why), STR("planned to end")) > 0);
	CHECK_RC(retire(&k, late, true, &e), RC_OK);
	kit_close(&k);
}

static void test_keys_retire__no_time_without_a_key(void **state)
{
	(void)state;
	struct kit k;
	struct str a, b, c;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &a), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, -1, -1, &b), RC_OK);
	CHECK_RC(retire(&k, a, false, &e), RC_INVALID); /* until the new one takes over nobody would sign */
	CHECK_RC(make(&k, JOSE_ES256, 0, &c), RC_OK);
	CHECK_RC(retire(&k, a, false, &e), RC_OK);
	CHECK_RC(retire(&k, b, false, &e), RC_OK); /* c goes on without an end */
	assert_int_equal(e.n_going_on, 0);
	CHECK_RC(retire(&k, c, false, &e), RC_INVALID);
	struct str first; /* of an algorithm that nobody signs with: nothing is lost */
	CHECK_RC(make(&k, JOSE_EDDSA, CLOCK_DAY, &first), RC_OK);
	CHECK_RC(retire(&k, first, false, &e), RC_OK);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_keys_retire__retire), cmocka_unit_test(test_keys_retire__a_rotation_is_called_off),
       cmocka_unit_test(test_keys_retire__the_middle_of_two_rotations_is_called_off),
       cmocka_unit_test(test_keys_retire__an_overtaking_rotation_is_called_off),
       cmocka_unit_test(test_keys_retire__no_silence_for_good),
       cmocka_unit_test(test_keys_retire__no_time_without_a_key))
