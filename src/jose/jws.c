#include "jose/internal.h"

#include "base/b64.h"

static enum rc optional_str(const struct js *header, const char *name, struct str *out)
{
	enum rc rc = js_member_str(header, name, out);
	if (rc != RC_NOT_FOUND)
		return rc;
	*out = STR_NONE;
	return RC_OK;
}

/* = RFC 7515 4: "The Header Parameter names within the JOSE Header MUST be unique; JWSs with duplicate Header Parameter
 * names MUST be rejected" (js_parse does). 4.1.11: an extension in "crit" that is not understood makes a JWS invalid.
 * No extension is understood here. */
static enum rc header_read(struct arena *a, struct str part, struct jws *s)
{
	struct str json, alg;
	if (b64url_decode(a, part, &json) != RC_OK)
		return RC_INVALID;
	if (js_parse(a, json, NULL, &s->header, NULL) != RC_OK || !js_is(s->header, JS_OBJECT))
		return RC_INVALID;
	if (js_member_str(s->header, "alg", &alg) != RC_OK || js_get(s->header, "crit") || js_get(s->header, "b64"))
		return RC_INVALID;
	TRY(optional_str(s->header, "kid", &s->kid));
	TRY(optional_str(s->header, "typ", &s->typ));
	if (s->kid.p && !jwk_kid_ok(s->kid))
		return RC_INVALID;
	return jose_alg_parse(alg, &s->alg) == RC_OK ? RC_OK : RC_DENIED;
}

enum rc jws_parse(struct arena *a, struct str compact, struct jws *out)
{
	return compact.n > JOSE_COMPACT_MAX ? RC_TOO_LARGE : jws_parse_long(a, compact, out);
}

/* = RFC 7515 7.1: BASE64URL(UTF8(JWS Protected Header)) || '.' || BASE64URL(JWS Payload) || '.' || BASE64URL(JWS
 * Signature): three parts. Five parts are a JWE (RFC 7516). */
enum rc jws_parse_long(struct arena *a, struct str compact, struct jws *out)
{
	if (compact.n > JOSE_LONG_MAX)
		return RC_TOO_LARGE;
	struct str header, rest, payload, signature;
	if (!str_cut(compact, '.', &header, &rest) || !str_cut(rest, '.', &payload, &signature))
		return RC_INVALID;
	if (memchr(signature.p, '.', signature.n))
		return RC_INVALID;
	struct jws s = { .signing_input = { compact.p, header.n + 1 + payload.n } };
	TRY(header_read(a, header, &s));
	if (b64url_decode(a, payload, &s.payload) != RC_OK || b64url_decode(a, signature, &s.signature) != RC_OK)
		return RC_INVALID;
	*out = s;
	return RC_OK;
}

/* = RFC 8725 3.1: "Each key MUST be used with exactly one algorithm, and this MUST be checked when the cryptographic
 * operation is performed." (jwk_allows) */
enum rc jws_verify(const struct jws *s, const struct jwk *key)
{
	if (!jwk_allows(key, s->alg))
		return RC_DENIED;
	return evp_verify(key, s->alg, s->signing_input, s->signature);
}

static void header_write(struct buf *b, const struct jwk *key, enum jose_alg alg, struct str extra)
{
	struct jsw w = JSW(b);
	if (str_starts(extra, STR("{"))) {
		buf_add(b, extra);
		return;
	}
	jsw_obj(&w);
	jsw_kz(&w, "alg", jose_alg_name(alg));
	if (key->kid.p)
		jsw_kstr(&w, "kid", key->kid);
	if (extra.n) {
		buf_c(b, ',');
		buf_add(b, extra);
	}
	jsw_end_obj(&w);
}

/* Room for the whole token: a buffer that grows would copy it several times. */
static struct buf token_buf(struct arena *a, size_t header_n, size_t payload_n)
{
	size_t cap = B64URL_LEN(header_n) + B64URL_LEN(payload_n) + B64URL_LEN(JOSE_SIG_MAX) + 2;
	return (struct buf){ .a = a, .p = arena_alloc(a, cap), .cap = cap };
}

static enum rc sign_upto(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra,
			 struct str payload, size_t max, struct str *compact_out)
{
	if (!key->is_private || !jwk_allows(key, alg))
		return RC_DENIED;
	if (payload.n > max || header_extra.n > max)
		return RC_TOO_LARGE;
	struct buf header = BUF(a);
	header_write(&header, key, alg, header_extra);
	struct buf b = token_buf(a, header.n, payload.n);
	buf_b64url(&b, buf_str(&header));
	buf_c(&b, '.');
	buf_b64url(&b, payload);

	uint8_t sig[JOSE_SIG_MAX];
	size_t sig_n;
	TRY(evp_sign(key, alg, buf_str(&b), sig, &sig_n));
	buf_c(&b, '.');
	buf_b64url(&b, str_span(sig, sig_n));
	if (b.n > max)
		return RC_TOO_LARGE;
	*compact_out = buf_str(&b);
	return RC_OK;
}

enum rc jws_sign(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra, struct str payload,
		 struct str *compact_out)
{
	return sign_upto(a, key, alg, header_extra, payload, JOSE_COMPACT_MAX, compact_out);
}

enum rc jws_sign_long(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str header_extra,
		      struct str payload, struct str *compact_out)
{
	return sign_upto(a, key, alg, header_extra, payload, JOSE_LONG_MAX, compact_out);
}

enum rc jose_sign(struct arena *a, const struct jwk *key, enum jose_alg alg, struct str input, struct str *sig_out)
{
	if (!key->is_private || !jwk_allows(key, alg))
		return RC_DENIED;
	uint8_t sig[JOSE_SIG_MAX];
	size_t n;
	TRY(evp_sign(key, alg, input, sig, &n));
	*sig_out = arena_str(a, str_span(sig, n));
	return RC_OK;
}
