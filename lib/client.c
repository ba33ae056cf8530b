#include "internal.h"

#include <assert.h>
#include <stdlib.h>

#define GRANT_LIFE_S 100 /* the issuer accepts at most 120 */
#define TOKEN_SPARE_S 10 /* a cached token is not returned so shortly before its end */
#define CACHED_MAX_S 86400
#define CACHED_TOKENS 8
#define USE_PATH "/accessmanagement/api/v1/resourceowner/consents"
#define REQUEST_PATH "/accessmanagement/api/v1/enterprise/consentrequests"

struct cached_token {
	char *scope;
	char *token;
	int64_t until; /* clock_mono() */
};
struct samtykke_client {
	struct arena arena;
	struct samtykke_client_options o;
	struct str base;
	struct str issuer;
	struct jwk *key;
	pthread_mutex_t lock; /* cached, skew */
	struct cached_token cached[CACHED_TOKENS];
	size_t next_cached;
	bool skew_known;
	int64_t skew;       /* server's time − ours, µs */
	pthread_key_t last; /* struct last_error of this thread */
};
struct last_error {
	int status;
	char *body;
};

static const char *copy(struct arena *a, const char *z)
{
	return z ? arena_cstr(a, str_of(z)) : NULL;
}

/* Text that may be a token. */
static void secret_free(char *z)
{
	if (z)
		str_wipe(str_of(z));
	free(z);
}

static void last_free(void *p)
{
	struct last_error *l = p;
	secret_free(l->body);
	free(l);
}

static void last_set(struct samtykke_client *c, int status, struct str body)
{
	struct last_error *l = pthread_getspecific(c->last);
	if (!l) {
		l = calloc(1, sizeof *l);
		if (!l || pthread_setspecific(c->last, l) != 0) {
			free(l);
			return;
		}
	}
	secret_free(l->body);
	l->status = status;
	l->body = strndup(body.p ? body.p : "", body.n);
}

int samtykke_client_status(const struct samtykke_client *c)
{
	const struct last_error *l = pthread_getspecific(c->last);
	return l ? l->status : 0;
}

const char *samtykke_client_error(const struct samtykke_client *c)
{
	const struct last_error *l = pthread_getspecific(c->last);
	return l && l->body ? l->body : "";
}

static enum rc key_read(struct samtykke_client *c, const char *text)
{
	const struct js *o;
	if (!text)
		return RC_OK;
	TRY(js_parse(&c->arena, str_of(text), NULL, &o, NULL));
	TRY(jwk_parse(o, &c->key, NULL));
	return jwk_is_private(c->key) ? RC_OK : RC_INVALID;
}

enum samtykke_rc samtykke_client_create(const struct samtykke_client_options *options, struct samtykke_client **out)
{
	if (!options || !out || options->size != sizeof *options || !options->base_url || options->timeout_s < 0)
		return SAMTYKKE_BAD_ARGUMENT;
	struct samtykke_client *c = calloc(1, sizeof *c);
	if (!c)
		return SAMTYKKE_NO_MEMORY;
	if (pthread_key_create(&c->last, last_free) != 0) { /* the process has no more of them */
		free(c);
		return SAMTYKKE_NO_MEMORY;
	}
	struct str base = str_of(options->base_url);
	while (str_ends(base, STR("/")))
		base.n--;
	c->o = *options;
	c->base = arena_str(&c->arena, base);
	c->issuer = options->issuer ? arena_str(&c->arena, str_of(options->issuer))
				    : arena_fmt(&c->arena, "%.*s/", STR_FMT(base));
	c->o.client_id = copy(&c->arena, options->client_id);
	c->o.consumer_org = copy(&c->arena, options->consumer_org);
	c->o.ca_file = copy(&c->arena, options->ca_file);
	pthread_mutex_init(&c->lock, NULL);
	if (key_read(c, options->private_jwk) != RC_OK) {
		samtykke_client_destroy(c);
		return SAMTYKKE_BAD_ARGUMENT;
	}
	*out = c;
	return SAMTYKKE_OK;
}

