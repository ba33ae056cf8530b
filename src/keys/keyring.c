#include "keys/keyring.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/task.h"
#include "keys/seal_internal.h"

/* The sandbox key's certificate is the same at every start. */
#define FIXED_NOT_BEFORE (INT64_C(1704067200) * CLOCK_SECOND) /* 2024-01-01 */
#define FIXED_NOT_AFTER (INT64_C(2524608000) * CLOCK_SECOND)  /* 2050-01-01 */
#define FIXED_SUBJECT "Samtykke sandbox"

/* A key stays in memory until the ring is closed, since signers and verifiers borrow it; each rotation adds one. Its
 * times change under the lock. */
struct slot {
	struct slot *next;
	struct jwk *public_key;
	struct signer *signer; /* NULL: no master key */
	bool listed;           /* it is in the store, or fixed */
	bool altinn2;          /* KEY_USE_ALTINN2 */
	uint8_t stamp[32];     /* SHA-256 of the public part: another certificate makes another slot */
	int64_t published;
	int64_t active_from;
	int64_t retire_at;
	int64_t remove_at;
};
struct keyring {
	struct store *store;
	bool has_master;
	bool has_fixed;
	uint8_t master[32];
	struct p11 *token;
	pthread_mutex_t lock;
	struct task_lock refresh;
	struct slot *slots; /* newest first */
	int64_t epoch;      /* of the registry when the rows were read; under `lock` */
};

static bool slot_published(const struct slot *s, int64_t now)
{
	return s->listed && s->published <= now && (!s->remove_at || s->remove_at > now);
}

static bool slot_active(const struct slot *s, int64_t now)
{
	return slot_published(s, now) && s->active_from <= now && (!s->retire_at || s->retire_at > now);
}

static void slot_free(struct slot *s)
{
	if (!s)
		return;
	signer_destroy(s->signer);
	jwk_unref(s->public_key);
	free(s);
}

static void slot_freep(struct slot **s)
{
	slot_free(*s);
}

static struct slot *slot_new(void)
{
	struct slot *s = calloc(1, sizeof *s);
	if (!s)
		abort();
	s->listed = true;
	return s;
}

/* ---- loading ---- */

static enum rc signer_open(const struct keyring *k, struct arena *a, const struct key_row *row, struct slot *s)
{
	struct jwk *key = NULL;
	enum rc rc = keyring_unseal(row, k->has_master ? k->master : NULL, k->token, &key);
	if (rc == RC_NOT_FOUND)
		return RC_OK; /* the key is published only */
	TRY(rc);
	bool same = str_eq(jwk_thumbprint(key, a), jwk_thumbprint(s->public_key, a));
	s->signer = same ? signer_local(key) : NULL;
	jwk_unref(key);
	return s->signer ? RC_OK : RC_FAIL;
}

static enum rc slot_open(const struct keyring *k, const struct key_row *row, struct slot **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	CLEANUP(slot_freep) struct slot *s = slot_new();
	if (keyring_jwk(&a, row->public_json, &s->public_key) != RC_OK)
		return RC_FAIL;
	if (!k->has_fixed && keyring_is_sandbox_key(s->public_key))
		return RC_DENIED;
	if (!str_eq(jwk_kid(s->public_key), row->kid))
		return RC_FAIL;
	s->altinn2 = str_is(row->use, KEY_USE_ALTINN2);
	jose_sha256_into(row->public_json, s->stamp);
	TRY(signer_open(k, &a, row, s));
	*out = s;
	s = NULL;
	return RC_OK;
}

static struct slot *slot_find(const struct keyring *k, struct str kid)
{
	for (struct slot *s = k->slots; s; s = s->next)
		if (str_eq(jwk_kid(s->public_key), kid))
			return s;
	return NULL;
}

struct load {
	struct keyring *k;
	size_t n;
	struct key_row times[KEYRING_MAX * 4];
	struct slot *slots[KEYRING_MAX * 4];
};

