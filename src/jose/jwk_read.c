#include "jose/internal.h"

#include "base/b64.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

/* One JWK being read. Within this file RC_NOT_FOUND means that the kind of key is not supported: a set skips it. */
struct reading {
	const struct js *o;
	struct arena scratch;
	enum jwk_family family;
	struct jwk_spec spec;
	const char *why;
};

static enum rc refuse(struct reading *r, enum rc rc, const char *why)
{
	r->why = why;
	return rc;
}

static enum rc octets(struct reading *r, const char *name, size_t max, struct str *out)
{
	struct str text;
	if (js_member_str(r->o, name, &text) != RC_OK)
		return refuse(r, RC_INVALID, "a member of the key is missing or no string");
	if (text.n == 0 || text.n > B64URL_LEN(max))
		return refuse(r, RC_INVALID, "a member of the key is empty or too long");
	if (b64url_decode(&r->scratch, text, out) != RC_OK)
		return refuse(r, RC_INVALID, "a member of the key is no base64url");
	return RC_OK;
}

static enum rc octets_exactly(struct reading *r, const char *name, size_t n, struct str *out)
{
	TRY(octets(r, name, n, out));
	return out->n == n ? RC_OK : refuse(r, RC_INVALID, "a member of the key has the wrong length");
}

/* ---- members of every kind ---- */

static enum rc crv_read(struct reading *r)
{
	const char *want = jwk_family_row(r->family)->crv;
	struct str crv;
	if (!want)
		return RC_OK;
	if (js_member_str(r->o, "crv", &crv) != RC_OK)
		return refuse(r, RC_INVALID, "crv is missing or no string");
	return str_is(crv, want) ? RC_OK : refuse(r, RC_NOT_FOUND, "crv is not P-256 or Ed25519");
}

static enum rc kty_read(struct reading *r)
{
	struct str kty;
	if (js_member_str(r->o, "kty", &kty) != RC_OK)
		return refuse(r, RC_INVALID, "kty is missing or no string");
	for (int f = 0; f < JWK__MAX; f++) {
		r->family = (enum jwk_family)f;
		if (str_is(kty, jwk_family_row(r->family)->kty))
			return crv_read(r);
	}
	return refuse(r, RC_NOT_FOUND, "kty is not RSA, EC or OKP");
}

static enum rc use_read(struct reading *r)
{
	struct str use;
	enum rc rc = js_member_str(r->o, "use", &use);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return refuse(r, RC_INVALID, "use is no string");
	return str_is(use, "sig") ? RC_OK : refuse(r, RC_NOT_FOUND, "use is not sig");
}

static enum rc key_ops_read(struct reading *r)
{
	const struct js *ops = js_get(r->o, "key_ops");
	if (!ops)
		return RC_OK;
	if (!js_is(ops, JS_ARRAY))
		return refuse(r, RC_INVALID, "key_ops is no array");
	bool fits = false;
	JS_EACH(op, ops) {
		if (!js_is(op, JS_STRING))
			return refuse(r, RC_INVALID, "key_ops holds something else than strings");
		fits = fits || str_is(op->s, "verify") || str_is(op->s, "sign");
	}
	return fits ? RC_OK : refuse(r, RC_NOT_FOUND, "key_ops has neither sign nor verify");
}

static enum rc alg_read(struct reading *r)
{
	struct str name;
	enum rc rc = js_member_str(r->o, "alg", &name);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return refuse(r, RC_INVALID, "alg is no string");
	if (jose_alg_parse(name, &r->spec.alg) != RC_OK)
		return refuse(r, RC_NOT_FOUND, "alg is not supported");
	r->spec.has_alg = true;
	if (jose_alg_row(r->spec.alg)->family != r->family)
		return refuse(r, RC_INVALID, "alg is of another kind of key");
	return RC_OK;
}

static enum rc kid_read(struct reading *r)
{
	enum rc rc = js_member_str(r->o, "kid", &r->spec.kid);
	if (rc == RC_NOT_FOUND) {
		r->spec.kid = STR_NONE;
		return RC_OK;
	}
	if (rc != RC_OK || !jwk_kid_ok(r->spec.kid))
		return refuse(r, RC_INVALID, "kid must be a string of 1 to 128 characters");
	return RC_OK;
}

