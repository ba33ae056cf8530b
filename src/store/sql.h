/* Every statement of the store, numbered. Portable SQL (SQLite 3.40, PostgreSQL 15) with ? for each parameter; the
 * signature names the parameter types in order: i int8, t text, b blob (bytea); capital letters may be NULL. Drivers
 * prepare each once a connection, rewrite what their database needs, and always bind. */
#pragma once
#include "base/base.h"

#define SQL_STATEMENT(id, sig, sql) SQL_##id,
enum stmt {
#include "store/statements.def"
	SQL__MAX
};
#undef SQL_STATEMENT

struct sql_text {
	const char *name;
	const char *sig;
	const char *sql;
};
extern const struct sql_text sql_texts[SQL__MAX];
