#include "jose/internal.h"

#include "base/b64.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <stdlib.h>

// clang-format off
static const struct jwk_rsa_member rsa_members[] = {
	{ "n",  OSSL_PKEY_PARAM_RSA_N },
	{ "e",  OSSL_PKEY_PARAM_RSA_E },
	{ "d",  OSSL_PKEY_PARAM_RSA_D },
	{ "p",  OSSL_PKEY_PARAM_RSA_FACTOR1 },
	{ "q",  OSSL_PKEY_PARAM_RSA_FACTOR2 },
	{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
	{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};
// clang-format on
_Static_assert(LEN(rsa_members) == JWK_RSA_MEMBERS, "RSA members");

const struct jwk_rsa_member *jwk_rsa_members(void)
{
	return rsa_members;
}

struct jwk *jwk_ref(struct jwk *k)
{
	unsigned before = atomic_fetch_add_explicit(&k->refs, 1, memory_order_relaxed);
	assert(before > 0 && before < UINT_MAX); /* the caller has a reference */
	(void)before;
	return k;
}

void jwk_unref(struct jwk *k)
{
	if (!k || atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (k->remote)
		k->remote->destroy(k->remote);
	EVP_PKEY_CTX_free(atomic_load_explicit(&k->spare.ctx, memory_order_relaxed));
	EVP_PKEY_free(k->pkey);
	arena_finish(&k->a);
	free(k);
}

bool jwk_kid_ok(struct str kid)
{
	size_t chars = 0;
	for (size_t i = 0; i < kid.n; i++) {
		unsigned char c = (unsigned char)kid.p[i];
		if (c < 0x20 || c == 0x7f)
			return false;
		chars += (c & 0xc0) != 0x80;
	}
	return chars > 0 && chars <= JOSE_KID_MAX && str_utf8(kid);
}

struct str jwk_kid(const struct jwk *k)
{
	return k->kid;
}

bool jwk_is_private(const struct jwk *k)
{
	return k->is_private;
}

unsigned jwk_bits(const struct jwk *k)
{
	return (unsigned)EVP_PKEY_get_bits(k->pkey);
}

enum rc jwk_probe(const struct jwk *k)
{
	return k->remote ? k->remote->probe(k->remote) : RC_OK;
}

struct str jwk_thumbprint(const struct jwk *k, struct arena *a)
{
	return b64url(a, str_span(k->thumbprint, sizeof k->thumbprint));
}

/* ---- soundness ---- */

/* = RFC 7518 3.3: "A key of size 2048 bits or larger MUST be used with these algorithms." */
static enum rc rsa_check(const EVP_PKEY *pkey, const char **why_out)
{
	BIGNUM *n CLEANUP(BN_clear_free_at) = NULL;
	BIGNUM *e CLEANUP(BN_clear_free_at) = NULL;
	if (!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) ||
	    !EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e)) {
		*why_out = "n or e is missing";
		return RC_INVALID;
	}
	int bits = BN_num_bits(n);
	if (bits < JOSE_RSA_MIN_BITS || bits > JOSE_RSA_MAX_BITS) {
		*why_out = "an RSA key must have 2048 to 8192 bits";
		return RC_NOT_FOUND;
	}
	if (!BN_is_odd(e) || BN_num_bits(e) > JWK_RSA_E_MAX_BITS || BN_get_word(e) < 65537) {
		*why_out = "e must be odd, at least 65537 and at most 32 bits long";
		return RC_NOT_FOUND;
	}
	return RC_OK;
}

static enum rc pair_check(EVP_PKEY *pkey, bool is_private, const char **why_out)
{
	EVP_PKEY_CTX *ctx CLEANUP(EVP_PKEY_CTX_free_at) = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (!ctx || EVP_PKEY_public_check(ctx) != 1) {
		*why_out = "the public key is not sound";
		return RC_INVALID;
	}
	if (is_private && EVP_PKEY_pairwise_check(ctx) != 1) {
		*why_out = "the private part does not fit the public part";
		return RC_INVALID;
	}
	return RC_OK;
}

static enum rc family_of(const EVP_PKEY *pkey, enum jwk_family *out, const char **why_out)
{
	char group[32];
	if (EVP_PKEY_is_a(pkey, "RSA")) {
		*out = JWK_RSA;
		return rsa_check(pkey, why_out);
	}
	if (EVP_PKEY_is_a(pkey, "ED25519")) {
		*out = JWK_OKP;
		return RC_OK;
	}
	if (EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0) {
		*out = JWK_EC;
		return RC_OK;
	}
	*why_out = "the key is not RSA, P-256 or Ed25519";
	return RC_NOT_FOUND;
}

/* ---- the members as text ---- */

/* width 0: as few octets as the number has */
static struct str bn_text(struct arena *a, const EVP_PKEY *pkey, const char *param, int width)
{
	BIGNUM *bn CLEANUP(BN_clear_free_at) = NULL;
	if (!EVP_PKEY_get_bn_param(pkey, param, &bn))
		return STR_NONE;
	int n = width ? width : BN_num_bytes(bn);
	uint8_t bytes[JOSE_SIG_MAX];
	if (n > (int)sizeof bytes || BN_bn2binpad(bn, bytes, n) != n)
		return STR_NONE;
	struct str text = b64url(a, str_span(bytes, (size_t)n));
	OPENSSL_cleanse(bytes, (size_t)n);
	return text;
}

static struct str raw_text(struct arena *a, const EVP_PKEY *pkey,
			   int (*get)(const EVP_PKEY *, unsigned char *, size_t *))
{
	uint8_t bytes[JWK_CURVE_BYTES];
	size_t n = sizeof bytes;
	if (get(pkey, bytes, &n) != 1)
		return STR_NONE;
	struct str text = b64url(a, str_span(bytes, n));
	OPENSSL_cleanse(bytes, sizeof bytes);
	return text;
}

static bool parts_fill(struct jwk *k)
{
	switch (k->family) {
	case JWK_RSA:
		k->part[0] = bn_text(&k->a, k->pkey, OSSL_PKEY_PARAM_RSA_N, 0);
		k->part[1] = bn_text(&k->a, k->pkey, OSSL_PKEY_PARAM_RSA_E, 0);
		return k->part[0].p && k->part[1].p;
	case JWK_EC:
		k->part[0] = bn_text(&k->a, k->pkey, OSSL_PKEY_PARAM_EC_PUB_X, JWK_CURVE_BYTES);
		k->part[1] = bn_text(&k->a, k->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, JWK_CURVE_BYTES);
		return k->part[0].p && k->part[1].p;
	case JWK_OKP:
		k->part[0] = raw_text(&k->a, k->pkey, EVP_PKEY_get_raw_public_key);
		return k->part[0].p != NULL;
	case JWK__MAX:
		break;
	}
	return false;
}

static void thumbprint_fill(struct jwk *k)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	if (k->family == JWK_RSA) {
		jsw_kstr(&w, "e", k->part[1]);
		jsw_kz(&w, "kty", jwk_family_row(k->family)->kty);
		jsw_kstr(&w, "n", k->part[0]);
	} else {
		jsw_kz(&w, "crv", jwk_family_row(k->family)->crv);
		jsw_kz(&w, "kty", jwk_family_row(k->family)->kty);
		jsw_kstr(&w, "x", k->part[0]);
	}
	if (k->family == JWK_EC)
		jsw_kstr(&w, "y", k->part[1]);
	jsw_end_obj(&w);
	jose_sha256_into(buf_str(&b), k->thumbprint);
}

