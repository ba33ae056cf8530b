#include "base/map.h"

#include <assert.h>

#define MAP_FIRST 16

static struct map_slot *slot_of(const struct map *m, struct str key)
{
	for (size_t i = str_hash(key) & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
		struct map_slot *s = &m->slots[i];
		if (!s->value || str_eq(s->key, key))
			return s;
	}
}

static void grow(struct map *m, struct arena *a)
{
	struct map old = *m;
	m->cap = old.cap ? old.cap * 2 : MAP_FIRST;
	m->slots = arena_array(a, struct map_slot, m->cap);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].value)
			*slot_of(m, old.slots[i].key) = old.slots[i];
}

void map_put(struct map *m, struct arena *a, struct str key, void *value)
{
	assert(value);
	if ((m->n + 1) * 4 > m->cap * 3)
		grow(m, a);
	struct map_slot *s = slot_of(m, key);
	m->n += s->value == NULL;
	*s = (struct map_slot){ key, value };
}

void *map_get(const struct map *m, struct str key)
{
	return m->cap ? slot_of(m, key)->value : NULL;
}
