/* The private part of a key: sealed in its row, or in a PKCS#11 token. */
#pragma once
#include "jose/jose.h"
#include "store/keys.h"

struct p11;

/* Is this one of the sandbox's signing keys? Only the sandbox may sign with these: their private parts are public. */
bool keyring_is_sandbox_key(const struct jwk *k);
/* Reads one JWK, public or private, from JSON. The caller calls jwk_unref. */
MUST_USE enum rc keyring_jwk(struct arena *a, struct str json, struct jwk **out);
/* Opens the private key of a row: unseals it with `master` (32 bytes or NULL), or finds it in `token` (or NULL) when
 * the row has a token_uri. The caller calls jwk_unref. RC_DENIED: it is sealed with another master key. RC_NOT_FOUND:
 * neither master key nor token was given for it. RC_FAIL: the row is damaged. */
MUST_USE enum rc keyring_unseal(const struct key_row *row, const uint8_t *master, struct p11 *token, struct jwk **out);
/* Seals the private part of k into row->sealed, which lives in `a`. Requires row->kid. */
MUST_USE enum rc keyring_seal(struct arena *a, const struct jwk *k, const uint8_t master[32], struct key_row *row);
