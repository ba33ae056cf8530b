#include "internal.h"

#include <stdlib.h>

static void jwks_drop(struct keyset *s)
{
	jwks_finish(&s->keys);
	free(s);
}

void keyset_release(struct keyset *s)
{
	if (s && atomic_fetch_sub(&s->refs, 1) == 1)
		jwks_drop(s);
}

static struct keyset *keyset_hold(struct keys *k)
{
	pthread_mutex_lock(&k->lock);
	struct keyset *s = k->current;
	if (s)
		atomic_fetch_add(&s->refs, 1);
	pthread_mutex_unlock(&k->lock);
	return s;
}

static void keyset_replace(struct keys *k, struct keyset *s)
{
	pthread_mutex_lock(&k->lock);
	struct keyset *old = k->current;
	k->current = s;
	k->fetched_at = clock_mono();
	pthread_mutex_unlock(&k->lock);
	keyset_release(old);
}

static enum rc keyset_make(struct arena *a, struct str json, struct keyset **out)
{
	struct keyset *s = calloc(1, sizeof *s);

	if (!s)
		return RC_FAIL;
	s->refs = 1;
	if (jwks_parse(a, json, &s->keys) != RC_OK || s->keys.n == 0) {
		jwks_drop(s);
		return RC_INVALID;
	}
	*out = s;
	return RC_OK;
}

enum rc keys_init(struct keys *k, const char *jwks_json)
{
	struct arena a CLEANUP(arena_finish) = { 0 };

	pthread_mutex_init(&k->lock, NULL);
	pthread_mutex_init(&k->fetching, NULL);
	if (!jwks_json)
		return RC_OK;
	k->fixed = true;
	return keyset_make(&a, str_of(jwks_json), &k->current);
}

void keys_finish(struct keys *k)
{
	keyset_release(k->current);
	pthread_mutex_destroy(&k->lock);
	pthread_mutex_destroy(&k->fetching);
}

static enum rc get_json(struct arena *a, const char *url, struct str *body_out)
{
	struct net_res res;

	TRY(net_fetch(a, &(struct net_req){ .method = "GET", .url = url }, &res, NULL));
	if (res.status != 200)
		return RC_BUSY;
	*body_out = res.body;
	return RC_OK;
}

/* RFC 8414 §3.1: the well-known part goes between host and path; the issuers at hand have the path "/". The document
 * must name the issuer it was asked for (§3.3). */
static enum rc discover(struct keys *k, struct arena *a, const char **url_out)
{
	struct str issuer = str_of(k->issuer), found, uri, body;
	const struct js *doc;

	while (str_ends(issuer, STR("/")))
		issuer.n--;
	TRY(get_json(a, arena_cstr(a, arena_fmt(a, "%.*s/.well-known/oauth-authorization-server", STR_FMT(issuer))),
		     &body));
	TRY(js_parse(a, body, NULL, &doc, NULL));
	TRY(js_member_str(doc, "issuer", &found));
	TRY(js_member_str(doc, "jwks_uri", &uri));
	if (!str_is(found, k->issuer))
		return RC_DENIED;
	*url_out = arena_cstr(a, uri);
	return RC_OK;
}

static enum rc fetch(struct keys *k)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	const char *url = k->url;
	struct keyset *s;
	struct str body;

	if (!url)
		TRY(discover(k, &a, &url));
	TRY(get_json(&a, url, &body));
	TRY(keyset_make(&a, body, &s));
	keyset_replace(k, s);
	return RC_OK;
}

/* Fetches unless somebody else has just done or tried it. Who can go on without (`wait` false) does not wait for a
 * fetch that is under way. */
static void refresh(struct keys *k, bool wait, int64_t not_before)
{
	if (k->fixed)
		return;
	if (wait)
		pthread_mutex_lock(&k->fetching);
	else if (pthread_mutex_trylock(&k->fetching) != 0)
		return;
	if (!k->tried_at || k->tried_at < not_before) {
		(void)fetch(k);             /* what failed shows in the set that is there, or is not */
		k->tried_at = clock_mono(); /* its end: who came meanwhile need not fetch again */
	}
	pthread_mutex_unlock(&k->fetching);
}

static bool is_old(struct keys *k)
{
	pthread_mutex_lock(&k->lock);
	bool old = !k->fixed && clock_mono() - k->fetched_at > k->max_age;
	pthread_mutex_unlock(&k->lock);
	return old;
}

static enum rc find(struct keyset *s, struct str kid, struct jwk **out)
{
	if (kid.p)
		return jwks_find(&s->keys, kid, out);
	if (s->keys.n != 1) /* no kid is fine only where there is no choice */
		return RC_NOT_FOUND;
	*out = s->keys.keys[0];
	return RC_OK;
}

enum rc keys_get(struct keys *k, struct str kid, struct keyset **set_out, struct jwk **key_out)
{
	struct keyset *s = keyset_hold(k);

	if (!s || is_old(k)) {
		refresh(k, s == NULL, clock_mono() - (s ? k->min_wait : 0));
		keyset_release(s);
		s = keyset_hold(k);
	}
	if (!s)
		return RC_BUSY;
	enum rc rc = find(s, kid, key_out);
	if (rc == RC_NOT_FOUND && !k->fixed) {
		refresh(k, true, clock_mono() - k->min_wait);
		keyset_release(s);
		s = keyset_hold(k);
		rc = find(s, kid, key_out);
	}
	if (rc != RC_OK) {
		keyset_release(s);
		return rc;
	}
	*set_out = s;
	return RC_OK;
}
