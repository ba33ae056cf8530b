#include "gate/issuers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "base/url.h"

#define ISSUER_TEXT_MAX 512 /* bytes of one address */

struct keyset {
	_Atomic int refs;
	struct jwks keys;
};

/* A call that waits for another one's fetch. */
struct follower {
	struct waiter waiter;
	struct follower *next;
};

struct issuer {
	char name[ISSUER_TEXT_MAX + 1];
	char url[ISSUER_TEXT_MAX + 1];
	bool enduser;
	pthread_mutex_t lock; /* of all that follows; never held while waiting */
	struct keyset *current;
	/* clock_mono(); 0 = never */
	int64_t fetched_at;
	int64_t tried_at;
	bool fetching;
	struct follower *followers;
};

struct issuers {
	struct net_pool *pool;
	int64_t min_wait_us;
	int max_waiting;
	_Atomic int waiting; /* of all issuers */
	struct issuer all[ISSUERS_MAX];
	size_t n;
};

static void keyset_release(struct keyset *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	jwks_finish(&s->keys);
	free(s);
}

static void keyset_releasep(struct keyset **s)
{
	keyset_release(*s);
}

/* ---- the setting ---- */

static bool address_copy(struct str text, char out[ISSUER_TEXT_MAX + 1])
{
	struct url u;
	bool http = str_starts(text, STR("https://")) || str_starts(text, STR("http://"));
	if (!http || text.n > ISSUER_TEXT_MAX || url_parse(text, &u) != RC_OK || u.authority.n == 0)
		return false;
	memcpy(out, text.p, text.n);
	return true;
}

static bool word_next(struct str *rest, struct str *word_out)
{
	*rest = str_trim(*rest);
	if (rest->n == 0)
		return false;
	struct str tail = STR_NONE;
	(void)str_cut(*rest, ' ', word_out, &tail);
	*rest = tail;
	return true;
}

static enum rc issuer_read(struct str text, struct issuer *i)
{
	struct str name, url, mark;
	if (!word_next(&text, &name) || !word_next(&text, &url))
		return RC_INVALID;
	i->enduser = word_next(&text, &mark);
	if (i->enduser && (!str_is(mark, "enduser") || word_next(&text, &mark)))
		return RC_INVALID;
	return address_copy(name, i->name) && address_copy(url, i->url) ? RC_OK : RC_INVALID;
}

static enum rc list_read(struct arena *a, struct str text, struct issuers *s, struct str *err_out)
{
	struct str one, rest = text;
	while (rest.p) {
		struct str tail = STR_NONE;
		(void)str_cut(rest, ',', &one, &tail);
		rest = tail;
		if (s->n < ISSUERS_MAX && issuer_read(one, &s->all[s->n]) == RC_OK) {
			s->n++;
			continue;
		}
		*err_out = s->n == ISSUERS_MAX
				   ? arena_fmt(a, "trusted_issuers: more than %d", ISSUERS_MAX)
				   : arena_fmt(a, "trusted_issuers: \"%.*s\" is not ISSUER JWKS-URL [enduser]",
					       STR_FMT(str_trim(one)));
		return RC_INVALID;
	}
	return RC_OK;
}

enum rc issuers_create(struct arena *a, const struct issuers_config *c, struct issuers **out, struct str *err_out)
{
	struct issuers *s = calloc(1, sizeof *s);
	if (!s)
		return RC_FAIL;
	for (size_t i = 0; i < ISSUERS_MAX; i++)
		pthread_mutex_init(&s->all[i].lock, NULL);
	s->pool = c->pool;
	s->min_wait_us = c->min_wait_us;
	s->max_waiting = c->max_waiting;
	enum rc rc = list_read(a, str_of(c->text), s, err_out);
	if (rc == RC_OK)
		*out = s;
	else
		issuers_destroy(s);
	return rc;
}

void issuers_destroy(struct issuers *s)
{
	for (size_t i = 0; s && i < ISSUERS_MAX; i++) {
		keyset_release(s->all[i].current);
		pthread_mutex_destroy(&s->all[i].lock);
	}
	free(s);
}

/* ---- their keys ---- */

