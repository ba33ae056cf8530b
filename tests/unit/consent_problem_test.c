#include "t.h"

#include "consent/problem.h"

static void test_problem__keeps_order_and_counts_what_is_left_out(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct problems p = PROBLEMS(&a);
	CHECK(!problems_has(&p, PROB_METADATA));
	for (size_t i = 0; i < PROBLEMS_MAX; i++)
		CHECK(problems_add(&p, PROB_METADATA, arena_fmt(&a, "%zu", i)) == &p.items[i]);
	assert_int_equal(p.dropped, 0);
	CHECK(problems_add(&p, PROB_EXPIRED, STR_NONE) != NULL);
	assert_int_equal(p.n, PROBLEMS_MAX);
	assert_int_equal(p.dropped, 1);
	CHECK(problems_has(&p, PROB_METADATA));
	CHECK(!problems_has(&p, PROB_EXPIRED));
	CHECK_STR(p.items[77].key, STR("77"));
	arena_finish(&a);
}

static void test_problem__validations_gather_in_one(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct problems p = PROBLEMS(&a);
	struct problem *v = NULL;
	for (size_t i = 0; i < PROBLEM_MAX_VALIDATIONS + 1; i++)
		v = problems_validation(&p, v, VLD_FUTURE, STR("ValidTo"));
	assert_int_equal(p.n, 1);
	assert_int_equal(p.items[0].code, PROB_VALIDATION);
	assert_int_equal(v->n_validations, PROBLEM_MAX_VALIDATIONS);
	(void)problems_validation(&p, NULL, VLD_REQUIRED, STR("x"));
	assert_int_equal(p.n, 2);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_problem__keeps_order_and_counts_what_is_left_out),
       cmocka_unit_test(test_problem__validations_gather_in_one))