static enum rc row_load(void *ctx, const struct key_row *row)
{
	struct load *l = ctx;
	if (row->remove_at && row->remove_at <= clock_now())
		return RC_OK;
	if (l->n == LEN(l->slots))
		return RC_TOO_LARGE;
	/* Only the refreshing thread adds slots, so that reading the list needs no lock here. */
	struct slot *s = slot_find(l->k, row->kid);
	uint8_t stamp[32];
	jose_sha256_into(row->public_json, stamp);
	if (!s || memcmp(s->stamp, stamp, sizeof stamp) != 0)
		TRY(slot_open(l->k, row, &s));
	l->times[l->n] = *row;
	l->slots[l->n++] = s;
	return RC_OK;
}

static bool slot_known(const struct keyring *k, const struct slot *s)
{
	for (const struct slot *o = k->slots; o; o = o->next)
		if (o == s)
			return true;
	return false;
}

static void load_take(struct keyring *k, const struct load *l, int64_t epoch)
{
	assert(l->n <= LEN(l->slots));
	pthread_mutex_lock(&k->lock);
	for (struct slot *s = k->slots; s; s = s->next)
		s->listed = s->published == INT64_MIN; /* fixed keys are not in the store */
	for (size_t i = 0; i < l->n; i++) {
		struct slot *s = l->slots[i];
		s->listed = true;
		s->published = l->times[i].published;
		s->active_from = l->times[i].active_from;
		s->retire_at = l->times[i].retire_at;
		s->remove_at = l->times[i].remove_at;
		if (!slot_known(k, s)) {
			s->next = k->slots;
			k->slots = s;
		}
	}
	k->epoch = epoch;
	pthread_mutex_unlock(&k->lock);
}

static enum rc keys_load(struct keyring *k, struct reader *r, int64_t epoch)
{
	struct load *l = calloc(1, sizeof *l);
	if (!l)
		abort();
	l->k = k;
	enum rc rc = keys_each(r, row_load, l);
	if (rc == RC_OK)
		load_take(k, l, epoch);
	for (size_t i = 0; rc != RC_OK && i < l->n; i++)
		if (!slot_known(k, l->slots[i]))
			slot_free(l->slots[i]);
	free(l);
	return rc;
}

static enum rc refresh(struct keyring *k)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	int64_t epoch;
	TRY(reader_open(k->store, true, &r));
	TRY(store_registry_epoch(r, &epoch));
	pthread_mutex_lock(&k->lock);
	bool same = epoch == k->epoch;
	pthread_mutex_unlock(&k->lock);
	return same ? RC_OK : keys_load(k, r, epoch);
}

enum rc keyring_refresh(struct keyring *k)
{
	task_lock_enter(&k->refresh);
	enum rc rc = refresh(k);
	task_lock_leave(&k->refresh);
	return rc;
}

/* As samtykke key names a key for Altinn 2. */
static enum rc fixed_name(struct jwk *key)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	return jwk_set_kid(key, jwk_x5t(key, &a));
}

static enum rc fixed_one(struct keyring *k, struct jwk *key, bool altinn2, bool signs)
{
	CLEANUP(slot_freep) struct slot *s = slot_new();
	s->public_key = jwk_ref(key);
	if (!jwk_is_private(key))
		return RC_INVALID;
	const struct str *der;
	size_t n;
	if (jwk_x5c(key, &der, &n) != RC_OK) /* an EC key brings its own, since its signatures differ at every start */
		TRY(jwk_self_sign(key, STR(FIXED_SUBJECT), FIXED_NOT_BEFORE, FIXED_NOT_AFTER));
	s->altinn2 = altinn2;
	if (altinn2)
		TRY(fixed_name(key));
	s->signer = signs ? signer_local(key) : NULL;
	s->published = s->active_from = INT64_MIN;
	s->next = k->slots;
	k->slots = s;
	s = NULL;
	return RC_OK;
}