static enum rc keyset_fetch(struct issuers *s, struct issuer *i, struct keyset **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct net_req req = { .method = "GET", .url = i->url, .timeout_s = ISSUER_FETCH_S };
	struct net_res res = { 0 };
	struct str why = STR_NONE;
	enum rc rc = net_pool_fetch(s->pool, &a, &req, &res, &why);
	struct keyset *set = calloc(1, sizeof *set);
	if (!set)
		return RC_FAIL;
	set->refs = 1;
	if (rc == RC_OK && res.status == 200 && jwks_parse(&a, res.body, &set->keys) == RC_OK && set->keys.n > 0) {
		*out = set;
		return RC_OK;
	}
	log_error("issuer.keys_kept", KV("issuer", str_of(i->name)), KV("status", res.status),
		  KV("why", why.p ? why : STR("")));
	keyset_release(set);
	return RC_BUSY;
}

static void followers_wake(struct follower *f)
{
	for (struct follower *next; f; f = next) {
		next = f->next; /* f is gone once it is woken */
		waiter_wake(&f->waiter);
	}
}

static void fetch(struct issuers *s, struct issuer *i)
{
	struct keyset *set = NULL, *old = NULL;
	enum rc rc = keyset_fetch(s, i, &set);
	pthread_mutex_lock(&i->lock);
	i->tried_at = clock_mono();
	if (rc == RC_OK) {
		old = i->current;
		i->current = set;
		i->fetched_at = i->tried_at;
	}
	struct follower *followers = i->followers;
	i->followers = NULL;
	i->fetching = false;
	pthread_mutex_unlock(&i->lock);
	keyset_release(old);
	followers_wake(followers);
}

/* Fetches, or waits for who does. Who can go on with what is there (`must` false) waits for nobody. RC_BUSY: too many
 * wait. */
static enum rc refresh(struct issuers *s, struct issuer *i, bool must)
{
	struct follower me = { .next = NULL };
	pthread_mutex_lock(&i->lock);
	bool follow = i->fetching && must, room = follow && atomic_fetch_add(&s->waiting, 1) < s->max_waiting;
	bool lead = !i->fetching && (!i->tried_at || clock_mono() - i->tried_at >= s->min_wait_us);
	if (lead)
		i->fetching = true;
	if (room) {
		waiter_init(&me.waiter);
		me.next = i->followers;
		i->followers = &me;
	}
	pthread_mutex_unlock(&i->lock);
	if (lead)
		fetch(s, i);
	if (room)
		waiter_wait(&me.waiter);
	if (follow)
		atomic_fetch_sub(&s->waiting, 1);
	return follow && !room ? RC_BUSY : RC_OK;
}

/* NULL: none, or none that may still be used. */
static struct keyset *keyset_hold(struct issuer *i, bool *old_out)
{
	pthread_mutex_lock(&i->lock);
	int64_t age = clock_mono() - i->fetched_at;
	struct keyset *s = i->current && age < ISSUER_KEYS_END_S * CLOCK_SECOND ? i->current : NULL;
	if (s)
		atomic_fetch_add(&s->refs, 1);
	pthread_mutex_unlock(&i->lock);
	*old_out = age > ISSUER_KEYS_AGE_S * CLOCK_SECOND;
	return s;
}

/* No kid is fine only where there is no choice. */
static struct jwk *key_find(struct keyset *set, struct str kid)
{
	struct jwk *key;
	if (!set)
		return NULL;
	if (!kid.p)
		return set->keys.n == 1 ? set->keys.keys[0] : NULL;
	return jwks_find(&set->keys, kid, &key) == RC_OK ? key : NULL;
}

static enum rc verify(struct issuers *s, struct issuer *i, const struct jws *jws)
{
	bool old;
	CLEANUP(keyset_releasep) struct keyset *set = keyset_hold(i, &old);
	struct jwk *key = key_find(set, jws->kid);
	if (!key || old) {
		TRY(refresh(s, i, key == NULL));
		keyset_release(set);
		set = keyset_hold(i, &old);
		key = key_find(set, jws->kid);
	}
	if (!set)
		return RC_BUSY;
	return key ? jws_verify(jws, key) : RC_DENIED;
}

enum rc issuers_verify(struct issuers *s, struct str issuer, const struct jws *jws, struct issued_by *out)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!str_is(issuer, s->all[i].name))
			continue;
		*out = (struct issued_by){ str_of(s->all[i].name), s->all[i].enduser };
		return verify(s, &s->all[i], jws);
	}
	return RC_NOT_FOUND;
}
