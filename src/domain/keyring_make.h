/* Shared by keyring.c and keyring_make.c. */
#pragma once
#include "domain/keyring.h"

/* Is this the sandbox's published signing key? Whoever else signs with it would be believed by nobody who should. */
bool keyring_is_sandbox_key(const struct jwk *k);
