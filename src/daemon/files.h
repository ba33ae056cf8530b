/* Whole files in and out. */
#pragma once
#include "base/arena.h"

/* RC_NOT_FOUND, RC_TOO_LARGE past max, RC_FAIL. "-" is standard input. */
MUST_USE enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out);