void samtykke_client_destroy(struct samtykke_client *c)
{
	if (!c)
		return;
	struct last_error *l = pthread_getspecific(c->last);
	if (l)
		last_free(l);
	pthread_key_delete(c->last);
	for (size_t i = 0; i < CACHED_TOKENS; i++) {
		free(c->cached[i].scope);
		secret_free(c->cached[i].token);
	}
	jwk_unref(c->key);
	pthread_mutex_destroy(&c->lock);
	arena_finish(&c->arena);
	free(c);
}

/* ---- one exchange ---- */

static void trace(struct samtykke_client *c, struct arena *a, const struct net_req *req, const struct net_res *res)
{
	struct buf headers = BUF(a);
	if (!c->o.trace)
		return;
	for (const char *const *h = req->headers; h && *h; h++) {
		buf_z(&headers, *h);
		buf_c(&headers, '\n');
	}
	c->o.trace(c->o.trace_ctx, req->method, req->url, buf_cstr(&headers),
		   req->body.p ? arena_cstr(a, req->body) : NULL, res->status, arena_cstr(a, res->headers),
		   arena_cstr(a, res->body));
}

static bool is_below(struct str url, struct str base)
{
	return str_starts(url, base) && (url.n == base.n || url.p[base.n] == '/');
}

/* Only the platform's clock counts: a data source may have another one. */
static void skew_learn(struct samtykke_client *c, const char *url, const struct net_res *res)
{
	int64_t server;
	if (!c->o.server_time || !is_below(str_of(url), c->base) ||
	    clock_http_parse(net_header(res, "Date"), &server) != RC_OK)
		return;
	pthread_mutex_lock(&c->lock);
	/* The header has whole seconds; on average half a second is cut off. */
	c->skew = server + CLOCK_SECOND / 2 - clock_real();
	c->skew_known = true;
	pthread_mutex_unlock(&c->lock);
}

/* req->timeout_s: seconds that this answer may take longer than others. */
static enum samtykke_rc exchange_whole(struct samtykke_client *c, struct arena *a, const struct net_req *req,
				       struct net_res *out)
{
	struct net_req timed = *req;
	struct str why = STR_NONE;
	timed.ca_file = c->o.ca_file;
	timed.timeout_s += c->o.timeout_s ? c->o.timeout_s : NET_TIMEOUT_S;
	if (net_fetch(a, &timed, out, &why) != RC_OK) {
		last_set(c, 0, why);
		return SAMTYKKE_UNAVAILABLE;
	}
	trace(c, a, &timed, out);
	skew_learn(c, timed.url, out);
	if (out->status >= 200 && out->status < 300)
		return SAMTYKKE_OK;
	last_set(c, out->status, out->body);
	return out->status == 429 || out->status == 503 ? SAMTYKKE_UNAVAILABLE : SAMTYKKE_REFUSED;
}

static enum samtykke_rc exchange(struct samtykke_client *c, struct arena *a, const struct net_req *req,
				 struct str *body_out)
{
	struct net_res res;
	enum samtykke_rc rc = exchange_whole(c, a, req, &res);
	if (rc == SAMTYKKE_OK)
		*body_out = res.body;
	return rc;
}

/* ---- tokens ---- */

static void time_ask(struct samtykke_client *c, struct arena *a)
{
	const char *url = arena_cstr(a, arena_fmt(a, "%.*s/health/live", STR_FMT(c->base)));
	struct str body;
	(void)exchange(c, a, &(struct net_req){ .method = "GET", .url = url }, &body);
}

static int64_t now_us(struct samtykke_client *c)
{
	pthread_mutex_lock(&c->lock);
	int64_t now = clock_real() + c->skew;
	pthread_mutex_unlock(&c->lock);
	return now;
}

int64_t samtykke_client_now(struct samtykke_client *c)
{
	struct arena a CLEANUP(arena_finish) = { 0 };

	if (c->o.server_time)
		time_ask(c, &a);
	return now_us(c);
}

