/* zlib streams (RFC 1950) in memory, with a limit in both directions. Sole user of zlib. */
#pragma once
#include "base/arena.h"

/* For bytes that repeat in runs only, as the bits of a status list: it looks for no other matches. RC_FAIL: more than
 * 4 GB. */
MUST_USE enum rc zip_deflate(struct arena *a, struct str plain, struct str *out);
/* RC_INVALID: `packed` is not exactly one whole stream. RC_TOO_LARGE: it holds more than `max` bytes; unpacking stops
 * there. */
MUST_USE enum rc zip_inflate(struct arena *a, struct str packed, size_t max, struct str *out);
