/* A JWK, a PEM: an accepted key is written and read back as the same key. */
#include "fuzz.h"

#include "jose/jose.h"

static struct str text_of(struct arena *a, const struct jwk *k)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jwk_write_private(&w, k);
	return buf_str(&b);
}

static void round_trip(struct arena *a, const struct jwk *k)
{
	struct str text = text_of(a, k);
	const struct js *o;
	struct jwk *again;
	if (js_parse(a, text, NULL, &o, NULL) != RC_OK || jwk_parse(o, &again, NULL) != RC_OK)
		abort();
	if (!str_eq(text_of(a, again), text) || !str_eq(jwk_thumbprint(again, a), jwk_thumbprint(k, a)))
		abort();
	jwk_unref(again);
}

static void one(struct arena *a, enum rc rc, struct jwk *k)
{
	if (rc != RC_OK)
		return;
	round_trip(a, k);
	jwk_unref(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str text = str_span(data, size);
	const struct js *o;
	struct jwk *k = NULL;
	const char *why = NULL;
	if (js_parse(&a, text, NULL, &o, NULL) == RC_OK) {
		enum rc rc = jwk_parse(o, &k, &why);
		if (rc != RC_OK && !why)
			abort();
		one(&a, rc, k);
	}
	static const enum jose_alg pem_algs[] = { JOSE_RS256, JOSE_ES256, JOSE_EDDSA };
	for (size_t i = 0; i < LEN(pem_algs); i++) {
		enum rc rc = jwk_from_pem(text, pem_algs[i], STR_NONE, &k);
		one(&a, rc, k);
	}
	return 0;
}
