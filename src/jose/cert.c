#include "jose/internal.h"

#include "base/b64.h"
#include "base/clock.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define SERIAL_BYTES 16
/* Years 0000 to 9999, all that a certificate can say; libcrypto writes a longer year without a word. */
#define TIME_MIN_S INT64_C(-62167219200)
#define TIME_MAX_S INT64_C(253402300799)

static void ASN1_BIT_STRING_free_at(ASN1_BIT_STRING **p)
{
	ASN1_BIT_STRING_free(*p);
}

static void BASIC_CONSTRAINTS_free_at(BASIC_CONSTRAINTS **p)
{
	BASIC_CONSTRAINTS_free(*p);
}

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
	const EVP_PKEY *of = x ? X509_get0_pubkey(x) : NULL;
	return of && EVP_PKEY_eq(of, pkey) == 1;
}

static bool is_certificate(struct str der)
{
	X509 *x CLEANUP(X509_free_at) = certificate_parse(der);
	return x != NULL;
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

/* ---- self-signed ---- */

static bool names_set(X509 *x, struct str common_name)
{
	if (common_name.n == 0 || common_name.n > INT32_MAX)
		return false;
	X509_NAME *name = X509_get_subject_name(x);
	return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const uint8_t *)common_name.p,
					  (int)common_name.n, -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1;
}

static bool time_set(ASN1_TIME *t, int64_t us)
{
	int64_t s = us / CLOCK_SECOND - (us % CLOCK_SECOND < 0);
	return s >= TIME_MIN_S && s <= TIME_MAX_S && ASN1_TIME_set(t, s) != NULL;
}

static bool serial_set(X509 *x, const struct jwk *k)
{
	BIGNUM *bn CLEANUP(BN_clear_free_at) = BN_bin2bn(k->thumbprint, SERIAL_BYTES, NULL);
	return bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) != NULL;
}

static bool extensions_add(X509 *x)
{
	ASN1_BIT_STRING *usage CLEANUP(ASN1_BIT_STRING_free_at) = ASN1_BIT_STRING_new();
	BASIC_CONSTRAINTS *leaf CLEANUP(BASIC_CONSTRAINTS_free_at) = BASIC_CONSTRAINTS_new();
	return usage && leaf && ASN1_BIT_STRING_set_bit(usage, 0, 1) == 1 && /* digitalSignature */
	       X509_add1_ext_i2d(x, NID_basic_constraints, leaf, 1, 0) == 1 &&
	       X509_add1_ext_i2d(x, NID_key_usage, usage, 1, 0) == 1;
}

static bool signature_add(X509 *x, const struct jwk *k)
{
	const EVP_MD *md = k->family == JWK_OKP ? NULL : EVP_sha256();
	return X509_set_pubkey(x, k->pkey) == 1 && X509_sign(x, k->pkey, md) > 0;
}

enum rc jwk_self_sign(struct jwk *k, struct str common_name, int64_t not_before, int64_t not_after)
{
	if (!k->is_private || not_after < not_before)
		return RC_INVALID;
	X509 *x CLEANUP(X509_free_at) = X509_new();
	if (!x || X509_set_version(x, X509_VERSION_3) != 1 || !serial_set(x, k) || !extensions_add(x)) {
		ERR_clear_error();
		return RC_FAIL;
	}
	if (!names_set(x, common_name) || !time_set(X509_getm_notBefore(x), not_before) ||
	    !time_set(X509_getm_notAfter(x), not_after)) {
		ERR_clear_error();
		return RC_INVALID;
	}
	uint8_t *der = NULL;
	int n = signature_add(x, k) ? i2d_X509(x, &der) : -1;
	if (n <= 0) {
		ERR_clear_error();
		return RC_FAIL;
	}
	const struct str one = str_span(der, (size_t)n);
	enum rc rc = jwk_set_x5c(k, &one, 1);
	OPENSSL_free(der);
	return rc;
}
