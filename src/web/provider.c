#include "web/provider.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "jose/keyset.h"
#include "web/login_state.h"

#define ERROR_MAX 40 /* characters of an OAuth error code that are logged */

struct provider {
	struct provider_config config;
	uint8_t login_key[LOGIN_KEY_BYTES]; /* config.login_key */
	pthread_mutex_t lock;               /* never held while a call is under way */
	struct arena arena;                 /* of the metadata */
	struct oidc_metadata metadata;
	int64_t metadata_at;    /* clock_mono of the last fetch that succeeded; 0 = none */
	int64_t metadata_tried; /* clock_mono of the last attempt to renew it; 0 = none */
	struct keyset *keys;
};

void provider_destroy(struct provider *p)
{
	if (!p)
		return;
	jwk_unref(p->config.key);
	keyset_destroy(p->keys);
	arena_finish(&p->arena);
	pthread_mutex_destroy(&p->lock);
	explicit_bzero(p->login_key, sizeof p->login_key);
	free(p);
}

const struct provider_config *provider_config_of(const struct provider *p)
{
	return &p->config;
}

/* ---- calls ---- */

static enum rc failed(const char *what, struct str why)
{
	log_warn("login.provider_failed", KV("what", what), KV("why", why));
	return RC_BUSY;
}

static enum rc get(struct provider *p, struct arena *a, const char *what, struct str url, struct str *body_out)
{
	struct net_req req = { .method = "GET", .url = arena_cstr(a, url), .timeout_s = PROVIDER_CALL_S };
	struct net_res res;
	struct str why = STR_NONE;
	if (net_pool_fetch(p->config.calls, a, &req, &res, &why) != RC_OK)
		return failed(what, why);
	if (res.status != 200)
		return failed(what, arena_fmt(a, "%s: status %d", req.url, res.status));
	*body_out = res.body;
	return RC_OK;
}

/* ---- metadata ---- */

static struct oidc_metadata metadata_copy(struct arena *a, const struct oidc_metadata *m)
{
	struct oidc_metadata copy = *m;
	copy.authorization = arena_str(a, m->authorization);
	copy.token = arena_str(a, m->token);
	copy.jwks = arena_str(a, m->jwks);
	copy.end_session = m->end_session.p ? arena_str(a, m->end_session) : STR_NONE;
	return copy;
}

static enum rc metadata_fetch(struct provider *p, struct arena *a, struct oidc_metadata *out)
{
	struct str issuer = str_of(p->config.issuer), at = issuer, json;
	const char *why;
	while (str_ends(at, STR("/")))
		at.n--;
	TRY(get(p, a, "metadata", arena_fmt(a, "%.*s/.well-known/openid-configuration", STR_FMT(at)), &json));
	if (oidc_metadata_read(a, json, issuer, out, &why) != RC_OK)
		return failed("metadata", str_of(why));
	pthread_mutex_lock(&p->lock);
	arena_reset(&p->arena);
	p->metadata = metadata_copy(&p->arena, out);
	p->metadata_at = clock_mono();
	pthread_mutex_unlock(&p->lock);
	return RC_OK;
}

/* Under the lock. Notes an attempt to renew what is old. */
static bool metadata_due(struct provider *p)
{
	int64_t now = clock_mono();
	if (!p->metadata_at)
		return true;
	if (now - p->metadata_at < PROVIDER_METADATA_S * CLOCK_SECOND ||
	    (p->metadata_tried && now - p->metadata_tried < PROVIDER_RETRY_S * CLOCK_SECOND))
		return false;
	p->metadata_tried = now;
	return true;
}

enum rc provider_metadata(struct provider *p, struct arena *a, struct oidc_metadata *out)
{
	struct oidc_metadata old = { 0 };
	pthread_mutex_lock(&p->lock);
	bool has_old = p->metadata_at != 0, fetch = metadata_due(p);
	if (has_old)
		old = metadata_copy(a, &p->metadata);
	pthread_mutex_unlock(&p->lock);
	if (fetch) {
		enum rc rc = metadata_fetch(p, a, out);
		if (rc == RC_OK || !has_old)
			return rc;
	}
	*out = old;
	return RC_OK;
}

/* ---- keys ---- */

static void key_skipped(void *ctx, struct str kid, const char *why)
{
	const struct provider *p = ctx;
	log_warn("issuer.key_skipped", KV("issuer", p->config.issuer), KV("kid", kid), KV("why", why));
}

