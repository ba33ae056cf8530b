#include "oauth/oauth.h"

#include <assert.h>

#define MAX_SECONDS (INT64_C(1) << 40)
#define ORGNO_DIGITS 9

static enum rc fail(struct oauth_error *err, enum oauth_fault fault, struct str detail)
{
	*err = (struct oauth_error){ .fault = fault, .detail = detail };
	return RC_DENIED;
}

static enum rc malformed(struct oauth_error *err)
{
	return fail(err, OF_ASSERTION, STR_NONE);
}

static enum rc x5c_check(const struct js *v, struct oauth_error *err)
{
	if (!v)
		return RC_OK;
	if (v->type != JS_ARRAY || v->n == 0 || v->n > JOSE_X5C_MAX)
		return fail(err, OF_X5C, STR_NONE);
	JS_EACH(cert, v)
		if (cert->type != JS_STRING || cert->s.n == 0)
			return fail(err, OF_X5C, STR_NONE);
	return RC_OK;
}

/* = RFC 8725 3.11: "explicit typing"; a grant has the general type or none. */
static enum rc header_check(const struct jws *jws, struct oauth_error *err)
{
	static const struct str known[] = { STR_INIT("alg"), STR_INIT("kid"), STR_INIT("x5c"), STR_INIT("typ") };
	JS_EACH(m, jws->header)
		if (!str_in(m->key, known, LEN(known)))
			return malformed(err);
	if (jws->typ.p && !str_ieq(jws->typ, STR("JWT")))
		return malformed(err);
	return x5c_check(js_get(jws->header, "x5c"), err);
}

/* Optional text of at most `max` bytes; null and "" are refused. */
static enum rc text_member(const struct js *claims, const char *key, size_t max, struct str *out)
{
	struct str s;
	enum rc rc = js_member_str(claims, key, &s);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK || s.n == 0 || s.n > max)
		return RC_INVALID;
	*out = s;
	return RC_OK;
}

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum rc scopes_split(struct arena *a, struct str text, struct grant *g)
{
	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		while (i < text.n && !space(text.p[i]))
			i++;
		struct str s = str_span(text.p + from, i - from);
		while (i < text.n && space(text.p[i]))
			i++;
		if (s.n == 0 || str_in(s, g->scopes, g->n_scopes))
			continue;
		if (s.n > OAUTH_MAX_SCOPE || g->n_scopes == OAUTH_MAX_SCOPES)
			return RC_INVALID;
		g->scopes[g->n_scopes++] = s;
	}
	struct buf b = BUF(a);
	for (size_t i = 0; i < g->n_scopes; i++) {
		if (i)
			buf_c(&b, ' ');
		buf_add(&b, g->scopes[i]);
	}
	g->scope_text = buf_str(&b);
	return RC_OK;
}

static enum rc resource_add(const struct js *v, struct grant *g)
{
	if (v->type != JS_STRING || v->s.n > OAUTH_MAX_RESOURCE || g->n_resources == OAUTH_MAX_RESOURCES)
		return RC_INVALID;
	g->resources[g->n_resources++] = v->s;
	return RC_OK;
}

/* A text or a list of texts: the documentation says a list, most clients send a text. */
static enum rc resources_read(const struct js *v, struct grant *g)
{
	if (!v)
		return RC_OK;
	if (v->type != JS_ARRAY)
		return resource_add(v, g);
	JS_EACH(r, v)
		TRY(resource_add(r, g));
	return v->n ? RC_OK : RC_INVALID;
}

static enum rc audience_shape(const struct js *aud)
{
	if (!aud || aud->type == JS_STRING)
		return RC_OK;
	if (aud->type != JS_ARRAY)
		return RC_INVALID;
	JS_EACH(v, aud)
		if (v->type != JS_STRING)
			return RC_INVALID;
	return RC_OK;
}

/* = RFC 7523 3: "The JWT MUST contain an "exp" (expiration time) claim". iat is the real issuer's demand. */
static enum rc times_read(struct grant *g)
{
	struct jwt_times t;
	TRY(jwt_times(g->claims, &t));
	if (!t.has_iat || !t.has_exp || t.iat < 0 || t.exp < 0 || t.iat > MAX_SECONDS || t.exp > MAX_SECONDS)
		return RC_INVALID;
	g->iat = t.iat;
	g->exp = t.exp;
	return RC_OK;
}

/* = RFC 7523 3: "The JWT MUST contain an "iss" (issuer) claim" (claims_read). RFC 7523 requires sub, which the real
 * issuer does not know: here it may equal iss. */