static struct jwk *jwk_new(EVP_PKEY *pkey, enum jwk_family family, const struct jwk_spec *spec)
{
	static atomic_uint_fast64_t last_serial;
	struct jwk *k = calloc(1, sizeof *k);
	if (!k)
		abort();
	atomic_init(&k->refs, 1);
	k->serial = atomic_fetch_add_explicit(&last_serial, 1, memory_order_relaxed) + 1;
	k->pkey = pkey;
	k->family = family;
	k->alg = spec->alg;
	k->has_alg = spec->has_alg;
	k->is_private = spec->is_private;
	return k;
}

enum rc jwk_adopt(EVP_PKEY *pkey, const struct jwk_spec *spec, struct jwk **out, const char **why_out)
{
	assert(pkey);
	EVP_PKEY *mine CLEANUP(EVP_PKEY_free_at) = pkey;
	enum jwk_family family;
	TRY(family_of(mine, &family, why_out));
	*why_out = "alg is of another kind of key";
	if (spec->has_alg && jose_alg_row(spec->alg)->family != family)
		return RC_INVALID;
	*why_out = "kid must have 1 to 128 characters";
	if (spec->kid.p && !jwk_kid_ok(spec->kid))
		return RC_INVALID;
	if (!spec->trusted)
		TRY(pair_check(mine, spec->is_private, why_out));

