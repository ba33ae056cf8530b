/* The store's key rows in an arena, for the files that make and change them. */
#pragma once
#include "keys/keyring.h"

struct key_rows {
	struct key_row *list; /* in the store's order: by `published` */
	size_t n;
	size_t cap;
	bool published; /* leave removed keys out, and take at most KEYRING_MAX */
	struct arena *a;
};
/* RC_TOO_LARGE: more than KEYRING_MAX keys are published. */
MUST_USE enum rc key_rows_read(struct store *s, struct arena *a, bool published, struct key_rows *out);
/* Reads all rows and finds the one with that kid; *out points into all_out. RC_NOT_FOUND. */
MUST_USE enum rc key_row_find(struct store *s, struct arena *a, struct str kid, struct key_rows *all_out,
			      struct key_row **out);
/* Do keys of these rows follow each other: are they of one use and algorithm? */
bool key_rows_alike(const struct key_row *a, const struct key_row *b);
/* The state at `now`; never KEY_IDLE, which depends on the other rows. */
enum key_state key_row_state(const struct key_row *k, int64_t now);
/* How long a key stays published after its last use: `keep` (µs), or KEYRING_KEEP when it is −1. RC_INVALID: too short
 * for verifiers' caches; *why_out says so. */
MUST_USE enum rc key_keep_time(int64_t keep, bool despite_caches, int64_t *out, const char **why_out);
