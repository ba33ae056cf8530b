/* What every unit test includes: cmocka with the headers it wants before it, and checks for our own types. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"

/* Aborts the case, naming the line. */
#define CHECK(expr) assert_true(expr)
#define CHECK_RC(expr, want)                                                                                           \
	do {                                                                                                           \
		enum rc got_ = (expr);                                                                                 \
		if (got_ != (want))                                                                                    \
			fail_msg("%s: %s, want %s", #expr, rc_name(got_), rc_name(want));                              \
	} while (0)
#define CHECK_STR(got, want)                                                                                           \
	do {                                                                                                           \
		struct str got_ = (got), want_ = (want);                                                               \
		if (!str_eq(got_, want_))                                                                              \
			fail_msg("%s: \"%.*s\", want \"%.*s\"", #got, STR_FMT(got_), STR_FMT(want_));                  \
	} while (0)

/* TAP on stdout, so that tests/run can count cases. */
#define T_MAIN(...) T_MAIN_WITH(NULL, NULL, __VA_ARGS__)
/* With something that is made before the first case and taken away after the last. */
#define T_MAIN_WITH(setup, teardown, ...)                                                                              \
	int main(void)                                                                                                 \
	{                                                                                                              \
		const struct CMUnitTest tests[] = { __VA_ARGS__ };                                                     \
		cmocka_set_message_output(CM_OUTPUT_TAP);                                                              \
		return cmocka_run_group_tests(tests, setup, teardown);                                                 \
	}
