/* The store's key rows in an arena, for the files that make and change them. */
#pragma once
#include "keys/make_internal.h"

struct key_rows {
	struct key_row *list;
	size_t n;
	size_t cap;
	bool published; /* leave removed ones out, at most KEYRING_MAX */
	struct arena *a;
};
/* RC_TOO_LARGE: more than KEYRING_MAX are published. */
MUST_USE enum rc key_rows_read(struct store *s, struct arena *a, bool published, struct key_rows *out);
/* The time that the old key stays published: `keep`, −1 for the default. RC_INVALID: too short for verifiers' caches.
 */
MUST_USE enum rc keyring_keep(int64_t keep, bool despite_caches, int64_t *out, const char **why_out);
