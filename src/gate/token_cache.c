#include "gate/internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define SHARDS 64 /* 64 × 16 × 4 = 4096 entries */
#define SETS 16
#define WAYS 4
#define ORGNO_DIGITS 9

struct slot {
	uint8_t key[32];
	char consumer[ORGNO_DIGITS];
	char supplier[ORGNO_DIGITS];
	bool has_consumer;
	bool has_supplier;
	struct uuid party;
	struct str issuer;
	/* exp 0: free */
	int64_t level;
	int64_t exp;
	uint64_t used;
	char *scope; /* scope_n bytes of scopes, then prefixes_n of prefixes */
	size_t scope_n;
	size_t prefixes_n;
};

struct shard {
	pthread_mutex_t lock;
	uint64_t ticks;
	struct slot sets[SETS][WAYS];
};

struct token_cache {
	struct shard shards[SHARDS];
};

enum rc token_cache_create(struct token_cache **out)
{
	struct token_cache *c = calloc(1, sizeof *c);
	if (!c)
		return RC_FAIL;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&c->shards[i].lock, NULL);
	*out = c;
	return RC_OK;
}

static void shard_finish(struct shard *s)
{
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			free(s->sets[i][j].scope);
	pthread_mutex_destroy(&s->lock);
}

void token_cache_destroy(struct token_cache *c)
{
	for (size_t i = 0; c && i < SHARDS; i++)
		shard_finish(&c->shards[i]);
	free(c);
}

/* Every byte of a SHA-256 is as good as a hash of it. */
static struct shard *shard_of(struct token_cache *c, const uint8_t key[32])
{
	return &c->shards[key[0] % SHARDS];
}

static struct slot *set_of(struct shard *s, const uint8_t key[32])
{
	return s->sets[key[1] % SETS];
}

static struct slot *slot_find(struct slot *set, const uint8_t key[32])
{
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].exp && memcmp(set[i].key, key, sizeof set[i].key) == 0)
			return &set[i];
	return NULL;
}

static void slot_read(const struct slot *e, struct arena *a, struct bearer *out)
{
	*out = (struct bearer){ .party = e->party, .level = e->level, .issuer = e->issuer, .exp = e->exp };
	out->scope = arena_str(a, str_span(e->scope, e->scope_n));
	if (e->prefixes_n)
		out->prefixes = arena_str(a, str_span(e->scope + e->scope_n, e->prefixes_n));
	if (e->has_consumer)
		out->consumer = arena_str(a, str_span(e->consumer, sizeof e->consumer));
	if (e->has_supplier)
		out->supplier = arena_str(a, str_span(e->supplier, sizeof e->supplier));
}

bool token_cache_get(struct token_cache *c, const uint8_t key[32], int64_t now_s, struct arena *a, struct bearer *out)
{
	struct shard *s = shard_of(c, key);
	pthread_mutex_lock(&s->lock);
	struct slot *e = slot_find(set_of(s, key), key);
	bool hit = e && e->exp > now_s && e->exp - now_s <= BEARER_CACHE_S;
	if (hit) {
		e->used = ++s->ticks;
		slot_read(e, a, out);
	}
	pthread_mutex_unlock(&s->lock);
	return hit;
}

/* The slot that the key has, else a free one, else the least recently used one. */
static struct slot *slot_place(struct slot *set, const uint8_t key[32])
{
	struct slot *oldest = slot_find(set, key);
	for (size_t i = 0; !oldest && i < WAYS; i++)
		if (!set[i].exp)
			oldest = &set[i];
	if (oldest)
		return oldest;
	oldest = set;
	for (size_t i = 1; i < WAYS; i++)
		if (set[i].used < oldest->used)
			oldest = &set[i];
	return oldest;
}

static bool cacheable(const struct bearer *b)
{
	return b->scope.n + b->prefixes.n <= BEARER_MAX_SCOPE && b->exp > 0 &&
	       (!b->consumer.p || b->consumer.n == ORGNO_DIGITS) && (!b->supplier.p || b->supplier.n == ORGNO_DIGITS);
}

static void slot_write(struct slot *e, const uint8_t key[32], const struct bearer *b, char *scope)
{
	assert(cacheable(b));
	free(e->scope);
	*e = (struct slot){
		.party = b->party,
		.level = b->level,
		.issuer = b->issuer,
		.exp = b->exp,
		.scope = scope,
		.scope_n = b->scope.n,
		.prefixes_n = b->prefixes.n,
	};
	memcpy(e->key, key, sizeof e->key);
	e->has_consumer = b->consumer.p != NULL;
	e->has_supplier = b->supplier.p != NULL;
	if (e->has_consumer)
		memcpy(e->consumer, b->consumer.p, sizeof e->consumer);
	if (e->has_supplier)
		memcpy(e->supplier, b->supplier.p, sizeof e->supplier);
}

void token_cache_put(struct token_cache *c, const uint8_t key[32], const struct bearer *b)
{
	char *scope = cacheable(b) ? malloc(b->scope.n + b->prefixes.n + 1) : NULL;
	if (!scope)
		return;
	if (b->scope.n)
		memcpy(scope, b->scope.p, b->scope.n);
	if (b->prefixes.n)
		memcpy(scope + b->scope.n, b->prefixes.p, b->prefixes.n);
	struct shard *s = shard_of(c, key);
	pthread_mutex_lock(&s->lock);
	struct slot *e = slot_place(set_of(s, key), key);
	slot_write(e, key, b, scope);
	e->used = ++s->ticks;
	pthread_mutex_unlock(&s->lock);
}
