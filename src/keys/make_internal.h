/* Shared by the keyring's files. */
#pragma once
#include "keys/keyring.h"
#include "jose/pkcs11.h"

/* Is this one of the sandbox's signing keys? Only the sandbox may sign with these: their private parts are public. */
bool keyring_is_sandbox_key(const struct jwk *k);
/* One private JWK in JSON. */
MUST_USE enum rc keyring_jwk(struct arena *a, struct str json, struct jwk **out);
/* The row's private key: unsealed, or reached for in the token. RC_DENIED: sealed under another key. RC_NOT_FOUND:
 * neither master key nor token is there for it. */
MUST_USE enum rc keyring_unseal(const struct key_row *row, const uint8_t *master, struct p11 *token, struct jwk **out);
MUST_USE enum rc keyring_seal(struct arena *a, const struct jwk *k, const uint8_t master[32], struct key_row *row);