/* A sandbox whose clock was moved refuses a grant with this machine's time, so it is asked for its time first. */
static int64_t grant_now(struct samtykke_client *c, struct arena *a)
{
	pthread_mutex_lock(&c->lock);
	bool known = c->skew_known;
	pthread_mutex_unlock(&c->lock);
	if (c->o.server_time && !known)
		time_ask(c, a);
	return now_us(c) / CLOCK_SECOND;
}

/* = RFC 7523 §3 as Maskinporten applies it: aud is the issuer, jti is unique, exp − iat ≤ 120 s, no sub. */
static struct str grant_claims(struct samtykke_client *c, struct arena *a, const char *scope, const char *consent_id,
			       const char *from)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	int64_t now = grant_now(c, a);
	jsw_obj(&w);
	jsw_kstr(&w, "aud", c->issuer);
	jsw_kz(&w, "iss", c->o.client_id);
	jsw_kz(&w, "scope", scope);
	jsw_ki64(&w, "iat", now);
	jsw_ki64(&w, "exp", now + GRANT_LIFE_S);
	jsw_kstr(&w, "jti", uuid_str(a, uuid_v4()));
	if (c->o.consumer_org)
		jsw_kz(&w, "consumer_org", c->o.consumer_org);
	if (consent_id) {
		jsw_key(&w, "authorization_details");
		jsw_arr(&w);
		jsw_obj(&w);
		jsw_kz(&w, "type", "urn:altinn:consent");
		jsw_kz(&w, "id", consent_id);
		jsw_kz(&w, "from", from);
		jsw_end_obj(&w);
		jsw_end_arr(&w);
	}
	jsw_end_obj(&w);
	return buf_str(&b);
}

static enum samtykke_rc token_fetch(struct samtykke_client *c, struct arena *a, struct str claims, char **token_out,
				    int64_t *life_out)
{
	static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded",
					       "Accept: application/json", NULL };
	struct buf form = BUF(a);
	struct str assertion, body, token;
	const struct js *answer;
	if (jws_sign(a, c->key, jwk_alg(c->key), STR_NONE, claims, &assertion) != RC_OK)
		return SAMTYKKE_BAD_ARGUMENT;
	buf_lit(&form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
	buf_form(&form, assertion);
	const struct net_req req = {
		.method = "POST",
		.url = arena_cstr(a, arena_fmt(a, "%.*stoken", STR_FMT(c->issuer))),
		.headers = headers,
		.body = buf_str(&form),
	};
	enum samtykke_rc rc = exchange(c, a, &req, &body);
	if (rc != SAMTYKKE_OK)
		return rc;
	if (js_parse(a, body, NULL, &answer, NULL) != RC_OK || js_member_str(answer, "access_token", &token) != RC_OK ||
	    js_member_i64(answer, "expires_in", life_out) != RC_OK || *life_out < 0)
		return SAMTYKKE_MALFORMED;
	*token_out = strndup(token.p, token.n);
	return *token_out ? SAMTYKKE_OK : SAMTYKKE_NO_MEMORY;
}

static char *cache_find(struct samtykke_client *c, const char *scope)
{
	char *found = NULL;
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < CACHED_TOKENS && !found; i++)
		if (c->cached[i].scope && strcmp(c->cached[i].scope, scope) == 0 && c->cached[i].until > clock_mono())
			found = strdup(c->cached[i].token);
	pthread_mutex_unlock(&c->lock);
	return found;
}

static void cache_add(struct samtykke_client *c, const char *scope, const char *token, int64_t life_s)
{
	assert(scope && token && life_s >= 0);
	life_s = life_s < CACHED_MAX_S ? life_s : CACHED_MAX_S;
	pthread_mutex_lock(&c->lock);
	struct cached_token *k = &c->cached[c->next_cached++ % CACHED_TOKENS];
	free(k->scope);
	secret_free(k->token);
	*k = (struct cached_token){ strdup(scope), strdup(token),
				    clock_mono() + (life_s - TOKEN_SPARE_S) * CLOCK_SECOND };
	pthread_mutex_unlock(&c->lock);
}

