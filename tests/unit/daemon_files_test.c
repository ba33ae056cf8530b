#include "daemon/files.h"
#include "t.h"

#define LIMIT 20000

static void test_files__are_read_whole_up_to_a_limit(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str got = STR("untouched");
	static char text[LIMIT + 1];
	char path[] = "/tmp/samtykke-files.XXXXXX";
	int fd = mkstemp(path);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i % 251);
	CHECK(fd >= 0);
	CHECK_RC(file_read(&a, path, LIMIT, &got), RC_OK);
	CHECK(got.n == 0);
	CHECK(write(fd, text, LIMIT) == LIMIT);
	CHECK_RC(file_read(&a, path, LIMIT, &got), RC_OK);
	CHECK_STR(got, str_span(text, LIMIT));
	CHECK(write(fd, text, 1) == 1);
	got = STR("untouched");
	CHECK_RC(file_read(&a, path, LIMIT, &got), RC_TOO_LARGE);
	CHECK_STR(got, STR("untouched"));
	close(fd);
	unlink(path);
	CHECK_RC(file_read(&a, path, LIMIT, &got), RC_NOT_FOUND);
	CHECK_RC(file_read(&a, "/tmp", LIMIT, &got), RC_FAIL); /* a folder */
	CHECK_STR(got, STR("untouched"));
	arena_finish(&a);
}

static void test_files__a_dash_is_standard_input(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str got;
	int p[2], old = dup(STDIN_FILENO);
	CHECK(old >= 0 && pipe(p) == 0 && write(p[1], "in", 2) == 2 && close(p[1]) == 0);
	CHECK(dup2(p[0], STDIN_FILENO) == STDIN_FILENO && close(p[0]) == 0);
	CHECK_RC(file_read(&a, "-", LIMIT, &got), RC_OK);
	CHECK_STR(got, STR("in"));
	CHECK(dup2(old, STDIN_FILENO) == STDIN_FILENO && close(old) == 0);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_files__are_read_whole_up_to_a_limit),
       cmocka_unit_test(test_files__a_dash_is_standard_input))
