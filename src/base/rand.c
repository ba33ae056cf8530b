#include "base/rand.h"

#include "base/scan.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/b64.h"

#define POOL_SIZE 512
#define UUID_CHARS 36

static void kernel_random(char *p, size_t n)
{
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			fputs("no randomness from the kernel\n", stderr);
			abort();
		}
		p += got;
		n -= (size_t)got;
	}
}

void rand_bytes(void *p, size_t n)
{
	static _Thread_local char pool[POOL_SIZE];
	static _Thread_local size_t left;
	if (n > POOL_SIZE / 4) {
		kernel_random(p, n);
		return;
	}
	if (left < n) {
		kernel_random(pool, POOL_SIZE);
		left = POOL_SIZE;
	}
	left -= n;
	memcpy(p, pool + left, n);
	explicit_bzero(pool + left, n); /* the caller's is the only copy */
}

struct str rand_code(struct arena *a, size_t n)
{
	char *bytes = arena_alloc(a, n);
	rand_bytes(bytes, n);
	struct str code = b64url(a, str_span(bytes, n));
	explicit_bzero(bytes, n);
	return code;
}

static struct uuid uuid_stamp(struct uuid u, uint8_t version)
{
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | version << 4);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

struct uuid uuid_v4(void)
{
	struct uuid u;
	rand_bytes(u.b, sizeof u.b);
	return uuid_stamp(u, 4);
}

static uint64_t uuid_ms(const struct uuid *u)
{
	uint64_t ms = 0;
	for (size_t i = 0; i < 6; i++)
		ms = ms << 8 | u->b[i];
	return ms;
}

/* Adds one to the 122 bits that are not version and variant. */
static void uuid_increment(struct uuid *u)
{
	for (size_t i = sizeof u->b; i-- > 0;) {
		uint8_t fixed = i == 8 ? 0xc0 : i == 6 ? 0xf0 : 0;
		uint8_t sum = (uint8_t)((u->b[i] | fixed) + 1);
		u->b[i] = (uint8_t)((u->b[i] & fixed) | (sum & ~fixed));
		if (sum)
			return;
	}
}

struct uuid uuid_v7_after(struct uuid *last, int64_t now_us)
{
	const struct uuid before = *last;
	uint64_t ms = now_us > 0 ? (uint64_t)now_us / 1000 : 0;
	if (ms > uuid_ms(last)) {
		rand_bytes(last->b, sizeof last->b);
		for (size_t i = 0; i < 6; i++)
			last->b[i] = (uint8_t)(ms >> (40 - 8 * i));
		last->b[6] &= 0x07; /* starts in the lower half of the counter, which leaves room to count */
	} else {
		uuid_increment(last);
	}
	*last = uuid_stamp(*last, 7);
	assert(uuid_cmp(before, *last) < 0);
	return *last;
}

static bool is_dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

enum rc uuid_parse(struct str s, struct uuid *out)
{
	if (s.n != UUID_CHARS)
		return RC_INVALID;
	struct uuid u;
	size_t at = 0;
	for (size_t i = 0; i < UUID_CHARS; i++) {
		if (is_dash_at(i)) {
			if (s.p[i] != '-')
				return RC_INVALID;
			continue;
		}
		int high = hex_value(s.p[i]), low = hex_value(s.p[++i]);
		if (high < 0 || low < 0)
			return RC_INVALID;
		u.b[at++] = (uint8_t)(high << 4 | low);
	}
	*out = u;
	return RC_OK;
}

struct str uuid_text(struct uuid u, char out[UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;
	for (size_t i = 0; i < sizeof u.b; i++) {
		if (is_dash_at(at))
			out[at++] = '-';
		out[at++] = hex[u.b[i] >> 4];
		out[at++] = hex[u.b[i] & 15];
	}
	out[at] = '\0';
	return str_span(out, at);
}

struct str uuid_str(struct arena *a, struct uuid u)
{
	char text[UUID_TEXT];
	return arena_str(a, uuid_text(u, text));
}

int uuid_cmp(struct uuid a, struct uuid b)
{
	return memcmp(a.b, b.b, sizeof a.b);
}
