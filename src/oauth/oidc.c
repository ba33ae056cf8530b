#include "oauth/oidc.h"

#include "base/b64.h"
#include "base/url.h"

/* ---- levels ---- */

struct acr_row {
	const char *name;
	int rank;
	int64_t level;
};
// clang-format off
static const struct acr_row acrs[] = {
	{ "selfregistered-email",             0, 0 },
	{ "eidas-loa-low",                    1, 1 },
	{ "idporten-loa-low",                 1, 1 },
	{ "idporten-loa-substantial-limited", 2, 2 },
	{ "idporten-loa-substantial",         3, 3 },
	{ "eidas-loa-substantial",            3, 3 },
	{ "idporten-loa-high",                4, 4 },
	{ "eidas-loa-high",                   4, 4 },
};
// clang-format on

enum rc oidc_acr(struct str acr, int *rank_out, int64_t *level_out)
{
	for (size_t i = 0; i < LEN(acrs); i++) {
		if (!str_is(acr, acrs[i].name))
			continue;
		*rank_out = acrs[i].rank;
		*level_out = acrs[i].level;
		return RC_OK;
	}
	return RC_NOT_FOUND;
}

struct str oidc_acr_for(struct str lowest, int64_t level)
{
	int rank;
	int64_t has = 0;
	if (oidc_acr(lowest, &rank, &has) != RC_OK || has >= level)
		return lowest;
	return level > 3 ? STR("idporten-loa-high") : STR("idporten-loa-substantial");
}

/* ---- metadata ---- */

static bool address_ok(struct str s, bool http_too)
{
	struct url u;
	if (!s.n || s.n > OIDC_MAX_URL || url_parse(s, &u) != RC_OK || !url_is_web(&u, false) || u.fragment.p)
		return false;
	return http_too || str_ieq(u.scheme, STR("https"));
}

static enum rc endpoint(const struct js *doc, const char *name, bool http_too, bool required, struct str *out)
{
	enum rc rc = js_member_str(doc, name, out);
	if (rc == RC_NOT_FOUND && !required) {
		*out = STR_NONE;
		return RC_OK;
	}
	return rc == RC_OK && address_ok(*out, http_too) ? RC_OK : RC_INVALID;
}

enum rc oidc_metadata_read(struct arena *a, struct str json, struct str issuer, struct oidc_metadata *out,
			   const char **why_out)
{
	const struct js *doc;
	struct str found;
	struct oidc_metadata m = { 0 };
	bool http_too = str_starts(issuer, STR("http://"));
	*why_out = "it is no JSON object";
	if (js_parse(a, json, &(struct js_opts){ .allow_duplicates = true }, &doc, NULL) != RC_OK ||
	    !js_is(doc, JS_OBJECT))
		return RC_INVALID;
	*why_out = "it names another issuer";
	if (js_member_str(doc, "issuer", &found) != RC_OK || !str_eq(found, issuer))
		return RC_INVALID;
	*why_out = "an endpoint is missing, or no https address";
	if (endpoint(doc, "authorization_endpoint", http_too, true, &m.authorization) != RC_OK ||
	    endpoint(doc, "token_endpoint", http_too, true, &m.token) != RC_OK ||
	    endpoint(doc, "jwks_uri", http_too, true, &m.jwks) != RC_OK ||
	    endpoint(doc, "end_session_endpoint", http_too, false, &m.end_session) != RC_OK)
		return RC_INVALID;
	if (js_member_bool(doc, "authorization_response_iss_parameter_supported", &m.names_itself) != RC_OK)
		m.names_itself = false;
	*out = m;
	return RC_OK;
}

/* ---- the authorization request ---- */

static void param(struct buf *b, const char *name, struct str value)
{
	buf_c(b, '&');
	buf_z(b, name);
	buf_c(b, '=');
	buf_url(b, value);
}

struct str oidc_request_url(struct arena *a, struct str authorization, const struct oidc_request *r)
{
	struct buf b = BUF(a);
	buf_add(&b, authorization);
	buf_c(&b, str_find(authorization, STR("?")) < 0 ? '?' : '&');
	buf_lit(&b, "response_type=code&code_challenge_method=S256");
	param(&b, "client_id", r->client_id);
	param(&b, "redirect_uri", r->redirect_uri);
	param(&b, "scope", r->scope);
	param(&b, "state", r->state);
	param(&b, "nonce", r->nonce);
	param(&b, "code_challenge", b64url(a, jose_sha256(a, r->verifier)));
	param(&b, "acr_values", r->acr);
	param(&b, "ui_locales", r->locale);
	if (r->fresh)
		param(&b, "prompt", STR("login"));
	return buf_str(&b);
}

bool oidc_iss_is(struct arena *a, struct str iss, struct str issuer)
{
	struct str once;
	if (str_eq(iss, issuer))
		return true;
	return url_decode(a, iss, false, &once) == RC_OK && str_eq(once, issuer);
}

/* ---- the code ---- */

enum rc oidc_client_assertion(struct arena *a, const struct jwk *key, struct str client_id, struct str issuer,
			      int64_t now_s, struct str *out)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kstr(&w, "iss", client_id);
	jsw_kstr(&w, "sub", client_id);
	jsw_kstr(&w, "aud", issuer);
	jsw_ki64(&w, "iat", now_s);
	jsw_ki64(&w, "exp", now_s + OIDC_CLIENT_LIFE_S);
	jsw_kstr(&w, "jti", rand_code(a, 16));
	jsw_end_obj(&w);
	return jws_sign(a, key, jwk_alg(key), STR_NONE, buf_str(&b), out);
}

struct str oidc_basic(struct arena *a, struct str client_id, struct str secret)
{
	struct buf b = BUF(a);
	buf_form(&b, client_id);
	buf_c(&b, ':');
	buf_form(&b, secret);
	return arena_fmt(a, "Basic %.*s", STR_FMT(b64(a, buf_str(&b))));
}
