/* JWK, JWS, JWT over OpenSSL EVP (this folder is the only includer of OpenSSL headers).
 * RFC 7515, 7517, 7518, 7519, 7638, 8037, 8725. Compact form only; the algorithm is bound to the key; keys
 * named by jwk, jku, x5u, x5t or x5c in a header are never used for lookup here. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/js.h"

enum jose_alg { JOSE_RS256, JOSE_RS384, JOSE_RS512, JOSE_PS256, JOSE_ES256, JOSE_EDDSA, JOSE_ALG__MAX };
const char *jose_alg_name(enum jose_alg alg); /* "RS256" … */
MUST_USE enum rc jose_alg_parse(struct str name, enum jose_alg *out);

#define JOSE_RSA_MIN_BITS 2048
#define JOSE_RSA_MAX_BITS 8192
#define JOSE_KID_MAX 128        /* characters */
#define JOSE_COMPACT_MAX 65536  /* bytes of a compact JWS */
#define JOSE_LONG_MAX (3 << 20) /* of one that is a document, not a credential that comes with each request */
#define JOSE_X5C_MAX 8          /* certificates */
#define JOSE_CERT_MAX 16384     /* bytes of one in x5c */

/* ---- keys ---- */
struct jwk; /* immutable, reference-counted, may be used by many threads at once */

struct jwk *jwk_ref(struct jwk *k);
void jwk_unref(struct jwk *k); /* k may be NULL */

/* From a JWK object (RFC 7517). RSA 2048–8192 bits, EC P-256, OKP Ed25519; public, or private when "d" is there.
 * `alg` absent: RSA keys verify RS256/384/512 (and PS256 only when alg says so), EC ES256, OKP EdDSA.
 * use ≠ sig, key_ops without sign/verify, symmetric keys, mismatching private parts: RC_INVALID with a reason. */
MUST_USE enum rc jwk_parse(const struct js *o, struct jwk **out, const char **why_out);
/* New key pair; kid = RFC 7638 thumbprint unless given. */
MUST_USE enum rc jwk_generate(enum jose_alg alg, struct str kid, struct jwk **out);
/* The same with an RSA key of `bits`; other kinds have one size. RC_INVALID outside the limits above. */
MUST_USE enum rc jwk_generate_sized(enum jose_alg alg, unsigned bits, struct str kid, struct jwk **out);
/* SubjectPublicKeyInfo or private key in PEM. kid absent: thumbprint. */
MUST_USE enum rc jwk_from_pem(struct str pem, enum jose_alg alg, struct str kid, struct jwk **out);

struct str jwk_kid(const struct jwk *k); /* absent when none; borrowed */
bool jwk_has_alg(const struct jwk *k);
enum jose_alg jwk_alg(const struct jwk *k); /* the declared one, or the family's default */
bool jwk_is_private(const struct jwk *k);   /* can sign: the private part is here or in a token */
unsigned jwk_bits(const struct jwk *k);
/* Is the private part within reach now? RC_BUSY: it lies in a token that does not answer. */
MUST_USE enum rc jwk_probe(const struct jwk *k);
bool jwk_allows(const struct jwk *k, enum jose_alg alg);
struct str jwk_thumbprint(const struct jwk *k, struct arena *a); /* base64url SHA-256, RFC 7638 */
/* Public members (kty n e / crv x y, use, alg, kid, x5c and x5t when a certificate is attached) as one object. */
void jwk_write_public(struct jsw *w, const struct jwk *k);
/* With the private members; for `samtykke key` and the sandbox's client list only. */
void jwk_write_private(struct jsw *w, const struct jwk *k);

/* A subject is a distinguished name as RFC 4514 writes it ("CN=Issuer,O=Agency,C=NO", one attribute a part), or,
 * without any '=', a common name. RC_INVALID: it is none. */
/* Self-signed X.509 certificate for the key, deterministic for RSA (fixed serial = first bytes of the thumbprint). */
MUST_USE enum rc jwk_self_sign(struct jwk *k, struct str subject, int64_t not_before, int64_t not_after);
/* Certification request (PKCS #10) for the key, in PEM. */
MUST_USE enum rc jwk_csr(const struct jwk *k, struct arena *a, struct str subject, struct str *pem_out);
struct jwk_cert {
	struct str subject; /* RFC 4514 */
	/* µs */
	int64_t not_before;
	int64_t not_after;
};
/* Of the leaf. RC_NOT_FOUND: no certificate. */
MUST_USE enum rc jwk_cert_read(const struct jwk *k, struct arena *a, struct jwk_cert *out);
/* Certificates in PEM, leaf first, each issued by the next; the leaf is the key's and holds at `now`. RC_INVALID with
 * a reason. */
MUST_USE enum rc jwk_set_chain(struct jwk *k, struct str pem, int64_t now, const char **why_out);
/* The member "x5c" of a header or a key (RFC 7515 section 4.1.6, RFC 7517 section 4.7). RC_INVALID: it is no array of 1
 * to JOSE_X5C_MAX texts of standard base64, of at most JOSE_CERT_MAX bytes each. That they are certificates is not
 * checked. */
