#include "jose/pkcs11_internal.h"

#include "base/b64.h"

#define ATTRIBUTE_MAX (JOSE_RSA_MAX_BITS / 8 + 8)

/* ---- public halves ---- */

struct reading {
	const struct p11 *p;
	CK_SESSION_HANDLE s;
	CK_OBJECT_HANDLE object;
	struct arena *a;
};

static bool value_read(const struct reading *r, CK_ATTRIBUTE_TYPE type, struct str *out)
{
	uint8_t *bytes = arena_alloc(r->a, ATTRIBUTE_MAX);
	CK_ATTRIBUTE want = { type, bytes, ATTRIBUTE_MAX };
	if (r->p->f->C_GetAttributeValue(r->s, r->object, &want, 1) != CKR_OK || want.ulValueLen > ATTRIBUTE_MAX)
		return false;
	*out = str_span(bytes, want.ulValueLen);
	return true;
}

static bool rsa_write(const struct reading *r, struct jsw *w)
{
	struct str n, e;
	if (!value_read(r, CKA_MODULUS, &n) || !value_read(r, CKA_PUBLIC_EXPONENT, &e))
		return false;
	while (n.n && *n.p == 0)
		n = (struct str){ n.p + 1, n.n - 1 };
	while (e.n && *e.p == 0)
		e = (struct str){ e.p + 1, e.n - 1 };
	jsw_kstr(w, "n", b64url(r->a, n));
	jsw_kstr(w, "e", b64url(r->a, e));
	return true;
}

/* By the standard a point is a DER OCTET STRING; some tokens give the bare bytes. */
static bool point_read(const struct reading *r, size_t n, struct str *out)
{
	struct str point;
	if (!value_read(r, CKA_EC_POINT, &point))
		return false;
	if (point.n == n + 2 && point.p[0] == 4 && (size_t)(uint8_t)point.p[1] == n)
		point = (struct str){ point.p + 2, n };
	*out = point;
	return point.n == n;
}

static bool curve_write(const struct reading *r, const struct jwk_family_row *f, struct jsw *w)
{
	struct str p;
	bool xy = f->part[1] != NULL;
	if (!point_read(r, xy ? 1 + 2 * JWK_CURVE_BYTES : JWK_CURVE_BYTES, &p) || (xy && *p.p != 4))
		return false;
	jsw_kz(w, "crv", f->crv);
	jsw_kstr(w, "x", b64url(r->a, str_span(p.p + xy, JWK_CURVE_BYTES)));
	if (xy)
		jsw_kstr(w, "y", b64url(r->a, str_span(p.p + 1 + JWK_CURVE_BYTES, JWK_CURVE_BYTES)));
	return true;
}

static enum rc public_read(const struct reading *r, enum jose_alg alg, struct jwk **out)
{
	enum jwk_family family = jose_alg_row(alg)->family;
	const struct jwk_family_row *f = jwk_family_row(family);
	struct buf b = BUF(r->a);
	struct jsw w = JSW(&b);
	const struct js *o;
	const char *why;
	jsw_obj(&w);
	jsw_kz(&w, "kty", f->kty);
	jsw_kz(&w, "alg", jose_alg_name(alg));
	if (!(family == JWK_RSA ? rsa_write(r, &w) : curve_write(r, f, &w)))
		return RC_INVALID;
	jsw_end_obj(&w);
	TRY(js_parse(r->a, buf_str(&b), NULL, &o, NULL));
	TRY(jwk_parse(o, out, &why));
	(*out)->kid = jwk_thumbprint(*out, &(*out)->a);
	return RC_OK;
}

/* ---- new pairs ---- */

/* DER: the object identifier of P-256, and the name of Ed25519's curve in the form of PKCS #11 3.0 */
static uint8_t p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static uint8_t edwards25519[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9' };
static const CK_MECHANISM_TYPE pair_mechanisms[JWK__MAX] = {
	[JWK_RSA] = CKM_RSA_PKCS_KEY_PAIR_GEN,
	[JWK_EC] = CKM_ECDSA_KEY_PAIR_GEN,
	[JWK_OKP] = CKM_EC_EDWARDS_KEY_PAIR_GEN,
};

static CK_ATTRIBUTE text_attribute(CK_ATTRIBUTE_TYPE type, struct str s)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)s.p, s.n };
}

