/* Randomness from the kernel, opaque codes, UUIDs. */
#pragma once
#include "base/arena.h"

/* Fills p; ends the process if the kernel gives nothing. Buffered a thread at a time. */
void rand_bytes(void *p, size_t n);
/* n random bytes as base64url text in the arena: 32 bytes → 43 characters. */
struct str rand_code(struct arena *a, size_t n);

struct uuid {
	uint8_t b[16];
};
#define UUID_TEXT 37
struct uuid uuid_v4(void);
/* UUIDv7 (RFC 9562 §5.7) that is greater than *last by at least one and not before now_us (real time);
 * *last is moved to it. Not atomic: the caller owns *last. */
struct uuid uuid_v7_after(struct uuid *last, int64_t now_us);
/* Exactly 8-4-4-4-12 hex digits, any case. */
MUST_USE enum rc uuid_parse(struct str s, struct uuid *out);
struct str uuid_text(struct uuid u, char out[UUID_TEXT]); /* lower case */
struct str uuid_str(struct arena *a, struct uuid u);
int uuid_cmp(struct uuid a, struct uuid b);
static inline bool uuid_eq(struct uuid a, struct uuid b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}
static inline bool uuid_is_nil(struct uuid u)
{
	return uuid_eq(u, (struct uuid){ { 0 } });
}
static inline struct str uuid_bytes(const struct uuid *u)
{
	return str_span(u->b, sizeof u->b);
}
