/* zlib streams (RFC 1950) in memory, bounded both ways. Sole user of zlib. */
#pragma once
#include "base/arena.h"

/* For bytes that repeat nothing but runs, as the bits of a status list: longer matches are not looked for. */
MUST_USE enum rc zip_deflate(struct arena *a, struct str plain, struct str *out);
/* The whole of `packed` is one stream. RC_INVALID: it is not. RC_TOO_LARGE: it holds more than `max` bytes, of which no
 * more than that are ever made. */
MUST_USE enum rc zip_inflate(struct arena *a, struct str packed, size_t max, struct str *out);
