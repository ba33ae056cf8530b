#include "consent/party_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define SLOTS 4096   /* a power of two; a party replaces another one with the same hash */
#define TEXT_MAX 160 /* bytes of number, name and unit type together; a longer one is not cached */

struct slot {
	int64_t epoch; /* 0 = empty */
	struct party party;
	char text[TEXT_MAX];
};
struct party_cache {
	pthread_mutex_t lock;
	struct slot slots[SLOTS];
	struct slot by_uuid[SLOTS];
};

enum rc party_cache_create(struct party_cache **out)
{
	struct party_cache *c = calloc(1, sizeof *c);
	if (!c)
		return RC_FAIL;
	pthread_mutex_init(&c->lock, NULL);
	*out = c;
	return RC_OK;
}

void party_cache_destroy(struct party_cache *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct slot *slot_of(struct party_cache *c, struct str ident)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < ident.n; i++)
		h = (h ^ (unsigned char)ident.p[i]) * 16777619u;
	return &c->slots[(h ^ h >> 16) & (SLOTS - 1)];
}

static struct slot *uuid_slot_of(struct party_cache *c, struct uuid uuid)
{
	return &c->by_uuid[str_hash(uuid_bytes(&uuid)) & (SLOTS - 1)];
}

static struct party *copy_of(const struct slot *s, struct arena *a)
{
	struct party *p = arena_new(a, struct party);
	*p = s->party;
	p->ident = arena_str(a, p->ident);
	p->name = arena_str(a, p->name);
	p->unit_type = arena_str(a, p->unit_type);
	return p;
}

struct party *party_cache_get(struct party_cache *c, struct arena *a, struct str ident, int64_t epoch)
{
	struct slot *s = slot_of(c, ident);
	pthread_mutex_lock(&c->lock);
	bool hit = epoch && s->epoch == epoch && str_eq(s->party.ident, ident);
	struct party *p = hit ? copy_of(s, a) : NULL;
	pthread_mutex_unlock(&c->lock);
	return p;
}

struct party *party_cache_find(struct party_cache *c, struct arena *a, struct uuid uuid, int64_t epoch)
{
	struct slot *s = uuid_slot_of(c, uuid);
	pthread_mutex_lock(&c->lock);
	bool hit = epoch && s->epoch == epoch && uuid_eq(s->party.uuid, uuid);
	struct party *p = hit ? copy_of(s, a) : NULL;
	pthread_mutex_unlock(&c->lock);
	return p;
}

static struct str keep(struct slot *s, size_t *at, struct str text)
{
	if (!text.p)
		return STR_NONE;
	assert(*at + text.n <= TEXT_MAX);
	char *p = s->text + *at;
	memcpy(p, text.p, text.n);
	*at += text.n;
	return str_span(p, text.n);
}

static void slot_fill(struct slot *s, const struct party *p, int64_t epoch)
{
	size_t at = 0;
	s->party = *p;
	s->party.ident = keep(s, &at, p->ident);
	s->party.name = keep(s, &at, p->name);
	s->party.unit_type = keep(s, &at, p->unit_type);
	s->epoch = epoch;
}

void party_cache_put(struct party_cache *c, const struct party *p, int64_t epoch)
{
	assert(p->ident.n > 0 && epoch > 0); /* a slot of epoch 0 is empty */

	if (p->ident.n + p->name.n + p->unit_type.n > TEXT_MAX)
		return;
	pthread_mutex_lock(&c->lock);
	slot_fill(slot_of(c, p->ident), p, epoch);
	if (p->name.n)
		slot_fill(uuid_slot_of(c, p->uuid), p, epoch);
	pthread_mutex_unlock(&c->lock);
}
