#include "jose/internal.h"

// clang-format off
static const struct jose_alg_row rows[] = {
	[JOSE_RS256] = { "RS256", JWK_RSA, JOSE_SHA256, false, false },
	[JOSE_RS384] = { "RS384", JWK_RSA, JOSE_SHA384, false, false },
	[JOSE_RS512] = { "RS512", JWK_RSA, JOSE_SHA512, false, false },
	[JOSE_PS256] = { "PS256", JWK_RSA, JOSE_SHA256, true,  true },
	[JOSE_ES256] = { "ES256", JWK_EC,  JOSE_SHA256, false, false },
	[JOSE_EDDSA] = { "EdDSA", JWK_OKP, JOSE_SHA512, false, false },
};
// clang-format on
_Static_assert(LEN(rows) == JOSE_ALG__MAX, "an algorithm without a row");

const struct jose_alg_row *jose_alg_row(enum jose_alg alg)
{
	return &rows[alg];
}

const char *jose_alg_name(enum jose_alg alg)
{
	return rows[alg].name;
}

enum rc jose_alg_parse(struct str name, enum jose_alg *out)
{
	for (size_t i = 0; i < LEN(rows); i++) {
		if (!str_is(name, rows[i].name))
			continue;
		*out = (enum jose_alg)i;
		return RC_OK;
	}
	return RC_INVALID;
}
