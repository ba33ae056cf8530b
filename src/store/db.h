/* The interface of the database drivers. Only this folder includes it. A driver is a const table in a file of its own
 * (sqlite.c, postgres.c, fake.c), and has its row in db.c. The db_ calls check their arguments, call the driver, and
 * log the time at level debug. */
#pragma once
#include "base/arena.h"
#include "base/rand.h"
#include "store/patience.h"
#include "store/sql.h"

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
struct db_val {
	enum db_type type;
	int64_t i;
	struct str s; /* TEXT and BLOB, borrowed: as an argument until the call returns, in a row until row() returns */
};
#define DB_VAL_NULL ((struct db_val){ .type = DB_NULL })

/* One statement to run inside a transaction. */
struct db_op {
	enum stmt stmt;
	const struct db_val *args;
	size_t n_args;
	/* out */
	int64_t rows;         /* rows changed, or rows returned */
	bool has_returned;    /* the first row has a first column that is not NULL */
	uint8_t returned[16]; /* that column, when it is a blob of 16 bytes */
	int64_t returned_int; /* that column, when it is an integer */
};

enum db_flags {
	DB_BEGIN = 1,  /* open a write transaction before the first op */
	DB_COMMIT = 2, /* commit after the last op; RC_OK: the database has confirmed the commit */
	DB_HURRY = 4,  /* with DB_BEGIN: the transaction hardly waits for locks */
};

struct db_driver;
/* One connection, used by one thread at a time. It is the first member of each driver's own struct. */
struct db {
	const struct db_driver *driver;
};

/* Gets one row. An rc other than RC_OK ends the read and is returned. */
typedef enum rc db_row_fn(void *ctx, const struct db_val *cols, size_t n);

struct db_driver {
	const char *name;   /* "sqlite", "postgresql" */
	bool pipelines;     /* run() sends all ops in one round trip */
	bool single_writer; /* the database has one write transaction at a time */
	/* err_out: the reason in one line. RC_BUSY: the database cannot be opened now. */
	MUST_USE enum rc (*open)(struct arena *a, const char *uri, bool writer, struct db **out, struct str *err_out);
	/* The same with deadlines, for a database that is another process or machine. `waits` and
	 * `uri` must outlive the connection. NULL = open() serves. */
	MUST_USE enum rc (*open_to)(const struct db_waits *waits, struct arena *a, const char *uri, bool writer,
				    struct db **out, struct str *err_out);
	void (*close)(struct db *db); /* db may be NULL */
	/* Runs a script of statements without arguments (schema steps) in one transaction. err_out is borrowed until
	 * the next call. */
	MUST_USE enum rc (*script)(struct db *db, const char *sql, struct str *err_out);
	/* Runs the ops in order. When one fails, the transaction is rolled back, and *failed_out is the index of the op
	 * (n = begin or commit). RC_FAIL: the statement is wrong. RC_CONFLICT: the statement waited too long for a
	 * row that another transaction holds, ran too long (struct db_waits), or was the victim of a deadlock. RC_BUSY:
	 * disk full, database locked or connection lost. RC_UNCERTAIN: the commit was sent or begun, and its end is not
	 * known: it may appear later, also when a read does not find it. An op that changes no row does not fail. */
	MUST_USE enum rc (*run)(struct db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out);
	MUST_USE enum rc (*rollback)(struct db *db); /* does nothing outside a transaction */
	/* Runs a statement that reads, and calls row() for each row. */
	MUST_USE enum rc (*query)(struct db *db, enum stmt stmt, const struct db_val *args, size_t n_args,
				  db_row_fn *row, void *ctx);
	/* Reads between begin and end see one state. */
	MUST_USE enum rc (*snapshot_begin)(struct db *db);
	void (*snapshot_end)(struct db *db);
	/* Sets how much of a database file readers may map, from its start; NULL = the database has no file. */
	void (*map)(size_t bytes);
	bool (*lost)(const struct db *db); /* true: the connection is dead and must be closed; NULL = never */
	/* Why the database cannot be used now, in words; NULL = not known. NULL = the driver never knows. */
	const char *(*fault)(const char *uri);
	/* Checks physical integrity. RC_FAIL: *report_out says what is wrong. NULL = the database has no such check. */
	MUST_USE enum rc (*check)(struct db *db, struct arena *a, struct str *report_out);
};

extern const struct db_driver db_sqlite, db_postgres, db_fake;
/* By the scheme of the URI: sqlite:PATH, postgresql://…, fake: */
MUST_USE enum rc db_driver_for(const char *uri, const struct db_driver **out);

/* True: the values are as many as the statement has parameters, and each is NULL or of its parameter's type. SQLite
 * would store another type without an error. */
bool db_args_fit(enum stmt stmt, const struct db_val *args, size_t n);

/* The calls of struct db_driver, for the other files of this folder. */
/* waits: NULL = without deadlines. */
MUST_USE enum rc db_open_to(const struct db_driver *d, const struct db_waits *waits, struct arena *a, const char *uri,
			    bool writer, struct db **out, struct str *err_out);
MUST_USE enum rc db_open(const struct db_driver *d, struct arena *a, const char *uri, bool writer, struct db **out,
			 struct str *err_out);
/* Logs that the writing connection cannot be had (rc), or can again. lost: the last attempt failed. */
void db_reach_log(bool lost, enum rc rc, struct str why);
void db_close(struct db *db); /* db may be NULL */
MUST_USE enum rc db_script(struct db *db, const char *sql, struct str *err_out);
MUST_USE enum rc db_run(struct db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out);
MUST_USE enum rc db_rollback(struct db *db);
MUST_USE enum rc db_query(struct db *db, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
			  void *ctx);
MUST_USE enum rc db_snapshot_begin(struct db *db);
void db_snapshot_end(struct db *db);
bool db_lost(const struct db *db);

/* Values of parameters. Texts and bytes are borrowed. Absent text and the nil UUID are NULL. */
static inline struct db_val db_int(int64_t i)
{
	return (struct db_val){ .type = DB_INT, .i = i };
}
static inline struct db_val db_text(struct str s)
{
	return (struct db_val){ .type = s.p ? DB_TEXT : DB_NULL, .s = s };
}
static inline struct db_val db_blob(struct str s)
{
	return (struct db_val){ .type = s.p ? DB_BLOB : DB_NULL, .s = s };
}
static inline struct db_val db_uuid(const struct uuid *u)
{
	return uuid_is_nil(*u) ? DB_VAL_NULL : db_blob(uuid_bytes(u));
}
