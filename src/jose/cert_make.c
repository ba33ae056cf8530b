#include "jose/internal.h"

#include "base/clock.h"
#include "base/scan.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define SERIAL_BYTES 16
#define SUBJECT_PARTS_MAX 16
#define SUBJECT_MAX 1024 /* bytes */
/* Years 0000 to 9999, the range of a certificate. libcrypto writes a longer year without an error. */
#define TIME_MIN_S INT64_C(-62167219200)
#define TIME_MAX_S INT64_C(253402300799)

JOSE_CLEANUP_OF(X509_NAME, X509_NAME_free)
JOSE_CLEANUP_OF(X509_REQ, X509_REQ_free)
JOSE_CLEANUP_OF(ASN1_BIT_STRING, ASN1_BIT_STRING_free)
JOSE_CLEANUP_OF(BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)

/* The X.509 name of a signature by this kind of key, and its algorithm here. */
static const struct {
	int nid;
	int param;
	enum jose_alg alg;
} x509_algs[JWK__MAX] = {
	[JWK_RSA] = { NID_sha256WithRSAEncryption, V_ASN1_NULL, JOSE_RS256 },
	[JWK_EC] = { NID_ecdsa_with_SHA256, V_ASN1_UNDEF, JOSE_ES256 },
	[JWK_OKP] = { NID_ED25519, V_ASN1_UNDEF, JOSE_EDDSA },
};

/* ---- names ---- */

/* = RFC 4514 section 2.4: a backslash before a special character, or before two hexadecimal digits. */
static bool unescape(struct str *rest, char *out)
{
	if (rest->n < 2)
		return false;
	int high = hex_value(rest->p[1]), low = rest->n > 2 ? hex_value(rest->p[2]) : -1;
	size_t used = high >= 0 ? 3 : 2;
	if (high >= 0 && low < 0)
		return false;
	*out = (char)(high >= 0 ? high * 16 + low : rest->p[1]);
	rest->p += used;
	rest->n -= used;
	return true;
}

/* Reads one "TYPE=value" up to a comma that is not escaped; *rest then begins after the comma. */
static bool part_read(struct arena *a, struct str *rest, const char **type_out, struct str *value_out)
{
	struct str type, after;
	struct buf value = BUF(a);
	if (!str_cut(*rest, '=', &type, &after))
		return false;
	while (after.n && *after.p != ',') {
		char c = *after.p;
		if (c == '+' || c == '"' || c == ';' || c == '<' || c == '>')
			return false;
		if (c == '\\') {
			if (!unescape(&after, &c))
				return false;
		} else {
			after.p++;
			after.n--;
		}
		buf_c(&value, c);
	}
	if (after.n)
		after = (struct str){ after.p + 1, after.n - 1 };
	*rest = after;
	*type_out = arena_cstr(a, str_trim(type));
	*value_out = buf_str(&value);
	return value_out->n > 0;
}

static bool entry_add(X509_NAME *name, const char *type, struct str value, int where)
{
	return value.n > 0 && value.n <= SUBJECT_MAX && !memchr(value.p, 0, value.n) &&
	       X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (const uint8_t *)value.p, (int)value.n, where,
					  0) == 1;
}

/* The text has the parts of the name in reverse order. */
static X509_NAME *name_parse(struct str subject)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	X509_NAME *name CLEANUP(X509_NAME_free_at) = X509_NAME_new();
	const char *type;
	struct str value;
	if (!name || subject.n == 0 || subject.n > SUBJECT_MAX)
		return NULL;
	bool ok = true;
	if (!memchr(subject.p, '=', subject.n))
		ok = entry_add(name, "CN", subject, -1);
	else
		for (size_t i = 0; ok && subject.n; i++)
			ok = i < SUBJECT_PARTS_MAX && part_read(&a, &subject, &type, &value) &&
			     entry_add(name, type, value, 0);
	X509_NAME *out = ok ? name : NULL;
	if (ok)
		name = NULL;
	return out;
}

static struct str name_text(struct arena *a, const X509_NAME *name)
{
	BIO *out CLEANUP(BIO_free_all_at) = BIO_new(BIO_s_mem());
	const unsigned long flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
	char *p;
	if (!out || X509_NAME_print_ex(out, name, 0, flags) < 0)
		return STR("");
	long n = BIO_get_mem_data(out, &p);
	return n > 0 ? arena_str(a, str_span(p, (size_t)n)) : STR("");
}

