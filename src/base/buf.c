#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/scan.h"

#define BUF_FIRST ((size_t)256)

void buf_grow(struct buf *b, size_t n)
{
	assert(b->a && b->n <= b->cap);
	size_t cap = b->cap ? b->cap : BUF_FIRST / 2;
	do
		cap *= 2;
	while (cap - b->n < n);
	/* Most buffers are the last piece of their arena and grow in place. cap stays a multiple of its alignment. */
	if (b->p && b->p + b->cap == b->a->at && (size_t)(b->a->end - b->a->at) >= cap - b->cap) {
		b->a->at += cap - b->cap;
		b->cap = cap;
		return;
	}
	char *p = arena_bytes(b->a, cap);
	if (b->n)
		memcpy(p, b->p, b->n);
	b->p = p;
	b->cap = cap;
}

static char *buf_room(struct buf *b, size_t n)
{
	if (b->cap - b->n < n)
		buf_grow(b, n);
	return b->p + b->n;
}

void buf_i64(struct buf *b, int64_t v)
{
	char text[24], *p = text + sizeof text;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*--p = '-';
	buf_raw(b, p, (size_t)(text + sizeof text - p));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	size_t room = b->cap - b->n;
	int n = vsnprintf(room ? b->p + b->n : NULL, room, fmt, args); /* nearly every text fits: one pass */
	va_end(args);
	if (n > 0 && (size_t)n >= room)
		vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
	if (n > 0)
		b->n += (size_t)n;
	va_end(again);
}

const char *buf_cstr(struct buf *b)
{
	*buf_room(b, 1) = '\0';
	return b->p;
}

/* Nearly every character of a page goes through here. */
static bool html_is_plain(char c)
{
	static const bool special[256] = { ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true };
	return !special[(unsigned char)c];
}

static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

void buf_html(struct buf *b, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (html_is_plain(s.p[i]))
			continue;
		buf_raw(b, s.p + from, i - from);
		buf_z(b, html_entity(s.p[i]));
		from = i + 1;
	}
	if (from < s.n)
		buf_raw(b, s.p + from, s.n - from);
}

/* Marks with which a spreadsheet begins a formula, as ASCII and as full-width characters. */
static bool csv_is_formula(uint32_t c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == 0xff1d || c == 0xff0b || c == 0xff0d || c == 0xff20;
}

/* A program that is set to another separator begins a cell behind one of these. */
static bool csv_is_separator(uint32_t c)
{
	return c == ';' || c == ',' || c == '|' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Characters that a reader may drop from the beginning of a cell: blanks, marks without a glyph, quotes. */
static bool csv_is_dropped(uint32_t c)
{
	return c <= ' ' || c == '"' || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x1680 || c == 0x180e ||
	       (c >= 0x2000 && c <= 0x206f) || c == 0x3000 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	       c == 0xfffd;
}

void buf_csv(struct buf *b, struct str s)
{
	bool begins = true; /* a cell of some reader may begin here */
	const char *end = s.p + s.n;
	buf_c(b, '"');
	for (const char *p = s.p; p < end;) {
		size_t n = utf8_step(p, end);
		uint32_t c = n ? utf8_value(p, n) : 0xfffd;
		if (begins && csv_is_formula(c))
			buf_c(b, '\'');
		if (c == '"')
			buf_c(b, '"');
		n = n ? n : 1;
		buf_raw(b, p, n);
		p += n;
		begins = csv_is_separator(c) || (begins && csv_is_dropped(c));
	}
	buf_c(b, '"');
}

static const char hex_upper[] = "0123456789ABCDEF";

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static void percent_encode(struct buf *b, struct str s, bool plus_for_space)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (is_unreserved(s.p[i])) {
			buf_c(b, s.p[i]);
		} else if (c == ' ' && plus_for_space) {
			buf_c(b, '+');
		} else {
			buf_raw(b, (char[]){ '%', hex_upper[c >> 4], hex_upper[c & 15] }, 3);
		}
	}
}

void buf_hex(struct buf *b, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];
		buf_c(b, digits[c >> 4]);
		buf_c(b, digits[c & 15]);
	}
}

void buf_url(struct buf *b, struct str s)
{
	percent_encode(b, s, false);
}

void buf_form(struct buf *b, struct str s)
{
	percent_encode(b, s, true);
}

