/* JWK, JWS and JWT over OpenSSL's EVP interface. Only this folder includes OpenSSL headers.
 * RFC 7515, 7517, 7518, 7519, 7638, 8037, 8725. Compact form only. The algorithm is bound to the key. A key that a
 * header names by jwk, jku, x5u, x5t or x5c is never used here. */
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
#define JOSE_LONG_MAX (3 << 20) /* bytes of a compact JWS that is a document, not a credential of a request */
#define JOSE_X5C_MAX 8          /* certificates */
#define JOSE_CERT_MAX 16384     /* bytes of one certificate in x5c */

/* ---- keys ---- */
struct jwk; /* reference-counted; many threads may use it once it is made */

struct jwk *jwk_ref(struct jwk *k); /* returns k */
void jwk_unref(struct jwk *k);      /* k may be NULL */

/* From a JWK object (RFC 7517): RSA of 2048 to 8192 bits, EC P-256, OKP Ed25519; private when it has "d". A key without
 * "alg" verifies RS256, RS384 and RS512 (RSA), ES256 (EC) or EdDSA (OKP); PS256 needs its "alg".
 * RC_INVALID: "use" is not "sig", "key_ops" has neither sign nor verify, the key is symmetric, or its private part does
 * not fit; *why_out (may be NULL) is static text. */
MUST_USE enum rc jwk_parse(const struct js *o, struct jwk **out, const char **why_out);
/* A new key pair. kid absent: the thumbprint (RFC 7638). RC_FAIL: libcrypto makes none. */
MUST_USE enum rc jwk_generate(enum jose_alg alg, struct str kid, struct jwk **out);
/* The same with `bits` for RSA; other kinds have one size. RC_INVALID: outside JOSE_RSA_MIN_BITS to _MAX_BITS. */
MUST_USE enum rc jwk_generate_sized(enum jose_alg alg, unsigned bits, struct str kid, struct jwk **out);
/* From PEM: a SubjectPublicKeyInfo, or a private key without pass phrase. kid absent: the thumbprint. RC_INVALID: PEM
 * holds neither, or the key does not go with alg. */
MUST_USE enum rc jwk_from_pem(struct str pem, enum jose_alg alg, struct str kid, struct jwk **out);

struct str jwk_kid(const struct jwk *k); /* absent when none; borrowed */
bool jwk_has_alg(const struct jwk *k);
enum jose_alg jwk_alg(const struct jwk *k); /* the key's own, or the default of its kind */
bool jwk_is_private(const struct jwk *k);   /* the key can sign; its private part is in memory or in a token */
unsigned jwk_bits(const struct jwk *k);
/* Can the key sign now? RC_BUSY: its private part is in a token that does not answer. */
MUST_USE enum rc jwk_probe(const struct jwk *k);
bool jwk_allows(const struct jwk *k, enum jose_alg alg);
struct str jwk_thumbprint(const struct jwk *k, struct arena *a); /* base64url SHA-256, RFC 7638 */
/* Writes one object: kty and n, e or crv, x, y; use; alg and kid when the key has them; x5c and x5t with a certificate.
 */
void jwk_write_public(struct jsw *w, const struct jwk *k);
/* The same with the private members that are in memory. Only `samtykke key` and the sandbox's client list use this. */
void jwk_write_private(struct jsw *w, const struct jwk *k);

/* The exponent of an RSA key in base64url, and its modulus, big-endian. Requires an RSA key. */
struct str jwk_exponent(const struct jwk *k);
struct str jwk_modulus(const struct jwk *k, struct arena *a);
/* Names the key. Call it before other threads have the key. RC_INVALID: kid must have 1 to 128 characters. */
MUST_USE enum rc jwk_set_kid(struct jwk *k, struct str kid);

/* Certificates. A subject is a distinguished name in the form of RFC 4514 ("CN=Issuer,O=Agency,C=NO", one attribute a
 * part), or a common name when it has no '='. Times are µs since 1970. A function that takes a `struct jwk *` that is
 * not const changes the key: call it before other threads have it. */
/* Attaches a self-signed X.509 certificate; its serial number is the start of the thumbprint, so for RSA the result is
 * the same each time. RC_INVALID: a bad subject, a public key, or times that a certificate cannot hold. */
MUST_USE enum rc jwk_self_sign(struct jwk *k, struct str subject, int64_t not_before, int64_t not_after);
/* A certification request (PKCS #10) for the key, in PEM. RC_INVALID: a bad subject, or a public key. */
MUST_USE enum rc jwk_csr(const struct jwk *k, struct arena *a, struct str subject, struct str *pem_out);
struct jwk_cert {
	struct str subject; /* RFC 4514 */
	int64_t not_before; /* µs, as not_after */
	int64_t not_after;
};
/* Reads the leaf certificate of the key. RC_NOT_FOUND: it has none. */
MUST_USE enum rc jwk_cert_read(const struct jwk *k, struct arena *a, struct jwk_cert *out);
/* Attaches certificates from PEM: leaf first, each issued by the next, the leaf for this key and valid at `now`.
 * RC_INVALID: *why_out is static text. */
MUST_USE enum rc jwk_set_chain(struct jwk *k, struct str pem, int64_t now, const char **why_out);
/* Decodes the member "x5c" of a header or a key (RFC 7515 section 4.1.6, RFC 7517 section 4.7). RC_INVALID: it is no
 * array of 1 to JOSE_X5C_MAX texts in standard base64 of at most JOSE_CERT_MAX bytes each. Does not check that they are
 * certificates. */