static void cache_drop(struct samtykke_client *c, const char *token)
{
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < CACHED_TOKENS; i++)
		if (c->cached[i].token && strcmp(c->cached[i].token, token) == 0)
			c->cached[i].until = 0;
	pthread_mutex_unlock(&c->lock);
}

enum samtykke_rc samtykke_client_token(struct samtykke_client *c, const char *scope, const char *consent_id,
				       const char *from, char **token_out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	int64_t life_s = 0;

	if (!c || !scope || !token_out || !c->key || !c->o.client_id || !consent_id != !from)
		return SAMTYKKE_BAD_ARGUMENT;
	char *cached = consent_id ? NULL : cache_find(c, scope);
	if (cached) {
		*token_out = cached;
		return SAMTYKKE_OK;
	}
	enum samtykke_rc rc = token_fetch(c, &a, grant_claims(c, &a, scope, consent_id, from), token_out, &life_s);
	if (rc == SAMTYKKE_OK && !consent_id)
		cache_add(c, scope, *token_out, life_s);
	return rc;
}

enum samtykke_rc samtykke_client_fetch(struct samtykke_client *c, const char *url, const char *token, char **body_out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str body;

	if (!c || !url || !body_out)
		return SAMTYKKE_BAD_ARGUMENT;
	const char *const headers[] = { "Accept: application/json",
					token ? arena_cstr(&a, arena_fmt(&a, "Authorization: Bearer %s", token)) : NULL,
					NULL };
	enum samtykke_rc rc =
		exchange(c, &a, &(struct net_req){ .method = "GET", .url = url, .headers = headers }, &body);
	if (rc != SAMTYKKE_OK)
		return rc;
	*body_out = strndup(body.p ? body.p : "", body.n);
	return *body_out ? SAMTYKKE_OK : SAMTYKKE_NO_MEMORY;
}

/* ---- requests ---- */

static void write_metadata(struct jsw *w, const char *const *pairs)
{
	jsw_key(w, "metadata");
	jsw_obj(w);
	for (; pairs && pairs[0]; pairs += 2) {
		jsw_key_str(w, str_of(pairs[0]));
		jsw_z(w, pairs[1]);
	}
	jsw_end_obj(w);
}

static void write_right(struct jsw *w, const struct samtykke_right *r)
{
	jsw_obj(w);
	jsw_key(w, "action");
	jsw_arr(w);
	jsw_z(w, r->action ? r->action : "consent");
	jsw_end_arr(w);
	jsw_key(w, "resource");
	jsw_arr(w);
	jsw_obj(w);
	jsw_kz(w, "type", "urn:altinn:resource");
	jsw_kz(w, "value", r->resource);
	jsw_end_obj(w);
	jsw_end_arr(w);
	if (r->metadata)
		write_metadata(w, r->metadata);
	jsw_end_obj(w);
}

static struct str party_text(struct arena *a, const char *number)
{
	if (str_starts(str_of(number), STR("urn:")))
		return str_of(number);
	return arena_fmt(a, "urn:altinn:%s:identifier-no:%s", strlen(number) == 9 ? "organization" : "person", number);
}

static void write_message(struct jsw *w, const char *const *message)
{
	jsw_key(w, "requestMessage");
	jsw_obj(w);
	for (; message[0]; message += 2) {
		jsw_key_str(w, str_of(message[0]));
		jsw_z(w, message[1]);
	}
	jsw_end_obj(w);
}

