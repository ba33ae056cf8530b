#include "t.h"

#include "base/rand.h"
#include "base/zip.h"

#define BIG 300000

static struct str made(struct arena *a, size_t n, bool random)
{
	char *p = arena_alloc(a, n + 1);
	if (random)
		rand_bytes(p, n);
	return str_span(p, n);
}

static void test_zip__both_ways_and_the_limit(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 65537, BIG };
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < 2 * LEN(sizes); i++) {
		struct str plain = made(&a, sizes[i / 2], i % 2), packed, back;
		CHECK_RC(zip_deflate(&a, plain, &packed), RC_OK);
		CHECK_RC(zip_inflate(&a, packed, plain.n, &back), RC_OK);
		CHECK_STR(back, plain);
		CHECK_RC(zip_inflate(&a, packed, plain.n + 1, &back), RC_OK);
		if (plain.n)
			CHECK_RC(zip_inflate(&a, packed, plain.n - 1, &back), RC_TOO_LARGE);
	}
}

static void test_zip__a_bomb_costs_no_more_than_the_limit(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str packed, back;
	CHECK_RC(zip_deflate(&a, made(&a, (size_t)64 << 20, false), &packed), RC_OK);
	CHECK(packed.n < 70000);
	CHECK_RC(zip_inflate(&a, packed, 1000, &back), RC_TOO_LARGE);
	CHECK_RC(zip_inflate(&a, packed, UINT32_MAX, &back), RC_TOO_LARGE);
}

static void test_zip__refuses_what_is_no_whole_stream(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str packed, back;
	CHECK_RC(zip_deflate(&a, made(&a, 5000, true), &packed), RC_OK);
	for (size_t n = 0; n < packed.n; n += n < 20 ? 1 : 97)
		CHECK_RC(zip_inflate(&a, str_span(packed.p, n), BIG, &back), RC_INVALID);
	char *more = arena_alloc(&a, packed.n + 1);
	memcpy(more, packed.p, packed.n);
	CHECK_RC(zip_inflate(&a, str_span(more, packed.n + 1), BIG, &back), RC_INVALID); /* a byte after its end */
	more[packed.n - 1] ^= 1;                                                         /* its checksum */
	CHECK_RC(zip_inflate(&a, str_span(more, packed.n), BIG, &back), RC_INVALID);
}

T_MAIN(cmocka_unit_test(test_zip__both_ways_and_the_limit),
       cmocka_unit_test(test_zip__a_bomb_costs_no_more_than_the_limit),
       cmocka_unit_test(test_zip__refuses_what_is_no_whole_stream))
