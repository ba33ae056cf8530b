/* The driver interface. Only this folder includes it. A back end is a const table in its own file (sqlite.c,
 * postgres.c, fake.c), listed once in db.c; db.c forwards, times and logs for all of them. */
#pragma once
#include "base/arena.h"
#include "base/rand.h"
#include "store/sql.h"

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
struct db_val {
	enum db_type type;
	int64_t i;
	struct str s; /* TEXT and BLOB: borrowed until the call returns; in rows: until the next step */
};
#define DB_VAL_NULL ((struct db_val){ .type = DB_NULL })

/* One statement to run inside a transaction. */
struct db_op {
	enum stmt stmt;
	const struct db_val *args;
	size_t n_args;
	int64_t rows;         /* out: rows changed */
	uint8_t returned[16]; /* out: first column of the first RETURNING row, when it is a blob of 16 bytes */
	int64_t returned_int; /* out: the same when it is an integer */
	bool has_returned;
};

enum db_flags {
	DB_BEGIN = 1,  /* open a write transaction before the first op */
	DB_COMMIT = 2, /* commit after the last op; RC_OK only when the database itself says COMMIT */
};

struct db_driver;
/* One connection; used by one thread at a time. The first member of every driver's own struct. */
struct db {
	const struct db_driver *driver;
};

typedef enum rc db_row_fn(void *ctx, const struct db_val *cols, size_t n);

struct db_driver {
	const char *name;   /* "sqlite", "postgresql" */
	bool pipelines;     /* run() sends many ops in one round trip */
	bool single_writer; /* only one write transaction at a time, whole database */
	MUST_USE enum rc (*open)(struct arena *a, const char *uri, bool writer, struct db **out, struct str *err_out);
	void (*close)(struct db *db); /* db may be NULL */
	/* Script of several statements without arguments (schema steps), in one transaction; err_out is borrowed until
	 * the next call. */
	MUST_USE enum rc (*script)(struct db *db, const char *sql, struct str *err_out);
	/* Ops in order. On a failing op: the transaction is rolled back, *failed_out is its index (n = begin or
	 * commit), rc says why: RC_FAIL the statement, RC_BUSY disk full or database locked or connection not to be
	 * had, RC_UNCERTAIN the connection was lost while a commit was on its way. RC_CONFLICT is never returned here:
	 * zero rows is no failure. */
	MUST_USE enum rc (*run)(struct db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out);
	MUST_USE enum rc (*rollback)(struct db *db); /* no-op outside a transaction */
	/* A read: row() for every row; a rc other than OK from it ends the read and is returned. */
	MUST_USE enum rc (*query)(struct db *db, enum stmt stmt, const struct db_val *args, size_t n_args,
				  db_row_fn *row, void *ctx);
	/* Reads between begin and end see one snapshot. */
	MUST_USE enum rc (*snapshot_begin)(struct db *db);
	void (*snapshot_end)(struct db *db);
	/* How much of a database file's start readers may map; NULL = there is none to map. */
	void (*map)(size_t bytes);
	bool (*lost)(const struct db *db); /* the connection is dead: close it and open another; NULL = never */
	/* Physical integrity; RC_FAIL with a report. NULL = the database has none to offer. */
	MUST_USE enum rc (*check)(struct db *db, struct arena *a, struct str *report_out);
};

extern const struct db_driver db_sqlite, db_postgres, db_fake;
/* By the scheme of the URI: sqlite:PATH, postgresql://…, fake: */
MUST_USE enum rc db_driver_for(const char *uri, const struct db_driver **out);

/* The same calls for whoever uses a connection: forwarded to its driver, timed, logged at debug. */
MUST_USE enum rc db_open(const struct db_driver *d, struct arena *a, const char *uri, bool writer, struct db **out,
			 struct str *err_out);
void db_close(struct db *db); /* db may be NULL */
MUST_USE enum rc db_script(struct db *db, const char *sql, struct str *err_out);
MUST_USE enum rc db_run(struct db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out);
MUST_USE enum rc db_rollback(struct db *db);
MUST_USE enum rc db_query(struct db *db, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row,
			  void *ctx);
MUST_USE enum rc db_snapshot_begin(struct db *db);
void db_snapshot_end(struct db *db);
bool db_lost(const struct db *db);

/* Values of parameters. Text and bytes are borrowed; absent text and the nil UUID are NULL. */
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
