/* The library's doors for tokens: whatever is accepted is one of the issuer's own tokens, and every getter can be asked
 * about whatever could be decoded. */
#include "fuzz.h"

#include <string.h>

#include "base/clock.h"
#include "samtykke/samtykke.h"

/* Whose private half is nowhere: it signed valid and handler in the corpus, which are good at NOW_S. */
static const char jwks[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"kid\":\"k\","
			   "\"x\":\"jpbyPFsztufJcH_Uy9fMj68TuYgp2TDBACNNNdeNdeE\",\"y\":"
			   "\"pKDOf1gfenK2O1ISFXMPmnpYTSiv1up1dNb9NJ84nrM\"}]}";
#define NOW_S 1780000000

static int64_t now(void *ctx)
{
	(void)ctx;
	return NOW_S * CLOCK_SECOND;
}

static struct samtykke_verifier *verifier_new(void)
{
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;
	struct samtykke_verifier *v;

	o.issuer = "https://issuer.test/";
	o.jwks_json = jwks;
	o.now = now;
	HOLDS(samtykke_verifier_create(&o, &v) == SAMTYKKE_OK);
	return v;
}

/* A consent is there whole or not at all. */
static void consent_ask(const struct samtykke_token *t)
{
	static const char *const pairs[] = { "fraOgMed", "2025-01", NULL };
	bool has = samtykke_token_has_consent(t);
	size_t n = samtykke_consent_rights(t), right = 0;

	HOLDS(has == (samtykke_consent_id(t) != NULL) && has == (samtykke_consent_from(t) != NULL));
	HOLDS(has == (samtykke_consent_from_number(t) != NULL) && has == (samtykke_consent_to(t) != NULL));
	HOLDS(has == (n > 0));
	HOLDS(has || (!samtykke_consent_given(t) && !samtykke_consent_valid_to(t)));
	for (size_t i = 0; i <= n; i++) {
		HOLDS((i < n) == (samtykke_right_resource(t, i) != NULL));
		(void)samtykke_right_has_action(t, i, "consent");
		(void)samtykke_right_metadata(t, i, "fraogmed");
	}
	if (samtykke_consent_covers(t, "inntekt", NULL, pairs, &right))
		HOLDS(strcmp(samtykke_right_resource(t, right), "inntekt") == 0);
}

static void token_ask(const struct samtykke_token *t)
{
	const char *number = samtykke_token_consumer(t);

	/* a token of Altinn 2 may be for a person */
	HOLDS(!number || strlen(number) == 9 || (samtykke_token_altinn2(t) && strlen(number) == 11));
	HOLDS(!samtykke_token_altinn2(t) || samtykke_token_has_consent(t));
	number = samtykke_token_supplier(t);
	HOLDS(!number || strlen(number) == 9);
	HOLDS(samtykke_token_header_json(t) && samtykke_token_claims_json(t));
	(void)samtykke_token_issuer(t);
	(void)samtykke_token_client(t);
	(void)samtykke_token_scope(t);
	(void)samtykke_token_jti(t);
	(void)samtykke_token_expires(t);
	consent_ask(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct samtykke_verifier *v;
	struct samtykke_expect handler = SAMTYKKE_EXPECT;
	struct samtykke_token *t = NULL;
	const char *token = (const char *)data;

	if (!v)
		v = verifier_new();
	enum samtykke_rc seen = samtykke_inspect(token, size, &t);
	HOLDS((seen == SAMTYKKE_OK) == (t != NULL));
	if (t)
		token_ask(t);
	samtykke_token_destroy(t);
	t = NULL;
	handler.allow_handler = true;
	enum samtykke_rc strict = samtykke_verify(v, token, size, NULL, NULL);
	enum samtykke_rc loose = samtykke_verify(v, token, size, &handler, &t);
	HOLDS(strict != SAMTYKKE_OK || loose == SAMTYKKE_OK);
	HOLDS((loose == SAMTYKKE_OK) == (t != NULL));
	if (t) {
		HOLDS(seen == SAMTYKKE_OK && strcmp(samtykke_token_jti(t), "fuzz") == 0);
		token_ask(t);
	}
	samtykke_token_destroy(t);
	return 0;
}
