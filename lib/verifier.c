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
	struct issuer_keys altinn2; /* no set: the verifier takes no tokens of Altinn 2 */
	struct statuses statuses;
};

static const char *copy(struct arena *a, const char *z)
{
	return z ? arena_cstr(a, str_of(z)) : NULL;
}

static void verifier_free(struct samtykke_verifier *v)
{
	issuer_keys_close(&v->keys);
	issuer_keys_close(&v->altinn2);
	arena_finish(&v->arena);
	free(v);
}

/* Members that stand behind the caller's struct are zero: its header may be older. */
static bool take_struct(void *out, size_t now, const void *in, size_t size, size_t first)
{
	if (size != now && size != first)
		return false;
	memcpy(out, in, size);
	return true;
}
#define VERIFIER_FIRST offsetof(struct samtykke_verifier_options, altinn2_jwks_json)
#define EXPECT_FIRST offsetof(struct samtykke_expect, service)

static enum rc keys_open(struct samtykke_verifier *v)
{
	const struct samtykke_verifier_options *o = &v->o;
	int64_t max_age = (o->jwks_max_age_s > 0 ? o->jwks_max_age_s : MAX_AGE_S) * CLOCK_SECOND;
	int64_t wait = (o->jwks_min_wait_s > 0 ? o->jwks_min_wait_s : MIN_WAIT_S) * CLOCK_SECOND;
	v->keys = (struct issuer_keys){ .issuer = v->issuer.p,
					.url = copy(&v->arena, o->jwks_url),
					.skipped = o->key_skipped,
					.skipped_ctx = o->key_skipped_ctx,
					.ca_file = copy(&v->arena, o->ca_file) };
	v->altinn2 = v->keys;
	v->altinn2.altinn2 = true;
	v->altinn2.url = copy(&v->arena, o->altinn2_jwks_url);
	TRY(issuer_keys_open(&v->keys, o->jwks_json, max_age, wait));
	if (!o->altinn2_jwks_json && !o->altinn2_jwks_url)
		return RC_OK;
	return issuer_keys_open(&v->altinn2, o->altinn2_jwks_json, max_age, wait);
}

