#include "t.h"

#include "base/rand.h"

static void test_rand__bytes_of_every_size(void **state)
{
	(void)state;
	unsigned char p[2000];
	for (size_t n = 1; n < sizeof p; n += n < 300 ? 1 : 97) {
		memset(p, 0, sizeof p);
		rand_bytes(p, n);
		if (n < sizeof p)
			assert_int_equal(p[n], 0);
		unsigned char any = 0;
		for (size_t i = 0; i < n; i++)
			any |= p[i];
		CHECK(n < 8 || any);
	}
	rand_bytes(p, 0);
}

static void test_rand__codes_differ(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str one = rand_code(&a, 32), two = rand_code(&a, 32);
	assert_int_equal(one.n, 43);
	CHECK(!str_eq(one, two));
}

static void test_rand__v4_marks(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct uuid u = uuid_v4();
		assert_int_equal(u.b[6] >> 4, 4);
		assert_int_equal(u.b[8] >> 6, 2);
	}
	CHECK(!uuid_eq(uuid_v4(), uuid_v4()));
}

static uint64_t ms_of(struct uuid u)
{
	uint64_t ms = 0;
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | u.b[i];
	return ms;
}

static void test_rand__v7_time_and_marks(void **state)
{
	(void)state;
	struct uuid last = { { 0 } };
	int64_t now_us = INT64_C(1645557742000) * 1000 + 999; /* RFC 9562 A.6 */
	struct uuid u = uuid_v7_after(&last, now_us);
	assert_int_equal(ms_of(u), 0x017F22E279B0);
	assert_int_equal(u.b[6] & 0xf8, 0x70); /* the version, and a counter that starts in its lower half */
	assert_int_equal(u.b[8] >> 6, 2);
	CHECK(uuid_eq(u, last));
}

static void test_rand__v7_grows_whatever_the_clock(void **state)
{
	(void)state;
	struct uuid last = { { 0 } }, before = last;
	static const int64_t steps_us[] = { 0, 0, 1, 999, 1000, -5000000, 0, 2000, 10000000, -1 };
	int64_t now_us = INT64_C(1780000000000000);
	for (size_t i = 0; i < 1000; i++) {
		now_us += steps_us[i % LEN(steps_us)];
		struct uuid u = uuid_v7_after(&last, now_us);
		CHECK(uuid_cmp(u, before) > 0);
		CHECK(ms_of(u) >= (uint64_t)now_us / 1000);
		before = u;
	}
}

static void test_rand__v7_counts_by_one_and_carries(void **state)
{
	(void)state;
	static const struct {
		const char *last, *want;
	} t[] = {
		{ "017f22e2-79b0-7000-8000-000000000000", "017f22e2-79b0-7000-8000-000000000001" },
		{ "017f22e2-79b0-7000-8000-0000000000ff", "017f22e2-79b0-7000-8000-000000000100" },
		{ "017f22e2-79b0-7000-bfff-ffffffffffff", "017f22e2-79b0-7001-8000-000000000000" },
		{ "017f22e2-79b0-70ff-bfff-ffffffffffff", "017f22e2-79b0-7100-8000-000000000000" },
		{ "017f22e2-79b0-7fff-bfff-ffffffffffff", "017f22e2-79b1-7000-8000-000000000000" },
		{ "017f22e2-ffff-7fff-bfff-ffffffffffff", "017f22e3-0000-7000-8000-000000000000" },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct uuid last;
		char text[UUID_TEXT];
		CHECK_RC(uuid_parse(str_of(t[i].last), &last), RC_OK);
		CHECK_STR(uuid_text(uuid_v7_after(&last, 0), text), str_of(t[i].want));
	}
}

static void test_rand__uuid_text_both_ways(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct uuid u;
	char text[UUID_TEXT];
	CHECK_RC(uuid_parse(STR("D9D4DBD0-0c3e-4A83-b9d8-6a8b9f1d4cfF"), &u), RC_OK);
	CHECK_STR(uuid_text(u, text), STR("d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4cff"));
	assert_int_equal(strlen(text), 36);
	CHECK_STR(uuid_str(&a, u), STR("d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4cff"));
	assert_int_equal(uuid_bytes(&u).n, 16);
	CHECK_RC(uuid_parse(STR("00000000-0000-0000-0000-000000000000"), &u), RC_OK);
	CHECK(uuid_is_nil(u));
}

static void test_rand__uuid_refuses(void **state)
{
	(void)state;
	static const struct str t[] = {
		STR_INIT(""),
		STR_INIT("d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4cf"),
		STR_INIT("d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4cfff"),
		STR_INIT("d9d4dbd00c3e4a83b9d86a8b9f1d4cff"),
		STR_INIT("{d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4c}"),
		STR_INIT("d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4cfg"),
		STR_INIT("d9d4dbd0-0c3e-4a83-b9d8_6a8b9f1d4cff"),
		STR_INIT("d9d4dbd-00c3e-4a83-b9d8-6a8b9f1d4cff"),
		STR_INIT("d9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4c-f"),
		STR_INIT(" 9d4dbd0-0c3e-4a83-b9d8-6a8b9f1d4cff"),
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct uuid u;
		CHECK_RC(uuid_parse(t[i], &u), RC_INVALID);
	}
}

T_MAIN(cmocka_unit_test(test_rand__bytes_of_every_size), cmocka_unit_test(test_rand__codes_differ),
       cmocka_unit_test(test_rand__v4_marks), cmocka_unit_test(test_rand__v7_time_and_marks),
       cmocka_unit_test(test_rand__v7_grows_whatever_the_clock),
       cmocka_unit_test(test_rand__v7_counts_by_one_and_carries), cmocka_unit_test(test_rand__uuid_text_both_ways),
       cmocka_unit_test(test_rand__uuid_refuses))
