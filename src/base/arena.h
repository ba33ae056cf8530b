/* Region memory: one arena a request, one a start-up. Nothing in it is freed by itself.
 * Running out of memory ends the process: every size a caller can influence is limited before it
 * gets here. Not for use by two threads at once. */
#pragma once
#include "base/base.h"

struct arena_chunk;
struct arena {
	struct arena_chunk *head;
	char *at;
	char *end;
};

/* A zeroed struct arena is ready for use. */
void arena_finish(struct arena *a); /* frees all; a may be empty; usable again afterwards */
void arena_reset(struct arena *a);  /* keeps at most one chunk, so that a worker does not malloc a request */

/* Zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *a, size_t n);
#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc_n((a), (n), sizeof(T)))
void *arena_alloc_n(struct arena *a, size_t n, size_t size); /* checks n * size */

/* Makes room for one more item behind the n of `list`, a pointer variable: an array in `a` with space for *cap_p items.
 * A full one is copied to one twice as long; the first has space for `first`. */
#define arena_room(a, list, n, cap_p, first) ((list) = arena_grow((a), (list), (n), (cap_p), (first), sizeof *(list)))
void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t first, size_t size);

struct str arena_str(struct arena *a, struct str s);   /* a copy; '\0' follows it in memory */
const char *arena_cstr(struct arena *a, struct str s); /* the same as a C string */
struct str arena_lower(struct arena *a, struct str s); /* a copy with ASCII letters in lower case */
struct str arena_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
