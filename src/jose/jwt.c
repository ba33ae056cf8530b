#include "jose/jose.h"

static enum rc date_read(const struct js *claims, const char *name, bool *has_out, int64_t *out)
{
	const struct js *v = js_get(claims, name);
	*has_out = v != NULL;
	if (!v)
		return RC_OK;
	return js_seconds(v, out) == RC_OK ? RC_OK : RC_INVALID;
}

enum rc jwt_times(const struct js *claims, struct jwt_times *out)
{
	struct jwt_times t = { 0 };
	TRY(date_read(claims, "iat", &t.has_iat, &t.iat));
	TRY(date_read(claims, "exp", &t.has_exp, &t.exp));
	TRY(date_read(claims, "nbf", &t.has_nbf, &t.nbf));
	*out = t;
	return RC_OK;
}

bool jwt_aud_has(const struct js *claims, struct str want)
{
	const struct js *aud = js_get(claims, "aud");
	if (js_is(aud, JS_STRING))
		return str_eq(aud->s, want);
	if (!js_is(aud, JS_ARRAY))
		return false;
	bool found = false;
	JS_EACH(v, aud) {
		if (!js_is(v, JS_STRING))
			return false;
		found = found || str_eq(v->s, want);
	}
	return found;
}
