#include "daemon/internal.h"

#include <assert.h>

#include "base/url.h"
#include "daemon/files.h"
#include "store/status.h"
#include "web/login_state.h"
#include "web/web.h"

#define KEY_FILE_MAX 65536 /* bytes */

static enum rc invalid(struct service *s, struct str *err_out, const char *key, const char *fault)
{
	*err_out = arena_fmt(&s->arena, "%s: %s", key, fault);
	return RC_INVALID;
}

/* Without TLS, somebody on the network path could choose the person who logs in. So plain http is for this machine
 * only. */
static bool is_secure_issuer(const char *issuer)
{
	struct url u;
	if (url_parse(str_of(issuer), &u) != RC_OK || !url_is_web(&u, false) || u.query.p || u.fragment.p)
		return false;
	return str_ieq(u.scheme, STR("https")) || url_is_loopback(&u);
}

static enum rc key_parse(struct arena *a, struct str text, struct jwk **out, const char **why_out)
{
	const struct js *o;
	*why_out = "the file holds no private key as JWK or PEM (RSA from 2048 bits, P-256, Ed25519)";
	if (str_starts(str_trim(text), STR("-----BEGIN"))) {
		enum rc rc = RC_INVALID;
		static const enum jose_alg algs[] = { JOSE_RS256, JOSE_ES256, JOSE_EDDSA };
		for (size_t i = 0; i < LEN(algs) && rc != RC_OK; i++)
			rc = jwk_from_pem(text, algs[i], STR_NONE, out);
		return rc;
	}
	TRY(js_parse(a, text, NULL, &o, NULL));
	return jwk_parse(o, out, why_out);
}

/* *err_out lives as long as the service. */
static enum rc key_file_read(struct service *s, struct arena *scratch, const char *path, struct str *out,
			     struct str *err_out)
{
	struct str err = STR_NONE;
	enum rc rc = file_read_secret(
		scratch, &(struct secret_file){ "oidc.client_key", path, KEY_FILE_MAX, PRIVATE_TO_GROUP }, out, &err);
	if (rc != RC_OK)
		*err_out = arena_str(&s->arena, err);
	return rc;
}

static enum rc key_read(struct service *s, const char *path, struct jwk **out, struct str *err_out)
{
	CLEANUP(arena_finish) struct arena scratch = { 0 };
	struct str text;
	const char *why;
	TRY(key_file_read(s, &scratch, path, &text, err_out));
	enum rc rc = key_parse(&scratch, text, out, &why);
	if (rc == RC_OK && !jwk_is_private(*out)) {
		jwk_unref(*out);
		rc = RC_INVALID;
		why = "the file holds a public key";
	}
	if (rc != RC_OK)
		(void)invalid(s, err_out, "oidc.client_key", why);
	return rc;
}

static enum rc settings_check(struct service *s, struct str *err_out)
{
	const struct settings *set = &s->settings;
	int rank;
	int64_t level;
	if (!is_secure_issuer(set->oidc_issuer))
		return invalid(s, err_out, "oidc.issuer", "an https address is needed (http only on this machine)");
	if (!set->oidc_client_id || !*set->oidc_client_id)
		return invalid(s, err_out, "oidc.client_id", "the setting is missing");
	if (!set->oidc_client_secret == !set->oidc_client_key)
		return invalid(s, err_out, "oidc.client_key", "set either oidc.client_key or oidc.client_secret");
	if (oidc_acr(str_of(set->oidc_acr), &rank, &level) != RC_OK)
		return invalid(s, err_out, "oidc.acr", "there is no such authentication context class");
	if (!str_has_word(str_of(set->oidc_scope), STR("openid")))
		return invalid(s, err_out, "oidc.scope", "the scopes must include openid");
	return RC_OK;
}

/* Replicas share it, so a login may come back to any of them. */
static enum rc state_key(struct service *s, uint8_t out[LOGIN_KEY_BYTES], struct str *err_out)
{
	uint8_t secret[STATUS_SEED_BYTES];
	enum rc rc = status_seed(s->store, &s->arena, secret);
	if (rc == RC_OK)
		login_state_key(secret, out);
	else
		*err_out = STR("the store's secret cannot be read or made");
	explicit_bzero(secret, sizeof secret);
	return rc;
}

enum rc login_open(struct service *s, struct str *err_out)
{
	const struct settings *set = &s->settings;
	struct jwk *key = NULL;
	uint8_t login_key[LOGIN_KEY_BYTES];
	assert(!s->provider);
	if (!set->oidc_issuer)
		return RC_OK;
	TRY(settings_check(s, err_out));
	TRY(state_key(s, login_key, err_out));
	if (set->oidc_client_key)
		TRY(key_read(s, set->oidc_client_key, &key, err_out));
	*err_out = STR("out of resources");
	enum rc rc = provider_create(&(struct provider_config){ .issuer = set->oidc_issuer,
								.client_id = set->oidc_client_id,
								.client_secret = set->oidc_client_secret,
								.key = key,
								.scope = set->oidc_scope,
								.acr = set->oidc_acr,
								.post_logout = set->oidc_post_logout,
								.calls = s->outgoing,
								.login_key = login_key,
								.max_waiting = (int)set->workers },
				     &s->provider);
	explicit_bzero(login_key, sizeof login_key);
	jwk_unref(key);
	return rc;
}

void login_close(struct service *s)
{
	provider_destroy(s->provider);
}

struct str login_path(const struct service *s)
{
	if (s->provider)
		return STR("/login");
	return s->sandbox ? STR("/sandbox/login") : STR_NONE;
}
