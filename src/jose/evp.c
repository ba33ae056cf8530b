#include "jose/internal.h"

#include <assert.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>

/* Setting up a context costs about as much as an RSA verification, so each thread keeps the contexts of the keys that
 * it used last. A slot holds a reference to libcrypto's key: a key that is freed elsewhere lives on here until its slot
 * is reused or the thread ends. The keys of ten thousand clients do not fit. Each key therefore has one spare context
 * of its own, which a verifying thread takes out and puts back. */
#define SLOTS 16

struct slot {
	uint64_t serial; /* 0: empty */
	uint64_t used;
	enum jose_alg alg;
	bool sign;
	EVP_PKEY_CTX *ctx;
};

struct cache {
	EVP_MD_CTX *md[JOSE_DIGEST__MAX];
	struct slot slots[SLOTS];
	uint64_t tick;
};

static struct {
	pthread_once_t once;
	pthread_key_t key; /* only for its destructor */
	EVP_MD *md[JOSE_DIGEST__MAX];
} shared = { .once = PTHREAD_ONCE_INIT };
static _Thread_local struct cache *mine;

static void cache_destroy(void *p)
{
	struct cache *c = p;
	for (size_t i = 0; i < LEN(c->slots); i++)
		EVP_PKEY_CTX_free(c->slots[i].ctx);
	for (size_t i = 0; i < LEN(c->md); i++)
		EVP_MD_CTX_free(c->md[i]);
	free(c);
	mine = NULL;
}

