#include "http/engine_internal.h"

#include <assert.h>

#define DIGITS_MAX 8 /* of a chunk's size, zeros in front included */

/* What the next byte belongs to. A SIZE, NAME, VALUE state with _1 has no byte yet. */
enum state {
	SIZE_1,
	SIZE,
	EXT_NAME_1,
	EXT_NAME,
	EXT_VALUE_1,
	EXT_VALUE,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	FIELD, /* a trailer's first byte, or the end */
	FIELD_NAME,
	FIELD_VALUE,
	FIELD_LF,
	END_LF,
	END,
	BAD,
	STATES
};
#define ROW(hex, token, semicolon, equals, colon, text, blank, cr, lf)                                                 \
	{                                                                                                              \
		hex, token, semicolon, equals, colon, text, text, blank, cr, lf, BAD                                   \
	}
static const uint8_t next[STATES][BYTE_KINDS] = {
	// clang-format off
	/*                    HEX          TOKEN        ;            =            :            TEXT         BLANK        CR        LF */
	[SIZE_1]      = ROW(SIZE,        BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      BAD),
	[SIZE]        = ROW(SIZE,        BAD,         EXT_NAME_1,  BAD,         BAD,         BAD,         BAD,         SIZE_LF,  BAD),
	[EXT_NAME_1]  = ROW(EXT_NAME,    EXT_NAME,    BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      BAD),
	[EXT_NAME]    = ROW(EXT_NAME,    EXT_NAME,    EXT_NAME_1,  EXT_VALUE_1, BAD,         BAD,         BAD,         SIZE_LF,  BAD),
	[EXT_VALUE_1] = ROW(EXT_VALUE,   EXT_VALUE,   BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      BAD),
	[EXT_VALUE]   = ROW(EXT_VALUE,   EXT_VALUE,   EXT_NAME_1,  BAD,         BAD,         BAD,         BAD,         SIZE_LF,  BAD),
	[SIZE_LF]     = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      DATA),
	[DATA]        = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      BAD),
	[DATA_CR]     = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         DATA_LF,  BAD),
	[DATA_LF]     = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      SIZE_1),
	[FIELD]       = ROW(FIELD_NAME,  FIELD_NAME,  BAD,         BAD,         BAD,         BAD,         BAD,         END_LF,   BAD),
	[FIELD_NAME]  = ROW(FIELD_NAME,  FIELD_NAME,  BAD,         BAD,         FIELD_VALUE, BAD,         BAD,         BAD,      BAD),
	[FIELD_VALUE] = ROW(FIELD_VALUE, FIELD_VALUE, FIELD_VALUE, FIELD_VALUE, FIELD_VALUE, FIELD_VALUE, FIELD_VALUE, FIELD_LF, BAD),
	[FIELD_LF]    = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      FIELD),
	[END_LF]      = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      END),
	[END]         = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      BAD),
	[BAD]         = ROW(BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,         BAD,      BAD),
	// clang-format on
};

static uint64_t hex(char c)
{
	return (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* false: a limit was passed. */
static bool count(struct chunked *c, enum state from, enum state to, char byte)
{
	if (to == SIZE) {
		c->left = c->left << 4 | hex(byte);
		return ++c->digits <= DIGITS_MAX;
	}
	if (from == FIELD && to == FIELD_NAME && ++c->fields > HTTP_MAX_HEADERS)
		return false;
	bool framing = to == SIZE_LF || to == DATA || to == DATA_LF || to == SIZE_1;
	return framing || ++c->overhead <= HTTP_MAX_CHUNK_OVERHEAD;
}

static enum state step(struct chunked *c, char byte)
{
	enum state from = (enum state)c->state, to = (enum state)next[from][byte_kind[(unsigned char)byte]];
	if (to != BAD && !count(c, from, to, byte))
		to = BAD;
	if (to == DATA && c->left == 0)
		to = FIELD;
	if (to == SIZE_1)
		c->digits = 0;
	return to;
}

enum chunk_found chunked_read(struct chunked *c, struct str *in, struct str *data_out)
{
	assert(c->state < STATES && c->state != END);
	while (in->n && c->state != DATA && c->state != BAD && c->state != END) {
		c->state = step(c, in->p[0]);
		*in = str_span(in->p + 1, in->n - 1);
	}
	if (c->state == BAD)
		return CHUNK_BAD;
	if (c->state == END)
		return CHUNK_END;
	if (in->n == 0)
		return CHUNK_MORE;
	size_t n = c->left < in->n ? (size_t)c->left : in->n;
	*data_out = str_span(in->p, n);
	*in = str_span(in->p + n, in->n - n);
	c->left -= n;
	if (c->left == 0)
		c->state = DATA_CR;
	return CHUNK_DATA;
}
