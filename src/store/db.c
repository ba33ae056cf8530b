#include "store/db.h"

#include <assert.h>

#include "base/clock.h"
#include "base/log.h"

static const struct {
	struct str scheme;
	const struct db_driver *driver;
} drivers[] = {
	{ STR_INIT("sqlite:"), &db_sqlite },
	{ STR_INIT("postgresql:"), &db_postgres },
	{ STR_INIT("postgres:"), &db_postgres },
	{ STR_INIT("fake:"), &db_fake },
};

enum rc db_driver_for(const char *uri, const struct db_driver **out)
{
	for (size_t i = 0; i < LEN(drivers); i++) {
		if (!str_starts(str_of(uri), drivers[i].scheme))
			continue;
		*out = drivers[i].driver;
		return RC_OK;
	}
	return RC_NOT_FOUND;
}

static bool arg_fits(char letter, enum db_type type)
{
	switch (letter | 0x20) {
	case 'i':
		return type == DB_INT || type == DB_NULL;
	case 't':
		return type == DB_TEXT || type == DB_NULL;
	default:
		return type == DB_BLOB || type == DB_NULL;
	}
}

bool db_args_fit(enum stmt stmt, const struct db_val *args, size_t n)
{
	const char *sig = sql_texts[stmt].sig;
	for (size_t i = 0; i < n; i++)
		if (!sig[i] || !arg_fits(sig[i], args[i].type))
			return false;
	return sig[n] == '\0';
}

static enum rc call_log(const char *event, const char *what, int64_t start, enum rc rc)
{
	log_debug(event, KV("what", what), KV("rc", rc_name(rc)), KV("us", clock_mono() - start));
	return rc;
}

enum rc db_open_to(const struct db_driver *d, const struct db_waits *waits, struct arena *a, const char *uri,
		   bool writer, struct db **out, struct str *err_out)
{
	int64_t start = clock_mono();
	enum rc rc = waits && d->open_to ? d->open_to(waits, a, uri, writer, out, err_out)
					 : d->open(a, uri, writer, out, err_out);
	return call_log("db.open", d->name, start, rc);
}

void db_reach_log(bool lost, enum rc rc, struct str why)
{
	if (lost && rc == RC_OK)
		log_warn("store.back", KV("part", "writer"));
	if (!lost && rc != RC_OK)
		log_error("store.lost", KV("part", "writer"), KV("why", str_trim(why)));
}

enum rc db_open(const struct db_driver *d, struct arena *a, const char *uri, bool writer, struct db **out,
		struct str *err_out)
{
	return db_open_to(d, NULL, a, uri, writer, out, err_out);
}

void db_close(struct db *db)
{
	if (db)
		db->driver->close(db);
}

enum rc db_script(struct db *db, const char *sql, struct str *err_out)
{
	int64_t start = clock_mono();
	return call_log("db.script", db->driver->name, start, db->driver->script(db, sql, err_out));
}

enum rc db_run(struct db *db, unsigned flags, struct db_op *ops, size_t n, size_t *failed_out)
{
	int64_t start = clock_mono();
	enum rc rc = db->driver->run(db, flags, ops, n, failed_out);
	if (rc == RC_OK)
		return call_log("db.run", db->driver->name, start, rc);
	return call_log("db.run", *failed_out < n ? sql_texts[ops[*failed_out].stmt].name : "transaction", start, rc);
}

enum rc db_rollback(struct db *db)
{
	return db->driver->rollback(db);
}

enum rc db_query(struct db *db, enum stmt stmt, const struct db_val *args, size_t n_args, db_row_fn *row, void *ctx)
{
	assert((unsigned)stmt < SQL__MAX && db_args_fit(stmt, args, n_args));
	int64_t start = clock_mono();
	return call_log("db.query", sql_texts[stmt].name, start, db->driver->query(db, stmt, args, n_args, row, ctx));
}

enum rc db_snapshot_begin(struct db *db)
{
	return db->driver->snapshot_begin(db);
}

void db_snapshot_end(struct db *db)
{
	db->driver->snapshot_end(db);
}

bool db_lost(const struct db *db)
{
	return db->driver->lost && db->driver->lost(db);
}
