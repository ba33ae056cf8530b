#include "internal.h"

#include <stdlib.h>

#define MAX_AGE_S 3600
#define MIN_WAIT_S 30
#define STATUS_TIMEOUT_S 5

struct samtykke_verifier {
	struct arena arena;
	struct samtykke_verifier_options o;
	struct str issuer;
	struct issuer_keys keys;
	struct statuses statuses;
};

static const char *copy(struct arena *a, const char *z)
{
	return z ? arena_cstr(a, str_of(z)) : NULL;
}

static void verifier_free(struct samtykke_verifier *v)
{
	issuer_keys_close(&v->keys);
	arena_finish(&v->arena);
	free(v);
}

enum samtykke_rc samtykke_verifier_create(const struct samtykke_verifier_options *options,
					  struct samtykke_verifier **out)
{
	if (!options || !out || options->size != sizeof *options || !options->issuer || options->skew_s < 0)
		return SAMTYKKE_BAD_ARGUMENT;
	struct samtykke_verifier *v = calloc(1, sizeof *v);
	if (!v)
		return SAMTYKKE_NO_MEMORY;
	v->o = *options;
	v->issuer = arena_str(&v->arena, str_of(options->issuer));
	v->keys = (struct issuer_keys){ .issuer = v->issuer.p,
					.url = copy(&v->arena, options->jwks_url),
					.skipped = options->key_skipped,
					.skipped_ctx = options->key_skipped_ctx,
					.ca_file = copy(&v->arena, options->ca_file) };
	int64_t max_age_s = options->jwks_max_age_s > 0 ? options->jwks_max_age_s : MAX_AGE_S;
	int64_t wait_s = options->jwks_min_wait_s > 0 ? options->jwks_min_wait_s : MIN_WAIT_S;
	if (issuer_keys_open(&v->keys, options->jwks_json, max_age_s * CLOCK_SECOND, wait_s * CLOCK_SECOND) != RC_OK) {
		verifier_free(v);
		return SAMTYKKE_BAD_ARGUMENT;
	}
	v->statuses = (struct statuses){
		.keys = v->keys.set,
		.timeout_s = options->status_timeout_s > 0 ? options->status_timeout_s : STATUS_TIMEOUT_S,
		.max_age_s = options->status_max_age_s,
		.ca_file = v->keys.ca_file,
	};
	statuses_init(&v->statuses);
	*out = v;
	return SAMTYKKE_OK;
}

void samtykke_verifier_destroy(struct samtykke_verifier *v)
{
	if (!v)
		return;
	statuses_finish(&v->statuses);
	verifier_free(v);
}

static int64_t now_us(const struct samtykke_verifier *v)
{
	return v->o.now ? v->o.now(v->o.now_ctx) : clock_real();
}

/* The issuer is compared first: a token of another issuer then causes no fetch of keys. */
enum samtykke_rc verifier_signature(struct samtykke_verifier *v, const struct jws *jws, const struct js *claims)
{
	struct jwk *key CLEANUP(jwk_unrefp) = NULL;
	struct str iss;

	if (js_member_str(claims, "iss", &iss) != RC_OK || !str_eq(iss, v->issuer))
		return SAMTYKKE_WRONG_ISSUER;
	enum rc rc = keyset_key(v->keys.set, jws->kid, jws->alg, &key);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? SAMTYKKE_UNKNOWN_KEY : SAMTYKKE_UNAVAILABLE;
	if (!jwk_allows(key, jws->alg)) /* = RFC 8725 §3.1: the algorithm belongs to the key */
		return SAMTYKKE_BAD_ALGORITHM;
	return jws_verify(jws, key) == RC_OK ? SAMTYKKE_OK : SAMTYKKE_BAD_SIGNATURE;
}

/* = RFC 7519 §4.1.4: "the current date/time MUST be before the expiration date/time" */
static enum samtykke_rc times_check(const struct jwt_times *t, int64_t now_s, int64_t skew_s)
{
	if (!t->has_exp || now_s >= t->exp + skew_s)
		return SAMTYKKE_EXPIRED;
	if ((t->has_nbf && t->nbf > now_s + skew_s) || (t->has_iat && t->iat > now_s + skew_s))
		return SAMTYKKE_NOT_YET;
	return SAMTYKKE_OK;
}

