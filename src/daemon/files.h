/* Whole files. */
#pragma once
#include "base/arena.h"

/* RC_NOT_FOUND, RC_TOO_LARGE past max, RC_FAIL. "-" is standard input. An empty file is "", and never absent. */
MUST_USE enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out);
/* A file that only its owner can read, for private keys, PINs and the like; the caller wipes *out. `setting` names it
 * in err_out, which is always set. RC_INVALID: it cannot be read. RC_DENIED: others can read it. RC_TOO_LARGE past max.
 */
MUST_USE enum rc file_read_secret(struct arena *a, const char *setting, const char *path, size_t max, struct str *out,
				  struct str *err_out);
void file_wipe(struct str text);
