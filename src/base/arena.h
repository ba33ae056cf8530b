/* Region memory: one arena per request, one per start-up. Memory is freed with the whole arena, never piece by piece.
 * When the system has no memory left, the process ends: callers limit every size that comes from outside beforehand.
 * Most arenas hold secrets at some time: keys, tokens, session cookies, passwords of settings. So an arena overwrites
 * all that it handed out before the memory is used again or goes back to the system.
 * An arena belongs to one thread at a time. */
#pragma once
#include "base/base.h"

struct arena_chunk;
/* Zeroed, it is empty and ready for use. */
struct arena {
	struct arena_chunk *head;
	char *at;
	char *end;
};

void arena_finish(struct arena *a); /* frees all memory; `a` may be empty and can be used again */
/* The same, but keeps at most one chunk, so that a worker need not call malloc for each request. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *a, size_t n);
char *arena_bytes(struct arena *a, size_t n); /* the same, not zeroed: for bytes that the caller writes */
#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc_n((a), (n), sizeof(T)))
void *arena_alloc_n(struct arena *a, size_t n, size_t size); /* n * size may not overflow: the process would end */

/* Makes room for one more item behind the n of `list`, a pointer variable: an array in `a` with space for *cap_p items.
 * A full array is copied to one of twice the length. The first has space for `first` items. */
#define arena_room(a, list, n, cap_p, first) ((list) = arena_grow((a), (list), (n), (cap_p), (first), sizeof *(list)))
void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t first, size_t size);

struct str arena_str(struct arena *a, struct str s);   /* a copy with '\0' behind it; an absent text stays absent */
const char *arena_cstr(struct arena *a, struct str s); /* the same as a C string; "" for an absent text */
struct str arena_lower(struct arena *a, struct str s); /* a copy with ASCII letters in lower case */
struct str arena_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
