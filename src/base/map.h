/* A hash table from text to pointer, in an arena. Once it is built, any number of threads may read it. A zeroed struct
 * map is empty. Readers may walk `slots` (cap of them): a slot without a value is free. */
#pragma once
#include "base/arena.h"

struct map_slot {
	struct str key;
	void *value;
};
struct map {
	struct map_slot *slots;
	size_t n;
	size_t cap;
};

/* Sets the value of `key`, which is borrowed for as long as the map lives. The value must not be NULL. */
void map_put(struct map *m, struct arena *a, struct str key, void *value);
void *map_get(const struct map *m, struct str key); /* NULL: there is no such key */
