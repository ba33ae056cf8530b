/* Shared by the issuer's files. */
#pragma once
#include "issuer/issuer.h"

#define ISSUER_JTI_BYTES 32 /* random bytes of a token's jti */

/* A token of the platform's own, for calls to a platform that trusts its keys. It leaves the house, so its row is
 * written first. RC_STALE: the registry has changed meanwhile. Other rcs: the key's or the store's. */
MUST_USE enum rc issuer_own_token(struct issuer *issuer, struct arena *a, struct str scope, int64_t life_s,
				  struct str *token_out);