enum samtykke_rc samtykke_verifier_create(const struct samtykke_verifier_options *options,
					  struct samtykke_verifier **out)
{
	struct samtykke_verifier_options o = { 0 };
	if (!options || !out || !take_struct(&o, sizeof o, options, options->size, VERIFIER_FIRST) || !o.issuer ||
	    o.skew_s < 0)
		return SAMTYKKE_BAD_ARGUMENT;
	struct samtykke_verifier *v = calloc(1, sizeof *v);
	if (!v)
		return SAMTYKKE_NO_MEMORY;
	v->o = o;
	v->issuer = arena_str(&v->arena, str_of(o.issuer));
	if (keys_open(v) != RC_OK) {
		verifier_free(v);
		return SAMTYKKE_BAD_ARGUMENT;
	}
	v->statuses = (struct statuses){
		.keys = v->keys.set,
		.timeout_s = o.status_timeout_s > 0 ? o.status_timeout_s : STATUS_TIMEOUT_S,
		.max_age_s = o.status_max_age_s,
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

static enum samtykke_rc signature_check(struct keyset *set, struct str kid, const struct jws *jws)
{
	struct jwk *key CLEANUP(jwk_unrefp) = NULL;
	enum rc rc = keyset_key(set, kid, jws->alg, &key);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? SAMTYKKE_UNKNOWN_KEY : SAMTYKKE_UNAVAILABLE;
	if (!jwk_allows(key, jws->alg)) /* = RFC 8725 §3.1: the algorithm belongs to the key */
		return SAMTYKKE_BAD_ALGORITHM;
	return jws_verify(jws, key) == RC_OK ? SAMTYKKE_OK : SAMTYKKE_BAD_SIGNATURE;
}

static bool issued(const struct samtykke_verifier *v, const struct js *claims)
{
	struct str iss;
	return js_member_str(claims, "iss", &iss) == RC_OK && str_eq(iss, v->issuer);
}

/* The issuer is compared first: a token of another issuer then causes no fetch of keys. */
enum samtykke_rc verifier_signature(struct samtykke_verifier *v, const struct jws *jws, const struct js *claims)
{
	return issued(v, claims) ? signature_check(v->keys.set, jws->kid, jws) : SAMTYKKE_WRONG_ISSUER;
}

static enum samtykke_rc altinn2_signature(struct samtykke_verifier *v, const struct jws *jws)
{
	struct str name;
	if (jws->alg != JOSE_RS256)
		return SAMTYKKE_BAD_ALGORITHM;
	enum rc rc = altinn2_key_name(jws, &name);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? SAMTYKKE_UNKNOWN_KEY : SAMTYKKE_MALFORMED;
	return signature_check(v->altinn2.set, name, jws);
}

/* The kind comes before the signature: a token that is not accepted anyway causes no fetch of keys. */
static enum samtykke_rc origin_check(struct samtykke_verifier *v, const struct samtykke_token *t, bool altinn2,
				     const struct samtykke_expect *e)
{
	unsigned kinds = e->kinds ? e->kinds : SAMTYKKE_KIND_CONSENT;
	if (altinn2)
		return kinds & SAMTYKKE_KIND_ALTINN2 ? altinn2_signature(v, &t->jws) : SAMTYKKE_WRONG_KIND;
	if (!(kinds & SAMTYKKE_KIND_CONSENT))
		return issued(v, t->claims) ? SAMTYKKE_WRONG_KIND : SAMTYKKE_WRONG_ISSUER;
	return verifier_signature(v, &t->jws, t->claims);
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
	return e->consent || e->from || e->resource || e->action || e->metadata || e->service || e->max_validity_s;
}

/* A token of Altinn 2 has a HandledBy only when the supplier itself has fetched it. */
static bool parties_fit(const struct samtykke_token *t, const struct samtykke_expect *e)
{
	if (e->consumer && !(t->consumer.p && str_is(t->consumer, e->consumer)))
		return false;
	return !e->supplier || (t->supplier.p ? str_is(t->supplier, e->supplier) : t->altinn2 > 0);
}

/* Where only the other kind's right is named, no right of this kind will do. */
static bool right_fits(const struct samtykke_token *t, const struct samtykke_expect *e)
{
	const char *resource = t->altinn2 ? e->service : e->resource;
	if (!resource && (e->service || e->resource))
		return false;
	return (!resource && !e->action && !e->metadata) || consent_covers(t, resource, e->action, e->metadata, NULL);
}

static enum samtykke_rc consent_check(const struct samtykke_token *t, const struct samtykke_expect *e, int64_t now)
{
	const struct consent_claims *c = &t->consent;
	if (!t->consumer.p || (!str_eq(c->to, t->consumer) && !e->allow_handler))
		return SAMTYKKE_WRONG_RECIPIENT;
	if (!consent_live(c->valid_to, now))
		return SAMTYKKE_CONSENT_EXPIRED;
	int64_t lasts_s = (c->valid_to - c->consented + CLOCK_SECOND - 1) / CLOCK_SECOND; /* rounded up */
	if (e->max_validity_s && lasts_s > e->max_validity_s)
		return SAMTYKKE_TOO_LONG;
	if (e->from && !str_is(c->from, e->from) && !str_is(c->from_number, e->from))
		return SAMTYKKE_WRONG_GIVER;
	return right_fits(t, e) ? SAMTYKKE_OK : SAMTYKKE_NOT_COVERED;
}

static enum samtykke_rc expect_check(struct samtykke_token *t, bool altinn2, const struct samtykke_expect *e,
				     int64_t now)
{
	struct str scope;
	if (e->audience && !jwt_aud_has(t->claims, str_of(e->audience)))
		return SAMTYKKE_WRONG_AUDIENCE;
	if (e->scope && (js_member_str(t->claims, "scope", &scope) != RC_OK || !str_has_word(scope, str_of(e->scope))))
		return SAMTYKKE_WRONG_SCOPE;
	enum samtykke_rc rc = altinn2 ? altinn2_decode(t) : consent_decode(t);
	if ((rc == SAMTYKKE_OK || rc == SAMTYKKE_NO_CONSENT) && !parties_fit(t, e))
		return SAMTYKKE_WRONG_RECIPIENT;
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
	if (rc != SAMTYKKE_OK)
		return rc;
	bool altinn2 = v->altinn2.set && altinn2_issued(t->claims);
	rc = origin_check(v, t, altinn2, e);
	if (rc == SAMTYKKE_OK)
		rc = times_check(&t->times, now / CLOCK_SECOND, v->o.skew_s);
	return rc == SAMTYKKE_OK ? expect_check(t, altinn2, e, now) : rc;
}

static void token_finish(struct samtykke_token *t)
{
	arena_finish(&t->arena);
}

enum samtykke_rc samtykke_verify(struct samtykke_verifier *v, const char *token, size_t len,
				 const struct samtykke_expect *expect, struct samtykke_token **out)
{
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	if (!v || !token || (expect && !take_struct(&e, sizeof e, expect, expect->size, EXPECT_FIRST)))
		return SAMTYKKE_BAD_ARGUMENT;
	if (e.max_validity_s < 0 || (e.kinds & ~(SAMTYKKE_KIND_CONSENT | SAMTYKKE_KIND_ALTINN2)))
		return SAMTYKKE_BAD_ARGUMENT;
	if (len > JOSE_COMPACT_MAX) /* before it is copied */
		return SAMTYKKE_MALFORMED;
	if (!out) {
		struct samtykke_token t CLEANUP(token_finish) = { 0 };
		return verify(v, &t, str_span(token, len), &e);
	}
	struct samtykke_token *t = calloc(1, sizeof *t);
	if (!t)
		return SAMTYKKE_NO_MEMORY;
	enum samtykke_rc rc = verify(v, t, arena_str(&t->arena, str_span(token, len)), &e);
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
