#include "keys/seal_internal.h"

#include <assert.h>

#include "base/embed.h"
#include "jose/pkcs11.h"
#include "keys/rows_internal.h"

extern const struct embed keys_embedded[];

struct str keyring_sandbox_jwks(void)
{
	return keys_embedded[0].data;
}

struct str keyring_sandbox_altinn2(void)
{
	return keys_embedded[1].data;
}

static bool is_among(const struct jwk *k, struct str jwks)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwks fixed;
	bool same = false;
	if (jwks_parse(&a, jwks, &fixed) != RC_OK)
		return false;
	for (size_t i = 0; i < fixed.n; i++)
		same = same || str_eq(jwk_thumbprint(k, &a), jwk_thumbprint(fixed.keys[i], &a));
	jwks_finish(&fixed);
	return same;
}

bool keyring_is_sandbox_key(const struct jwk *k)
{
	return is_among(k, keyring_sandbox_jwks()) || is_among(k, keyring_sandbox_altinn2());
}

enum rc keyring_jwk(struct arena *a, struct str json, struct jwk **out)
{
	const struct js *v;
	const char *why;
	TRY(js_parse(a, json, NULL, &v, NULL));
	return jwk_parse(v, out, &why);
}

static enum rc unseal(const struct key_row *row, const uint8_t *master, struct jwk **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str plain;
	TRY(seal_decrypt(&a, master, row->sealed, row->kid, &plain));
	enum rc rc = keyring_jwk(&a, plain, out);
	return rc == RC_OK ? RC_OK : RC_FAIL;
}

static enum rc reach(const struct key_row *row, struct p11 *token, struct jwk **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwk *k = NULL;
	if (keyring_jwk(&a, row->public_json, &k) != RC_OK)
		return RC_FAIL;
	enum rc rc = p11_attach(token, row->token_uri, k);
	if (rc == RC_OK)
		*out = k;
	else
		jwk_unref(k);
	return rc;
}

enum rc keyring_unseal(const struct key_row *row, const uint8_t *master, struct p11 *token, struct jwk **out)
{
	if (row->token_uri.n)
		return token ? reach(row, token, out) : RC_NOT_FOUND;
	return master ? unseal(row, master, out) : RC_NOT_FOUND;
}

/* The text of the key stands in memory of its own, which is overwritten at once. */
enum rc keyring_seal(struct arena *a, const struct jwk *k, const uint8_t master[32], struct key_row *row)
{
	CLEANUP(arena_finish) struct arena scratch = { 0 };
	struct buf secret = BUF(&scratch);
	struct jsw s = JSW(&secret);
	assert(master && row->kid.n);
	jwk_write_private(&s, k);
	return seal_encrypt(a, master, buf_str(&secret), row->kid, &row->sealed);
}

/* ---- the master key ---- */

static enum rc reseal(struct arena *a, const uint8_t from[32], const uint8_t to[32], struct key_row *row)
{
	CLEANUP(arena_finish) struct arena scratch = { 0 };
	struct str plain;
	TRY(seal_decrypt(&scratch, from, row->sealed, row->kid, &plain));
	return seal_encrypt(a, to, plain, row->kid, &row->sealed);
}

enum rc keyring_rekey(struct store *s, struct arena *a, const uint8_t from[32], const uint8_t to[32], size_t *n_out)
{
	struct key_rows rows;
	size_t n = 0;
	TRY(key_rows_read(s, a, false, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		struct key_row *row = &rows.list[i];
		if (row->token_uri.n)
			continue;
		TRY(reseal(a, from, to, row));
		assert(n <= i);
		rows.list[n++] = *row;
	}
	*n_out = n;
	return keys_set_sealed(s, a, rows.list, n);
}
