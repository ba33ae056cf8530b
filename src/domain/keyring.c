#include "domain/keyring_make.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

/* The sandbox key's certificate is the same at every start. */
#define FIXED_NOT_BEFORE (INT64_C(1704067200) * CLOCK_SECOND) /* 2024-01-01 */
#define FIXED_NOT_AFTER (INT64_C(2524608000) * CLOCK_SECOND)  /* 2050-01-01 */
#define FIXED_SUBJECT "Samtykke sandbox"

/* A key stays in memory until the ring is closed: signers and verifiers borrow it, and there is one more a rotation.
 * Its times change under the lock. */
struct slot {
	struct slot *next;
	struct jwk *public_key;
	struct signer *signer; /* NULL: no master key */
	bool listed;           /* in the store when it was last read */
	int64_t published, active_from, retire_at, remove_at;
};
struct keyring {
	struct store *store;
	bool has_master, has_fixed;
	uint8_t master[32];
	pthread_mutex_t lock;
	pthread_mutex_t refresh;
	struct slot *slots; /* newest first */
	int64_t version;    /* of the registry when the rows were read; under `lock` */
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

static enum rc jwk_read(struct arena *a, struct str json, struct jwk **out)
{
	const struct js *v;
	const char *why;
	TRY(js_parse(a, json, NULL, &v, NULL));
	return jwk_parse(v, out, &why);
}

static enum rc signer_open(const struct keyring *k, struct arena *a, const struct key_row *row, struct slot *s)
{
	struct str plain;
	struct jwk *key = NULL;
	TRY(seal_decrypt(a, k->master, row->sealed, row->kid, &plain));
	enum rc rc = jwk_read(a, plain, &key);
	explicit_bzero((char *)plain.p, plain.n);
	if (rc != RC_OK)
		return RC_FAIL;
	bool same = str_eq(jwk_thumbprint(key, a), jwk_thumbprint(s->public_key, a));
	s->signer = same ? signer_local(key) : NULL;
	jwk_unref(key);
	return s->signer ? RC_OK : RC_FAIL;
}

static enum rc slot_open(const struct keyring *k, const struct key_row *row, struct slot **out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	CLEANUP(slot_freep) struct slot *s = slot_new();
	if (jwk_read(&a, row->public_json, &s->public_key) != RC_OK)
		return RC_FAIL;
	if (!k->has_fixed && keyring_is_sandbox_key(s->public_key))
		return RC_DENIED;
	if (!str_eq(jwk_kid(s->public_key), row->kid))
		return RC_FAIL;
	if (k->has_master)
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
	for (size_t i = 0; !s && i < l->n; i++)
		s = str_eq(jwk_kid(l->slots[i]->public_key), row->kid) ? l->slots[i] : NULL;
	if (!s)
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

static void load_take(struct keyring *k, const struct load *l, int64_t version)
{
	pthread_mutex_lock(&k->lock);
	for (struct slot *s = k->slots; s; s = s->next)
		s->listed = s->published == INT64_MIN; /* the fixed key is of no store */
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
	k->version = version;
	pthread_mutex_unlock(&k->lock);
}

static enum rc keys_load(struct keyring *k, struct reader *r, int64_t version)
{
	struct load *l = calloc(1, sizeof *l);
	if (!l)
		abort();
	l->k = k;
	enum rc rc = keys_each(r, row_load, l);
	if (rc == RC_OK)
		load_take(k, l, version);
	for (size_t i = 0; rc != RC_OK && i < l->n; i++)
		if (!slot_known(k, l->slots[i]))
			slot_free(l->slots[i]);
	free(l);
	return rc;
}

static enum rc refresh(struct keyring *k)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	int64_t version;
	TRY(reader_open(k->store, true, &r));
	TRY(registry_version(r, &version));
	pthread_mutex_lock(&k->lock);
	bool same = version == k->version;
	pthread_mutex_unlock(&k->lock);
	return same ? RC_OK : keys_load(k, r, version);
}

enum rc keyring_refresh(struct keyring *k)
{
	pthread_mutex_lock(&k->refresh);
	enum rc rc = refresh(k);
	pthread_mutex_unlock(&k->refresh);
	return rc;
}

static enum rc fixed_open(struct keyring *k, struct str json)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	CLEANUP(slot_freep) struct slot *s = slot_new();
	TRY(jwk_read(&a, json, &s->public_key));
	if (!jwk_is_private(s->public_key))
		return RC_INVALID;
	TRY(jwk_self_sign(s->public_key, STR(FIXED_SUBJECT), FIXED_NOT_BEFORE, FIXED_NOT_AFTER));
	s->signer = signer_local(s->public_key);
	s->published = s->active_from = INT64_MIN;
	k->slots = s;
	s = NULL;
	return RC_OK;
}

/* ---- the ring ---- */

static bool any_active(const struct keyring *k)
{
	for (const struct slot *s = k->slots; s; s = s->next)
		if (slot_active(s, clock_now()))
			return true;
	return false;
}

enum rc keyring_open(struct store *store, const struct keyring_config *c, struct keyring **out)
{
	struct keyring *k = calloc(1, sizeof *k);
	if (!k)
		abort();
	k->store = store;
	k->has_master = c->master != NULL;
	k->has_fixed = c->fixed_jwk.n != 0;
	k->version = -1;
	if (c->master)
		memcpy(k->master, c->master, sizeof k->master);
	pthread_mutex_init(&k->lock, NULL);
	pthread_mutex_init(&k->refresh, NULL);
	enum rc rc = k->has_fixed ? fixed_open(k, c->fixed_jwk) : RC_OK;
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
	pthread_mutex_destroy(&k->refresh);
	explicit_bzero(k->master, sizeof k->master);
	free(k);
}

enum rc keyring_signer(struct keyring *k, struct signer **out)
{
	int64_t now = clock_now();
	const struct slot *best = NULL;
	pthread_mutex_lock(&k->lock);
	for (const struct slot *s = k->slots; s; s = s->next)
		if (s->signer && slot_active(s, now) && (!best || s->active_from > best->active_from))
			best = s;
	pthread_mutex_unlock(&k->lock);
	if (!best)
		return RC_NOT_FOUND;
	*out = best->signer;
	return RC_OK;
}

enum rc keyring_verify(struct keyring *k, const struct jws *jws)
{
	int64_t now = clock_now();
	const struct jwk *key = NULL;
	pthread_mutex_lock(&k->lock);
	const struct slot *s = jws->kid.n ? slot_find(k, jws->kid) : NULL;
	if (s && slot_published(s, now))
		key = s->public_key;
	pthread_mutex_unlock(&k->lock);
	return key && jws_verify(jws, key) == RC_OK ? RC_OK : RC_DENIED;
}

void keyring_write_jwks(struct keyring *k, struct jsw *w)
{
	int64_t now = clock_now();
	jsw_obj(w);
	jsw_key(w, "keys");
	jsw_arr(w);
	pthread_mutex_lock(&k->lock);
	for (const struct slot *s = k->slots; s; s = s->next)
		if (slot_published(s, now))
			jwk_write_public(w, s->public_key);
	pthread_mutex_unlock(&k->lock);
	jsw_end_arr(w);
	jsw_end_obj(w);
}