static struct str request_body(struct arena *a, const struct samtykke_request *r, struct str to)
{
	char time[CLOCK_TEXT_MAX];
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kstr(&w, "id", r->id ? str_of(r->id) : uuid_str(a, uuid_v4()));
	jsw_kstr(&w, "from", party_text(a, r->from));
	jsw_kstr(&w, "to", party_text(a, arena_cstr(a, to)));
	jsw_kstr(&w, "validTo", clock_text(r->valid_to, time));
	jsw_key(&w, "consentRights");
	jsw_arr(&w);
	for (size_t i = 0; i < r->n_rights; i++)
		write_right(&w, &r->rights[i]);
	jsw_end_arr(&w);
	if (r->message)
		write_message(&w, r->message);
	jsw_kz(&w, "redirectUrl", r->redirect_url);
	jsw_kz(&w, "portalViewMode", r->show_in_portal ? "Show" : "Hide");
	jsw_end_obj(&w);
	return buf_str(&b);
}

static void freep(char **p)
{
	secret_free(*p);
}

static enum samtykke_rc api_call(struct samtykke_client *c, struct arena *a, const char *token, const char *method,
				 const char *path, struct str body, struct samtykke_answer **out)
{
	const char *headers[4] = { arena_cstr(a, arena_fmt(a, "Authorization: Bearer %s", token)),
				   "Accept: application/json", NULL };
	struct str answer;
	if (body.p)
		headers[2] = "Content-Type: application/json";
	const struct net_req req = {
		.method = method,
		.url = arena_cstr(a, arena_fmt(a, "%.*s%s", STR_FMT(c->base), path)),
		.headers = headers,
		.body = body,
	};
	enum samtykke_rc rc = exchange(c, a, &req, &answer);
	return rc == SAMTYKKE_OK ? answer_make(answer, out) : rc;
}

static void inspect_free(struct samtykke_token **t)
{
	samtykke_token_destroy(*t);
}

/* The recipient of a consent request is the consumer in its token. */
static enum samtykke_rc consumer_read(struct arena *a, const char *token, struct str *out)
{
	struct samtykke_token *t CLEANUP(inspect_free) = NULL;
	enum samtykke_rc rc = samtykke_inspect(token, strlen(token), &t);

	if (rc != SAMTYKKE_OK)
		return rc;
	if (!samtykke_token_consumer(t))
		return SAMTYKKE_BAD_ARGUMENT;
	*out = arena_str(a, str_of(samtykke_token_consumer(t)));
	return SAMTYKKE_OK;
}

static bool rights_ok(const struct samtykke_request *r)
{
	for (size_t i = 0; i < r->n_rights; i++)
		if (!r->rights || !r->rights[i].resource)
			return false;
	return true;
}

enum samtykke_rc samtykke_request_create(struct samtykke_client *c, const struct samtykke_request *r,
					 struct samtykke_answer **out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	char *token CLEANUP(freep) = NULL;
	struct str to;

	if (!c || !r || r->size != sizeof *r || !r->from || !r->redirect_url || !out || !rights_ok(r))
		return SAMTYKKE_BAD_ARGUMENT;
	enum samtykke_rc rc = samtykke_client_token(c, "altinn:consentrequests.write", NULL, NULL, &token);
	if (rc != SAMTYKKE_OK)
		return rc;
	to = str_of(r->to);
	if (!to.p)
		rc = consumer_read(&a, token, &to);
	if (rc != SAMTYKKE_OK)
		return rc;
	return api_call(c, &a, token, "POST", REQUEST_PATH, request_body(&a, r, to), out);
}

enum samtykke_rc samtykke_request_get(struct samtykke_client *c, const char *id, struct samtykke_answer **out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	char *token CLEANUP(freep) = NULL;
	struct uuid uuid;
	char text[UUID_TEXT];

	if (!c || !id || !out || uuid_parse(str_of(id), &uuid) != RC_OK)
		return SAMTYKKE_BAD_ARGUMENT;
	enum samtykke_rc rc = samtykke_client_token(c, "altinn:consentrequests.read", NULL, NULL, &token);
	if (rc != SAMTYKKE_OK)
		return rc;
	struct str path = arena_fmt(&a, REQUEST_PATH "/%.*s", STR_FMT(uuid_text(uuid, text)));
	return api_call(c, &a, token, "GET", arena_cstr(&a, path), STR_NONE, out);
}

/* ---- events ---- */

