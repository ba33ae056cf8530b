#include "base/switch.h"

#include <fenv.h>
#include <stdalign.h>
#include <unwind.h>

#include "t.h"

#define STACK ((size_t)256 * 1024)
#define ROUNDS 1000

static alignas(64) char stack_a[STACK], stack_b[STACK];
static void *test_context, *a_context, *b_context;
static int turns;

static void turn_for_ever(void)
{
	for (;;) {
		turns++;
		switch_to(&a_context, test_context);
	}
}

static void test_switch__goes_there_and_back(void **state)
{
	(void)state;
	turns = 0;
	a_context = switch_make(stack_a, STACK, turn_for_ever);
	CHECK((char *)a_context > stack_a && (char *)a_context < stack_a + STACK);
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(turns == i);
		switch_to(&test_context, a_context);
	}
	CHECK(turns == ROUNDS);
}

/* More values than registers, whole and fractional ones, are in use over each switch. */
static uint64_t busy(uint64_t seed, void **from, void *const *to)
{
	uint64_t v[12];
	double d[12];

	for (size_t i = 0; i < LEN(v); i++) {
		v[i] = seed + i;
		d[i] = (double)(seed * i);
	}
	for (int round = 0; round < ROUNDS; round++) {
		if (from)
			switch_to(from, *to);
		for (size_t i = 0; i < LEN(v); i++) {
			v[i] = v[i] * 6364136223846793005u + v[(i + 1) % LEN(v)];
			d[i] = d[i] * 0.5 + d[(i + 1) % LEN(d)];
		}
	}
	for (size_t i = 1; i < LEN(v); i++)
		v[0] ^= v[i] + (uint64_t)d[i];
	return v[0];
}

static uint64_t result_a, result_b;

static void busy_a(void)
{
	result_a = busy(1, &a_context, &b_context);
	switch_to(&a_context, test_context);
}

static void busy_b(void)
{
	result_b = busy(2, &b_context, &a_context);
	switch_to(&b_context, test_context);
}

static void test_switch__keeps_registers_and_stacks(void **state)
{
	(void)state;
	result_a = result_b = 0;
	a_context = switch_make(stack_a, STACK, busy_a);
	b_context = switch_make(stack_b, STACK, busy_b);
	switch_to(&test_context, a_context);
	CHECK(result_a == busy(1, NULL, NULL));
	switch_to(&test_context, b_context);
	CHECK(result_b == busy(2, NULL, NULL));
}

static int rounding_first, rounding_again;

static void round_down(void)
{
	rounding_first = fegetround();
	(void)fesetround(FE_DOWNWARD);
	switch_to(&a_context, test_context);
	rounding_again = fegetround();
	switch_to(&a_context, test_context);
}

static void test_switch__each_stack_has_its_own_rounding(void **state)
{
	(void)state;
	CHECK(fesetround(FE_UPWARD) == 0);
	a_context = switch_make(stack_a, STACK, round_down);
	CHECK(fesetround(FE_TONEAREST) == 0);
	switch_to(&test_context, a_context);
	CHECK(fegetround() == FE_TONEAREST);
	switch_to(&test_context, a_context);
	CHECK(fegetround() == FE_TONEAREST);
	CHECK(rounding_first == FE_UPWARD && rounding_again == FE_DOWNWARD);
}

static int frames;
static _Unwind_Reason_Code unwound;

static _Unwind_Reason_Code frame_count(struct _Unwind_Context *c, void *arg)
{
	(void)c, (void)arg;
	return ++frames > 50 ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

static uintptr_t frame_address;

static void unwind(void)
{
	frame_address = (uintptr_t)__builtin_frame_address(0);
	unwound = _Unwind_Backtrace(frame_count, NULL);
	switch_to(&a_context, test_context);
}

static void test_switch__a_new_stack_is_aligned_and_unwinds_to_its_bottom(void **state)
{
	(void)state;
	for (size_t odd = 0; odd < 16; odd++) {
		frames = 0;
		unwound = _URC_NO_REASON;
		a_context = switch_make(stack_a, STACK - odd, unwind);
		switch_to(&test_context, a_context);
		CHECK(frame_address % 16 == 0);
		CHECK(unwound == _URC_END_OF_STACK);
		CHECK(frames >= 1 && frames < 10);
	}
}

T_MAIN(cmocka_unit_test(test_switch__goes_there_and_back), cmocka_unit_test(test_switch__keeps_registers_and_stacks),
       cmocka_unit_test(test_switch__each_stack_has_its_own_rounding),
       cmocka_unit_test(test_switch__a_new_stack_is_aligned_and_unwinds_to_its_bottom))
