#include "jose/trust_cache_internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct slot {
	struct chain_id id;
	struct trust_span span;
	char orgno[TRUST_ORGNO_DIGITS];
	enum org_cert_kind kind;
	struct jwk *key; /* NULL: empty */
};
struct trust_cache {
	pthread_mutex_t lock;
	struct slot slots[TRUST_CACHE_CHAINS];
};

struct trust_cache *trust_cache_create(void)
{
	struct trust_cache *c = calloc(1, sizeof *c);
	if (c)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

void trust_cache_destroy(struct trust_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < LEN(c->slots); i++)
		jwk_unref(c->slots[i].key);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* The length of each certificate is hashed too: no two chains then have the same bytes. */
struct chain_id trust_cache_id(const struct str *der, size_t n, uint64_t files)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct chain_id id = { .files = files };
	struct buf b = BUF(&a);
	for (size_t i = 0; i < n; i++) {
		buf_add(&b, str_span(&der[i].n, sizeof der[i].n));
		buf_add(&b, der[i]);
	}
	jose_sha256_into(buf_str(&b), id.sha256);
	return id;
}

static struct slot *slot_for(struct trust_cache *c, const struct chain_id *id)
{
	uint32_t hash;
	memcpy(&hash, id->sha256, sizeof hash);
	return &c->slots[hash % LEN(c->slots)];
}

static bool slot_holds(const struct slot *s, const struct chain_id *id, int64_t now_s)
{
	return s->key && s->id.files == id->files && memcmp(s->id.sha256, id->sha256, sizeof id->sha256) == 0 &&
	       s->span.from_s <= now_s && now_s <= s->span.until_s;
}

bool trust_cache_find(struct trust_cache *c, const struct chain_id *id, int64_t now_s, struct arena *a,
		      struct org_cert *out)
{
	pthread_mutex_lock(&c->lock);
	const struct slot *s = slot_for(c, id);
	bool found = slot_holds(s, id, now_s);
	if (found)
		*out = (struct org_cert){ arena_str(a, str_span(s->orgno, sizeof s->orgno)), s->kind, jwk_ref(s->key) };
	pthread_mutex_unlock(&c->lock);
	return found;
}

void trust_cache_put(struct trust_cache *c, const struct chain_id *id, struct trust_span span,
		     const struct org_cert *cert)
{
	assert(cert->key && (unsigned)cert->kind < ORG_CERT__MAX);
	if (cert->orgno.n != TRUST_ORGNO_DIGITS)
		return;
	pthread_mutex_lock(&c->lock);
	struct slot *s = slot_for(c, id);
	struct jwk *old = s->key;
	*s = (struct slot){ .id = *id, .span = span, .kind = cert->kind, .key = jwk_ref(cert->key) };
	memcpy(s->orgno, cert->orgno.p, sizeof s->orgno);
	pthread_mutex_unlock(&c->lock);
	jwk_unref(old);
}
