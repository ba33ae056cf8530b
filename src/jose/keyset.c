#include "jose/keyset.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limit.h"
#include "base/task.h"

/* A caller that waits for the fetch of another one. */
struct follower {
	struct waiter waiter;
	struct follower *next;
};

struct keyset {
	struct keyset_rule rule;
	_Atomic int waiting;  /* rule.waiting points here, or to a count that several key sets share */
	pthread_mutex_t lock; /* of all that follows; never held during a fetch or a wait */
	struct jwks keys;     /* n 0: nothing has been fetched yet */
	uint64_t version;     /* of `keys` */
	/* clock_mono(); 0 = never */
	int64_t fetched_at;
	int64_t tried_at;
	_Atomic int64_t unknown_budget; /* of fetches for missing keys (base/limit.h) */
	bool fetching;
	struct follower *followers;
};

/* What one look into the set found. */
struct lookup {
	struct jwk *key; /* a reference; NULL: none */
	uint64_t version;
	bool usable; /* there is a set, and it has not ended */
	bool old;
};

enum part { PART_NONE, PART_LEAD, PART_FOLLOW, PART_REFUSED };

enum rc keyset_read(struct arena *scratch, struct str json, const struct jwks_skip *skip, struct jwks *out)
{
	struct jwks keys = { .n = 0 };
	if (jwks_parse_published(scratch, json, skip, &keys) != RC_OK || keys.n == 0) {
		jwks_finish(&keys);
		return RC_INVALID;
	}
	*out = keys;
	return RC_OK;
}

enum rc keyset_create(const struct keyset_rule *rule, struct keyset **out)
{
	assert(rule->unknown_burst == 0 || rule->unknown_wait > 0);
	struct keyset *s = calloc(1, sizeof *s);
	if (!s)
		return RC_FAIL;
	s->rule = *rule;
	if (!s->rule.waiting)
		s->rule.waiting = &s->waiting;
	pthread_mutex_init(&s->lock, NULL);
	*out = s;
	return RC_OK;
}

enum rc keyset_create_fixed(struct str json, const struct jwks_skip *skip, struct keyset **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwks keys;
	TRY(keyset_read(&a, json, skip, &keys));
	enum rc rc = keyset_create(&(struct keyset_rule){ .max_age = INT64_MAX }, out);
	if (rc == RC_OK)
		(*out)->keys = keys;
	else
		jwks_finish(&keys);
	return rc;
}

void keyset_destroy(struct keyset *s)
{
	if (!s)
		return;
	assert(!s->fetching && !s->followers);
	jwks_finish(&s->keys);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct jwk *key_find(const struct keyset *s, struct str kid, enum jose_alg alg)
{
	struct jwk *key;
	if (!kid.p)
		return s->keys.n == 1 && !s->rule.kid_required ? jwk_ref(s->keys.keys[0]) : NULL;
	return jwks_find(&s->keys, kid, alg, &key) == RC_OK ? jwk_ref(key) : NULL;
}

static struct lookup lookup(struct keyset *s, struct str kid, enum jose_alg alg)
{
	struct lookup l = { .key = NULL };
	pthread_mutex_lock(&s->lock);
	int64_t age = clock_mono() - s->fetched_at;
	l.version = s->version;
	l.old = age >= s->rule.max_age;
	l.usable = s->keys.n && (!s->rule.end_age || age < s->rule.end_age);
	if (l.usable)
		l.key = key_find(s, kid, alg);
	pthread_mutex_unlock(&s->lock);
	return l;
}

static bool is_due(struct keyset *s, const struct lookup *seen)
{
	int64_t now = clock_mono(), rest = now - s->tried_at;
	if (!s->tried_at)
		return true;
	if (!seen->usable)
		return rest >= s->rule.empty_wait;
	if (seen->old && rest >= s->rule.wait)
		return true;
	if (seen->key)
		return false;
	if (!s->rule.unknown_burst)
		return rest >= s->rule.wait;
	int64_t wait_s;
	return limit_take_each(s->rule.unknown_wait, s->rule.unknown_burst, &s->unknown_budget, now, &wait_s) == RC_OK;
}

static bool follow(struct keyset *s, struct follower *me)
{
	if (atomic_fetch_add(s->rule.waiting, 1) >= s->rule.max_waiting) {
		atomic_fetch_sub(s->rule.waiting, 1);
		return false;
	}
	waiter_init(&me->waiter);
	me->next = s->followers;
	s->followers = me;
	return true;
}

/* The caller's part in a fetch. The lock is held. */
static enum part part_take(struct keyset *s, const struct lookup *seen, struct follower *me)
{
	if (s->version != seen->version) /* another caller has fetched since the look */
		return PART_NONE;
	if (s->fetching && seen->key)
		return PART_NONE;
	if (s->fetching)
		return follow(s, me) ? PART_FOLLOW : PART_REFUSED;
	if (!is_due(s, seen))
		return PART_NONE;
	s->fetching = true;
	return PART_LEAD;
}

static void followers_wake(struct follower *f)
{
	for (struct follower *next; f; f = next) {
		next = f->next; /* f is on its caller's stack, which goes on once it is woken */
		waiter_wake(&f->waiter);
	}
}

static void lead(struct keyset *s)
{
	struct jwks keys = { .n = 0 };
	enum rc rc = s->rule.fetch(s->rule.ctx, &keys);
	assert(rc != RC_OK || (keys.n > 0 && keys.n <= JWKS_MAX));
	pthread_mutex_lock(&s->lock);
	s->tried_at = clock_mono();
	if (rc == RC_OK) {
		struct jwks old = s->keys;
		s->keys = keys;
		keys = old;
		s->fetched_at = s->tried_at;
		s->version++;
	}
	struct follower *followers = s->followers;
	s->followers = NULL;
	s->fetching = false;
	pthread_mutex_unlock(&s->lock);
	jwks_finish(&keys);
	followers_wake(followers);
}

static enum part refresh(struct keyset *s, const struct lookup *seen)
{
	struct follower me;
	pthread_mutex_lock(&s->lock);
	enum part part = part_take(s, seen, &me);
	pthread_mutex_unlock(&s->lock);
	if (part == PART_LEAD)
		lead(s);
	if (part == PART_FOLLOW) {
		waiter_wait(&me.waiter);
		atomic_fetch_sub(s->rule.waiting, 1);
	}
	return part;
}

enum rc keyset_key(struct keyset *s, struct str kid, enum jose_alg alg, struct jwk **key_out)
{
	struct lookup seen = lookup(s, kid, alg), now = seen;
	enum part part = PART_NONE;
	if (s->rule.fetch && (!seen.key || seen.old)) {
		part = refresh(s, &seen);
		jwk_unref(seen.key);
		now = lookup(s, kid, alg);
	}
	if (now.key) {
		*key_out = now.key;
		return RC_OK;
	}
	bool failed = (part == PART_LEAD || part == PART_FOLLOW) && now.version == seen.version;
	if (!now.usable || part == PART_REFUSED || (failed && s->rule.unknown_is_busy))
		return RC_BUSY;
	return RC_NOT_FOUND;
}
