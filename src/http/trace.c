#include "http/internal.h"

#include "base/rand.h"
#include "base/scan.h"

/* W3C Trace Context, level 1: VERSION-TRACEID-PARENTID-FLAGS, in lower-case hex. */
#define VERSION_AT 0
#define TRACE_AT 3
#define PARENT_AT 36
#define FLAGS_AT 53
#define BYTES 55 /* of version 00; later versions may have more behind a '-' */

static void hex_write(char *out, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

void trace_new(struct http_req *req)
{
	uint8_t b[16];
	rand_bytes(b, sizeof b);
	hex_write(req->trace_id, b, sizeof b);
	hex_write(req->span_id, b, sizeof b / 2);
}

static bool is_hex(struct str s, size_t at, size_t n)
{
	for (size_t i = at; i < at + n; i++)
		if (hex_value(s.p[i]) < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return true;
}

static bool is_zero(struct str s, size_t at, size_t n)
{
	size_t i = at;
	while (i < at + n && s.p[i] == '0')
		i++;
	return i == at + n;
}

static bool is_sound(struct str s)
{
	if (s.n < BYTES || s.n > HTTP_MAX_TRACEPARENT || s.p[TRACE_AT - 1] != '-' || s.p[PARENT_AT - 1] != '-' ||
	    s.p[FLAGS_AT - 1] != '-')
		return false;
	if (!is_hex(s, VERSION_AT, 2) || !is_hex(s, TRACE_AT, 32) || !is_hex(s, PARENT_AT, 16) ||
	    !is_hex(s, FLAGS_AT, 2))
		return false;
	if (is_zero(s, TRACE_AT, 32) || is_zero(s, PARENT_AT, 16) || str_starts(s, STR("ff")))
		return false;
	return s.n == BYTES || (!str_starts(s, STR("00")) && s.p[BYTES] == '-');
}

/* = W3C Trace Context 2.3: "If the vendor failed to parse traceparent, it MUST NOT attempt to parse tracestate"; the
 * request then begins a trace of its own. */
void trace_take(struct http_req *req)
{
	struct str value = http_header(req, "traceparent");
	if (!value.p)
		return;
	req->traced = true;
	if (http_header_count(req, "traceparent") != 1 || !is_sound(value))
		return;
	memcpy(req->trace_id, value.p + TRACE_AT, 32);
	req->sampled = hex_value(value.p[FLAGS_AT + 1]) & 1;
}