static void query_add(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_c(b, str_find(buf_str(b), STR("?")) < 0 ? '?' : '&');
	buf_z(b, name);
	buf_c(b, '=');
	buf_url(b, str_of(value));
}

static const char *events_url(struct samtykke_client *c, struct arena *a, const struct samtykke_feed *f)
{
	struct buf b = BUF(a);
	buf_add(&b, c->base);
	buf_lit(&b, REQUEST_PATH "/events");
	query_add(&b, "continuationToken", f->after);
	for (const char *const *type = f->types; type && *type; type++)
		query_add(&b, "eventType", *type);
	query_add(&b, "consentRequestId", f->consent_id);
	if (f->wait_s > 0)
		query_add(&b, "wait", arena_cstr(a, arena_fmt(a, "%d", f->wait_s)));
	return buf_cstr(&b);
}

static enum samtykke_rc events_once(struct samtykke_client *c, struct arena *a, const struct samtykke_feed *f,
				    struct samtykke_answer **out)
{
	char *token CLEANUP(freep) = NULL;
	struct net_res res;
	enum samtykke_rc rc = samtykke_client_token(c, "altinn:consentrequests.read", NULL, NULL, &token);

	if (rc != SAMTYKKE_OK)
		return rc;
	const char *const headers[] = { arena_cstr(a, arena_fmt(a, "Authorization: Bearer %s", token)),
					"Accept: application/json", NULL };
	rc = exchange_whole(c, a,
			    &(struct net_req){ .method = "GET",
					       .url = events_url(c, a, f),
					       .headers = headers,
					       .timeout_s = f->wait_s > 0 ? f->wait_s : 0 },
			    &res);
	if (rc == SAMTYKKE_REFUSED && samtykke_client_status(c) == 401)
		cache_drop(c, token);
	if (rc != SAMTYKKE_OK)
		return rc;
	struct str cursor = net_header(&res, "X-Continuation-Token");
	return events_make(res.body, cursor.n ? cursor : str_of(f->after), out);
}

enum samtykke_rc samtykke_events(struct samtykke_client *c, const struct samtykke_feed *f, struct samtykke_answer **out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };

	if (!c || !f || f->size != sizeof *f || !out || f->wait_s < 0)
		return SAMTYKKE_BAD_ARGUMENT;
	enum samtykke_rc rc = events_once(c, &a, f, out);
	/* The token may have ended while the server waited for an event. */
	if (rc == SAMTYKKE_REFUSED && samtykke_client_status(c) == 401)
		rc = events_once(c, &a, f, out);
	return rc;
}

/* ---- uses ---- */

static struct str use_body(struct arena *a, const char *resource, const char *reference, int64_t time)
{
	char text[CLOCK_TEXT_MAX];
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kz(&w, "resource", resource);
	if (reference)
		jsw_kz(&w, "reference", reference);
	if (time)
		jsw_kstr(&w, "time", clock_text(time, text));
	jsw_end_obj(&w);
	return buf_str(&b);
}

enum samtykke_rc samtykke_use_report(struct samtykke_client *c, const char *consent_id, const char *resource,
				     const char *reference, int64_t time)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	char *token CLEANUP(freep) = NULL;
	struct samtykke_answer *answer;
	struct uuid uuid;
	char id[UUID_TEXT];

	if (!c || !consent_id || !resource || uuid_parse(str_of(consent_id), &uuid) != RC_OK)
		return SAMTYKKE_BAD_ARGUMENT;
	enum samtykke_rc rc = samtykke_client_token(c, "altinn:consents.use", NULL, NULL, &token);
	if (rc != SAMTYKKE_OK)
		return rc;
	struct str path = arena_fmt(&a, USE_PATH "/%.*s/use", STR_FMT(uuid_text(uuid, id)));
	rc = api_call(c, &a, token, "POST", arena_cstr(&a, path), use_body(&a, resource, reference, time), &answer);
	if (rc == SAMTYKKE_OK)
		samtykke_answer_destroy(answer);
	return rc;
}
