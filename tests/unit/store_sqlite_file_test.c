#include "t.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/log.h"
#include "store/sqlite_map.h"

static char folder[] = "/tmp/sqlite_file.XXXXXX";
static char path[64], log_path[70], aside[70];

static sqlite3 *open_database(void)
{
	sqlite3 *h;
	CHECK(sqlite3_open(path, &h) == SQLITE_OK);
	CHECK(sqlite3_exec(h, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0", NULL, NULL, NULL) ==
	      SQLITE_OK);
	return h;
}

static void run(sqlite3 *h, const char *sql)
{
	char *err = NULL;
	if (sqlite3_exec(h, sql, NULL, NULL, &err) != SQLITE_OK)
		fail_msg("%s: %s", sql, err);
}

#define ROWS                                                                                                           \
	"WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 2000)"                              \
	" INSERT INTO t SELECT n, zeroblob(200) FROM k;"

static struct sqlite_file *file;
static sqlite3 *db;

static int begin(void **state)
{
	(void)state;
	log_setup(LOG__MAX, LOG_TEXT);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/t.db", folder);
	snprintf(log_path, sizeof log_path, "%s-wal", path);
	snprintf(aside, sizeof aside, "%s.aside", path);
	db = open_database();
	run(db, "CREATE TABLE t (n INTEGER, b BLOB);" ROWS "PRAGMA wal_checkpoint(TRUNCATE)");
	return sqlite_file_join(path, sqlite3_db_filename(db, "main"), &file) == RC_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	static const char *const suffixes[] = { "", "-wal", "-shm", ".aside" };
	CHECK(sqlite3_close(db) == SQLITE_OK);
	sqlite_file_leave(file);
	for (size_t i = 0; i < LEN(suffixes); i++) {
		char name[80];
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
	return rmdir(folder);
}

static void check_fault(const char *part)
{
	const char *got = sqlite_file_fault(file, true);
	if (!part ? got != NULL : !got || !strstr(got, part))
		fail_msg("%s, want %s", got ? got : "no fault", part ? part : "none");
	CHECK(sqlite_file_fault(file, false) == got && sqlite_file_fault_at(path) == got);
}

static void test_file__moved_away_and_back(void **state)
{
	(void)state;
	check_fault(NULL);
	CHECK(rename(path, aside) == 0);
	check_fault("not at its path");
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0 && close(fd) == 0);
	check_fault("another file");
	CHECK(rename(aside, path) == 0);
	check_fault(NULL);
}

static void test_file__another_file_at_the_path_is_not_joined(void **state)
{
	(void)state;
	struct sqlite_file *other = NULL;
	CHECK(rename(path, aside) == 0);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0 && close(fd) == 0);
	CHECK(sqlite_file_is_open(path));
	CHECK_RC(sqlite_file_join(path, path, &other), RC_BUSY);
	CHECK(rename(aside, path) == 0);
	CHECK_RC(sqlite_file_join(path, path, &other), RC_OK);
	CHECK(other == file);
	sqlite_file_leave(other);
	CHECK(!sqlite_file_is_open(aside) && !sqlite_file_fault_at(aside));
}

static void test_file__cut_short(void **state)
{
	(void)state;
	struct stat st;
	char byte;
	CHECK(stat(path, &st) == 0 && st.st_size > 100000);
	/* A copy keeps the octets for the rest of the tests. */
	char *all = malloc((size_t)st.st_size);
	int fd = open(path, O_RDWR);
	CHECK(all && fd >= 0 && pread(fd, all, (size_t)st.st_size, 0) == st.st_size);
	static const off_t sizes[] = { 0, 99, 4096, 50000 };
	for (size_t i = 0; i < LEN(sizes); i++) {
		CHECK(ftruncate(fd, sizes[i]) == 0);
		check_fault("cut short");
		CHECK(pwrite(fd, all, (size_t)st.st_size, 0) == st.st_size);
		check_fault(NULL);
	}
	CHECK(ftruncate(fd, st.st_size - 1) == 0 && pread(fd, &byte, 1, st.st_size - 1) == 0);
	check_fault("cut short");
	CHECK(pwrite(fd, all, (size_t)st.st_size, 0) == st.st_size);
	close(fd);
	free(all);
}

/* Shorter, and whole. */
static void test_file__vacuum_is_no_fault(void **state)
{
	(void)state;
	struct stat before, after;
	check_fault(NULL);
	CHECK(stat(path, &before) == 0);
	run(db, "DELETE FROM t WHERE n > 1000");
	run(db, "VACUUM");
	run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	CHECK(stat(path, &after) == 0 && after.st_size < before.st_size);
	check_fault(NULL);
	run(db, ROWS "PRAGMA wal_checkpoint(TRUNCATE)");
	check_fault(NULL);
}

static void test_file__the_log_counts_after_a_commit(void **state)
{
	(void)state;
	CHECK(!file->log);
	run(db, "INSERT INTO t VALUES (1, NULL)");
	file->unfinished = true;
	sqlite_file_committed(file);
	CHECK(file->log && !file->unfinished);
	CHECK(rename(log_path, aside) == 0);
	check_fault("log");
	CHECK(rename(aside, log_path) == 0);
	check_fault(NULL);
}

static void test_file__a_database_without_a_file(void **state)
{
	(void)state;
	struct sqlite_file *none = file;
	CHECK_RC(sqlite_file_join(":memory:", "", &none), RC_OK);
	CHECK(!none && !sqlite_file_fault(none, true));
	sqlite_file_committed(none);
	sqlite_file_leave(none);
}

T_MAIN_WITH(begin, end, cmocka_unit_test(test_file__moved_away_and_back),
	    cmocka_unit_test(test_file__another_file_at_the_path_is_not_joined), cmocka_unit_test(test_file__cut_short),
	    cmocka_unit_test(test_file__vacuum_is_no_fault), cmocka_unit_test(test_file__the_log_counts_after_a_commit),
	    cmocka_unit_test(test_file__a_database_without_a_file))