static enum rc names_check(const struct js *claims)
{
	static const struct str known[] = {
		STR_INIT("iss"), STR_INIT("aud"),          STR_INIT("iat"), STR_INIT("exp"),
		STR_INIT("jti"), STR_INIT("scope"),        STR_INIT("sub"), STR_INIT("resource"),
		STR_INIT("pid"), STR_INIT("consumer_org"), STR_INIT("nbf"), STR_INIT("authorization_details"),
	};
	JS_EACH(m, claims)
		if (!str_in(m->key, known, LEN(known)))
			return RC_INVALID;
	return RC_OK;
}

static enum rc claims_read(struct arena *a, struct grant *g)
{
	struct str sub = STR_NONE, scope;
	const struct js *c = g->claims;
	TRY(names_check(c));
	TRY(text_member(c, "iss", OAUTH_MAX_ISS, &g->iss));
	TRY(text_member(c, "jti", OAUTH_MAX_JTI, &g->jti));
	TRY(text_member(c, "sub", OAUTH_MAX_ISS, &sub));
	TRY(text_member(c, "consumer_org", ORGNO_DIGITS, &g->consumer_org));
	TRY(text_member(c, "pid", OAUTH_MAX_JTI, &g->pid));
	if (!g->iss.p || (sub.p && !str_eq(sub, g->iss)))
		return RC_INVALID;
	if (g->consumer_org.p && !model_orgno_valid(g->consumer_org))
		return RC_INVALID;
	TRY(audience_shape(js_get(c, "aud")));
	TRY(times_read(g));
	TRY(resources_read(js_get(c, "resource"), g));
	g->details = js_get(c, "authorization_details");
	if (js_member_str(c, "scope", &scope) != RC_OK)
		return RC_INVALID;
	return scopes_split(a, scope, g);
}

/* = RFC 7523 3: "The authorization server MAY ensure that JWTs are not replayed by maintaining the set of used "jti"
 * values". Two clients cannot share a guard: no client id contains the '\0' in front of the jti. */
static void guard_make(struct arena *a, struct str assertion, struct grant *g)
{
	if (!g->jti.p) {
		jose_sha256_into(assertion, g->guard);
		return;
	}
	struct buf b = BUF(a);
	buf_add(&b, g->iss);
	buf_c(&b, '\0');
	buf_add(&b, g->jti);
	jose_sha256_into(buf_str(&b), g->guard);
}

enum rc oauth_grant_parse(struct arena *a, struct str assertion, struct grant *out, struct oauth_error *err)
{
	struct grant g = { 0 };
	if (assertion.n > OAUTH_MAX_ASSERTION || jws_parse(a, assertion, &g.jws) != RC_OK)
		return malformed(err);
	TRY(header_check(&g.jws, err));
	/* = RFC 8725 3.1: "Libraries MUST enable the caller to specify a supported set of algorithms" */
	if (g.jws.alg != JOSE_RS256 && g.jws.alg != JOSE_RS384 && g.jws.alg != JOSE_RS512)
		return fail(err, OF_SIGNATURE, STR_NONE);
	if (js_parse(a, g.jws.payload, NULL, &g.claims, NULL) != RC_OK || !js_is(g.claims, JS_OBJECT))
		return malformed(err);
	if (claims_read(a, &g) != RC_OK)
		return malformed(err);
	guard_make(a, assertion, &g);
	*out = g;
	return RC_OK;
}

/* At each grant: a path leads to a root, no certificate on it is revoked, and the leaf names the client's organisation.
 */
static enum rc certificate_check(struct arena *a, const struct str *der, size_t n, const struct client *client,
				 const struct grant_check *c, struct org_cert *out, struct oauth_error *err)
{
	const char *why = "the setting cert.roots is missing";
	struct org_cert cert;
	enum rc rc = c->trust ? trust_check(c->trust, a, der, n, c->now, &cert, &why) : RC_DENIED;
	if (rc != RC_OK) { /* for the real issuer an expired certificate is a wrong signature */
		*err = (struct oauth_error){ .fault = rc == RC_INVALID ? OF_SIGNATURE : OF_CERTIFICATE, .why = why };
		return RC_DENIED;
	}
	if (!str_eq(cert.orgno, client->orgno)) {
		jwk_unref(cert.key);
		return fail(err, OF_CERT_ORG, STR_NONE);
	}
	*out = cert;
	return RC_OK;
}

/* A key that was registered with a certificate is valid only as long as the certificate. */
static enum rc lock_check(struct arena *a, const struct jwk *key, const struct client *client,
			  const struct grant_check *c, struct oauth_error *err)
{
	const struct str *der;
	struct org_cert cert;
	size_t n;
	if (jwk_x5c(key, &der, &n) != RC_OK)
		return RC_OK;
	TRY(certificate_check(a, der, n, client, c, &cert, err));
	jwk_unref(cert.key);
	return RC_OK;
}