static void shared_init(void)
{
	static const char *const names[] = {
		[JOSE_SHA256] = "SHA2-256", [JOSE_SHA384] = "SHA2-384", [JOSE_SHA512] = "SHA2-512"
	};
	_Static_assert(LEN(names) == JOSE_DIGEST__MAX, "a digest without a name");
	for (size_t i = 0; i < LEN(names); i++) {
		shared.md[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (!shared.md[i])
			abort();
	}
	if (pthread_key_create(&shared.key, cache_destroy) != 0)
		abort();
}

static struct cache *cache_get(void)
{
	if (mine)
		return mine;
	if (pthread_once(&shared.once, shared_init) != 0)
		abort();
	struct cache *c = calloc(1, sizeof *c);
	if (!c)
		abort();
	for (size_t i = 0; i < LEN(c->md); i++) {
		c->md[i] = EVP_MD_CTX_new();
		if (!c->md[i])
			abort();
	}
	if (pthread_setspecific(shared.key, c) != 0)
		abort();
	mine = c;
	return c;
}

/* A failure does not depend on the input: memory is out, or libcrypto is broken. */
static size_t digest(struct cache *c, enum jose_digest d, struct str input, uint8_t out[EVP_MAX_MD_SIZE])
{
	assert((unsigned)d < JOSE_DIGEST__MAX);
	unsigned n = 0;
	if (EVP_DigestInit_ex2(c->md[d], shared.md[d], NULL) != 1 ||
	    EVP_DigestUpdate(c->md[d], input.p, input.n) != 1 || EVP_DigestFinal_ex(c->md[d], out, &n) != 1)
		abort();
	return n;
}

size_t evp_digest(enum jose_digest d, struct str input, uint8_t out[EVP_MAX_MD_SIZE])
{
	return digest(cache_get(), d, input, out);
}

void jose_sha256_into(struct str bytes, uint8_t out[32])
{
	uint8_t d[EVP_MAX_MD_SIZE];
	digest(cache_get(), JOSE_SHA256, bytes, d);
	memcpy(out, d, 32);
}

struct str jose_sha256(struct arena *a, struct str bytes)
{
	uint8_t *p = arena_alloc(a, 32);
	jose_sha256_into(bytes, p);
	return str_span(p, 32);
}

/* ---- contexts ---- */

static bool ctx_setup(EVP_PKEY_CTX *ctx, const struct jose_alg_row *row, bool sign)
{
	const EVP_MD *md = shared.md[row->digest];
	if ((sign ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) != 1)
		return false;
	if (row->family == JWK_RSA &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, row->pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
		return false;
	if (EVP_PKEY_CTX_set_signature_md(ctx, md) != 1)
		return false;
	return !row->pss || (EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
			     EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static struct slot *slot_oldest(struct cache *c)
{
	struct slot *oldest = &c->slots[0];
	for (size_t i = 1; i < LEN(c->slots); i++) {
		if (c->slots[i].used < oldest->used)
			oldest = &c->slots[i];
	}
	return oldest;
}

static struct slot *slot_find(struct cache *c, const struct jwk *k, enum jose_alg alg, bool sign)
{
	c->tick++;
	for (size_t i = 0; i < LEN(c->slots); i++) {
		struct slot *s = &c->slots[i];
		if (s->serial != k->serial || s->alg != alg || s->sign != sign)
			continue;
		s->used = c->tick;
		return s;
	}
	return NULL;
}

static EVP_PKEY_CTX *ctx_new(const struct jwk *k, enum jose_alg alg, bool sign)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx && ctx_setup(ctx, jose_alg_row(alg), sign))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static void slot_fill(struct cache *c, const struct jwk *k, enum jose_alg alg, bool sign, EVP_PKEY_CTX *ctx)
{
	struct slot *s = slot_oldest(c);
	EVP_PKEY_CTX_free(s->ctx);
	*s = (struct slot){ .serial = k->serial, .used = c->tick, .alg = alg, .sign = sign, .ctx = ctx };
}

static EVP_PKEY_CTX *signing_ctx(struct cache *c, const struct jwk *k, enum jose_alg alg)
{
	struct slot *s = slot_find(c, k, alg, true);
	if (s)
		return s->ctx;
	EVP_PKEY_CTX *ctx = ctx_new(k, alg, true);
	if (ctx)
		slot_fill(c, k, alg, true, ctx);
	return ctx;
}

static EVP_PKEY_CTX *spare_take(const struct jwk *k, enum jose_alg alg)
{
	struct jwk_spare *spare = &((struct jwk *)k)->spare; /* the one member that changes in a key */
	EVP_PKEY_CTX *ctx =
		alg == jwk_alg(k) ? atomic_exchange_explicit(&spare->ctx, NULL, memory_order_acquire) : NULL;
	return ctx ? ctx : ctx_new(k, alg, false);
}

/* When several threads use one key at a time, one context becomes the spare; the others go to their threads' slots. */
static void spare_give(struct cache *c, const struct jwk *k, enum jose_alg alg, EVP_PKEY_CTX *ctx)
{
	struct jwk_spare *spare = &((struct jwk *)k)->spare;
	void *none = NULL;
	if (alg != jwk_alg(k) || !atomic_compare_exchange_strong_explicit(&spare->ctx, &none, ctx, memory_order_release,
									  memory_order_relaxed))
		slot_fill(c, k, alg, false, ctx);
}

static bool ctx_verify(struct cache *c, const struct jwk *k, enum jose_alg alg, struct str digest, struct str sig)
{
	const struct slot *s = slot_find(c, k, alg, false);
	EVP_PKEY_CTX *ctx = s ? s->ctx : spare_take(k, alg);
	if (!ctx)
		return false;
	bool ok = EVP_PKEY_verify(ctx, (const uint8_t *)sig.p, sig.n, (const uint8_t *)digest.p, digest.n) == 1;
	if (!s)
		spare_give(c, k, alg, ctx);
	return ok;
}

/* ---- ECDSA: r || s in a JWS, DER in libcrypto ---- */

#define DER_MAX 80

static void ECDSA_SIG_free_at(ECDSA_SIG **p)
{
	ECDSA_SIG_free(*p);
}

static size_t der_from_raw(struct str raw, uint8_t der[DER_MAX])
{
	if (raw.n != 2 * JWK_CURVE_BYTES)
		return 0;
	const uint8_t *p = (const uint8_t *)raw.p;
	ECDSA_SIG *sig CLEANUP(ECDSA_SIG_free_at) = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(p, JWK_CURVE_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(p + JWK_CURVE_BYTES, JWK_CURVE_BYTES, NULL);
	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return 0;
	}
	int n = i2d_ECDSA_SIG(sig, &der);
	return n > 0 ? (size_t)n : 0;
}

static bool raw_from_der(const uint8_t *der, size_t n, uint8_t raw[2 * JWK_CURVE_BYTES])
{
	ECDSA_SIG *sig CLEANUP(ECDSA_SIG_free_at) = d2i_ECDSA_SIG(NULL, &der, (long)n);
	return sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, JWK_CURVE_BYTES) == JWK_CURVE_BYTES &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + JWK_CURVE_BYTES, JWK_CURVE_BYTES) == JWK_CURVE_BYTES;
}

/* ---- EdDSA: without a digest beforehand, so its contexts cannot be kept ---- */

static bool eddsa_sign(const struct jwk *k, struct str input, uint8_t *sig, size_t *n)
{
	EVP_MD_CTX *ctx CLEANUP(EVP_MD_CTX_free_at) = EVP_MD_CTX_new();
	return ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) == 1 &&
	       EVP_DigestSign(ctx, sig, n, (const uint8_t *)input.p, input.n) == 1;
}

