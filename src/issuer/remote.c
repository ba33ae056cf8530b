#include "issuer/remote_internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "issuer/internal.h"
#include "net/pool.h"

#define GRANT_LIFE_S 60
#define TOKEN_LIFE_S 120  /* of one that is signed here */
#define TOKEN_MARGIN_S 10 /* so long before its end a token is not used any more */
#define TOKEN_MAX 16384   /* bytes */
#define RIGHTS_MAX 50

struct remote {
	struct remote_config cfg;
	pthread_mutex_t lock;
	char token[TOKEN_MAX]; /* under the lock, as is the next */
	size_t token_n;
	int64_t token_until; /* µs, clock_mono() */
};

enum rc remote_create(const struct remote_config *c, struct remote **out)
{
	assert(c->url && c->timeout_s > 0 && (!c->client_id || (c->issuer && c->key)));
	struct remote *r = calloc(1, sizeof *r);
	if (!r)
		return RC_FAIL;
	r->cfg = *c;
	pthread_mutex_init(&r->lock, NULL);
	*out = r;
	return RC_OK;
}

void remote_destroy(struct remote *r)
{
	if (!r)
		return;
	jwk_unref(r->cfg.key);
	pthread_mutex_destroy(&r->lock);
	explicit_bzero(r->token, sizeof r->token);
	free(r);
}

/* ---- the bearer token ---- */

static bool token_cached(struct remote *r, struct arena *a, struct str *out)
{
	pthread_mutex_lock(&r->lock);
	bool good = r->token_n && clock_mono() < r->token_until;
	if (good)
		*out = arena_str(a, str_span(r->token, r->token_n));
	pthread_mutex_unlock(&r->lock);
	return good;
}

static void token_store(struct remote *r, struct str token, int64_t life_s)
{
	int64_t margin_s = life_s > 2 * TOKEN_MARGIN_S ? TOKEN_MARGIN_S : life_s / 2;
	assert(token.n <= sizeof r->token && life_s >= 1);
	pthread_mutex_lock(&r->lock);
	memcpy(r->token, token.p, token.n);
	r->token_n = token.n;
	r->token_until = clock_mono() + (life_s - margin_s) * CLOCK_SECOND;
	pthread_mutex_unlock(&r->lock);
}

static void token_drop(struct remote *r)
{
	pthread_mutex_lock(&r->lock);
	r->token_n = 0;
	pthread_mutex_unlock(&r->lock);
}

static enum rc grant_make(const struct remote_config *c, struct arena *a, struct str *form_out)
{
	struct buf claims = BUF(a), form = BUF(a);
	struct jsw w = JSW(&claims);
	struct str grant;
	int64_t now = clock_real() / CLOCK_SECOND;
	jsw_obj(&w);
	jsw_kz(&w, "iss", c->client_id);
	jsw_kz(&w, "aud", c->issuer);
	jsw_kz(&w, "scope", REMOTE_SCOPE);
	jsw_ki64(&w, "iat", now);
	jsw_ki64(&w, "exp", now + GRANT_LIFE_S);
	jsw_kstr(&w, "jti", rand_code(a, ISSUER_JTI_BYTES));
	jsw_end_obj(&w);
	TRY(jws_sign(a, c->key, jwk_alg(c->key), STR_NONE, buf_str(&claims), &grant));
	buf_lit(&form, "grant_type=");
	buf_form(&form, STR(OAUTH_GRANT_JWT));
	buf_lit(&form, "&assertion=");
	buf_form(&form, grant);
	*form_out = buf_str(&form);
	return RC_OK;
}

/* A bearer token is nothing but visible characters (RFC 6750 section 2.1): nothing here ends a header line. */
static enum rc token_read(struct arena *a, struct str body, struct str *token_out, int64_t *life_s_out)
{
	const struct js *o;
	struct str token;
	int64_t life;
	if (js_parse(a, js_unmarked(body), NULL, &o, NULL) != RC_OK ||
	    js_member_str(o, "access_token", &token) != RC_OK)
		return RC_INVALID;
	if (token.n == 0 || token.n > TOKEN_MAX || !str_only(token, "-._~+/="))
		return RC_INVALID;
	if (js_member_i64(o, "expires_in", &life) != RC_OK || life < 1 || life > OAUTH_TOKEN_LIFE_MAX_S)
		life = 1;
	*token_out = token;
	*life_s_out = life;
	return RC_OK;
}

static enum rc unavailable(const char *trace_id, const char *step, int status, struct str why)
{
	log_error("consent.lookup_failed", KV("trace", trace_id), KV("step", step), KV("status", status),
		  KV("why", why.p ? why : STR("")));
	return RC_BUSY;
}

static int left_s(int64_t deadline_us)
{
	int64_t left = deadline_us - clock_mono();
	return left < CLOCK_SECOND ? 1 : (int)((left + CLOCK_SECOND - 1) / CLOCK_SECOND);
}

static enum rc token_fetch(struct issuer *issuer, struct arena *a, const char *trace_id, int64_t deadline_us,
			   struct str *token_out)
{
	static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded", NULL };
	struct remote *r = issuer->remote;
	struct net_res res = { 0 };
	struct str form, why = STR_NONE;
	int64_t life_s;
	TRY(grant_make(&r->cfg, a, &form));
	const struct net_req call = {
		.method = "POST",
		.url = arena_cstr(a, arena_fmt(a, "%stoken", r->cfg.issuer)),
		.headers = headers,
		.body = form,
		.timeout_s = left_s(deadline_us),
	};
	if (net_pool_fetch(issuer->outgoing, a, &call, &res, &why) != RC_OK || res.status != 200)
		return unavailable(trace_id, "token", res.status, why);
	if (token_read(a, res.body, token_out, &life_s) != RC_OK)
		return unavailable(trace_id, "token", res.status, STR("not understood"));
	token_store(r, *token_out, life_s);
	return RC_OK;
}

