#include "oauth/oidc.h"

#include <assert.h>

#include "base/scan.h"

#define LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"

const char *oidc_fault_name(enum oidc_fault f)
{
#define NAME(name, text) [OIDC_##name] = text,
	static const char *const names[] = { OIDC_FAULTS(NAME) };
#undef NAME
	assert((unsigned)f < OIDC__MAX);
	return names[f];
}

static enum rc fail(enum oidc_fault *out, enum oidc_fault f)
{
	*out = f;
	return RC_DENIED;
}

enum rc oidc_token_parse(struct arena *a, struct str compact, struct jws *out, enum oidc_fault *fault_out)
{
	struct jws s;
	enum rc rc = jws_parse(a, compact, &s);
	if (rc == RC_DENIED || (rc == RC_OK && s.alg != JOSE_RS256))
		return fail(fault_out, OIDC_ALG);
	if (rc != RC_OK)
		return fail(fault_out, OIDC_SHAPE);
	if (!s.kid.n)
		return fail(fault_out, OIDC_KEY);
	*out = s;
	return RC_OK;
}

/* An array may have further audiences when azp is this client. */
static bool audience_ok(const struct js *claims, struct str client_id)
{
	struct str azp;
	enum rc rc = js_member_str(claims, "azp", &azp);
	if (!jwt_aud_has(claims, client_id) || (rc == RC_OK && !str_eq(azp, client_id)))
		return false;
	const struct js *aud = js_get(claims, "aud");
	return rc == RC_OK || (rc == RC_NOT_FOUND && (js_is(aud, JS_STRING) || aud->n == 1));
}

/* The checks that ID tokens and logout tokens share. */
static enum rc common(struct arena *a, const struct jws *s, const struct oidc_expect *e, const struct js **claims_out,
		      enum oidc_fault *fault_out)
{
	const struct js *claims;
	struct jwt_times t;
	struct str iss;
	if (js_parse(a, s->payload, NULL, &claims, NULL) != RC_OK || !js_is(claims, JS_OBJECT) ||
	    jwt_times(claims, &t) != RC_OK)
		return fail(fault_out, OIDC_SHAPE);
	if (js_member_str(claims, "iss", &iss) != RC_OK || !str_eq(iss, e->issuer))
		return fail(fault_out, OIDC_ISSUER);
	if (!audience_ok(claims, e->client_id))
		return fail(fault_out, OIDC_AUDIENCE);
	if (!t.has_exp || t.exp + OIDC_SKEW_S <= e->now_s)
		return fail(fault_out, OIDC_EXPIRED);
	if (!t.has_iat || t.iat > e->now_s + OIDC_SKEW_S || t.iat < e->now_s - OIDC_TOKEN_AGE_S)
		return fail(fault_out, OIDC_ISSUED);
	if (t.has_nbf && t.nbf > e->now_s + OIDC_SKEW_S)
		return fail(fault_out, OIDC_ISSUED);
	*claims_out = claims;
	return RC_OK;
}

static enum rc sid_read(const struct js *claims, bool required, struct str *out, enum oidc_fault *fault_out)
{
	enum rc rc = js_member_str(claims, "sid", out);
	if (rc == RC_NOT_FOUND && !required) {
		*out = STR_NONE;
		return RC_OK;
	}
	return rc == RC_OK && out->n > 0 && out->n <= OIDC_MAX_SID ? RC_OK : fail(fault_out, OIDC_SID);
}

static enum rc acr_check(const struct js *claims, struct str lowest, struct oidc_identity *who,
			 enum oidc_fault *fault_out)
{
	int rank, least;
	int64_t ignored;
	if (js_member_str(claims, "acr", &who->acr) != RC_OK || oidc_acr(who->acr, &rank, &who->level) != RC_OK)
		return fail(fault_out, OIDC_ACR);
	if (oidc_acr(lowest, &least, &ignored) != RC_OK || rank < least)
		return fail(fault_out, OIDC_ACR_LOW);
	return RC_OK;
}