/* Keys are published in the order of the set. Of those for Altinn 2 the first signs, and the others are secondary. */
static enum rc fixed_open(struct keyring *k, struct str json, bool altinn2)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwks set;
	TRY(jwks_parse(&a, json, &set));
	enum rc rc = RC_OK;
	for (size_t i = set.n; rc == RC_OK && i-- > 0;)
		rc = fixed_one(k, set.keys[i], altinn2, !altinn2 || i == 0);
	jwks_finish(&set);
	return rc;
}

/* ---- the ring ---- */

enum rc keyring_alg(struct str name, enum jose_alg *out)
{
	static const enum jose_alg algs[] = { JOSE_RS256, JOSE_PS256, JOSE_ES256, JOSE_EDDSA };
	for (size_t i = 0; i < LEN(algs); i++)
		if (str_is(name, jose_alg_name(algs[i]))) {
			*out = algs[i];
			return RC_OK;
		}
	return RC_INVALID;
}

static bool any_active(const struct keyring *k)
{
	for (const struct slot *s = k->slots; s; s = s->next)
		if (!s->altinn2 && slot_active(s, clock_now()))
			return true;
	return false;
}

enum rc keyring_open(struct store *store, const struct keyring_config *c, struct keyring **out)
{
	struct keyring *k = calloc(1, sizeof *k);
	if (!k)
		abort();
	assert(store && c && out);
	k->store = store;
	k->has_master = c->master != NULL;
	k->has_fixed = c->fixed_jwks.n != 0;
	k->token = c->token;
	k->epoch = -1;
	if (c->master)
		memcpy(k->master, c->master, sizeof k->master);
	pthread_mutex_init(&k->lock, NULL);
	task_lock_init(&k->refresh);
	enum rc rc = k->has_fixed ? fixed_open(k, c->fixed_jwks, false) : RC_OK;
	if (rc == RC_OK && c->fixed_altinn2.n)
		rc = fixed_open(k, c->fixed_altinn2, true);
	if (rc == RC_OK)
		rc = keyring_refresh(k);
	if (rc == RC_OK && !any_active(k))
		rc = RC_NOT_FOUND;
	if (rc == RC_OK)
		*out = k;
	else
		keyring_close(k);
	return rc;
}

void keyring_close(struct keyring *k)
{
	if (!k)
		return;
	for (struct slot *s = k->slots; s;) {
		struct slot *next = s->next;
		slot_free(s);
		s = next;
	}
	pthread_mutex_destroy(&k->lock);
	task_lock_finish(&k->refresh);
	explicit_bzero(k->master, sizeof k->master);
	free(k);
}

static enum rc signer_find(struct keyring *k, enum jose_alg alg, bool altinn2, struct signer **out)
{
	int64_t now = clock_now();
	const struct slot *best = NULL;
	assert((unsigned)alg < JOSE_ALG__MAX);
	pthread_mutex_lock(&k->lock);
	for (const struct slot *s = k->slots; s; s = s->next)
		if (s->signer && s->altinn2 == altinn2 && jwk_alg(s->public_key) == alg && slot_active(s, now) &&
		    (!best || s->active_from > best->active_from))
			best = s;
	pthread_mutex_unlock(&k->lock);
	if (!best)
		return RC_NOT_FOUND;
	*out = best->signer;
	return RC_OK;
}

enum rc keyring_signer(struct keyring *k, enum jose_alg alg, struct signer **out)
{
	return signer_find(k, alg, false, out);
}

enum rc keyring_altinn2_signer(struct keyring *k, struct signer **out)
{
	return signer_find(k, JOSE_RS256, true, out);
}

enum rc keyring_ready(struct keyring *k, enum jose_alg alg)
{
	struct signer *s;
	TRY(keyring_signer(k, alg, &s));
	for (int i = 0; i < JOSE_ALG__MAX; i++)
		if (keyring_signer(k, (enum jose_alg)i, &s) == RC_OK && jwk_probe(signer_key(s)) != RC_OK)
			return RC_BUSY;
	return RC_OK;
}

