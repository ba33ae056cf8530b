/* Signing keys: loaded from the store, unsealed with the master key; one signs, several are published. */
#pragma once
#include "jose/jose.h"
#include "store/store.h"

#define KEYRING_MAX 16 /* keys that are published at one time */
struct keyring;

struct keyring_config {
	const uint8_t *master; /* 32 bytes; NULL: private parts in the store cannot be read, only published keys */
	struct str fixed_jwk;  /* sandbox: the published test key (private JWK); absent otherwise */
};
/* RC_NOT_FOUND: no active key. RC_DENIED: the master key does not open the store's keys, or the store holds the
 * sandbox's published key and fixed_jwk is absent. */
MUST_USE enum rc keyring_open(struct store *s, const struct keyring_config *c, struct keyring **out);
void keyring_close(struct keyring *k);
/* Re-reads the store when its key rows changed; called with the registry's refresh. */
MUST_USE enum rc keyring_refresh(struct keyring *k);

/* The key that signs at clock_now(). Borrowed until keyring_close, whatever happens to the key meanwhile. RC_NOT_FOUND:
 * none. */
MUST_USE enum rc keyring_signer(struct keyring *k, struct signer **out);
/* Verifies a compact JWS with the published key its kid names; RC_DENIED. */
MUST_USE enum rc keyring_verify(struct keyring *k, const struct jws *s);
/* {"keys":[…]} with public members and x5c. */
void keyring_write_jwks(struct keyring *k, struct jsw *w);

/* `samtykke key`: makes a key with a self-signed certificate and stores it sealed. active_from µs; 0 = at once.
 * RC_TOO_LARGE: KEYRING_MAX keys are published. RC_DENIED: it would be the sandbox's published key. */
MUST_USE enum rc keyring_create(struct store *s, struct arena *a, enum jose_alg alg, struct str subject,
				const uint8_t master[32], int64_t active_from, struct str *kid_out);
/* Publishes a new key that becomes active `lead` from now and retires the active one then; removed `keep` after that.
 * RC_NOT_FOUND: there is none to follow. */
MUST_USE enum rc keyring_rotate(struct store *s, struct arena *a, enum jose_alg alg, const uint8_t master[32],
				int64_t lead, int64_t keep, struct str *kid_out);
