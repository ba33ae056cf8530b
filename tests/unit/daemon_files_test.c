#include "daemon/files.h"
#include "t.h"

#include <sys/stat.h>

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
	CHECK(got.p && got.n == 0);
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

static enum rc secret(struct arena *a, const char *path, size_t max, enum private_to to, struct str *got,
		      struct str *err)
{
	return file_read_secret(a, &(struct secret_file){ "a.key", path, max, to }, got, err);
}

static void test_files__a_secret_is_its_owners(void **state)
{
	(void)state;
	static const struct {
		mode_t mode;
		enum rc owner;
		enum rc group;
	} rows[] = { { 0600, RC_OK, RC_OK },         { 0400, RC_OK, RC_OK },        { 0700, RC_OK, RC_OK },
		     { 0640, RC_DENIED, RC_OK },     { 0620, RC_DENIED, RC_OK },    { 0604, RC_DENIED, RC_DENIED },
		     { 0602, RC_DENIED, RC_DENIED }, { 0601, RC_DENIED, RC_DENIED } };
	struct arena a = { 0 };
	struct str got = STR("untouched"), err = STR_NONE;
	char path[] = "/tmp/samtykke-files.XXXXXX";
	int fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, "secret", 6) == 6);
	for (size_t i = 0; i < LEN(rows); i++)
		for (int to = 0; to < PRIVATE_TO__MAX; to++) {
			enum rc want = to == PRIVATE_TO_OWNER ? rows[i].owner : rows[i].group;
			CHECK(fchmod(fd, rows[i].mode) == 0);
			got = STR("untouched");
			CHECK_RC(secret(&a, path, 6, (enum private_to)to, &got, &err), want);
			CHECK_STR(got, want == RC_OK ? STR("secret") : STR("untouched"));
			CHECK(want == RC_OK || str_starts(err, STR("a.key: ")));
			CHECK(file_is_private(path, (enum private_to)to) == (want == RC_OK));
		}
	CHECK_STR(err,
		  arena_fmt(&a, "a.key: %s can be read by others than its owner and group (chmod 600 %s)", path, path));
	CHECK_RC(secret(&a, path, 6, PRIVATE_TO_OWNER, &got, &err), RC_DENIED);
	CHECK_STR(err, arena_fmt(&a, "a.key: %s can be read by others than its owner (chmod 600 %s)", path, path));
	CHECK(fchmod(fd, 0600) == 0);
	CHECK_RC(secret(&a, path, 5, PRIVATE_TO_OWNER, &got, &err), RC_TOO_LARGE);
	CHECK_RC(secret(&a, path, 6, PRIVATE_TO_OWNER, &got, &err), RC_OK);
	str_wipe(got);
	CHECK(memcmp(got.p, "\0\0\0\0\0", 6) == 0);
	str_wipe(STR_NONE);
	close(fd);
	unlink(path);
	CHECK_RC(secret(&a, path, 6, PRIVATE_TO_OWNER, &got, &err), RC_INVALID);
	CHECK(str_starts(err, STR("a.key: cannot read ")));
	CHECK(!file_is_private(path, PRIVATE_TO_GROUP) && file_is_private("-", PRIVATE_TO_OWNER));
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

T_MAIN(cmocka_unit_test(test_files__are_read_whole_up_to_a_limit), cmocka_unit_test(test_files__a_secret_is_its_owners),
       cmocka_unit_test(test_files__a_dash_is_standard_input))
