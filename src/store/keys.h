/* Signing keys, as rows. */
#pragma once
#include "store/store.h"

struct key_row {
	struct str kid;
	struct str alg;
	struct str public_json; /* JWK with x5c */
	struct str sealed;      /* private JWK, encrypted; never exported; empty: in a token */
	struct str token_uri;   /* pkcs11: URI of the private part; empty: it is sealed here */
	/* µs; 0 = not set */
	int64_t published;
	int64_t active_from;
	int64_t retire_at;
	int64_t remove_at;
	bool compromised; /* somebody else has it: nothing that it signed counts */
};
typedef enum rc key_fn(void *ctx, const struct key_row *k);
MUST_USE enum rc keys_each(struct reader *r, key_fn *fn, void *ctx);                     /* by published */
MUST_USE enum rc keys_insert(struct store *s, struct arena *a, const struct key_row *k); /* RC_CONFLICT: kid exists */
/* The same, and new times of `n` others, all or none. */
MUST_USE enum rc keys_rotate(struct store *s, struct arena *a, const struct key_row *k, const struct key_row *old,
			     size_t n);
/* New times of `n` keys, all or none. RC_CONFLICT: there is no such key as the first. */
MUST_USE enum rc keys_set_times(struct store *s, struct arena *a, const struct key_row *k, size_t n);
/* RC_CONFLICT: no such key. */
MUST_USE enum rc keys_set_public(struct store *s, struct arena *a, const struct key_row *k);
/* The sealed part of all of them, in one transaction. */
MUST_USE enum rc keys_set_sealed(struct store *s, struct arena *a, const struct key_row *k, size_t n);
