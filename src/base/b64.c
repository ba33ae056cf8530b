#include "base/b64.h"

static const char alphabet_url[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet_std[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The value of each character plus one; zero marks any other character. */
// clang-format off
#define DIGITS \
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9, \
	['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, \
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, \
	['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, \
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, \
	['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, \
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62
static const uint8_t digits_url[256] = { DIGITS, ['-'] = 63, ['_'] = 64 };
static const uint8_t digits_std[256] = { DIGITS, ['+'] = 63, ['/'] = 64 };
// clang-format on

/* `to` has room for B64URL_LEN(n) characters. Returns the number written. */
static size_t encode(const char alphabet[64], const char *bytes, size_t n, char *to)
{
	const unsigned char *p = (const unsigned char *)bytes;
	char *at = to;
	for (; n >= 3; n -= 3, p += 3) {
		uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		*at++ = alphabet[v >> 18];
		*at++ = alphabet[v >> 12 & 63];
		*at++ = alphabet[v >> 6 & 63];
		*at++ = alphabet[v & 63];
	}
	if (n == 0)
		return (size_t)(at - to);
	uint32_t v = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
	*at++ = alphabet[v >> 18];
	*at++ = alphabet[v >> 12 & 63];
	if (n == 2)
		*at++ = alphabet[v >> 6 & 63];
	return (size_t)(at - to);
}

void buf_b64url(struct buf *b, struct str bytes)
{
	enum { STEP = 192 };
	char text[B64URL_LEN(STEP)];
	while (bytes.n) {
		size_t n = bytes.n < STEP ? bytes.n : STEP;
		buf_raw(b, text, encode(alphabet_url, bytes.p, n, text));
		bytes.p += n;
		bytes.n -= n;
	}
}

struct str b64url(struct arena *a, struct str bytes)
{
	char *p = arena_alloc(a, B64URL_LEN(bytes.n) + 1);
	return str_span(p, encode(alphabet_url, bytes.p, bytes.n, p));
}

struct str b64(struct arena *a, struct str bytes)
{
	char *p = arena_alloc(a, (bytes.n + 2) / 3 * 4 + 1);
	size_t n = encode(alphabet_std, bytes.p, bytes.n, p);
	while (n % 4)
		p[n++] = '=';
	return str_span(p, n);
}

static bool decode_tail(const uint8_t digits[256], const unsigned char *p, size_t n, char *to)
{
	uint32_t a = digits[p[0]] - 1U, b = digits[p[1]] - 1U;
	uint32_t c = n == 3 ? digits[p[2]] - 1U : 0;
	if ((a | b | c) > 63)
		return false;
	uint32_t v = a << 18 | b << 12 | c << 6;
	to[0] = (char)(v >> 16);
	if (n == 2)
		return (v & 0xffff) == 0;
	to[1] = (char)(v >> 8);
	return (v & 0xff) == 0;
}

/* Decodes text without padding. */
static enum rc decode(struct arena *a, const uint8_t digits[256], struct str text, struct str *out)
{
	size_t tail = text.n % 4;
	if (tail == 1)
		return RC_INVALID;
	size_t len = text.n / 4 * 3 + (tail ? tail - 1 : 0);
	char *to = arena_alloc(a, len + 1), *at = to;
	const unsigned char *p = (const unsigned char *)text.p;
	for (size_t n = text.n / 4; n; n--, p += 4, at += 3) {
		uint32_t d0 = digits[p[0]] - 1U, d1 = digits[p[1]] - 1U;
		uint32_t d2 = digits[p[2]] - 1U, d3 = digits[p[3]] - 1U;
		if ((d0 | d1 | d2 | d3) > 63)
			return RC_INVALID;
		uint32_t v = d0 << 18 | d1 << 12 | d2 << 6 | d3;
		at[0] = (char)(v >> 16);
		at[1] = (char)(v >> 8);
		at[2] = (char)v;
	}
	if (tail && !decode_tail(digits, p, tail, at))
		return RC_INVALID;
	*out = str_span(to, len);
	return RC_OK;
}

enum rc b64url_decode(struct arena *a, struct str text, struct str *out)
{
	return decode(a, digits_url, text, out);
}

enum rc b64_decode(struct arena *a, struct str text, struct str *out)
{
	if (text.n % 4)
		return RC_INVALID;
	for (int pad = 0; pad < 2 && text.n && text.p[text.n - 1] == '='; pad++)
		text.n--;
	return decode(a, digits_std, text, out);
}