static enum rc auth_time_check(const struct js *claims, const struct oidc_expect *e, int64_t *out,
			       enum oidc_fault *fault_out)
{
	const struct js *v = js_get(claims, "auth_time");
	int64_t at = 0;
	if (v && js_seconds(v, &at) != RC_OK)
		return fail(fault_out, OIDC_SHAPE);
	if (at > e->now_s + OIDC_SKEW_S || (e->fresh_from_s && at < e->fresh_from_s - OIDC_SKEW_S))
		return fail(fault_out, OIDC_AUTH_TIME);
	*out = at > 0 ? at : 0;
	return RC_OK;
}

static enum rc pid_check(const struct js *claims, struct str *out, enum oidc_fault *fault_out)
{
	enum rc rc = js_member_str(claims, "pid", out);
	if (rc == RC_NOT_FOUND)
		return fail(fault_out, OIDC_NO_PID);
	return rc == RC_OK && model_pid_valid(*out) ? RC_OK : fail(fault_out, OIDC_PID);
}

/* ---- the person's name ---- */

/* Appends the claim's words, with one space between two. Characters that control a terminal or a line count as space.
 */
static void words_put(struct buf *b, const struct js *claims, const char *key)
{
	struct str text;
	bool gap = b->n > 0;
	if (js_member_str(claims, key, &text) != RC_OK || text.n > OIDC_MAX_NAME)
		return;
	for (const char *p = text.p, *end = text.p + text.n; p < end;) {
		size_t n = utf8_step(p, end);
		assert(n); /* = js.h, strings are well-formed UTF-8 */
		uint32_t c = utf8_value(p, n);
		bool space = c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029;
		if (!space && gap)
			buf_c(b, ' ');
		if (!space)
			buf_raw(b, p, n);
		gap = space && b->n > 0;
		p += n;
	}
}

static struct str name_of(struct arena *a, const struct js *claims, struct str pid)
{
	struct buf whole = BUF(a), parts = BUF(a);
	words_put(&whole, claims, "name");
	words_put(&parts, claims, "given_name");
	words_put(&parts, claims, "family_name");
	struct str name = buf_str(whole.n ? &whole : &parts);
	bool fits = name.n > 0 && name.n <= OIDC_MAX_NAME;
	return fits && str_find(name, pid) < 0 ? name : STR_NONE; /* pages show no identity number */
}

enum rc oidc_id_token(struct arena *a, const struct jws *s, const struct oidc_expect *e, struct oidc_identity *out,
		      enum oidc_fault *fault_out)
{
	const struct js *claims;
	struct oidc_identity who = { 0 };
	struct str nonce;
	if (s->typ.p && !str_ieq(s->typ, STR("JWT")))
		return fail(fault_out, OIDC_TYPE);
	TRY(common(a, s, e, &claims, fault_out));
	if (js_member_str(claims, "nonce", &nonce) != RC_OK || !e->nonce.n || !str_eq(nonce, e->nonce))
		return fail(fault_out, OIDC_NONCE);
	TRY(acr_check(claims, e->acr, &who, fault_out));
	TRY(pid_check(claims, &who.pid, fault_out));
	who.name = name_of(a, claims, who.pid);
	TRY(auth_time_check(claims, e, &who.auth_time_s, fault_out));
	TRY(sid_read(claims, false, &who.sid, fault_out));
	if (js_member_str(claims, "locale", &who.locale) != RC_OK)
		who.locale = STR_NONE;
	*out = who;
	return RC_OK;
}

enum rc oidc_logout_token(struct arena *a, const struct jws *s, const struct oidc_expect *e, struct oidc_logout *out,
			  enum oidc_fault *fault_out)
{
	const struct js *claims;
	struct oidc_logout l;
	if (!str_ieq(s->typ, STR("logout+jwt")) && !str_ieq(s->typ, STR("application/logout+jwt")))
		return fail(fault_out, OIDC_TYPE);
	TRY(common(a, s, e, &claims, fault_out));
	if (js_get(claims, "nonce"))
		return fail(fault_out, OIDC_NONCE);
	if (!js_is(js_get(js_get(claims, "events"), LOGOUT_EVENT), JS_OBJECT))
		return fail(fault_out, OIDC_EVENT);
	if (js_member_str(claims, "jti", &l.jti) != RC_OK || !l.jti.n || l.jti.n > OIDC_MAX_JTI)
		return fail(fault_out, OIDC_JTI);
	TRY(sid_read(claims, true, &l.sid, fault_out));
	*out = l;
	return RC_OK;
}
