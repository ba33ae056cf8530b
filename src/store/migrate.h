/* Schema steps: numbered files compiled in, applied in order, each in a transaction that also records it. */
#pragma once
#include "base/embed.h"
#include "store/db.h"
#include "store/store.h"

extern const struct embed store_schema[]; /* schema/NNNN_name.sql, in order */

/* Applies what is missing and stamps a fresh store. err_out lives in `a`.
 * RC_DENIED: stamped for the other mode, nothing was applied. RC_FAIL: a gap in the steps, or steps of a newer program.
 */
MUST_USE enum rc migrate_run(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out);
/* The same checks without applying: RC_CONFLICT when a step is missing. */
MUST_USE enum rc migrate_check(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out);