static void json_control(struct buf *b, unsigned char c)
{
	static const char named[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
	if (c < sizeof named && named[c])
		buf_raw(b, (char[]){ '\\', named[c] }, 2);
	else
		buf_raw(b, (char[]){ '\\', 'u', '0', '0', hex_upper[c >> 4], hex_upper[c & 15] }, 6);
}

/* Writes the character at which json_plain stopped. Returns its length in bytes. */
static size_t json_special(struct buf *b, const char *p, const char *end)
{
	unsigned char c = (unsigned char)*p;
	if (c < 0x20) {
		json_control(b, c);
		return 1;
	}
	if (c < 0x80) {
		if (c == '"' || c == '\\')
			buf_c(b, '\\');
		buf_c(b, *p);
		return 1;
	}
	size_t n = utf8_step(p, end);
	if (n == 0) {
		buf_lit(b, "\xEF\xBF\xBD");
		return 1;
	}
	buf_raw(b, p, n);
	return n;
}

void buf_json(struct buf *b, struct str s)
{
	if (!s.p) {
		buf_lit(b, "null");
		return;
	}
	buf_c(b, '"');
	const char *p = s.p, *end = s.p + s.n;
	while (p < end) {
		const char *stop = json_plain(p, end);
		buf_raw(b, p, (size_t)(stop - p));
		p = stop;
		if (p < end)
			p += json_special(b, p, end);
	}
	buf_c(b, '"');
}

static void jsw_value(struct jsw *w)
{
	if (w->comma)
		buf_c(w->b, ',');
	w->comma = true;
}

void jsw_obj(struct jsw *w)
{
	jsw_value(w);
	buf_c(w->b, '{');
	w->comma = false;
}

void jsw_end_obj(struct jsw *w)
{
	buf_c(w->b, '}');
	w->comma = true;
}

void jsw_arr(struct jsw *w)
{
	jsw_value(w);
	buf_c(w->b, '[');
	w->comma = false;
}

void jsw_end_arr(struct jsw *w)
{
	buf_c(w->b, ']');
	w->comma = true;
}

void jsw_key(struct jsw *w, const char *key)
{
	jsw_value(w);
	buf_c(w->b, '"');
	buf_z(w->b, key);
	buf_lit(w->b, "\":");
	w->comma = false;
}

void jsw_key_str(struct jsw *w, struct str key)
{
	jsw_value(w);
	buf_json(w->b, key.p ? key : STR(""));
	buf_c(w->b, ':');
	w->comma = false;
}

void jsw_str(struct jsw *w, struct str s)
{
	jsw_value(w);
	buf_json(w->b, s);
}

void jsw_z(struct jsw *w, const char *z)
{
	jsw_str(w, str_of(z));
}

void jsw_i64(struct jsw *w, int64_t v)
{
	jsw_value(w);
	buf_i64(w->b, v);
}

void jsw_bool(struct jsw *w, bool v)
{
	jsw_value(w);
	buf_z(w->b, v ? "true" : "false");
}

void jsw_null(struct jsw *w)
{
	jsw_value(w);
	buf_lit(w->b, "null");
}

void jsw_raw(struct jsw *w, struct str json)
{
	jsw_value(w);
	buf_add(w->b, json);
}

void jsw_kstr(struct jsw *w, const char *key, struct str s)
{
	jsw_key(w, key);
	jsw_str(w, s);
}

void jsw_kz(struct jsw *w, const char *key, const char *z)
{
	jsw_key(w, key);
	jsw_z(w, z);
}

void jsw_ki64(struct jsw *w, const char *key, int64_t v)
{
	jsw_key(w, key);
	jsw_i64(w, v);
}

void jsw_kbool(struct jsw *w, const char *key, bool v)
{
	jsw_key(w, key);
	jsw_bool(w, v);
}

void jsw_knull(struct jsw *w, const char *key)
{
	jsw_key(w, key);
	jsw_null(w);
}

void jsw_kraw(struct jsw *w, const char *key, struct str json)
{
	jsw_key(w, key);
	jsw_raw(w, json);
}

void jsw_kstrs(struct jsw *w, const char *key, const struct str *list, size_t n)
{
	jsw_key(w, key);
	jsw_arr(w);
	for (size_t i = 0; i < n; i++)
		jsw_str(w, list[i]);
	jsw_end_arr(w);
}
