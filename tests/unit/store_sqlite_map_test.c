#include "t.h"

#include <sys/wait.h>

#include "store/sqlite_map.h"

struct connection {
	sqlite3 *h;
	struct sqlite_file *file;
	struct sqlite_mapped mapped;
};
static char path[64];

static void run(sqlite3 *h, const char *sql)
{
	char *err = NULL;
	if (sqlite3_exec(h, sql, NULL, NULL, &err) != SQLITE_OK)
		fail_msg("%s: %s", sql, err);
}

static void open_it(struct connection *c, bool reads)
{
	*c = (struct connection){ 0 };
	CHECK(sqlite3_open(path, &c->h) == SQLITE_OK);
	CHECK_RC(sqlite_file_join(path, sqlite3_db_filename(c->h, "main"), &c->file), RC_OK);
	run(c->h, "PRAGMA journal_mode = WAL; PRAGMA cache_size = 4");
	if (reads)
		sqlite_map_use(&c->mapped, c->file, c->h);
}

static void close_it(struct connection *c)
{
	CHECK(sqlite3_close(c->h) == SQLITE_OK);
	sqlite_file_leave(c->file);
}

static int64_t sum(struct connection *c)
{
	sqlite3_stmt *st;
	CHECK(sqlite3_prepare_v2(c->h, "SELECT COALESCE(SUM(n), 0) FROM t", -1, &st, NULL) == SQLITE_OK);
	CHECK(sqlite3_step(st) == SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

#define ROWS                                                                                                           \
	"WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 10000)"                             \
	" INSERT INTO t SELECT n, zeroblob(200) FROM k;"

static int setup(void **state)
{
	(void)state;
	struct connection c;
	sqlite_map_space((size_t)64 << 20);
	snprintf(path, sizeof path, "/tmp/sqlite_map.%d.db", (int)getpid());
	open_it(&c, false);
	run(c.h, "CREATE TABLE t (n INTEGER, b BLOB)");
	close_it(&c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < LEN(suffixes); i++) {
		char name[80];
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
	return 0;
}

static void test_sqlite_map__the_file_grows_under_a_reader(void **state)
{
	(void)state;
	struct connection w, r, other;
	open_it(&w, false);
	open_it(&r, true);
	open_it(&other, true);
	int64_t want = sum(&r);
	for (int i = 0; i < 5; i++) {
		run(w.h, ROWS);
		want += 50005000;
		CHECK(sum(&r) == want); /* from the log */
		run(w.h, "PRAGMA wal_checkpoint(TRUNCATE)");
		CHECK(sum(&r) == want); /* from the file, which is longer now */
		CHECK(sum(&other) == want);
	}
	CHECK(r.mapped.fetched > 0 && other.mapped.fetched > 0 && w.mapped.fetched == 0);
	CHECK(r.file == other.file && r.file == w.file && r.mapped.file == r.file && !w.mapped.file);
	close_it(&r);
	close_it(&other);
	close_it(&w);
}

static void test_sqlite_map__a_reader_sees_its_snapshot_to_the_end(void **state)
{
	(void)state;
	struct connection w, r;
	open_it(&w, false);
	open_it(&r, true);
	for (int i = 0; i < 15; i++)
		run(w.h, ROWS);
	run(w.h, "PRAGMA wal_checkpoint(TRUNCATE)");
	int64_t before = sum(&r);
	run(r.h, "BEGIN");
	CHECK(sum(&r) == before);
	run(w.h, "UPDATE t SET n = n + 1");
	(void)sqlite3_wal_checkpoint_v2(w.h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	CHECK(sum(&r) == before);
	run(r.h, "COMMIT");
	CHECK(sum(&r) > before);
	close_it(&r);
	close_it(&w);
}

static void test_sqlite_map__no_further_than_its_bound(void **state)
{
	(void)state;
	struct connection w, r;
	open_it(&w, false);
	for (int i = 0; i < 5; i++)
		run(w.h, ROWS);
	run(w.h, "PRAGMA wal_checkpoint(TRUNCATE)");
	int64_t want = sum(&w);
	close_it(&w);
	unsigned taken[3];
	static const size_t bounds[] = { 0, (size_t)1 << 20, (size_t)64 << 20 };
	for (size_t i = 0; i < LEN(bounds); i++) {
		sqlite_map_space(bounds[i]);
		open_it(&r, true);
		CHECK(sum(&r) == want);
		taken[i] = r.mapped.fetched;
		close_it(&r);
	}
	CHECK(taken[0] == 0);
	CHECK(taken[1] > 0 && taken[1] <= (1 << 20) / 4096);
	CHECK(taken[2] > 2 * taken[1]);
}

/* Another process that wants the file for itself. */
static bool refused_elsewhere(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		sqlite3 *h;
		int rc = sqlite3_open(path, &h);
		rc = rc == SQLITE_OK ? sqlite3_exec(h, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) : SQLITE_ERROR;
		_exit(rc == SQLITE_BUSY);
	}
	int status;
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status) == 1;
}

static void test_sqlite_map__locks_outlive_a_reader(void **state)
{
	(void)state;
	struct connection w, r;
	open_it(&w, false);
	(void)sum(&w);
	open_it(&r, true);
	(void)sum(&r);
	CHECK(refused_elsewhere());
	close_it(&r);
	CHECK(refused_elsewhere());
	close_it(&w);
	CHECK(!refused_elsewhere());
}

/* A page that is not there any more reads as zeros, and the reader knows that its rows are of no use. */
static void test_sqlite_map__a_file_cut_short_ends_no_process(void **state)
{
	(void)state;
	struct connection w, r, later;
	sqlite_map_space((size_t)64 << 20);
	open_it(&w, false);
	run(w.h, ROWS "PRAGMA wal_checkpoint(TRUNCATE)");
	open_it(&r, true);
	(void)sum(&r);
	CHECK(r.mapped.fetched > 0 && !sqlite_map_torn(&r.mapped));
	CHECK(truncate(path, 4096) == 0);
	struct sqlite_file *before = sqlite_map_reading(r.file);
	sqlite3_stmt *st;
	CHECK(sqlite3_prepare_v2(r.h, "SELECT COUNT(b) FROM t", -1, &st, NULL) == SQLITE_OK);
	(void)sqlite3_step(st);
	sqlite3_finalize(st);
	CHECK(sqlite_map_reading(before) == r.file);
	CHECK(sqlite_map_torn(&r.mapped));
	open_it(&later, true);
	CHECK(!later.mapped.file && !sqlite_map_torn(&later.mapped));
	CHECK(sqlite_file_fault(later.file, false));
	close_it(&later);
	close_it(&r);
	close_it(&w);
}

static void test_sqlite_map__no_file_no_mapping(void **state)
{
	(void)state;
	struct connection c = { 0 };
	CHECK(sqlite3_open(":memory:", &c.h) == SQLITE_OK);
	CHECK_RC(sqlite_file_join(":memory:", sqlite3_db_filename(c.h, "main"), &c.file), RC_OK);
	sqlite_map_use(&c.mapped, c.file, c.h);
	CHECK(!c.file && !c.mapped.file);
	run(c.h, "CREATE TABLE t (n INTEGER, b BLOB);" ROWS);
	CHECK(sum(&c) == 50005000);
	close_it(&c);
}

T_MAIN_WITH(setup, teardown, cmocka_unit_test(test_sqlite_map__the_file_grows_under_a_reader),
	    cmocka_unit_test(test_sqlite_map__a_reader_sees_its_snapshot_to_the_end),
	    cmocka_unit_test(test_sqlite_map__no_further_than_its_bound),
	    cmocka_unit_test(test_sqlite_map__locks_outlive_a_reader),
	    cmocka_unit_test(test_sqlite_map__no_file_no_mapping),
	    /* the last: it spoils the file */
	    cmocka_unit_test(test_sqlite_map__a_file_cut_short_ends_no_process))