/* ---- signatures ---- */

static bool algor_set(const X509_ALGOR *alg, enum jwk_family family)
{
	X509_ALGOR *mine = (X509_ALGOR *)(uintptr_t)alg; /* libcrypto has no other way to set it */
	return X509_ALGOR_set0(mine, OBJ_nid2obj(x509_algs[family].nid), x509_algs[family].param, NULL) == 1;
}

/* A BIT STRING of whole bytes. */
static bool bits_set(const ASN1_BIT_STRING *bits, const uint8_t *p, size_t n)
{
	ASN1_BIT_STRING *mine = (ASN1_BIT_STRING *)(uintptr_t)bits;
	mine->flags = (mine->flags & ~0x07L) | ASN1_STRING_FLAG_BITS_LEFT;
	return ASN1_STRING_set(mine, p, (int)n) == 1;
}

/* Frees tbs. X509_sign does not serve: the private part may be in a token. */
static enum rc tbs_sign(const struct jwk *k, uint8_t *tbs, int n, const ASN1_BIT_STRING *out)
{
	uint8_t sig[JOSE_SIG_MAX];
	size_t sig_n;
	if (n <= 0)
		return RC_FAIL;
	enum rc rc = evp_sign_der(k, x509_algs[k->family].alg, str_span(tbs, (size_t)n), sig, &sig_n);
	OPENSSL_free(tbs);
	TRY(rc);
	return bits_set(out, sig, sig_n) ? RC_OK : RC_FAIL;
}

static enum rc certificate_sign(X509 *x, const struct jwk *k)
{
	const ASN1_BIT_STRING *sig;
	const X509_ALGOR *alg;
	uint8_t *tbs = NULL;
	X509_get0_signature(&sig, &alg, x);
	if (X509_set_pubkey(x, k->pkey) != 1 || !algor_set(alg, k->family) ||
	    !algor_set(X509_get0_tbs_sigalg(x), k->family))
		return RC_FAIL;
	int n = i2d_re_X509_tbs(x, &tbs);
	return tbs_sign(k, tbs, n, sig);
}

/* ---- self-signed ---- */

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

static enum rc self_sign(struct jwk *k, const X509_NAME *name, int64_t not_before, int64_t not_after)
{
	X509 *x CLEANUP(X509_free_at) = X509_new();
	if (!x || X509_set_version(x, X509_VERSION_3) != 1 || !serial_set(x, k) || !extensions_add(x) ||
	    X509_set_subject_name(x, name) != 1 || X509_set_issuer_name(x, name) != 1)
		return RC_FAIL;
	if (!time_set(X509_getm_notBefore(x), not_before) || !time_set(X509_getm_notAfter(x), not_after))
		return RC_INVALID;
	TRY(certificate_sign(x, k));
	uint8_t *der = NULL;
	int n = i2d_X509(x, &der);
	if (n <= 0)
		return RC_FAIL;
	const struct str one = str_span(der, (size_t)n);
	enum rc rc = jwk_set_x5c(k, &one, 1);
	OPENSSL_free(der);
	return rc;
}

enum rc jwk_self_sign(struct jwk *k, struct str subject, int64_t not_before, int64_t not_after)
{
	X509_NAME *name CLEANUP(X509_NAME_free_at) = name_parse(subject);
	enum rc rc = name && k->is_private && not_after >= not_before ? self_sign(k, name, not_before, not_after)
								      : RC_INVALID;
	ERR_clear_error();
	return rc;
}

/* ---- requests ---- */

static enum rc request_sign(X509_REQ *x, const struct jwk *k, const X509_NAME *name)
{
	const ASN1_BIT_STRING *sig;
	const X509_ALGOR *alg;
	uint8_t *tbs = NULL;
	X509_REQ_get0_signature(x, &sig, &alg);
	/* A new request has no signature to write into, so it gets an empty one first. */
	ASN1_BIT_STRING *mine = ASN1_BIT_STRING_new();
	if (!mine)
		return RC_FAIL;
	X509_REQ_set0_signature(x, mine);
	if (X509_REQ_set_version(x, X509_REQ_VERSION_1) != 1 || X509_REQ_set_subject_name(x, name) != 1 ||
	    X509_REQ_set_pubkey(x, k->pkey) != 1 || !algor_set(alg, k->family))
		return RC_FAIL;
	int n = i2d_re_X509_REQ_tbs(x, &tbs);
	return tbs_sign(k, tbs, n, mine);
}

