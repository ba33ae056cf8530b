#include "internal.h"

#include "base/b64.h"

static const char *key_write(struct arena *a, struct jsw *w, const struct js *o)
{
	struct str kty, kid, x5t, n, e, use;
	if (js_member_str(o, "kty", &kty) != RC_OK || !str_is(kty, "RSA"))
		return "kty is not RSA";
	if (js_member_str(o, "use", &use) == RC_OK && !str_is(use, "sig"))
		return "use is not sig";
	if (js_member_str(o, "kid", &kid) != RC_OK || js_member_str(o, "x5t", &x5t) != RC_OK || !str_eq(kid, x5t))
		return "kid and x5t are not one name";
	if (js_member_str(o, "n", &n) != RC_OK || b64_decode(a, n, &n) != RC_OK || js_member_str(o, "e", &e) != RC_OK ||
	    b64_decode(a, e, &e) != RC_OK)
		return "n and e are not in padded base64";
	jsw_obj(w);
	jsw_kz(w, "kty", "RSA");
	jsw_kz(w, "alg", "RS256");
	jsw_kstr(w, "kid", kid);
	jsw_kstr(w, "n", b64url(a, n));
	jsw_kstr(w, "e", b64url(a, e));
	jsw_end_obj(w);
	return NULL;
}

static void skip_tell(const struct jwks_skip *skip, const struct js *o, const char *why)
{
	struct str kid;
	skip->tell(skip->ctx, js_member_str(o, "kid", &kid) == RC_OK ? kid : STR_NONE, why);
}

enum rc altinn2_keys(struct arena *a, struct str json, const struct jwks_skip *skip, struct str *out)
{
	const struct js *doc, *keys;
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	TRY(js_parse(a, json, NULL, &doc, NULL));
	keys = js_get(doc, "keys");
	if (!js_is(keys, JS_ARRAY))
		return RC_INVALID;
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	JS_EACH(o, keys) {
		const char *why = key_write(a, &w, o);
		if (why)
			skip_tell(skip, o, why);
	}
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	*out = buf_str(&b);
	return RC_OK;
}
