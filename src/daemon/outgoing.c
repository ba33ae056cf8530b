#include "daemon/internal.h"

#include <assert.h>

#include "base/clock.h"
#include "base/url.h"
#include "daemon/files.h"
#include "gate/issuers.h"

#define KEY_MAX 16384 /* bytes of a client's key file */

static enum rc invalid(struct service *s, struct str *err_out, const char *key, const char *fault)
{
	*err_out = arena_fmt(&s->arena, "%s: %s", key, fault);
	return RC_INVALID;
}

static bool is_http(const char *url)
{
	struct url u;
	return url_parse(str_of(url), &u) == RC_OK && url_is_web(&u, false);
}

static enum rc key_parse(struct arena *a, struct str text, struct jwk **out, const char **why_out)
{
	const struct js *o;
	struct jwk *key = NULL;
	*why_out = "the file does not hold a JWK";
	TRY(js_parse(a, text, NULL, &o, NULL));
	TRY(jwk_parse(o, &key, why_out));
	if (!jwk_is_private(key)) {
		jwk_unref(key);
		*why_out = "the file does not hold a private key";
		return RC_INVALID;
	}
	*out = key;
	return RC_OK;
}

static enum rc key_read(struct service *s, struct jwk **out, struct str *err_out)
{
	static const char setting[] = "consent.lookup_client_key";
	CLEANUP(arena_finish) struct arena scratch = { 0 };
	struct str text, err = STR_NONE;
	const char *why;
	if (!s->settings.lookup_key)
		return invalid(s, err_out, setting, "the setting is missing");
	enum rc rc = file_read_secret(
		&scratch, &(struct secret_file){ setting, s->settings.lookup_key, KEY_MAX, PRIVATE_TO_GROUP }, &text,
		&err);
	if (rc != RC_OK) {
		*err_out = arena_str(&s->arena, err);
		return rc;
	}
	rc = key_parse(&scratch, text, out, &why);
	return rc == RC_OK ? RC_OK : invalid(s, err_out, setting, why);
}

static enum rc remote_open(struct service *s, struct str *err_out)
{
	const struct settings *set = &s->settings;
	struct remote_config c = {
		.url = set->lookup_url,
		.subscription_key = set->lookup_subscription_key,
		.issuer = set->lookup_issuer,
		.client_id = set->lookup_client,
		.timeout_s = (int)set->lookup_timeout_s,
	};
	if (!c.url)
		return RC_OK;
	if (!is_http(c.url))
		return invalid(s, err_out, "consent.lookup_url", "an http or https address is needed");
	if (c.client_id) {
		if (!c.issuer || !settings_is_issuer(c.issuer))
			return invalid(s, err_out, "consent.lookup_issuer",
				       "an address with a slash at its end is needed");
		TRY(key_read(s, &c.key, err_out));
	}
	enum rc rc = remote_create(&c, &s->remote);
	if (rc != RC_OK)
		jwk_unref(c.key);
	return rc;
}

enum rc outgoing_open(struct service *s, struct str *err_out)
{
	const struct settings *set = &s->settings;
	int64_t most = set->workers / 2 > 0 ? set->workers / 2 : 1;
	int64_t threads = set->outgoing_threads < most ? set->outgoing_threads : most;
	assert(!s->outgoing && threads > 0);
	if (!set->lookup_url && !set->trusted_issuers && !set->oidc_issuer)
		return RC_OK;
	*err_out = STR("cannot start a thread");
	TRY(net_pool_create((int)threads, (int)most, &s->outgoing));
	TRY(remote_open(s, err_out));
	if (!set->trusted_issuers)
		return RC_OK;
	const struct issuers_config c = {
		.text = set->trusted_issuers,
		.pool = s->outgoing,
		.min_wait_us = ISSUER_KEYS_WAIT_S * CLOCK_SECOND,
		.max_waiting = (int)(set->workers / 4),
	};
	return issuers_create(&s->arena, &c, &s->issuers, err_out);
}

void outgoing_close(struct service *s)
{
	issuers_destroy(s->issuers);
	remote_destroy(s->remote);
	net_pool_destroy(s->outgoing);
}