static enum rc keys_fetch(void *ctx, struct jwks *out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct provider *p = ctx;
	struct oidc_metadata m;
	struct str json;
	TRY(provider_metadata(p, &a, &m));
	TRY(get(p, &a, "keys", m.jwks, &json));
	if (keyset_read(&a, json, &(struct jwks_skip){ key_skipped, p }, out) != RC_OK)
		return failed("keys", STR("no key set, or no key in it that can be used"));
	return RC_OK;
}

enum rc provider_create(const struct provider_config *c, struct provider **out)
{
	assert(c->issuer && c->client_id && c->calls && c->login_key && (c->client_secret || c->key));
	struct provider *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	const struct keyset_rule rule = {
		.fetch = keys_fetch,
		.ctx = p,
		.max_age = PROVIDER_KEYS_S * CLOCK_SECOND,
		.wait = PROVIDER_RETRY_S * CLOCK_SECOND,
		.unknown_burst = PROVIDER_UNKNOWN_KEYS,
		.unknown_wait = PROVIDER_UNKNOWN_S * CLOCK_SECOND,
		.unknown_is_busy = true,
		.kid_required = true,
		.max_waiting = c->max_waiting,
	};
	pthread_mutex_init(&p->lock, NULL);
	enum rc rc = keyset_create(&rule, &p->keys);
	if (rc != RC_OK) {
		provider_destroy(p);
		return rc;
	}
	p->config = *c;
	p->config.key = c->key ? jwk_ref(c->key) : NULL;
	memcpy(p->login_key, c->login_key, sizeof p->login_key);
	p->config.login_key = p->login_key;
	*out = p;
	return RC_OK;
}

enum rc provider_verify(struct provider *p, const struct jws *s)
{
	struct jwk *key;
	enum rc rc = keyset_key(p->keys, s->kid, s->alg, &key);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_DENIED : RC_BUSY;
	rc = jws_verify(s, key);
	jwk_unref(key);
	return rc;
}

/* ---- the code ---- */

static void field(struct buf *b, const char *name, struct str value)
{
	if (b->n)
		buf_c(b, '&');
	buf_z(b, name);
	buf_c(b, '=');
	buf_form(b, value);
}

/* The code of a refusal helps an operator. Nothing else of the answer is logged. */
static struct str error_code(struct arena *a, struct str body)
{
	const struct js *doc;
	struct str code;
	if (js_parse(a, js_unmarked(body), NULL, &doc, NULL) != RC_OK || js_member_str(doc, "error", &code) != RC_OK ||
	    code.n > ERROR_MAX || !str_only(code, "_"))
		return STR("-");
	return code;
}

static enum rc answer_read(struct arena *a, const struct net_res *res, struct str *id_token_out)
{
	const struct js *doc;
	if (res->status >= 400 && res->status < 500 && res->status != 429) {
		log_warn("login.code_refused", KV("status", res->status), KV("error", error_code(a, res->body)));
		return RC_DENIED;
	}
	if (res->status != 200)
		return failed("token", arena_fmt(a, "status %d", res->status));
	if (js_parse(a, js_unmarked(res->body), NULL, &doc, NULL) != RC_OK ||
	    js_member_str(doc, "id_token", id_token_out) != RC_OK)
		return failed("token", STR("the answer has no id_token"));
	return RC_OK;
}

enum rc provider_redeem(struct provider *p, struct arena *a, const struct oidc_metadata *m, struct str code,
			struct str verifier, struct str redirect_uri, struct str *id_token_out)
{
	struct buf b = BUF(a);
	struct net_res res;
	struct str why = STR_NONE, assertion, client = str_of(p->config.client_id);
	const char *headers[] = { "Content-Type: application/x-www-form-urlencoded", "Accept: application/json", NULL,
				  NULL };
	field(&b, "grant_type", STR("authorization_code"));
	field(&b, "code", code);
	field(&b, "redirect_uri", redirect_uri);
	field(&b, "code_verifier", verifier);
	field(&b, "client_id", client);
	if (p->config.key) {
		TRY(oidc_client_assertion(a, p->config.key, client, str_of(p->config.issuer),
					  clock_real() / CLOCK_SECOND, &assertion));
		field(&b, "client_assertion_type", STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
		field(&b, "client_assertion", assertion);
	} else {
		struct str basic = oidc_basic(a, client, str_of(p->config.client_secret));
		headers[2] = arena_cstr(a, arena_fmt(a, "Authorization: %.*s", STR_FMT(basic)));
	}
	const struct net_req req = { .method = "POST",
				     .url = arena_cstr(a, m->token),
				     .headers = headers,
				     .body = buf_str(&b),
				     .timeout_s = PROVIDER_CALL_S };
	if (net_pool_fetch(p->config.calls, a, &req, &res, &why) != RC_OK)
		return failed("token", why);
	return answer_read(a, &res, id_token_out);
}
