/* Scanners of text that several files share: UTF-8, hexadecimal digits, and the plain runs of JSON strings. */
#pragma once
#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Length (1–4) of the well-formed character (Unicode table 3-7) at `text`, which is before text_end. 0: there is none.
 */
static inline size_t utf8_step(const char *text, const char *text_end)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = (size_t)(text_end - text);
	unsigned char c = p[0];
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (left < n)
		return 0;
	unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* The code point of the well-formed character of n bytes at `text`. */
static inline uint32_t utf8_value(const char *text, size_t n)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = p[0] & first[n];
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

/* 0 to 15, -1 for any other character. */
static inline int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte c in all eight places of a word. Tests of eight bytes at a time set flags in SWAR_HIGH; only the lowest flag
 * is exact, so words are read in little-endian order. */
#define SWAR(c) (UINT64_C(0x0101010101010101) * (c))
#define SWAR_HIGH SWAR(0x80)

/* Skips the ASCII characters that a JSON string holds without an escape. Returns the first other one, or `end`. */
static inline const char *json_plain(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t w;
		memcpy(&w, p, 8);
		w = le64toh(w);
		uint64_t quote = w ^ SWAR('"'), slash = w ^ SWAR('\\');
		uint64_t hit = ((w - SWAR(0x20)) | (quote - SWAR(1)) | (slash - SWAR(1)) | w) & SWAR_HIGH;
		if (hit)
			return p + (__builtin_ctzll(hit) >> 3);
		p += 8;
	}
	while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}
