#include "internal.h"

#include <assert.h>
#include <stdlib.h>

#include "model/iso6523.h"

/* A NumericDate may be too large for microseconds in 64 bits. */
static bool in_range(int64_t seconds)
{
	return seconds >= -TOKEN_TIME_MAX_S && seconds <= TOKEN_TIME_MAX_S;
}

enum samtykke_rc token_decode(struct samtykke_token *t, struct str compact)
{
	assert(!t->claims && !t->has_consent); /* a new token */
	enum rc rc = jws_parse(&t->arena, compact, &t->jws);

	t->scratch = &t->arena;
	if (rc == RC_DENIED)
		return SAMTYKKE_BAD_ALGORITHM;
	if (rc != RC_OK || js_parse(&t->arena, t->jws.payload, NULL, &t->claims, NULL) != RC_OK ||
	    !js_is(t->claims, JS_OBJECT))
		return SAMTYKKE_MALFORMED;
	if (jwt_times(t->claims, &t->times) != RC_OK || !in_range(t->times.exp) || !in_range(t->times.nbf) ||
	    !in_range(t->times.iat))
		return SAMTYKKE_MALFORMED;
	if (iso6523_read(js_get(t->claims, "consumer"), &t->consumer) != RC_OK)
		t->consumer = STR_NONE;
	if (iso6523_read(js_get(t->claims, "supplier"), &t->supplier) != RC_OK)
		t->supplier = STR_NONE;
	return SAMTYKKE_OK;
}

enum samtykke_rc samtykke_inspect(const char *token, size_t len, struct samtykke_token **out)
{
	if (!token || !out)
		return SAMTYKKE_BAD_ARGUMENT;
	if (len > JOSE_COMPACT_MAX) /* before it is copied */
		return SAMTYKKE_MALFORMED;
	struct samtykke_token *t = calloc(1, sizeof *t);
	if (!t)
		return SAMTYKKE_NO_MEMORY;
	enum samtykke_rc rc = token_decode(t, arena_str(&t->arena, str_span(token, len)));
	if (rc != SAMTYKKE_OK) {
		samtykke_token_destroy(t);
		return rc;
	}
	if ((altinn2_issued(t->claims) ? altinn2_decode(t) : consent_decode(t)) != SAMTYKKE_OK)
		t->has_consent = false; /* samtykke_verify reports the fault */
	*out = t;
	return SAMTYKKE_OK;
}

void samtykke_token_destroy(struct samtykke_token *t)
{
	if (!t)
		return;
	arena_finish(&t->arena);
	free(t);
}

static const char *text(const struct samtykke_token *t, struct str s)
{
	return s.p ? arena_cstr(t->scratch, s) : NULL;
}

static const char *claim(const struct samtykke_token *t, const char *name)
{
	struct str s;
	return js_member_str(t->claims, name, &s) == RC_OK ? text(t, s) : NULL;
}

const char *samtykke_token_issuer(const struct samtykke_token *t)
{
	return claim(t, "iss");
}

const char *samtykke_token_client(const struct samtykke_token *t)
{
	return claim(t, "client_id");
}

const char *samtykke_token_scope(const struct samtykke_token *t)
{
	return claim(t, "scope");
}

const char *samtykke_token_jti(const struct samtykke_token *t)
{
	return claim(t, "jti");
}

const char *samtykke_token_consumer(const struct samtykke_token *t)
{
	return text(t, t->consumer);
}

const char *samtykke_token_supplier(const struct samtykke_token *t)
{
	return text(t, t->supplier);
}

int64_t samtykke_token_expires(const struct samtykke_token *t)
{
	return t->times.has_exp ? t->times.exp * CLOCK_SECOND : 0;
}

const char *samtykke_token_header_json(const struct samtykke_token *t)
{
	return text(t, t->jws.header->raw);
}

const char *samtykke_token_claims_json(const struct samtykke_token *t)
{
	return text(t, t->jws.payload);
}

int samtykke_token_altinn2(const struct samtykke_token *t)
{
	return t->altinn2;
}

bool samtykke_token_has_consent(const struct samtykke_token *t)
{
	return t->has_consent;
}

const char *samtykke_consent_id(const struct samtykke_token *t)
{
	return text(t, t->consent.id);
}

const char *samtykke_consent_from(const struct samtykke_token *t)
{
	return text(t, t->consent.from);
}

const char *samtykke_consent_from_number(const struct samtykke_token *t)
{
	return text(t, t->consent.from_number);
}

const char *samtykke_consent_to(const struct samtykke_token *t)
{
	return text(t, t->consent.to);
}

int64_t samtykke_consent_given(const struct samtykke_token *t)
{
	return t->consent.consented;
}

int64_t samtykke_consent_valid_to(const struct samtykke_token *t)
{
	return t->consent.valid_to;
}

size_t samtykke_consent_rights(const struct samtykke_token *t)
{
	return t->has_consent ? t->consent.rights->n : 0;
}

static const struct js *right_at(const struct samtykke_token *t, size_t right)
{
	return t->has_consent && right < t->consent.rights->n ? js_at(t->consent.rights, (uint32_t)right) : NULL;
}

const char *samtykke_right_resource(const struct samtykke_token *t, size_t right)
{
	struct str s;
	return js_member_str(js_at(js_get(right_at(t, right), "resource"), 0), "value", &s) == RC_OK ? text(t, s)
												     : NULL;
}

bool samtykke_right_has_action(const struct samtykke_token *t, size_t right, const char *action)
{
	JS_EACH(a, js_get(right_at(t, right), "action"))
		if (js_is(a, JS_STRING) && str_ieq(a->s, str_of(action)))
			return true;
	return false;
}

const char *samtykke_right_metadata(const struct samtykke_token *t, size_t right, const char *key)
{
	const struct js *v = js_get_icase(js_get(right_at(t, right), "metadata"), key);
	return js_is(v, JS_STRING) ? text(t, v->s) : NULL;
}

bool samtykke_consent_covers(const struct samtykke_token *t, const char *resource, const char *action,
			     const char *const *metadata, size_t *right_out)
{
	return consent_covers(t, resource, action, metadata, right_out);
}