/* ---- the numbers ---- */

static enum rc pkey_from(struct reading *r, const char *type, OSSL_PARAM_BLD *bld, EVP_PKEY **out)
{
	OSSL_PARAM *params CLEANUP(OSSL_PARAM_free_at) = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx CLEANUP(EVP_PKEY_CTX_free_at) = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	int selection = r->spec.is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
	EVP_PKEY *pkey = NULL;
	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1)
		return refuse(r, RC_INVALID, "the numbers are no key");
	*out = pkey;
	return RC_OK;
}

/* libcrypto overwrites the copies that it makes of a number only when the number is secure. */
static BIGNUM *number_new(struct str bytes, bool is_private)
{
	BIGNUM *bn = is_private ? BN_secure_new() : BN_new();
	if (bn && BN_bin2bn((const uint8_t *)bytes.p, (int)bytes.n, bn))
		return bn;
	BN_clear_free(bn);
	return NULL;
}

/* Numbers must have no leading zero octet (RFC 7518 §2, Base64urlUInt). */
static enum rc rsa_number(struct reading *r, const struct jwk_rsa_member *m, OSSL_PARAM_BLD *bld, BIGNUM **bn_out)
{
	struct str bytes;
	TRY(octets(r, m->name, JOSE_RSA_MAX_BITS / 8 + 1, &bytes));
	if (bytes.p[0] == 0)
		return refuse(r, RC_INVALID, "a number begins with a zero octet");
	*bn_out = number_new(bytes, m - jwk_rsa_members() >= JWK_RSA_PUBLIC);
	if (!*bn_out || !OSSL_PARAM_BLD_push_BN(bld, m->param, *bn_out))
		return refuse(r, RC_INVALID, "the numbers are no key");
	return RC_OK;
}

static enum rc rsa_push(struct reading *r, OSSL_PARAM_BLD *bld, BIGNUM *bn[JWK_RSA_MEMBERS])
{
	const struct jwk_rsa_member *m = jwk_rsa_members();
	if (js_get(r->o, "oth"))
		return refuse(r, RC_NOT_FOUND, "RSA keys with more than two primes are not supported");
	for (size_t i = 0; i < JWK_RSA_MEMBERS; i++) {
		bool wanted = i < JWK_RSA_PUBLIC || r->spec.is_private;
		if (wanted)
			TRY(rsa_number(r, &m[i], bld, &bn[i]));
		if (!wanted && js_get(r->o, m[i].name))
			return refuse(r, RC_INVALID, "private members without d");
	}
	return RC_OK;
}

static enum rc rsa_read(struct reading *r, EVP_PKEY **out)
{
	OSSL_PARAM_BLD *bld CLEANUP(OSSL_PARAM_BLD_free_at) = OSSL_PARAM_BLD_new();
	if (!bld)
		return refuse(r, RC_FAIL, "out of memory");
	BIGNUM *bn[JWK_RSA_MEMBERS] = { 0 };
	enum rc rc = rsa_push(r, bld, bn);
	if (rc == RC_OK)
		rc = pkey_from(r, "RSA", bld, out);
	for (size_t i = 0; i < LEN(bn); i++)
		BN_clear_free(bn[i]);
	return rc;
}

static enum rc ec_read(struct reading *r, EVP_PKEY **out)
{
	struct str x, y, d;
	TRY(octets_exactly(r, "x", JWK_CURVE_BYTES, &x));
	TRY(octets_exactly(r, "y", JWK_CURVE_BYTES, &y));
	uint8_t point[1 + 2 * JWK_CURVE_BYTES] = { 4 }; /* uncompressed */
	memcpy(point + 1, x.p, JWK_CURVE_BYTES);
	memcpy(point + 1 + JWK_CURVE_BYTES, y.p, JWK_CURVE_BYTES);

	OSSL_PARAM_BLD *bld CLEANUP(OSSL_PARAM_BLD_free_at) = OSSL_PARAM_BLD_new();
	BIGNUM *scalar CLEANUP(BN_clear_free_at) = NULL;
	if (!bld || !OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) ||
	    !OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point))
		return refuse(r, RC_FAIL, "out of memory");
	if (r->spec.is_private) {
		TRY(octets_exactly(r, "d", JWK_CURVE_BYTES, &d));
		scalar = number_new(d, true);
		if (!scalar || !OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, scalar))
			return refuse(r, RC_FAIL, "out of memory");
	}
	return pkey_from(r, "EC", bld, out);
}