enum rc keyring_verify(struct keyring *k, const struct jws *jws)
{
	int64_t now = clock_now();
	const struct jwk *key = NULL;
	pthread_mutex_lock(&k->lock);
	const struct slot *s = jws->kid.n ? slot_find(k, jws->kid) : NULL;
	if (s && !s->altinn2 && slot_published(s, now))
		key = s->public_key;
	pthread_mutex_unlock(&k->lock);
	return key && jws_verify(jws, key) == RC_OK ? RC_OK : RC_DENIED;
}

static void write_published(struct keyring *k, struct jsw *w)
{
	int64_t now = clock_now();
	pthread_mutex_lock(&k->lock);
	for (const struct slot *s = k->slots; s; s = s->next)
		if (!s->altinn2 && slot_published(s, now))
			jwk_write_public(w, s->public_key);
	pthread_mutex_unlock(&k->lock);
}

static bool is_published(struct keyring *k, struct str kid)
{
	int64_t now = clock_now();
	bool found = false;
	pthread_mutex_lock(&k->lock);
	for (const struct slot *s = k->slots; s && !found; s = s->next)
		found = slot_published(s, now) && str_eq(jwk_kid(s->public_key), kid);
	pthread_mutex_unlock(&k->lock);
	return found;
}

static void write_begin(struct jsw *w)
{
	jsw_obj(w);
	jsw_key(w, "keys");
	jsw_arr(w);
}

static void write_end(struct jsw *w)
{
	jsw_end_arr(w);
	jsw_end_obj(w);
}

void keyring_write_jwks(struct keyring *k, struct jsw *w)
{
	write_begin(w);
	write_published(k, w);
	write_end(w);
}

enum rc keyring_write_past(struct keyring *k, struct store *s, struct arena *a, struct jsw *w)
{
	struct key_info *list;
	size_t n;
	TRY(keyring_list(s, a, clock_now(), &list, &n));
	write_begin(w);
	write_published(k, w);
	for (size_t i = 0; i < n; i++)
		if (!list[i].row.use.n && list[i].state == KEY_REMOVED && !list[i].row.compromised &&
		    !is_published(k, list[i].row.kid))
			jsw_raw(w, list[i].row.public_json);
	write_end(w);
	return RC_OK;
}

/* ---- the set of Altinn 2 ---- */

/* Ordinary base64, which RFC 7518 does not allow: spec altinn2.md section 7. */
static void altinn2_write(struct jsw *w, const struct jwk *key)
{
	struct arena *a = w->b->a;
	const struct str *der;
	size_t n;
	jsw_obj(w);
	jsw_kz(w, "kty", "RSA");
	jsw_kz(w, "use", "sig");
	jsw_kstr(w, "kid", jwk_kid(key));
	jsw_kstr(w, "x5t", jwk_kid(key));
	jsw_kstr(w, "e", jwk_exponent(key));
	jsw_kstr(w, "n", b64(a, jwk_modulus(key, a)));
	jsw_key(w, "x5c");
	jsw_arr(w);
	if (jwk_x5c(key, &der, &n) == RC_OK)
		jsw_str(w, b64(a, der[0]));
	jsw_end_arr(w);
	jsw_end_obj(w);
}

void keyring_write_altinn2_jwks(struct keyring *k, struct jsw *w)
{
	struct signer *primary = NULL;
	int64_t now = clock_now();
	if (keyring_altinn2_signer(k, &primary) != RC_OK)
		primary = NULL;
	write_begin(w);
	if (primary)
		altinn2_write(w, signer_key(primary));
	pthread_mutex_lock(&k->lock);
	for (const struct slot *s = k->slots; s; s = s->next)
		if (s->altinn2 && slot_published(s, now) &&
		    !(primary && str_eq(jwk_kid(s->public_key), jwk_kid(signer_key(primary)))))
			altinn2_write(w, s->public_key);
	pthread_mutex_unlock(&k->lock);
	write_end(w);
}
