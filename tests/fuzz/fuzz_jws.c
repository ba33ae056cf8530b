/* Compact JWS: whatever is accepted has one spelling only, and only the RFCs' own tokens verify with their keys. */
#include "fuzz.h"

#include "base/b64.h"
#include "jose/jose.h"

static const char ec_key[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			     "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
static const char ed_key[] =
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static struct jwk *key_of(const char *json)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct js *o;
	struct jwk *k;
	if (js_parse(&a, str_of(json), NULL, &o, NULL) != RC_OK || jwk_parse(o, &k, NULL) != RC_OK)
		abort();
	return k;
}

static void one_spelling(struct arena *a, const struct jws *s, struct str compact)
{
	struct buf b = BUF(a);
	buf_add(&b, s->signing_input);
	buf_c(&b, '.');
	buf_b64url(&b, s->signature);
	if (!str_eq(buf_str(&b), compact) || !str_ends(s->signing_input, b64url(a, s->payload)))
		abort();
}

static void verified(const struct jws *s)
{
	if (!str_is(s->payload, "Example of Ed25519 signing") && !str_starts(s->payload, STR("{\"iss\":\"joe\"")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct jwk *keys[2];
	if (!keys[0]) {
		keys[0] = key_of(ec_key);
		keys[1] = key_of(ed_key);
	}
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str compact = str_span(data, size);
	struct jws s;
	if (jws_parse(&a, compact, &s) != RC_OK)
		return 0;
	one_spelling(&a, &s, compact);
	for (size_t i = 0; i < LEN(keys); i++) {
		if (jws_verify(&s, keys[i]) == RC_OK)
			verified(&s);
	}
	const struct js *claims;
	struct jwt_times times;
	if (js_parse(&a, s.payload, NULL, &claims, NULL) == RC_OK && jwt_times(claims, &times) == RC_OK)
		(void)jwt_aud_has(claims, STR("https://example.test"));
	return 0;
}
