/* Shared by the files of this folder only. */
#pragma once
#include "jose/jose.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <stdatomic.h>

#define JOSE_CLEANUP_OF(T, fn)                                                                                         \
	static inline void fn##_at(T **p)                                                                              \
	{                                                                                                              \
		fn(*p);                                                                                                \
	}
JOSE_CLEANUP_OF(EVP_PKEY, EVP_PKEY_free)
JOSE_CLEANUP_OF(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
JOSE_CLEANUP_OF(EVP_MD_CTX, EVP_MD_CTX_free)
JOSE_CLEANUP_OF(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
JOSE_CLEANUP_OF(BIGNUM, BN_clear_free)
JOSE_CLEANUP_OF(BIO, BIO_free_all)
JOSE_CLEANUP_OF(X509, X509_free)
JOSE_CLEANUP_OF(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
JOSE_CLEANUP_OF(OSSL_PARAM, OSSL_PARAM_free)

enum jwk_family { JWK_RSA, JWK_EC, JWK_OKP, JWK__MAX };
struct jwk_family_row {
	/* crv NULL: the family has none */
	const char *kty;
	const char *crv;
	const char *part[2]; /* public members, in the order of jwk.part */
	enum jose_alg alg;   /* the default of a key without "alg" */
};
const struct jwk_family_row *jwk_family_row(enum jwk_family family);

enum jose_digest { JOSE_SHA256, JOSE_SHA384, JOSE_SHA512, JOSE_DIGEST__MAX };

struct jose_alg_row {
	const char *name;
	enum jwk_family family;
	enum jose_digest digest; /* without meaning for EdDSA */
	bool pss;
	bool by_name; /* only a key with this "alg" allows it */
};
const struct jose_alg_row *jose_alg_row(enum jose_alg alg);

#define JWK_CURVE_BYTES 32    /* a coordinate or a private scalar of P-256 and of Ed25519 */
#define JWK_RSA_E_MAX_BITS 32 /* with a longer exponent a verification is as slow as a signature */
#define JWK_CERT_MAX 16384    /* bytes of one DER certificate */
#define JOSE_SIG_MAX (JOSE_RSA_MAX_BITS / 8)

/* A private part outside this process. */
struct jwk_remote {
	/* As evp_sign; an ECDSA signature is r || s. RC_BUSY: the token does not answer. */
	MUST_USE enum rc (*sign)(struct jwk_remote *r, enum jose_alg alg, struct str input, uint8_t sig[JOSE_SIG_MAX],
				 size_t *n_out);
	MUST_USE enum rc (*probe)(struct jwk_remote *r);
	void (*destroy)(struct jwk_remote *r);
};

struct jwk_spare {           /* evp.c's */
	_Atomic(void *) ctx; /* an EVP_PKEY_CTX that verifies jwk_alg; NULL: none, or in use */
};
struct jwk {
	atomic_uint refs;
	uint64_t serial; /* the key's name in the caches of the threads; never used twice */
	struct arena a;  /* of all texts below */
	EVP_PKEY *pkey;
	enum jwk_family family;
	enum jose_alg alg;
	bool has_alg;
	bool is_private;
	struct str kid;
	struct str part[2]; /* base64url: n and e, x and y, or x */
	uint8_t thumbprint[32];
	struct str x5c[JOSE_X5C_MAX];
	size_t x5c_n;
	struct jwk_remote *remote; /* NULL: the private part, if any, is in pkey */
	struct jwk_spare spare;
};

struct jwk_spec {
	bool is_private;
	bool has_alg;
	bool trusted; /* made here, or checked before: the slow checks are skipped */
	bool kid_is_thumbprint;
	enum jose_alg alg;
	struct str kid;
};
/* Makes a key from `pkey`, which it takes over, on failure too. RC_NOT_FOUND: the kind or size is not supported.
 * RC_INVALID: the key is unsound, or does not fit *spec. *why_out is set on failure. */
MUST_USE enum rc jwk_adopt(EVP_PKEY *pkey, const struct jwk_spec *spec, struct jwk **out, const char **why_out);
/* 1 to JOSE_KID_MAX characters, none a control character. */
bool jwk_kid_ok(struct str kid);

/* Members of an RSA JWK and their names in libcrypto; the first JWK_RSA_PUBLIC are public. */
struct jwk_rsa_member {
	const char *name;
	const char *param;
};
#define JWK_RSA_PUBLIC 2
#define JWK_RSA_MEMBERS 8
const struct jwk_rsa_member *jwk_rsa_members(void);

/* Signs input; *n_out is at most JOSE_SIG_MAX. The key is private and of the family of alg. RC_BUSY: a token
 * does not answer. */
MUST_USE enum rc evp_sign(const struct jwk *k, enum jose_alg alg, struct str input, uint8_t sig[JOSE_SIG_MAX],
			  size_t *n_out);
/* The key is of the family of alg. RC_DENIED: the signature is wrong. */
MUST_USE enum rc evp_verify(const struct jwk *k, enum jose_alg alg, struct str input, struct str sig);
/* As evp_sign, with an ECDSA signature in DER, the form of X.509. */
MUST_USE enum rc evp_sign_der(const struct jwk *k, enum jose_alg alg, struct str input, uint8_t sig[JOSE_SIG_MAX],
			      size_t *n_out);
/* SHA-256, -384 or -512 of input. Returns the number of bytes. */
size_t evp_digest(enum jose_digest d, struct str input, uint8_t out[EVP_MAX_MD_SIZE]);
int64_t asn1_us(const ASN1_TIME *t); /* µs since 1970; 0: unreadable */
/* One certificate and nothing after it; NULL: it is not that. Yours to free. */
X509 *certificate_parse(struct str der);