static bool eddsa_verify(const struct jwk *k, struct str input, struct str sig)
{
	EVP_MD_CTX *ctx CLEANUP(EVP_MD_CTX_free_at) = EVP_MD_CTX_new();
	return ctx && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) == 1 &&
	       EVP_DigestVerify(ctx, (const uint8_t *)sig.p, sig.n, (const uint8_t *)input.p, input.n) == 1;
}

/* ---- both ways ---- */

static bool sign_digest(const struct jwk *k, enum jose_alg alg, struct str input, uint8_t *sig, size_t *n)
{
	struct cache *c = cache_get();
	uint8_t d[EVP_MAX_MD_SIZE];
	size_t d_n = digest(c, jose_alg_row(alg)->digest, input, d);
	EVP_PKEY_CTX *ctx = signing_ctx(c, k, alg);
	if (!ctx || EVP_PKEY_sign(ctx, sig, n, d, d_n) != 1)
		return false;
	if (k->family != JWK_EC)
		return true;
	uint8_t raw[2 * JWK_CURVE_BYTES];
	if (!raw_from_der(sig, *n, raw))
		return false;
	memcpy(sig, raw, sizeof raw);
	*n = sizeof raw;
	return true;
}

enum rc evp_sign(const struct jwk *k, enum jose_alg alg, struct str input, uint8_t sig[JOSE_SIG_MAX], size_t *n_out)
{
	assert(k->is_private && jose_alg_row(alg)->family == k->family);
	if (k->remote)
		return k->remote->sign(k->remote, alg, input, sig, n_out);
	size_t n = JOSE_SIG_MAX;
	bool ok = k->family == JWK_OKP ? eddsa_sign(k, input, sig, &n) : sign_digest(k, alg, input, sig, &n);
	if (!ok) {
		ERR_clear_error();
		return RC_FAIL;
	}
	*n_out = n;
	return RC_OK;
}

enum rc evp_sign_der(const struct jwk *k, enum jose_alg alg, struct str input, uint8_t sig[JOSE_SIG_MAX], size_t *n_out)
{
	uint8_t der[DER_MAX];
	TRY(evp_sign(k, alg, input, sig, n_out));
	if (k->family != JWK_EC)
		return RC_OK;
	size_t n = der_from_raw(str_span(sig, *n_out), der);
	if (!n)
		return RC_FAIL;
	memcpy(sig, der, n);
	*n_out = n;
	return RC_OK;
}

static bool verify_digest(const struct jwk *k, enum jose_alg alg, struct str input, struct str sig)
{
	struct cache *c = cache_get();
	uint8_t d[EVP_MAX_MD_SIZE], der[DER_MAX];
	if (k->family == JWK_EC) {
		size_t der_n = der_from_raw(sig, der);
		if (!der_n)
			return false;
		sig = str_span(der, der_n);
	}
	size_t d_n = digest(c, jose_alg_row(alg)->digest, input, d);
	return ctx_verify(c, k, alg, str_span(d, d_n), sig);
}

enum rc evp_verify(const struct jwk *k, enum jose_alg alg, struct str input, struct str sig)
{
	assert(jose_alg_row(alg)->family == k->family);
	bool ok = k->family == JWK_OKP ? eddsa_verify(k, input, sig) : verify_digest(k, alg, input, sig);
	if (ok)
		return RC_OK;
	/* The next user of the error queue, such as a TLS connection, would take an old entry for its own error. */
	ERR_clear_error();
	return RC_DENIED;
}
