#include "http/engine_internal.h"

/* The names of the kinds, short enough for a table. */
enum {
	H = BYTE_HEX,
	T = BYTE_TOKEN,
	S = BYTE_SEMICOLON,
	E = BYTE_EQUALS,
	C = BYTE_COLON,
	V = BYTE_VISIBLE,
	U = BYTE_UPPER,
	B = BYTE_BLANK,
	R = BYTE_CR,
	L = BYTE_LF,
	O = BYTE_OTHER
};

const uint8_t byte_kind[256] = {
	// clang-format off
	O, O, O, O, O, O, O, O, O, B, L, O, O, R, O, O, /* 0x00 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* 0x10 */
	B, T, V, T, T, T, T, T, V, V, T, T, V, T, T, V, /* 0x20 */
	H, H, H, H, H, H, H, H, H, H, C, S, V, E, V, V, /* 0x30 */
	V, H, H, H, H, H, H, T, T, T, T, T, T, T, T, T, /* 0x40 */
	T, T, T, T, T, T, T, T, T, T, T, V, V, V, T, T, /* 0x50 */
	T, H, H, H, H, H, H, T, T, T, T, T, T, T, T, T, /* 0x60 */
	T, T, T, T, T, T, T, T, T, T, T, V, T, V, T, O, /* 0x70 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0x80 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0x90 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xa0 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xb0 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xc0 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xd0 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xe0 */
	U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xf0 */
	// clang-format on
};