MUST_USE enum rc jose_x5c_read(struct arena *a, const struct js *x5c, struct str der[JOSE_X5C_MAX], size_t *n_out);
/* Attaches a chain in DER, leaf first. RC_INVALID: the leaf is for another key, or an item is no certificate. */
MUST_USE enum rc jwk_set_x5c(struct jwk *k, const struct str *der, size_t n);
/* The chain, borrowed. RC_NOT_FOUND: the key has none. */
MUST_USE enum rc jwk_x5c(const struct jwk *k, const struct str **der_out, size_t *n_out);
struct str jwk_x5t(const struct jwk *k, struct arena *a); /* base64url SHA-1 of the leaf; absent when none */

/* A set of keys, whose references it owns. */
#define JWKS_MAX 32
struct jwks {
	struct jwk *keys[JWKS_MAX];
	size_t n;
};
/* Skips keys of unknown kty, alg or use (RFC 7517 §5), so *out may be empty. RC_INVALID: no key set, or an unsound key
 * in it. RC_TOO_LARGE: more than JWKS_MAX keys. */
MUST_USE enum rc jwks_parse(struct arena *scratch, struct str json, struct jwks *out);
/* The same for keys that jwk_parse has accepted before: skips the check of their numbers, which costs about ten
 * signatures for an RSA key. */
MUST_USE enum rc jwks_parse_checked(struct arena *scratch, struct str json, struct jwks *out);
/* Is told of each key that is skipped because it is malformed. kid: absent when the key has no sound one; borrowed for
 * the call. why: static text. */
struct jwks_skip {
	void (*tell)(void *ctx, struct str kid, const char *why);
	void *ctx;
};
/* jwks_parse for the set that another party publishes: a malformed key, also one with a member that stands twice, is
 * skipped and told to `skip`, which may be NULL.
 * RC_INVALID: no key set. RC_TOO_LARGE as above. RC_FAIL: no memory. */
MUST_USE enum rc jwks_parse_published(struct arena *scratch, struct str json, const struct jwks_skip *skip,
				      struct jwks *out);
void jwks_finish(struct jwks *s); /* releases the keys and empties the set */
/* The key of that kid, borrowed. Of several the one with this "alg" counts, else one that allows alg, else the first:
 * the caller refuses it. RC_NOT_FOUND: there is none. */
MUST_USE enum rc jwks_find(const struct jwks *s, struct str kid, enum jose_alg alg, struct jwk **out);

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
/* Splits and decodes a compact JWS without checking its signature. RC_INVALID: not three parts of strict base64url, the
 * header is no object, alg is no string, or "crit" or "b64" is present. RC_DENIED: alg is not supported (none, HS256
 * …). RC_TOO_LARGE: longer than JOSE_COMPACT_MAX. *out lives in `a` and borrows `compact`. */
MUST_USE enum rc jws_parse(struct arena *a, struct str compact, struct jws *out);
/* The same up to JOSE_LONG_MAX. */
MUST_USE enum rc jws_parse_long(struct arena *a, struct str compact, struct jws *out);
/* RC_DENIED: the key does not allow the algorithm, or the signature is wrong. */
MUST_USE enum rc jws_verify(const struct jws *s, const struct jwk *key);
/* Signs. The header has alg, kid when the key has one, and header_extra: members such as "\"typ\":\"JWT\"", or absent.
 * A header_extra that begins with '{' is the whole header instead.
 * RC_DENIED: the key is public, or does not allow alg. RC_TOO_LARGE: past JOSE_COMPACT_MAX. RC_BUSY: the token with the
 * private key does not answer. */
MUST_USE enum rc jws_sign(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra,
			  struct str payload, struct str *compact_out);
/* The same up to JOSE_LONG_MAX. */
MUST_USE enum rc jws_sign_long(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra,
			       struct str payload, struct str *compact_out);

/* A signature over bytes of the caller's own framing (benchmarks, certificates). Results as jws_sign. */
MUST_USE enum rc jose_sign(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str input,
			   struct str *sig_out);
struct str jose_sha256(struct arena *a, struct str bytes); /* 32 bytes */
void jose_sha256_into(struct str bytes, uint8_t out[32]);

/* ---- signer: the holder of a private key ---- */
/* signer_local signs with a key in this process, whose private part is in memory or in a PKCS#11 token
 * (jose/pkcs11.h). Another holder, such as a process of its own, would be another table. */
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
				  struct str *compact_out); /* up to JOSE_LONG_MAX */
const struct jwk *signer_key(const struct signer *s);
void signer_destroy(struct signer *s); /* s may be NULL */

/* ---- JWT ---- */
struct jwt_times {
	bool has_iat;
	bool has_exp;
	bool has_nbf;
	int64_t iat; /* seconds, as the next two */
	int64_t exp;
	int64_t nbf;
};
/* Reads exp, iat and nbf (NumericDate). RC_INVALID: one of them is no number. */
MUST_USE enum rc jwt_times(const struct js *claims, struct jwt_times *out);
/* Is aud, a string or an array of strings (RFC 7519 §4.1.3), or one of its strings, equal to `want`? */
bool jwt_aud_has(const struct js *claims, struct str want);

/* Authenticated encryption of stored secrets: AES-256-GCM, a random nonce of 12 bytes in front, a tag of 16 bytes at
 * the end. RC_TOO_LARGE: text or aad past SEAL_MAX bytes. seal_decrypt: RC_INVALID, the text is too short; RC_DENIED,
 * the key, the aad or a byte differs. */
#define SEAL_MAX (1 << 20)
MUST_USE enum rc seal_encrypt(struct arena *a, const uint8_t key[32], struct str plain, struct str aad,
			      struct str *out);
MUST_USE enum rc seal_decrypt(struct arena *a, const uint8_t key[32], struct str sealed, struct str aad,
			      struct str *out);
