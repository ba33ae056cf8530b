/* The numbers of all statements of the store. Statements are SQL that SQLite 3.40 and PostgreSQL 15 both take, with ?
 * for each parameter. A signature has one letter per parameter: i int8, t text, b blob (bytea). A capital letter says
 * that the parameter may be NULL. A driver prepares a statement once per connection, and binds all parameters. */
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
