/* A set of keys, as clients register and issuers publish them: what is kept is found again by its kid, written and read
 * as the same set; a set that was checked once reads the same without the costly checks; a certificate in it is that
 * of its key. */
#include "fuzz.h"

#include "jose/trust.h"

static struct str text_of(struct arena *a, const struct jwks *set)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	for (size_t i = 0; i < set->n; i++)
		jwk_write_public(&w, set->keys[i]);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	return buf_str(&b);
}

static void certificate_look(struct arena *a, const struct jwk *k)
{
	const struct str *der;
	struct org_cert cert;
	const char *why = NULL;
	size_t n;
	if (jwk_x5c(k, &der, &n) != RC_OK)
		return;
	HOLDS(n >= 1 && n <= JOSE_X5C_MAX && der[0].n <= JOSE_CERT_MAX);
	if (org_cert_read(a, der[0], &cert, &why) != RC_OK) {
		HOLDS(why);
		return;
	}
	HOLDS(cert.orgno.n == 9 && str_eq(jwk_thumbprint(cert.key, a), jwk_thumbprint(k, a)));
	jwk_unref(cert.key);
}

static void look(struct arena *a, const struct jwks *set)
{
	HOLDS(set->n <= JWKS_MAX);
	for (size_t i = 0; i < set->n; i++) {
		struct str kid = jwk_kid(set->keys[i]);
		enum jose_alg alg = jwk_alg(set->keys[i]);
		struct jwk *found;
		HOLDS(!kid.p || (jwks_find(set, kid, alg, &found) == RC_OK && str_eq(jwk_kid(found), kid) &&
				 jwk_allows(found, alg)));
		certificate_look(a, set->keys[i]);
	}
}

static void skip_count(void *ctx, struct str kid, const char *why)
{
	size_t *n = ctx;
	HOLDS(why && (!kid.p || kid.n));
	++*n;
}

/* A set that has a reader at all has this one, which keeps no fewer keys, and all of them when it skips none. */
static void published_look(struct arena *a, struct str text)
{
	size_t skipped = 0;
	struct jwks set, strict;
	enum rc rc = jwks_parse_published(a, text, &(struct jwks_skip){ skip_count, &skipped }, &set);
	enum rc want = jwks_parse(a, text, &strict);
	HOLDS(want != RC_OK || (rc == RC_OK && skipped == 0 && set.n == strict.n));
	if (want == RC_OK)
		jwks_finish(&strict);
	if (rc != RC_OK)
		return;
	HOLDS(set.n + skipped <= JWKS_MAX);
	look(a, &set);
	jwks_finish(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str text = str_span(data, size);
	struct jwks set, again;
	enum rc checked = jwks_parse_checked(&a, text, &again);
	if (checked == RC_OK) {
		look(&a, &again);
		jwks_finish(&again);
	}
	published_look(&a, text);
	if (jwks_parse(&a, text, &set) != RC_OK)
		return 0;
	HOLDS(checked == RC_OK); /* fewer checks refuse nothing more */
	look(&a, &set);
	struct str written = text_of(&a, &set);
	HOLDS(jwks_parse(&a, written, &again) == RC_OK && again.n == set.n);
	HOLDS(str_eq(text_of(&a, &again), written));
	jwks_finish(&again);
	jwks_finish(&set);
	return 0;
}
