/* Signing keys, as rows of the store. Each write but keys_set_sealed is guarded. Results that calls share are in
 * store.h. */
#pragma once
#include "store/store.h"

#define KEY_USE_TOKEN ""          /* access tokens, consent tokens, receipts, status lists */
#define KEY_USE_ALTINN2 "altinn2" /* consent tokens of Altinn 2; the kid is the thumbprint of the certificate */

struct key_row {
	struct str kid;
	struct str alg;
	struct str public_json; /* JWK with x5c */
	struct str sealed; /* private JWK, encrypted, never exported; empty: the private part is in a PKCS#11 token */
	struct str token_uri; /* pkcs11: URI of the private part; empty: it is in `sealed` */
	/* 0 = not set */
	int64_t published;
	int64_t active_from;
	int64_t retire_at;
	int64_t remove_at;
	bool compromised; /* the private part has leaked: no signature by the key counts */
	struct str use;   /* KEY_USE_…: what the key signs; keys of different uses do not follow each other */
};
typedef enum rc key_fn(void *ctx, const struct key_row *k);
/* By `published`. */
MUST_USE enum rc keys_each(struct reader *r, key_fn *fn, void *ctx);
/* RC_CONFLICT: the kid exists. */
MUST_USE enum rc keys_insert(struct store *s, struct arena *a, const struct key_row *k);
/* Inserts `k` and sets the times of `n` old keys, in one transaction. */
MUST_USE enum rc keys_rotate(struct store *s, struct arena *a, const struct key_row *k, const struct key_row *old,
			     size_t n);
/* Sets the times and `compromised` of `n` keys, at least one, in one transaction. RC_CONFLICT: the first key does not
 * exist. */
MUST_USE enum rc keys_set_times(struct store *s, struct arena *a, const struct key_row *k, size_t n);
/* Sets public_json. RC_CONFLICT: no such key. */
MUST_USE enum rc keys_set_public(struct store *s, struct arena *a, const struct key_row *k);
/* Sets `sealed` of `n` keys, in one transaction. */
MUST_USE enum rc keys_set_sealed(struct store *s, struct arena *a, const struct key_row *k, size_t n);