static enum rc okp_read(struct reading *r, EVP_PKEY **out)
{
	struct str x, d;
	TRY(octets_exactly(r, "x", JWK_CURVE_BYTES, &x));
	if (!r->spec.is_private) {
		*out = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, (const uint8_t *)x.p, x.n);
		return *out ? RC_OK : refuse(r, RC_INVALID, "the public key is not sound");
	}
	TRY(octets_exactly(r, "d", JWK_CURVE_BYTES, &d));
	EVP_PKEY *pkey CLEANUP(EVP_PKEY_free_at) =
		EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, (const uint8_t *)d.p, d.n);
	uint8_t derived[JWK_CURVE_BYTES];
	size_t n = sizeof derived;
	if (!pkey || EVP_PKEY_get_raw_public_key(pkey, derived, &n) != 1 || !str_eq(x, str_span(derived, n)))
		return refuse(r, RC_INVALID, "the private part does not fit the public part");
	*out = pkey;
	pkey = NULL;
	return RC_OK;
}

static enum rc pkey_read(struct reading *r, EVP_PKEY **out)
{
	switch (r->family) {
	case JWK_RSA:
		return rsa_read(r, out);
	case JWK_EC:
		return ec_read(r, out);
	case JWK_OKP:
		return okp_read(r, out);
	case JWK__MAX:
		break;
	}
	return RC_FAIL;
}

static enum rc x5c_read(struct reading *r, struct jwk *k)
{
	const struct js *x5c = js_get(r->o, "x5c");
	struct str der[JOSE_X5C_MAX];
	size_t n;
	if (!x5c)
		return RC_OK;
	if (jose_x5c_read(&r->scratch, x5c, der, &n) != RC_OK)
		return refuse(r, RC_INVALID, "x5c must be 1 to 8 certificates in base64, of 16384 bytes at most");
	if (jwk_set_x5c(k, der, n) != RC_OK)
		return refuse(r, RC_INVALID, "x5c is not the certificate of this key");
	return RC_OK;
}

static enum rc read_all(struct reading *r, struct jwk **out)
{
	if (!js_is(r->o, JS_OBJECT))
		return refuse(r, RC_INVALID, "a key must be an object");
	TRY(kty_read(r));
	TRY(use_read(r));
	TRY(key_ops_read(r));
	TRY(alg_read(r));
	TRY(kid_read(r));
	r->spec.is_private = js_get(r->o, "d") != NULL;