MUST_USE enum rc jose_x5c_read(struct arena *a, const struct js *x5c, struct str der[JOSE_X5C_MAX], size_t *n_out);
/* Attach the DER chain (leaf first); its public key must be the key's. */
MUST_USE enum rc jwk_set_x5c(struct jwk *k, const struct str *der, size_t n);
MUST_USE enum rc jwk_x5c(const struct jwk *k, const struct str **der_out, size_t *n_out); /* RC_NOT_FOUND: none */
struct str jwk_x5t(const struct jwk *k, struct arena *a); /* base64url SHA-1 of the leaf; absent when none */

/* A set; at most JWKS_MAX keys. Keys of unknown kty, alg or use are skipped (RFC 7517 §5). */
#define JWKS_MAX 32
struct jwks {
	struct jwk *keys[JWKS_MAX];
	size_t n;
};
MUST_USE enum rc jwks_parse(struct arena *scratch, struct str json, struct jwks *out);
/* The same for keys that jwk_parse has taken once: whether an RSA modulus is a product of primes is not asked again,
 * which costs about ten signatures. */
MUST_USE enum rc jwks_parse_checked(struct arena *scratch, struct str json, struct jwks *out);
void jwks_finish(struct jwks *s);
/* By kid; RC_NOT_FOUND. Borrowed. */
MUST_USE enum rc jwks_find(const struct jwks *s, struct str kid, struct jwk **out);

/* ---- JWS ---- */
struct jws {
	const struct js *header; /* parsed, duplicates refused */
	struct str payload;      /* decoded bytes */
	struct str signing_input;
	struct str signature;
	enum jose_alg alg;
	struct str kid; /* absent when none */
	struct str typ; /* absent when none */
};
/* Splits and decodes; checks nothing of the signature. RC_INVALID: not three strict base64url parts, header no object,
 * alg absent or not a string, "crit" present, "b64" present. RC_DENIED: alg is not one of ours (none, HS256 …).
 * RC_TOO_LARGE past JOSE_COMPACT_MAX. Everything lives in `a` or borrows `compact`. */
MUST_USE enum rc jws_parse(struct arena *a, struct str compact, struct jws *out);
/* The same up to JOSE_LONG_MAX. */
MUST_USE enum rc jws_parse_long(struct arena *a, struct str compact, struct jws *out);
/* RC_DENIED: the key does not allow the alg, or the signature is wrong. */
MUST_USE enum rc jws_verify(const struct jws *s, const struct jwk *key);
/* header_extra: members after alg (and kid), e.g. "\"typ\":\"JWT\"" or absent. kid is written when the key has one. */
MUST_USE enum rc jws_sign(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra,
			  struct str payload, struct str *compact_out);
/* The same up to JOSE_LONG_MAX. */
MUST_USE enum rc jws_sign_long(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra,
			       struct str payload, struct str *compact_out);

/* Detached primitives, for callers that bring their own framing (benchmarks, certificates). */
MUST_USE enum rc jose_sign(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str input,
			   struct str *sig_out);
struct str jose_sha256(struct arena *a, struct str bytes); /* 32 bytes */
void jose_sha256_into(struct str bytes, uint8_t out[32]);

/* ---- signer: who holds the private key ---- */
/* The key's private part is in memory or in a PKCS#11 token (jose/pkcs11.h); another process would be another table
 * behind the same call. */
struct signer {
	const struct signer_impl *impl;
};
struct signer_impl {
	const char *name;
	MUST_USE enum rc (*sign)(struct signer *s, struct arena *a, struct str header_extra, struct str payload,
				 struct str *compact_out);
	const struct jwk *(*public_key)(const struct signer *s);
	void (*destroy)(struct signer *s);
};
struct signer *signer_local(struct jwk *key); /* takes a reference */
MUST_USE enum rc signer_sign(struct signer *s, struct arena *a, struct str header_extra, struct str payload,
			     struct str *compact_out); /* up to JOSE_COMPACT_MAX */
MUST_USE enum rc signer_sign_long(struct signer *s, struct arena *a, struct str header_extra, struct str payload,
				  struct str *compact_out); /* up to JOSE_LONG_MAX, which impl->sign allows */
const struct jwk *signer_key(const struct signer *s);
void signer_destroy(struct signer *s); /* may be NULL */

/* ---- JWT ---- */
struct jwt_times {
	bool has_iat;
	bool has_exp;
	bool has_nbf;
	/* seconds */
	int64_t iat;
	int64_t exp;
	int64_t nbf;
};
/* Reads exp, iat, nbf (NumericDate). RC_INVALID when one is there and is no number. */
MUST_USE enum rc jwt_times(const struct js *claims, struct jwt_times *out);
/* aud: string or array of strings (RFC 7519 §4.1.3) that holds `want`. */
bool jwt_aud_has(const struct js *claims, struct str want);

/* Authenticated encryption of secrets at rest: AES-256-GCM, 12-byte random nonce before, 16-byte tag after.
 * RC_TOO_LARGE: text or aad past SEAL_MAX. Opening: RC_INVALID when too short to be sealed, RC_DENIED when the key,
 * the aad or a byte is another. */
#define SEAL_MAX (1 << 20)
MUST_USE enum rc seal_encrypt(struct arena *a, const uint8_t key[32], struct str plain, struct str aad,
			      struct str *out);
MUST_USE enum rc seal_decrypt(struct arena *a, const uint8_t key[32], struct str sealed, struct str aad,
			      struct str *out);