static enum rc request_write(X509_REQ *x, struct arena *a, struct str *pem_out)
{
	BIO *out CLEANUP(BIO_free_all_at) = BIO_new(BIO_s_mem());
	char *p;
	if (!out || PEM_write_bio_X509_REQ(out, x) != 1)
		return RC_FAIL;
	long n = BIO_get_mem_data(out, &p);
	*pem_out = arena_str(a, str_span(p, (size_t)n));
	return RC_OK;
}

enum rc jwk_csr(const struct jwk *k, struct arena *a, struct str subject, struct str *pem_out)
{
	X509_NAME *name CLEANUP(X509_NAME_free_at) = name_parse(subject);
	X509_REQ *x CLEANUP(X509_REQ_free_at) = X509_REQ_new();
	enum rc rc = !name || !k->is_private ? RC_INVALID : x ? request_sign(x, k, name) : RC_FAIL;
	if (rc == RC_OK)
		rc = request_write(x, a, pem_out);
	ERR_clear_error();
	return rc;
}

/* ---- reading ---- */

int64_t asn1_us(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool ok = epoch && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;
	ASN1_TIME_free(epoch);
	return ok ? days * CLOCK_DAY + seconds * CLOCK_SECOND : 0;
}

enum rc jwk_cert_read(const struct jwk *k, struct arena *a, struct jwk_cert *out)
{
	if (k->x5c_n == 0)
		return RC_NOT_FOUND;
	X509 *x CLEANUP(X509_free_at) = certificate_parse(k->x5c[0]);
	if (!x)
		return RC_FAIL;
	*out = (struct jwk_cert){
		.subject = name_text(a, X509_get_subject_name(x)),
		.not_before = asn1_us(X509_get0_notBefore(x)),
		.not_after = asn1_us(X509_get0_notAfter(x)),
	};
	return RC_OK;
}

/* ---- chains ---- */

struct chain {
	struct arena a;
	X509 *x[JOSE_X5C_MAX];
	struct str der[JOSE_X5C_MAX];
	size_t n;
};

static const char *chain_read(struct chain *c, struct str pem)
{
	BIO *in CLEANUP(BIO_free_all_at) = pem.n <= INT32_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	while (in) {
		X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
		if (!x)
			break;
		if (c->n == JOSE_X5C_MAX) {
			X509_free(x);
			return "there are more than 8 certificates";
		}
		uint8_t *der = NULL;
		int n = i2d_X509(x, &der);
		c->x[c->n] = x;
		c->der[c->n++] = n > 0 ? arena_str(&c->a, str_span(der, (size_t)n)) : STR("");
		OPENSSL_free(der);
	}
	return c->n ? NULL : "there is no certificate in PEM";
}

static const char *chain_check(const struct chain *c, const struct jwk *k, int64_t now)
{
	const EVP_PKEY *subject_key = X509_get0_pubkey(c->x[0]);
	if (!subject_key || EVP_PKEY_eq(subject_key, k->pkey) != 1)
		return "the first certificate is not of this key";
	if (asn1_us(X509_get0_notBefore(c->x[0])) > now || asn1_us(X509_get0_notAfter(c->x[0])) <= now)
		return "the certificate does not hold now";
	for (size_t i = 1; i < c->n; i++) {
		EVP_PKEY *issuer = X509_get0_pubkey(c->x[i]);
		if (X509_check_issued(c->x[i], c->x[i - 1]) != X509_V_OK || X509_verify(c->x[i - 1], issuer) != 1)
			return "a certificate is not issued by the next one";
	}
	return NULL;
}

enum rc jwk_set_chain(struct jwk *k, struct str pem, int64_t now, const char **why_out)
{
	struct chain c = { .n = 0 };
	const char *why = chain_read(&c, pem);
	if (!why)
		why = chain_check(&c, k, now);
	if (!why && jwk_set_x5c(k, c.der, c.n) != RC_OK)
		why = "the certificates cannot be used";
	for (size_t i = 0; i < c.n; i++)
		X509_free(c.x[i]);
	arena_finish(&c.a);
	ERR_clear_error();
	if (!why)
		return RC_OK;
	*why_out = why;
	return RC_INVALID;
}
