/* Schema steps: numbered SQL files that are part of the program. They are applied in order. The transaction of a step
 * also records the step. */
#pragma once
#include "base/embed.h"
#include "store/db.h"
#include "store/store.h"

extern const struct embed store_schema[]; /* schema/NNNN_name.sql, in order */

/* Applies the missing steps, and stamps a new store with its mode. err_out is the reason in one line, in `a`.
 * RC_DENIED: the store is stamped with the other mode; nothing was applied. RC_FAIL: the recorded steps have a gap, or
 * are those of a newer program, or a step failed. */
MUST_USE enum rc migrate_run(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out);
/* The same checks without a change. RC_CONFLICT: a step is missing. */
MUST_USE enum rc migrate_check(struct db *db, struct arena *a, enum store_mode mode, struct str *err_out);
