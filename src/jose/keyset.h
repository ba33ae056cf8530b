/* A key set (RFC 7517) that is fetched when it is first needed, kept, and fetched again by one rule. The caller brings
 * the fetch, so that this folder knows no network. Many threads and tasks may use one key set.
 *
 * A question leads to a fetch when there is no set, when the set is too old, or when the set lacks the key. One fetch
 * runs at a time. A caller whose key is in an old set does not wait for a fetch of another caller. */
#pragma once
#include <stdatomic.h>

#include "jose/jose.h"

/* Durations are µs of clock_mono. */
struct keyset_rule {
	/* Fetches the set into *out, whose keys the key set takes over. Any other rc: no new set, *out is untouched.
	 * No lock is held meanwhile, so the task may be parked (base/task.h). The callback logs its own failures. */
	enum rc (*fetch)(void *ctx, struct jwks *out);
	void *ctx;          /* outlives the key set */
	int64_t max_age;    /* an older set is fetched again at the next question, and used if that fails */
	int64_t end_age;    /* an older set is not used any more; 0 = no limit */
	int64_t empty_wait; /* from the end of a fetch to the next one while no set can be used */
	int64_t wait;       /* the same while an old set can be used, and for a missing key when unknown_burst is 0 */
	/* Fetches for keys that the set lacks: so many at once, then one in each unknown_wait. 0 = by `wait`. */
	int unknown_burst;
	int64_t unknown_wait;
	bool unknown_is_busy; /* a missing key is RC_BUSY instead of RC_NOT_FOUND when the fetch for it failed */
	bool kid_required;    /* without it, a set of one key answers a question that names no key */
	/* Callers that wait for a fetch of another caller: at most max_waiting. Key sets may share the count, which
	 * outlives them; NULL: this key set counts its own. */
	_Atomic int *waiting;
	int max_waiting;
};

struct keyset;
/* RC_FAIL: no memory. Nothing is fetched yet. */
MUST_USE enum rc keyset_create(const struct keyset_rule *rule, struct keyset **out);
/* A set that is given as text and never fetched; kid_required is false. skip and RC_INVALID as in keyset_read. */
MUST_USE enum rc keyset_create_fixed(struct str json, const struct jwks_skip *skip, struct keyset **out);
void keyset_destroy(struct keyset *s); /* s may be NULL; nobody else may be using it */

/* The key of that kid (absent: the token names none), fetched when the rule says so. Of several keys with one kid the
 * one that fits alg counts, as in jwks_find. *key_out is yours to unref; it may not allow alg.
 * RC_NOT_FOUND: the set has no such key. RC_BUSY: no set can be had now, or too many callers wait for one. */
MUST_USE enum rc keyset_key(struct keyset *s, struct str kid, enum jose_alg alg, struct jwk **key_out);

/* For a fetch: reads a set from its JSON text. Malformed keys are skipped and told to `skip`, which may be NULL.
 * RC_INVALID: it is no key set, or no key in it is usable; *out is untouched then. */
MUST_USE enum rc keyset_read(struct arena *scratch, struct str json, const struct jwks_skip *skip, struct jwks *out);
