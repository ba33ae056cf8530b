#include "jose/internal.h"

#include "base/b64.h"

#include <openssl/err.h>

X509 *certificate_parse(struct str der)
{
	if (!der.p || der.n == 0 || der.n > JWK_CERT_MAX)
		return NULL;
	const uint8_t *p = (const uint8_t *)der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	if (x && p != (const uint8_t *)der.p + der.n) {
		X509_free(x);
		return NULL;
	}
	return x;
}

static bool certifies(struct str der, const EVP_PKEY *pkey)
{
	X509 *x CLEANUP(X509_free_at) = certificate_parse(der);
	const EVP_PKEY *subject_key = x ? X509_get0_pubkey(x) : NULL;
	return subject_key && EVP_PKEY_eq(subject_key, pkey) == 1;
}

static bool is_certificate(struct str der)
{
	X509 *x CLEANUP(X509_free_at) = certificate_parse(der);
	return x != NULL;
}

/* = RFC 7515 4.1.6: "Each string in the array is a base64-encoded (not base64url-encoded) DER PKIX certificate value."
 */
enum rc jose_x5c_read(struct arena *a, const struct js *x5c, struct str der[JOSE_X5C_MAX], size_t *n_out)
{
	size_t n = 0;
	if (!js_is(x5c, JS_ARRAY) || x5c->n == 0 || x5c->n > JOSE_X5C_MAX)
		return RC_INVALID;
	JS_EACH(text, x5c) {
		if (!js_is(text, JS_STRING) || text->s.n == 0 || b64_decode(a, text->s, &der[n]) != RC_OK)
			return RC_INVALID;
		if (der[n++].n > JOSE_CERT_MAX)
			return RC_INVALID;
	}
	*n_out = n;
	return RC_OK;
}

enum rc jwk_set_x5c(struct jwk *k, const struct str *der, size_t n)
{
	if (n == 0 || n > JOSE_X5C_MAX)
		return RC_INVALID;
	bool ok = certifies(der[0], k->pkey);
	for (size_t i = 1; ok && i < n; i++)
		ok = is_certificate(der[i]);
	if (!ok) {
		ERR_clear_error();
		return RC_INVALID;
	}
	for (size_t i = 0; i < n; i++)
		k->x5c[i] = arena_str(&k->a, der[i]);
	k->x5c_n = n;
	return RC_OK;
}

enum rc jwk_x5c(const struct jwk *k, const struct str **der_out, size_t *n_out)
{
	if (k->x5c_n == 0)
		return RC_NOT_FOUND;
	*der_out = k->x5c;
	*n_out = k->x5c_n;
	return RC_OK;
}

struct str jwk_x5t(const struct jwk *k, struct arena *a)
{
	uint8_t sha1[EVP_MAX_MD_SIZE];
	unsigned n;
	if (k->x5c_n == 0 || EVP_Digest(k->x5c[0].p, k->x5c[0].n, sha1, &n, EVP_sha1(), NULL) != 1)
		return STR_NONE;
	return b64url(a, str_span(sha1, n));
}
