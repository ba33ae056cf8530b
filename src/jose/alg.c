#include "jose/internal.h"

#include <assert.h>

// clang-format off
static const struct jose_alg_row rows[] = {
	[JOSE_RS256] = { "RS256", JWK_RSA, JOSE_SHA256, false, false },
	[JOSE_RS384] = { "RS384", JWK_RSA, JOSE_SHA384, false, false },
	[JOSE_RS512] = { "RS512", JWK_RSA, JOSE_SHA512, false, false },
	[JOSE_PS256] = { "PS256", JWK_RSA, JOSE_SHA256, true,  true },
	[JOSE_ES256] = { "ES256", JWK_EC,  JOSE_SHA256, false, false },
	[JOSE_EDDSA] = { "EdDSA", JWK_OKP, JOSE_SHA512, false, false },
};
static const struct jwk_family_row families[] = {
	[JWK_RSA] = { "RSA", NULL,      { "n", "e" },  JOSE_RS256 },
	[JWK_EC]  = { "EC",  "P-256",   { "x", "y" },  JOSE_ES256 },
	[JWK_OKP] = { "OKP", "Ed25519", { "x", NULL }, JOSE_EDDSA },
};
// clang-format on
_Static_assert(LEN(rows) == JOSE_ALG__MAX, "an algorithm without a row");
_Static_assert(LEN(families) == JWK__MAX, "a family without a row");

const struct jose_alg_row *jose_alg_row(enum jose_alg alg)
{
	assert((unsigned)alg < JOSE_ALG__MAX);
	return &rows[alg];
}

const char *jose_alg_name(enum jose_alg alg)
{
	return jose_alg_row(alg)->name;
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

const struct jwk_family_row *jwk_family_row(enum jwk_family family)
{
	assert((unsigned)family < JWK__MAX);
	return &families[family];
}

bool jwk_has_alg(const struct jwk *k)
{
	return k->has_alg;
}

enum jose_alg jwk_alg(const struct jwk *k)
{
	return k->has_alg ? k->alg : families[k->family].alg;
}

bool jwk_allows(const struct jwk *k, enum jose_alg alg)
{
	if (k->has_alg)
		return k->alg == alg;
	const struct jose_alg_row *row = jose_alg_row(alg);
	return row->family == k->family && !row->by_name;
}
