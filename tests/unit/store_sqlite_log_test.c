#include "t.h"

#include "store/sqlite_log.h"

/* The methods beneath the buffer, which count, and may find no room. */
struct beneath {
	sqlite3_io_methods methods;
	const sqlite3_io_methods *own;
	int writes;
	int largest;
	bool full;
};

static struct beneath beneath;
static struct sqlite_log buffered;
static sqlite3 *writer, *reader;
static char path[64];

static int write_counted(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	beneath.writes++;
	if (n > beneath.largest)
		beneath.largest = n;
	return beneath.full ? SQLITE_FULL : beneath.own->xWrite(f, p, n, at);
}

static int run(sqlite3 *h, const char *sql)
{
	return sqlite3_exec(h, sql, NULL, NULL, NULL);
}

static void must(sqlite3 *h, const char *sql)
{
	if (run(h, sql) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(h));
}

static int64_t number(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;
	CHECK(sqlite3_prepare_v2(h, sql, -1, &st, NULL) == SQLITE_OK);
	CHECK(sqlite3_step(st) == SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static int64_t count(sqlite3 *h)
{
	return number(h, "SELECT COUNT(*) FROM t WHERE length(b) = 3000");
}

static void begin(void)
{
	must(writer, "BEGIN IMMEDIATE");
	sqlite_log_use(&buffered, writer);
	beneath.writes = beneath.largest = 0;
}

static void insert(int rows)
{
	char sql[160];
	snprintf(sql, sizeof sql,
		 "WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d)"
		 " INSERT INTO t SELECT randomblob(3000) FROM k",
		 rows);
	must(writer, sql);
}

static int setup(void **state)
{
	(void)state;
	sqlite3_file *f = NULL;
	snprintf(path, sizeof path, "/tmp/sqlite_log.%d.db", (int)getpid());
	CHECK(sqlite3_open(path, &writer) == SQLITE_OK && sqlite3_open(path, &reader) == SQLITE_OK);
	must(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = 20;"
		     "CREATE TABLE t (b BLOB)");
	CHECK(sqlite3_file_control(writer, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f) == SQLITE_OK);
	beneath = (struct beneath){ .methods = *f->pMethods, .own = f->pMethods };
	beneath.methods.xWrite = write_counted;
	f->pMethods = &beneath.methods;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	sqlite3_close(reader);
	sqlite3_close(writer);
	sqlite_log_free(&buffered);
	buffered = (struct sqlite_log){ 0 };
	for (size_t i = 0; i < LEN(suffixes); i++) {
		char name[80];
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
	return 0;
}

static void test_sqlite_log__the_frames_of_a_commit_leave_in_one_write(void **state)
{
	(void)state;
	begin();
	insert(10);
	CHECK(beneath.writes == 0 && count(reader) == 0);
	must(writer, "COMMIT");
	CHECK(beneath.writes == 1 && count(reader) == 10);
}

static void test_sqlite_log__a_large_transaction_is_written_in_pieces(void **state)
{
	(void)state;
	begin();
	insert(1000); /* fifty times the cache of the connection, which reads back what it has written */
	must(writer, "UPDATE t SET b = randomblob(3000)");
	CHECK(count(writer) == 1000 && count(reader) == 0);
	must(writer, "COMMIT");
	CHECK(count(reader) == 1000);
	CHECK(beneath.largest <= 0x1ffff); /* more than that SQLite would not write */
	must(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
	CHECK(count(reader) == 1000);
}

static void test_sqlite_log__without_room_the_commit_fails_and_the_next_one_counts(void **state)
{
	(void)state;
	begin();
	insert(10);
	beneath.full = true;
	CHECK(run(writer, "COMMIT") == SQLITE_FULL);
	(void)run(writer, "ROLLBACK");
	beneath.full = false;
	CHECK(count(reader) == 0);
	begin();
	insert(20);
	must(writer, "COMMIT");
	CHECK(count(reader) == 20 && count(writer) == 20);
}

static void test_sqlite_log__what_was_rolled_back_is_not_there(void **state)
{
	(void)state;
	begin();
	insert(100);
	must(writer, "ROLLBACK");
	begin();
	insert(1);
	must(writer, "COMMIT");
	CHECK(count(reader) == 1 && count(writer) == 1);
}

/* The last of the frames that a large transaction has spilled lie in the buffer when it is rolled back. Nothing of the
 * log is read then, since the checkpoint has emptied it. */
static void test_sqlite_log__what_was_rolled_back_stays_out_of_the_log_of_others(void **state)
{
	(void)state;
	must(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
	begin();
	insert(100);
	must(writer, "ROLLBACK");
	for (int i = 0; i < 200; i++)
		must(reader, "INSERT INTO t VALUES (zeroblob(3000))");
	begin();
	insert(1);
	must(writer, "COMMIT");
	sqlite3 *fresh;
	CHECK(sqlite3_open(path, &fresh) == SQLITE_OK);
	CHECK(number(fresh, "SELECT COUNT(*) FROM t WHERE b = zeroblob(3000)") == 200 && count(fresh) == 201);
	sqlite3_close(fresh);
}

T_MAIN(cmocka_unit_test_setup_teardown(test_sqlite_log__the_frames_of_a_commit_leave_in_one_write, setup, teardown),
       cmocka_unit_test_setup_teardown(test_sqlite_log__a_large_transaction_is_written_in_pieces, setup, teardown),
       cmocka_unit_test_setup_teardown(test_sqlite_log__without_room_the_commit_fails_and_the_next_one_counts, setup,
				       teardown),
       cmocka_unit_test_setup_teardown(test_sqlite_log__what_was_rolled_back_is_not_there, setup, teardown),
       cmocka_unit_test_setup_teardown(test_sqlite_log__what_was_rolled_back_stays_out_of_the_log_of_others, setup,
				       teardown))
