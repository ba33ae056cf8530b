#include "t.h"

#include "base/buf.h"
#include "freed.h"

static void test_arena__zeroed_and_aligned(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = arena_alloc(&a, n);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xee, n);
	}
}

static void test_arena__zeroed_again_after_reset(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	memset(arena_alloc(&a, 1000), 0xee, 1000);
	arena_reset(&a);
	const char *p = arena_alloc(&a, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
}

static void test_arena__pieces_do_not_overlap(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	uint32_t *piece[2000];
	for (uint32_t i = 0; i < LEN(piece); i++) {
		piece[i] = arena_array(&a, uint32_t, 1 + i % 97);
		for (uint32_t k = 0; k <= i % 97; k++)
			piece[i][k] = i;
	}
	for (uint32_t i = 0; i < LEN(piece); i++)
		for (uint32_t k = 0; k <= i % 97; k++)
			assert_int_equal(piece[i][k], i);
}

static void test_arena__reset_keeps_a_chunk(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (int i = 0; i < 20; i++)
		arena_alloc(&a, 1000);
	arena_reset(&a);
	assert_non_null(a.head);
	const struct arena_chunk *kept = a.head;
	CHECK(a.end - a.at > 8000);
	for (int i = 0; i < 8; i++)
		arena_alloc(&a, 1000);
	CHECK(a.head == kept);
	arena_reset(&a);
	CHECK(a.head == kept);
}

static void test_arena__reset_lets_large_chunks_go(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	arena_alloc(&a, 1 << 20);
	arena_reset(&a);
	assert_null(a.head);
	arena_alloc(&a, 10);
	arena_alloc(&a, 1 << 20);
	arena_reset(&a);
	assert_non_null(a.head);
	CHECK(a.end - a.at <= 64 * 1024);
}

static void test_arena__large_pieces(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	char *small = arena_alloc(&a, 8);
	char *large = arena_alloc(&a, 3 << 20);
	memset(large, 1, 3 << 20);
	char *after = arena_alloc(&a, 8);
	memset(after, 2, 8);
	assert_int_equal(large[(3 << 20) - 1], 1);
	assert_int_equal(small[0], 0);
}

static void test_arena__copies_are_terminated(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str s = arena_str(&a, str_span("abcdef", 3));
	CHECK_STR(s, STR("abc"));
	assert_int_equal(s.p[3], '\0');
	assert_string_equal(arena_cstr(&a, str_span("abcdef", 2)), "ab");
	CHECK(arena_str(&a, STR_NONE).p == NULL);
	assert_non_null(arena_str(&a, STR("")).p);
	assert_string_equal(arena_cstr(&a, STR_NONE), "");
}

static void test_arena__room_doubles_and_keeps_items(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	static const size_t caps[] = { 3, 3, 3, 6, 6, 6, 12 };
	int *list = NULL;
	size_t n = 0, cap = 0;
	while (n < LEN(caps)) {
		arena_room(&a, list, n, &cap, 3);
		assert_int_equal(cap, caps[n]);
		list[n] = (int)n * 7;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list[i], (int)i * 7);
	int *before = list;
	arena_room(&a, list, n, &cap, 3);
	assert_ptr_equal(list, before);
}

static void test_arena__fmt(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	CHECK_STR(arena_fmt(&a, "%s-%d", "x", 42), STR("x-42"));
	struct str nothing = arena_fmt(&a, "%s", "");
	assert_int_equal(nothing.n, 0);
	assert_string_equal(nothing.p, "");
	struct str wide = arena_fmt(&a, "%10000d", 7);
	assert_int_equal(wide.n, 10000);
	assert_int_equal(wide.p[9999], '7');
}

static void test_arena__lower_changes_ascii_letters_of_the_copy(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str text = STR("Ab@Z[\xc3\x85-9");
	CHECK_STR(arena_lower(&a, text), STR("ab@z[\xc3\x85-9"));
	CHECK_STR(text, STR("Ab@Z[\xc3\x85-9"));
	assert_null(arena_lower(&a, STR_NONE).p);
}

static void test_arena__finish_takes_an_empty_one(void **state)
{
	(void)state;
	struct arena a = { 0 };
	arena_finish(&a);
	arena_reset(&a);
	memset(arena_alloc(&a, 10), 1, 10);
	arena_finish(&a);
	assert_null(a.head);
	arena_finish(&a);
}

/* 600 to 300,000 bytes fill one chunk, several, and one of their own. */
static void test_arena__leaves_no_secret(void **state)
{
	(void)state;
	static const size_t sizes[] = { 600, 5000, 70000, 300000 };
	static const struct str secret = STR_INIT("correct horse battery staple");
	for (size_t i = 0; i < LEN(sizes) * 2; i++) {
		struct arena a = { 0 };
		struct buf b = BUF(&a);
		freed_watch(secret);
		while (b.n < sizes[i / 2])
			buf_add(&b, secret);
		(void)arena_lower(&a, secret);
		(void)arena_fmt(&a, "%.*s", STR_FMT(secret));
		(void)arena_str(&a, secret);
		if (i % 2)
			arena_reset(&a);
		if (i % 2 && a.head)
			CHECK(!memmem(a.at, (size_t)(a.end - a.at), secret.p, secret.n));
		arena_finish(&a);
		assert_int_equal(freed_seen(), 0);
	}
}

/* The test itself sees a block that was not overwritten. */
static void test_arena__a_block_as_it_is_would_be_seen(void **state)
{
	(void)state;
	static const struct str secret = STR_INIT("correct horse battery staple");
	volatile char *p = malloc(100); /* volatile: the compiler leaves out what is written before a free */
	for (size_t i = 0; i < secret.n; i++)
		p[i] = secret.p[i];
	freed_watch(secret);
	free((void *)(uintptr_t)p);
	assert_int_equal(freed_seen(), 1);
}

T_MAIN(cmocka_unit_test(test_arena__leaves_no_secret), cmocka_unit_test(test_arena__a_block_as_it_is_would_be_seen),
       cmocka_unit_test(test_arena__zeroed_and_aligned), cmocka_unit_test(test_arena__zeroed_again_after_reset),
       cmocka_unit_test(test_arena__pieces_do_not_overlap), cmocka_unit_test(test_arena__reset_keeps_a_chunk),
       cmocka_unit_test(test_arena__reset_lets_large_chunks_go), cmocka_unit_test(test_arena__large_pieces),
       cmocka_unit_test(test_arena__copies_are_terminated), cmocka_unit_test(test_arena__room_doubles_and_keeps_items),
       cmocka_unit_test(test_arena__fmt), cmocka_unit_test(test_arena__lower_changes_ascii_letters_of_the_copy),
       cmocka_unit_test(test_arena__finish_takes_an_empty_one))