	struct jwk *k = jwk_new(mine, family, spec);
	mine = NULL;
	if (!parts_fill(k)) {
		jwk_unref(k);
		*why_out = "the key cannot be read back";
		return RC_INVALID;
	}
	thumbprint_fill(k);
	if (spec->kid.p)
		k->kid = arena_str(&k->a, spec->kid);
	else if (spec->kid_is_thumbprint)
		k->kid = jwk_thumbprint(k, &k->a);
	*out = k;
	return RC_OK;
}

struct str jwk_exponent(const struct jwk *k)
{
	assert(k->family == JWK_RSA);
	return k->part[1];
}

struct str jwk_modulus(const struct jwk *k, struct arena *a)
{
	struct str n = STR_NONE;
	assert(k->family == JWK_RSA);
	enum rc rc = b64url_decode(a, k->part[0], &n);
	assert(rc == RC_OK);
	(void)rc;
	return n;
}

enum rc jwk_set_kid(struct jwk *k, struct str kid)
{
	if (!jwk_kid_ok(kid))
		return RC_INVALID;
	k->kid = arena_str(&k->a, kid);
	return RC_OK;
}

/* ---- writing ---- */

static void certificates_write(struct jsw *w, const struct jwk *k)
{
	jsw_key(w, "x5c");
	jsw_arr(w);
	for (size_t i = 0; i < k->x5c_n; i++)
		jsw_str(w, b64(w->b->a, k->x5c[i]));
	jsw_end_arr(w);
	jsw_kstr(w, "x5t", jwk_x5t(k, w->b->a));
}

static void public_members(struct jsw *w, const struct jwk *k)
{
	jsw_kz(w, "kty", jwk_family_row(k->family)->kty);
	if (jwk_family_row(k->family)->crv)
		jsw_kz(w, "crv", jwk_family_row(k->family)->crv);
	for (size_t i = 0; i < LEN(k->part) && jwk_family_row(k->family)->part[i]; i++)
		jsw_kstr(w, jwk_family_row(k->family)->part[i], k->part[i]);
	jsw_kz(w, "use", "sig");
	if (k->has_alg)
		jsw_kz(w, "alg", jose_alg_name(k->alg));
	if (k->kid.p)
		jsw_kstr(w, "kid", k->kid);
	if (k->x5c_n)
		certificates_write(w, k);
}

void jwk_write_public(struct jsw *w, const struct jwk *k)
{
	jsw_obj(w);
	public_members(w, k);
	jsw_end_obj(w);
}

static void private_members(struct jsw *w, const struct jwk *k)
{
	struct arena *a = w->b->a;
	switch (k->family) {
	case JWK_RSA:
		for (size_t i = JWK_RSA_PUBLIC; i < LEN(rsa_members); i++)
			jsw_kstr(w, rsa_members[i].name, bn_text(a, k->pkey, rsa_members[i].param, 0));
		break;
	case JWK_EC:
		jsw_kstr(w, "d", bn_text(a, k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, JWK_CURVE_BYTES));
		break;
	case JWK_OKP:
		jsw_kstr(w, "d", raw_text(a, k->pkey, EVP_PKEY_get_raw_private_key));
		break;
	case JWK__MAX:
		break;
	}
}

void jwk_write_private(struct jsw *w, const struct jwk *k)
{
	jsw_obj(w);
	public_members(w, k);
	if (k->is_private && !k->remote)
		private_members(w, k);
	jsw_end_obj(w);
}
