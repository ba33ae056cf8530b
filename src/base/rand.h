/* Randomness from the kernel, opaque codes, UUIDs. */
#pragma once
#include "base/arena.h"

/* Fills p with random bytes, which each thread fetches ahead. Ends the process when the kernel gives none. */
void rand_bytes(void *p, size_t n);
/* n random bytes as base64url text: 43 characters for 32 bytes. */
struct str rand_code(struct arena *a, size_t n);

struct uuid {
	uint8_t b[16];
};
#define UUID_TEXT 37
struct uuid uuid_v4(void);
/* A UUIDv7 (RFC 9562 §5.7) that is greater than *last and not before now_us (real time). *last becomes the result: one
 * thread at a time may use it. */
struct uuid uuid_v7_after(struct uuid *last, int64_t now_us);
/* RC_INVALID: not 8-4-4-4-12 hexadecimal digits, of either case. */
MUST_USE enum rc uuid_parse(struct str s, struct uuid *out);
struct str uuid_text(struct uuid u, char out[UUID_TEXT]); /* lower case, with '\0' behind it */
struct str uuid_str(struct arena *a, struct uuid u);
/* Order of bytes, which of UUIDv7 is the order of time. */
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
