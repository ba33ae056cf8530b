/* Text to pointer, in an arena: built once, then read by any number of threads. A zeroed struct map is empty. */
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

/* Replaces what was there. The key is borrowed: it has to live as long as the map. */
void map_put(struct map *m, struct arena *a, struct str key, void *value);
void *map_get(const struct map *m, struct str key); /* NULL: not there */