static enum rc registered_key(struct arena *a, const struct grant *g, const struct client *client,
			      const struct grant_check *c, struct jwk **out, struct oauth_error *err)
{
	struct jwk *key;
	assert(client->keys);
	if (!g->jws.kid.p)
		return fail(err, OF_KID_REQUIRED, STR_NONE);
	if (jwks_find(client->keys, g->jws.kid, g->jws.alg, &key) != RC_OK)
		return fail(err, OF_KID_UNKNOWN, STR_NONE);
	if (client->keys_posted && c->now >= client->keys_posted + OAUTH_KEY_LIFE_S)
		return fail(err, OF_KEY_EXPIRED, STR_NONE);
	TRY(lock_check(a, key, client, c, err));
	*out = jwk_ref(key);
	return RC_OK;
}

static enum rc certificate_key(struct arena *a, const struct grant *g, const struct client *client,
			       const struct grant_check *c, struct jwk **out, const char **amr_out,
			       struct oauth_error *err)
{
	static const char *const amr[ORG_CERT__MAX] = {
		[ORG_CERT_SEID1] = "virksomhetssertifikat",
		[ORG_CERT_SEAL] = "CForESeal",
		[ORG_CERT_QSEAL] = "QCForESeal",
	};
	const struct js *x5c = js_get(g->jws.header, "x5c");
	struct str der[JOSE_X5C_MAX];
	struct org_cert cert;
	size_t n;
	if (!x5c)
		return fail(err, OF_CERTIFICATE, STR_NONE);
	if (jose_x5c_read(a, x5c, der, &n) != RC_OK)
		return fail(err, OF_X5C, STR_NONE);
	TRY(certificate_check(a, der, n, client, c, &cert, err));
	*out = cert.key;
	*amr_out = amr[cert.kind];
	return RC_OK;
}

static enum rc key_find(struct arena *a, const struct grant *g, const struct client *client,
			const struct grant_check *c, struct jwk **out, const char **amr_out, struct oauth_error *err)
{
	if (!client || !client->active)
		return fail(err, OF_CLIENT, STR_NONE);
	if (!client->keys || client->keys->n == 0)
		return certificate_key(a, g, client, c, out, amr_out, err);
	*amr_out = "private_key_jwt";
	return registered_key(a, g, client, c, out, err);
}

static void jwk_unrefp(struct jwk **k)
{
	jwk_unref(*k);
}

/* = RFC 7523 3: "The JWT MUST contain an "aud" (audience) claim containing a value that identifies the authorization
 * server as an intended audience. […] compared using the Simple String Comparison method". Exactly the issuer or the
 * token endpoint under it, alone. */
static bool audience_ok(const struct js *aud, struct str issuer)
{
	if (js_is(aud, JS_ARRAY) && aud->n == 1)
		aud = aud->child;
	if (!js_is(aud, JS_STRING) || !str_starts(aud->s, issuer))
		return false;
	struct str rest = str_span(aud->s.p + issuer.n, aud->s.n - issuer.n);
	return rest.n == 0 || str_is(rest, "token");
}

/* = RFC 7519 4.1.4: "Implementers MAY provide for some small leeway"; in this order, because the codes differ. */
static enum rc times_check(const struct grant *g, int64_t now, struct oauth_error *err)
{
	struct jwt_times t;
	if (g->iat > now + OAUTH_SKEW_S)
		return fail(err, OF_NOT_YET, STR_NONE);
	if (g->exp - g->iat > OAUTH_GRANT_LIFE_S)
		return fail(err, OF_LIFETIME, STR_NONE);
	if (g->exp < now - OAUTH_SKEW_S)
		return fail(err, OF_EXPIRED, STR_NONE);
	if (g->exp < g->iat)
		return fail(err, OF_LIFETIME, STR_NONE);
	if (jwt_times(g->claims, &t) != RC_OK || (t.has_nbf && t.nbf > now + OAUTH_SKEW_S))
		return malformed(err);
	return RC_OK;
}

enum rc oauth_grant_verify(struct arena *a, const struct grant *g, const struct client *client,
			   const struct grant_check *c, const char **amr_out, struct oauth_error *err)
{
	CLEANUP(jwk_unrefp) struct jwk *key = NULL;
	TRY(key_find(a, g, client, c, &key, amr_out, err));
	if (jws_verify(&g->jws, key) != RC_OK)
		return fail(err, OF_SIGNATURE, STR_NONE);
	if (!audience_ok(js_get(g->claims, "aud"), c->issuer))
		return fail(err, OF_AUDIENCE, STR_NONE);
	return times_check(g, c->now, err);
}
