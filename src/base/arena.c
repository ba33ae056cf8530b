#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_LARGEST ((size_t)256 * 1024)
#define CHUNK_KEPT ((size_t)64 * 1024)
#define ALIGN ((size_t)16)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of the whole chunk, this header included */
	char data[] __attribute__((aligned(16)));
};

static _Noreturn void out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	abort();
}

/* Only the newest chunk ends at a->at. */
static void arena_wipe(struct arena *a)
{
	for (struct arena_chunk *c = a->head; c; c = c->next) {
		char *end = c == a->head ? a->at : (char *)c + c->size;
		explicit_bzero(c->data, (size_t)(end - c->data));
	}
}

void arena_finish(struct arena *a)
{
	arena_wipe(a);
	for (struct arena_chunk *c = a->head, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){ 0 };
}

static void chunk_use(struct arena *a, struct arena_chunk *c)
{
	a->head = c;
	a->at = c->data;
	a->end = (char *)c + c->size;
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *kept = NULL;
	arena_wipe(a);
	for (struct arena_chunk *c = a->head; c; c = c->next)
		if (c->size <= CHUNK_KEPT && (!kept || c->size > kept->size))
			kept = c;
	for (struct arena_chunk *c = a->head, *next; c; c = next) {
		next = c->next;
		if (c != kept)
			free(c);
	}
	*a = (struct arena){ 0 };
	if (!kept)
		return;
	kept->next = NULL;
	chunk_use(a, kept);
}

static void chunk_add(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : CHUNK_FIRST;
	if (size > CHUNK_LARGEST)
		size = CHUNK_LARGEST;
	if (need > SIZE_MAX - sizeof(struct arena_chunk))
		out_of_memory();
	if (size < need + sizeof(struct arena_chunk))
		size = need + sizeof(struct arena_chunk);
	struct arena_chunk *c = malloc(size);
	if (!c)
		out_of_memory();
	c->next = a->head;
	c->size = size;
	chunk_use(a, c);
}

char *arena_bytes(struct arena *a, size_t n)
{
	if (n > SIZE_MAX - ALIGN)
		out_of_memory();
	assert(a->at <= a->end);
	n = n ? (n + ALIGN - 1) & ~(ALIGN - 1) : ALIGN;
	if ((size_t)(a->end - a->at) < n)
		chunk_add(a, n);
	char *p = a->at;
	a->at += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_bytes(a, n), 0, n);
}

void *arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes))
		out_of_memory();
	return arena_alloc(a, bytes);
}

void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t first, size_t size)
{
	assert(n <= *cap && first > 0);
	if (n < *cap)
		return items;
	*cap = *cap ? *cap * 2 : first;
	void *more = arena_alloc_n(a, *cap, size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

struct str arena_str(struct arena *a, struct str s)
{
	if (!s.p)
		return STR_NONE;
	char *p = arena_bytes(a, s.n + 1);
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return str_span(p, s.n);
}

struct str arena_lower(struct arena *a, struct str s)
{
	struct str copy = arena_str(a, s);
	for (char *p = (char *)(uintptr_t)copy.p, *end = p + copy.n; p < end; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	return copy;
}

const char *arena_cstr(struct arena *a, struct str s)
{
	return arena_str(a, s.p ? s : STR("")).p;
}

struct str arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	va_list again;
	va_copy(again, args);
	/* Most texts fit into what is left of the chunk. */
	size_t room = (size_t)(a->end - a->at);
	int n = vsnprintf(a->at, room, fmt, args);
	va_end(args);
	size_t len = n > 0 ? (size_t)n : 0;
	char *p = arena_bytes(a, len + 1);
	p[len] = '\0';
	if (len >= room)
		vsnprintf(p, len + 1, fmt, again);
	va_end(again);
	return str_span(p, len);
}
