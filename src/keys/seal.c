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

bool keyring_is_sandbox_key(const struct jwk *k)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwks fixed;
	bool same = false;
	if (jwks_parse(&a, keyring_sandbox_jwks(), &fixed) != RC_OK)
		return false;
	for (size_t i = 0; i < fixed.n; i++)
		same = same || str_eq(jwk_thumbprint(k, &a), jwk_thumbprint(fixed.keys[i], &a));
	jwks_finish(&fixed);
	return same;
}

enum rc keyring_jwk(struct arena *a, struct str json, struct jwk **out)
{
	const struct js *v;
	const char *why;
	TRY(js_parse(a, json, NULL, &v, NULL));
	return jwk_parse(v, out, &why);
}

static void wipe(struct str s)
{
	if (s.n)
		explicit_bzero((char *)(uintptr_t)s.p, s.n);
}

static enum rc unseal(const struct key_row *row, const uint8_t *master, struct jwk **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str plain;
	TRY(seal_decrypt(&a, master, row->sealed, row->kid, &plain));
	enum rc rc = keyring_jwk(&a, plain, out);
	wipe(plain);
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

enum rc keyring_seal(struct arena *a, const struct jwk *k, const uint8_t master[32], struct key_row *row)
{
	struct buf secret = BUF(a);
	assert(master && row->kid.n);
	struct jsw s = JSW(&secret);
	jwk_write_private(&s, k);
	enum rc rc = seal_encrypt(a, master, buf_str(&secret), row->kid, &row->sealed);
	wipe(buf_str(&secret));
	return rc;
}

/* ---- the master key ---- */

enum rc keyring_rekey(struct store *s, struct arena *a, const uint8_t from[32], const uint8_t to[32], size_t *n_out)
{
	struct key_rows rows;
	size_t n = 0;
	TRY(key_rows_read(s, a, false, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		struct key_row *row = &rows.list[i];
		struct str plain;
		if (row->token_uri.n)
			continue;
		TRY(seal_decrypt(a, from, row->sealed, row->kid, &plain));
		enum rc rc = seal_encrypt(a, to, plain, row->kid, &row->sealed);
		wipe(plain);
		TRY(rc);
		assert(n <= i);
		rows.list[n++] = *row;
	}
	*n_out = n;
	return keys_set_sealed(s, a, rows.list, n);
}
