#include "consent/standing_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define SLOTS 1024    /* a power of two; a standing replaces another one with the same hash */
#define HELD_MAX 16   /* holdings of one standing; one with more is not kept */
#define TEXT_MAX 1024 /* bytes of all its texts together; one with more is not kept */

struct slot {
	struct uuid person;
	struct uuid party;
	struct standing s; /* epoch 0 = empty; its list is held[] */
	struct held held[HELD_MAX];
	size_t n_held;
	char text[TEXT_MAX];
};
struct standing_cache {
	pthread_mutex_t lock;
	struct slot slots[SLOTS];
};

enum rc standing_cache_create(struct standing_cache **out)
{
	struct standing_cache *c = calloc(1, sizeof *c);
	if (!c)
		return RC_FAIL;
	pthread_mutex_init(&c->lock, NULL);
	*out = c;
	return RC_OK;
}

void standing_cache_destroy(struct standing_cache *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct slot *slot_of(struct standing_cache *c, struct uuid person, struct uuid party)
{
	uint64_t h = str_hash(uuid_bytes(&person)) * 31 + str_hash(uuid_bytes(&party));
	return &c->slots[h & (SLOTS - 1)];
}

bool standing_cache_get(struct standing_cache *c, struct arena *a, struct uuid person, struct uuid party, int64_t epoch,
			struct standing *out)
{
	struct slot *s = slot_of(c, person, party);
	pthread_mutex_lock(&c->lock);
	bool hit = epoch && s->s.epoch == epoch && uuid_eq(s->person, person) && uuid_eq(s->party, party);
	if (hit) {
		*out = s->s;
		out->ident = arena_str(a, s->s.ident);
		struct held **last = &out->held;
		for (size_t i = 0; i < s->n_held; i++, last = &(*last)->next) {
			*last = arena_new(a, struct held);
			(*last)->kind = arena_str(a, s->held[i].kind);
			(*last)->value = arena_str(a, s->held[i].value);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return hit;
}

static bool fits(const struct standing *s)
{
	size_t n = 0, bytes = s->ident.n;
	for (const struct held *h = s->held; h; h = h->next) {
		bytes += h->kind.n + h->value.n;
		if (++n > HELD_MAX || bytes > TEXT_MAX)
			return false;
	}
	return bytes <= TEXT_MAX;
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

void standing_cache_put(struct standing_cache *c, struct uuid person, struct uuid party, const struct standing *from)
{
	struct slot *s = slot_of(c, person, party);
	size_t at = 0;
	if (!from->epoch || !from->party_known || !from->is_person || !fits(from))
		return;
	pthread_mutex_lock(&c->lock);
	s->person = person;
	s->party = party;
	s->s = *from;
	s->s.held = NULL;
	s->s.ident = keep(s, &at, from->ident);
	s->n_held = 0;
	for (const struct held *h = from->held; h; h = h->next)
		s->held[s->n_held++] = (struct held){ .kind = keep(s, &at, h->kind), .value = keep(s, &at, h->value) };
	pthread_mutex_unlock(&c->lock);
}