static enum rc token_get(struct issuer *issuer, struct arena *a, const char *trace_id, int64_t deadline_us,
			 struct str *token_out)
{
	if (token_cached(issuer->remote, a, token_out))
		return RC_OK;
	if (issuer->remote->cfg.client_id)
		return token_fetch(issuer, a, trace_id, deadline_us, token_out);
	enum rc rc = issuer_own_token(issuer, a, STR(REMOTE_SCOPE), TOKEN_LIFE_S, token_out);
	if (rc == RC_STALE)
		return rc;
	if (rc != RC_OK)
		return unavailable(trace_id, "token", 0, str_of(rc_name(rc)));
	if (token_out->n <= TOKEN_MAX)
		token_store(issuer->remote, *token_out, TOKEN_LIFE_S);
	return RC_OK;
}

/* ---- the answer ---- */

/* Several problems at once are a 500 with this code there, as with us: an answer all the same. */
static bool is_refusal(struct arena *a, int status, struct str body)
{
	const struct js *o;
	struct str code;
	if (status == 400 || status == 404)
		return true;
	return status == 500 && js_parse(a, js_unmarked(body), NULL, &o, NULL) == RC_OK &&
	       js_member_str(o, "code", &code) == RC_OK && str_is(code, "STD-00001");
}

static enum rc rights_check(struct arena *a, const struct js *list, struct consent *c)
{
	struct buf b = BUF(a);
	if (!js_is(list, JS_ARRAY) || list->n == 0 || list->n > RIGHTS_MAX)
		return RC_INVALID;
	js_write(&b, list);
	TRY(rights_parse(a, buf_str(&b), &c->rights));
	for (const struct right *r = c->rights; r; r = r->next)
		if (r->n_actions == 0 || r->resource_type.n == 0 || r->resource.n == 0)
			return RC_INVALID;
	return RC_OK;
}

static enum rc info_read(struct arena *a, const struct js *o, const struct oauth_consent *detail, struct consent *c)
{
	struct str id, from, to;
	int64_t consented;
	TRY(js_member_str(o, "id", &id));
	TRY(js_member_str(o, "from", &from));
	TRY(js_member_str(o, "to", &to));
	TRY(js_member_str(o, "consented", &c->consented_text));
	TRY(js_member_str(o, "validTo", &c->valid_to_text));
	TRY(uuid_parse(id, &c->id));
	TRY(urn_parse(a, from, &c->from));
	TRY(urn_parse(a, to, &c->to));
	TRY(clock_parse(c->consented_text, &consented));
	TRY(clock_parse(c->valid_to_text, &c->valid_to));
	if (!uuid_eq(c->id, detail->id) || !urn_eq(c->from, detail->from) || c->to.kind != URN_ORG)
		return RC_INVALID;
	return rights_check(a, js_get(o, "consentRights"), c);
}

enum rc remote_read(struct arena *a, int status, struct str body, const struct oauth_consent *detail,
		    struct consent **out, const char **why_out)
{
	const struct js *o;
	struct consent *c = arena_new(a, struct consent);
	*why_out = "the answer is too large";
	if (body.n > REMOTE_MAX_ANSWER)
		return RC_BUSY;
	if (is_refusal(a, status, body))
		return RC_DENIED;
	*why_out = "no answer to the question";
	if (status != 200)
		return RC_BUSY;
	*why_out = "not understood, or of another consent";
	const struct js_opts opts = { .any_case = true }; /* verifiers look for metadata in any letter case */
	if (js_parse(a, js_unmarked(body), &opts, &o, NULL) != RC_OK || !js_is(o, JS_OBJECT) ||
	    info_read(a, o, detail, c) != RC_OK)
		return RC_BUSY;
	*out = c;
	return RC_OK;
}

static struct str question_text(struct arena *a, const struct oauth_consent *detail, struct urn to)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	char id[UUID_TEXT];
	jsw_obj(&w);
	jsw_kstr(&w, "id", uuid_text(detail->id, id));
	jsw_kstr(&w, "from", urn_str(a, detail->from));
	jsw_kstr(&w, "to", urn_str(a, to));
	jsw_end_obj(&w);
	return buf_str(&b);
}

enum rc remote_lookup(struct issuer *issuer, struct arena *a, const char *trace_id, const struct oauth_consent *detail,
		      struct urn to, struct consent **out)
{
	struct remote *r = issuer->remote;
	int64_t deadline_us = clock_mono() + r->cfg.timeout_s * CLOCK_SECOND;
	struct net_res res = { 0 };
	struct str token, why = STR_NONE;
	TRY(token_get(issuer, a, trace_id, deadline_us, &token));
	const char *key = r->cfg.subscription_key;
	const char *headers[] = {
		"Content-Type: application/json",
		"Accept: application/json",
		arena_cstr(a, arena_fmt(a, "Authorization: Bearer %.*s", STR_FMT(token))),
		key ? arena_cstr(a, arena_fmt(a, "Ocp-Apim-Subscription-Key: %s", key)) : NULL,
		NULL,
	};
	const struct net_req call = { .method = "POST",
				      .url = r->cfg.url,
				      .headers = headers,
				      .body = question_text(a, detail, to),
				      .timeout_s = left_s(deadline_us) };
	if (net_pool_fetch(issuer->outgoing, a, &call, &res, &why) != RC_OK)
		return unavailable(trace_id, "lookup", 0, why);
	if (res.status == 401)
		token_drop(r);
	const char *reason;
	enum rc rc = remote_read(a, res.status, res.body, detail, out, &reason);
	return rc == RC_BUSY ? unavailable(trace_id, "lookup", res.status, str_of(reason)) : rc;
}
