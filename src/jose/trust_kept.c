#include "jose/trust_kept.h"

#include <pthread.h>
#include <stdlib.h>

struct slot {
	struct kept_id id;
	struct kept_span span;
	char orgno[TRUST_ORGNO_DIGITS];
	enum org_cert_kind kind;
	struct jwk *key; /* NULL: empty */
};
struct kept {
	pthread_mutex_t lock;
	struct slot slots[TRUST_KEPT];
};

struct kept *kept_create(void)
{
	struct kept *k = calloc(1, sizeof *k);
	if (k)
		pthread_mutex_init(&k->lock, NULL);
	return k;
}

void kept_destroy(struct kept *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < LEN(k->slots); i++)
		jwk_unref(k->slots[i].key);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* Each certificate with its length, so that no two chains have the same bytes. */
struct kept_id kept_id(const struct str *der, size_t n, uint64_t files)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct kept_id id = { .files = files };
	struct buf b = BUF(&a);
	for (size_t i = 0; i < n; i++) {
		buf_add(&b, str_span(&der[i].n, sizeof der[i].n));
		buf_add(&b, der[i]);
	}
	jose_sha256_into(buf_str(&b), id.chain);
	return id;
}

static struct slot *slot_of(struct kept *k, const struct kept_id *id)
{
	uint32_t at;
	memcpy(&at, id->chain, sizeof at);
	return &k->slots[at % LEN(k->slots)];
}

static bool holds(const struct slot *s, const struct kept_id *id, int64_t now_s)
{
	return s->key && s->id.files == id->files && memcmp(s->id.chain, id->chain, sizeof id->chain) == 0 &&
	       s->span.from_s <= now_s && now_s <= s->span.until_s;
}

bool kept_find(struct kept *k, const struct kept_id *id, int64_t now_s, struct arena *a, struct org_cert *out)
{
	pthread_mutex_lock(&k->lock);
	const struct slot *s = slot_of(k, id);
	bool found = holds(s, id, now_s);
	if (found)
		*out = (struct org_cert){ arena_str(a, str_span(s->orgno, sizeof s->orgno)), s->kind, jwk_ref(s->key) };
	pthread_mutex_unlock(&k->lock);
	return found;
}

void kept_put(struct kept *k, const struct kept_id *id, struct kept_span span, const struct org_cert *cert)
{
	if (cert->orgno.n != TRUST_ORGNO_DIGITS)
		return;
	pthread_mutex_lock(&k->lock);
	struct slot *s = slot_of(k, id);
	struct jwk *old = s->key;
	*s = (struct slot){ .id = *id, .span = span, .kind = cert->kind, .key = jwk_ref(cert->key) };
	memcpy(s->orgno, cert->orgno.p, sizeof s->orgno);
	pthread_mutex_unlock(&k->lock);
	jwk_unref(old);
}