static bool pair_make(const struct p11 *p, CK_SESSION_HANDLE s, const struct p11_uri *u, enum jwk_family family,
		      CK_ULONG bits)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_BYTE e[] = { 1, 0, 1 };
	CK_MECHANISM m = { pair_mechanisms[family], NULL, 0 };
	struct str id = u->id.p ? u->id : u->object;
	CK_ATTRIBUTE public[8] = { text_attribute(CKA_LABEL, u->object),
				   text_attribute(CKA_ID, id),
				   { CKA_TOKEN, &yes, sizeof yes },
				   { CKA_VERIFY, &yes, sizeof yes } };
	CK_ATTRIBUTE private[] = { text_attribute(CKA_LABEL, u->object), text_attribute(CKA_ID, id),
				   { CKA_TOKEN, &yes, sizeof yes },      { CKA_PRIVATE, &yes, sizeof yes },
				   { CKA_SENSITIVE, &yes, sizeof yes },  { CKA_EXTRACTABLE, &no, sizeof no },
				   { CKA_SIGN, &yes, sizeof yes } };
	CK_ULONG n = 4;
	CK_OBJECT_HANDLE made[2];
	if (family == JWK_RSA) {
		public[n++] = (CK_ATTRIBUTE){ CKA_MODULUS_BITS, &bits, sizeof bits };
		public[n++] = (CK_ATTRIBUTE){ CKA_PUBLIC_EXPONENT, e, sizeof e };
	} else if (family == JWK_EC) {
		public[n++] = (CK_ATTRIBUTE){ CKA_EC_PARAMS, p256, sizeof p256 };
	} else {
		public[n++] = (CK_ATTRIBUTE){ CKA_EC_PARAMS, edwards25519, sizeof edwards25519 };
	}
	return p->f->C_GenerateKeyPair(s, &m, public, n, private, LEN(private), &made[0], &made[1]) == CKR_OK;
}

static enum rc refuse(const char **why_out, const char *why)
{
	*why_out = why;
	return RC_INVALID;
}

static enum rc pair_find(struct reading *r, const struct p11_uri *u, enum jose_alg alg, unsigned bits,
			 const char **why_out)
{
	CK_OBJECT_HANDLE private;
	enum rc has = p11_object(r->p, r->s, u, CKO_PRIVATE_KEY, &private);
	if (has == RC_NOT_FOUND) {
		if (!u->object.p)
			return refuse(why_out, "the token has no such key, and a new one needs object= in its URI");
		if (!pair_make(r->p, r->s, u, jose_alg_row(alg)->family, bits))
			return refuse(why_out, "the token makes no such key");
		has = RC_OK;
	}
	if (has == RC_CONFLICT)
		return refuse(why_out, "several keys of the token fit the URI");
	TRY(has);
	enum rc open = p11_object(r->p, r->s, u, CKO_PUBLIC_KEY, &r->object);
	return open == RC_NOT_FOUND || open == RC_CONFLICT
		       ? refuse(why_out, "the token does not have the one public key that belongs to the private one")
		       : open;
}

/* Does the private half that the URI names belong to the public one? */
static enum rc pair_check(struct p11 *p, struct str uri, struct jwk *k, const char **why_out)
{
	uint8_t sig[JOSE_SIG_MAX];
	size_t n;
	TRY(p11_attach(p, uri, k));
	enum rc rc = evp_sign(k, jwk_alg(k), STR("samtykke"), sig, &n);
	if (rc == RC_BUSY)
		return refuse(why_out, "the token does not sign with that key");
	TRY(rc);
	return evp_verify(k, jwk_alg(k), STR("samtykke"), str_span(sig, n)) == RC_OK
		       ? RC_OK
		       : refuse(why_out, "the token's private and public key do not belong together");
}

static enum rc key_get(struct p11 *p, struct str uri, struct reading *r, enum jose_alg alg, struct jwk **out,
		       const char **why_out)
{
	struct jwk *k = NULL;
	if (public_read(r, alg, &k) != RC_OK)
		return refuse(why_out, "the token's key is not of that algorithm");
	enum rc rc = pair_check(p, uri, k, why_out);
	if (rc == RC_OK)
		*out = k;
	else
		jwk_unref(k);
	return rc;
}

enum rc p11_key(struct p11 *p, struct str uri, enum jose_alg alg, unsigned bits, struct jwk **out, const char **why_out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct reading r = { .p = p, .a = &a };
	struct p11_uri u;
	CK_SLOT_ID slot;
	if (p11_uri_parse(&a, uri, &u) != RC_OK)
		return refuse(why_out, "the URI is none of RFC 7512 with token= or serial=, and object= or id=");
	if (!p11_session(p, &u, true, &slot, &r.s))
		return RC_BUSY;
	enum rc rc = pair_find(&r, &u, alg, bits, why_out);
	if (rc == RC_OK)
		rc = key_get(p, uri, &r, alg, out, why_out);
	(void)p->f->C_CloseSession(r.s);
	return rc;
}