static bool wants_consent(const struct samtykke_expect *e)
{
	return e->consent || e->from || e->resource || e->action || e->metadata;
}

static enum samtykke_rc consent_check(const struct samtykke_token *t, const struct samtykke_expect *e, int64_t now)
{
	if (!t->consumer.p || (!str_eq(t->consent.to, t->consumer) && !e->allow_handler))
		return SAMTYKKE_WRONG_RECIPIENT;
	if (!consent_live(t->consent.valid_to, now))
		return SAMTYKKE_CONSENT_EXPIRED;
	if (e->from && !str_is(t->consent.from, e->from) && !str_is(t->consent.from_number, e->from))
		return SAMTYKKE_WRONG_GIVER;
	if ((e->resource || e->action || e->metadata) && !consent_covers(t, e->resource, e->action, e->metadata, NULL))
		return SAMTYKKE_NOT_COVERED;
	return SAMTYKKE_OK;
}

static enum samtykke_rc expect_check(struct samtykke_token *t, const struct samtykke_expect *e, int64_t now)
{
	static const struct samtykke_expect nothing = SAMTYKKE_EXPECT;
	struct str scope;
	e = e ? e : &nothing;
	if (e->audience && !jwt_aud_has(t->claims, str_of(e->audience)))
		return SAMTYKKE_WRONG_AUDIENCE;
	if (e->scope && (js_member_str(t->claims, "scope", &scope) != RC_OK || !str_has_word(scope, str_of(e->scope))))
		return SAMTYKKE_WRONG_SCOPE;
	enum samtykke_rc rc = consent_decode(t);
	if (rc == SAMTYKKE_NO_CONSENT && !wants_consent(e))
		return SAMTYKKE_OK;
	/* A consent in the token is always checked: a caller that did not ask for it must not act on a bad one. */
	return rc == SAMTYKKE_OK ? consent_check(t, e, now) : rc;
}

static enum samtykke_rc verify(struct samtykke_verifier *v, struct samtykke_token *t, struct str compact,
			       const struct samtykke_expect *e)
{
	int64_t now = now_us(v);
	enum samtykke_rc rc = token_decode(t, compact);
	if (rc == SAMTYKKE_OK)
		rc = verifier_signature(v, &t->jws, t->claims);
	if (rc == SAMTYKKE_OK)
		rc = times_check(&t->times, now / CLOCK_SECOND, v->o.skew_s);
	return rc == SAMTYKKE_OK ? expect_check(t, e, now) : rc;
}

static void token_finish(struct samtykke_token *t)
{
	arena_finish(&t->arena);
}

enum samtykke_rc samtykke_verify(struct samtykke_verifier *v, const char *token, size_t len,
				 const struct samtykke_expect *expect, struct samtykke_token **out)
{
	if (!v || !token || (expect && expect->size != sizeof *expect))
		return SAMTYKKE_BAD_ARGUMENT;
	if (len > JOSE_COMPACT_MAX) /* before it is copied */
		return SAMTYKKE_MALFORMED;
	if (!out) {
		struct samtykke_token t CLEANUP(token_finish) = { 0 };
		return verify(v, &t, str_span(token, len), expect);
	}
	struct samtykke_token *t = calloc(1, sizeof *t);
	if (!t)
		return SAMTYKKE_NO_MEMORY;
	enum samtykke_rc rc = verify(v, t, arena_str(&t->arena, str_span(token, len)), expect);
	if (rc != SAMTYKKE_OK) {
		samtykke_token_destroy(t);
		return rc;
	}
	t->verifier = v;
	*out = t;
	return SAMTYKKE_OK;
}

enum samtykke_status samtykke_token_status(struct samtykke_verifier *v, const struct samtykke_token *t,
					   const char **why_out)
{
	const char *why = NULL;
	enum samtykke_status status = SAMTYKKE_STATUS_NONE;
	if (!v || !t || t->verifier != v) { /* an address in an unverified token must not cause a fetch */
		status = SAMTYKKE_STATUS_UNKNOWN;
		why = "the token was not verified";
	} else if (js_get(t->claims, "status")) {
		status = statuses_ask(&v->statuses, js_get(t->claims, "status"), now_us(v), &why);
	}
	if (why_out)
		*why_out = why;
	return status;
}
