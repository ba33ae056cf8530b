#include "base/map.h"
#include "t.h"

#define MANY 5000

static void test_map__empty(void **state)
{
	(void)state;
	struct map m = { 0 };
	assert_null(map_get(&m, STR("a")));
	assert_null(map_get(&m, STR_NONE));
}

static void test_map__get_gives_the_last_value_put(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct map m = { 0 };
	static char values[4];
	static const struct {
		struct str key;
		int value;
		size_t n; /* keys afterwards */
	} rows[] = {
		{ STR_INIT("a"), 0, 1 }, { STR_INIT("b"), 1, 2 },    { STR_INIT("a"), 2, 2 },  { STR_INIT("A"), 3, 3 },
		{ STR_INIT(""), 0, 4 },  { STR_INIT("a\0b"), 1, 5 }, { STR_INIT("ab"), 2, 6 },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		map_put(&m, &a, rows[i].key, &values[rows[i].value]);
		assert_int_equal(m.n, rows[i].n);
		assert_ptr_equal(map_get(&m, rows[i].key), &values[rows[i].value]);
	}
	assert_ptr_equal(map_get(&m, STR("a")), &values[2]);
	assert_ptr_equal(map_get(&m, STR("b")), &values[1]);
	assert_ptr_equal(map_get(&m, STR_NONE), &values[0]); /* an absent key is an empty one */
	assert_null(map_get(&m, STR("c")));
}

static void test_map__grows_and_keeps_all(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct map m = { 0 };
	static char values[MANY];
	for (int i = 0; i < MANY; i++)
		map_put(&m, &a, arena_fmt(&a, "urn:altinn:%d", i), &values[i]);
	assert_int_equal(m.n, MANY);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(map_get(&m, arena_fmt(&a, "urn:altinn:%d", i)), &values[i]);
	assert_null(map_get(&m, STR("urn:altinn:5000")));
	size_t used = 0;
	for (size_t i = 0; i < m.cap; i++)
		used += m.slots[i].value != NULL;
	assert_int_equal(used, MANY);
	assert_true(m.cap > MANY); /* a search ends at a free slot */
}

T_MAIN(cmocka_unit_test(test_map__empty), cmocka_unit_test(test_map__get_gives_the_last_value_put),
       cmocka_unit_test(test_map__grows_and_keeps_all))