	EVP_PKEY *pkey;
	TRY(pkey_read(r, &pkey));
	struct jwk *k;
	TRY(jwk_adopt(pkey, &r->spec, &k, &r->why));
	enum rc rc = x5c_read(r, k);
	if (rc != RC_OK) {
		jwk_unref(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

static enum rc jwk_read(const struct js *o, bool trusted, struct jwk **out, const char **why_out)
{
	struct reading r = { .o = o, .spec.trusted = trusted };
	enum rc rc = read_all(&r, out);
	arena_finish(&r.scratch);
	if (rc == RC_OK)
		return RC_OK;
	ERR_clear_error();
	if (why_out)
		*why_out = r.why;
	return rc;
}

enum rc jwk_parse(const struct js *o, struct jwk **out, const char **why_out)
{
	enum rc rc = jwk_read(o, false, out, why_out);
	return rc == RC_NOT_FOUND ? RC_INVALID : rc;
}

/* ---- sets ---- */

/* The keys of a set as JSON. */
struct keys_doc {
	const struct js *keys; /* array */
	bool twice;            /* some object in the document has a member twice */
};

static enum rc keys_check(const struct js *keys)
{
	if (!js_is(keys, JS_ARRAY))
		return RC_INVALID;
	return keys->n > JWKS_MAX ? RC_TOO_LARGE : RC_OK;
}

static enum rc keys_parse(struct arena *scratch, struct str json, struct keys_doc *out)
{
	const struct js *doc;
	TRY(js_parse(scratch, json, NULL, &doc, NULL));
	*out = (struct keys_doc){ .keys = js_get(doc, "keys") };
	return keys_check(out->keys);
}

/* = RFC 7517 4: "The member names within a JWK MUST be unique". A key with a member twice is malformed; the set is not,
 * unless "keys" itself stands twice. */
static enum rc keys_parse_lax(struct arena *scratch, struct str json, struct keys_doc *out)
{
	static const struct js_opts lax = { .allow_duplicates = true };
	const struct js *doc;
	struct js_error err = { .twice = false };
	enum rc rc = js_parse(scratch, json, NULL, &doc, &err);
	if (rc == RC_INVALID && err.twice)
		rc = js_parse(scratch, json, &lax, &doc, NULL);
	TRY(rc);
	*out = (struct keys_doc){ .keys = js_get(doc, "keys"), .twice = err.twice };
	JS_EACH(member, doc)
		if (str_is(member->key, "keys") && member != out->keys)
			return RC_INVALID;
	return keys_check(out->keys);
}

static enum rc set_read(const struct js *keys, bool trusted, struct jwks *out)
{
	struct jwks set = { .n = 0 };
	JS_EACH(o, keys) {
		enum rc rc = jwk_read(o, trusted, &set.keys[set.n], NULL);
		if (rc == RC_NOT_FOUND)
			continue;
		if (rc != RC_OK) {
			jwks_finish(&set);
			return rc;
		}
		set.n++;
	}
	*out = set;
	return RC_OK;
}

enum rc jwks_parse(struct arena *scratch, struct str json, struct jwks *out)
{
	struct keys_doc doc;
	TRY(keys_parse(scratch, json, &doc));
	return set_read(doc.keys, false, out);
}

enum rc jwks_parse_checked(struct arena *scratch, struct str json, struct jwks *out)
{
	struct keys_doc doc;
	TRY(keys_parse(scratch, json, &doc));
	return set_read(doc.keys, true, out);
}

/* ---- published sets ---- */

/* = RFC 7517 5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" (key type) values that are not
 * understood by them, that are missing required members, or for which values are out of the supported ranges." */

static void skip_tell(const struct jwks_skip *skip, const struct js *o, const char *why)
{
	struct str kid;
	if (!skip)
		return;
	if (js_member_str(o, "kid", &kid) != RC_OK || !jwk_kid_ok(kid))
		kid = STR_NONE;
	skip->tell(skip->ctx, kid, why);
}

/* As jwk_read; `twice`: a member of `o` may stand twice. */
static enum rc published_read(struct arena *scratch, const struct js *o, bool twice, struct jwk **out,
			      const char **why_out)
{
	*why_out = "a member of the key stands twice";
	if (twice)
		TRY(js_parse(scratch, o->raw, NULL, &o, NULL));
	return jwk_read(o, false, out, why_out);
}

enum rc jwks_parse_published(struct arena *scratch, struct str json, const struct jwks_skip *skip, struct jwks *out)
{
	struct keys_doc doc;
	struct jwks set = { .n = 0 };
	TRY(keys_parse_lax(scratch, json, &doc));
	JS_EACH(o, doc.keys) {
		const char *why;
		enum rc rc = published_read(scratch, o, doc.twice, &set.keys[set.n], &why);
		if (rc == RC_OK)
			set.n++;
		else if (rc == RC_INVALID)
			skip_tell(skip, o, why);
		else if (rc != RC_NOT_FOUND) {
			jwks_finish(&set);
			return rc;
		}
	}
	*out = set;
	return RC_OK;
}

void jwks_finish(struct jwks *s)
{
	for (size_t i = 0; i < s->n; i++)
		jwk_unref(s->keys[i]);
	s->n = 0;
}

static int fitness(const struct jwk *k, enum jose_alg alg)
{
	if (!jwk_allows(k, alg))
		return 1;
	return jwk_has_alg(k) ? 3 : 2;
}

enum rc jwks_find(const struct jwks *s, struct str kid, enum jose_alg alg, struct jwk **out)
{
	int best = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct str have = jwk_kid(s->keys[i]);
		if (!have.p || !str_eq(have, kid))
			continue;
		int fits = fitness(s->keys[i], alg);
		if (fits > best)
			*out = s->keys[i];
		best = fits > best ? fits : best;
	}
	return best ? RC_OK : RC_NOT_FOUND;
}
