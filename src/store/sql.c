#include "store/sql.h"

#include "model/roles.h"
#include "store/columns.h"

#define SQL_STATEMENT(id, sig, sql) [SQL_##id] = { #id, sig, sql },
const struct sql_text sql_texts[SQL__MAX] = {
#include "store/statements.def"
};
#undef SQL_STATEMENT
