/* Output that grows in an arena, and the only escapers of the project: JSON, HTML, URL, CSV. */
#pragma once
#include "base/arena.h"

struct buf {
	struct arena *a;
	char *p; /* without '\0' behind it: see buf_cstr */
	size_t n;
	size_t cap; /* bytes at p */
};

#define BUF(arena) ((struct buf){ .a = (arena) })
void buf_grow(struct buf *b, size_t n); /* makes room for n more bytes; for the functions below */
static inline void buf_raw(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (b->cap - b->n < n)
		buf_grow(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}
static inline void buf_c(struct buf *b, char c)
{
	if (b->cap == b->n)
		buf_grow(b, 1);
	b->p[b->n++] = c;
}
static inline void buf_add(struct buf *b, struct str s)
{
	buf_raw(b, s.p, s.n);
}
#define buf_lit(b, lit) buf_raw((b), "" lit, sizeof(lit) - 1)
static inline void buf_z(struct buf *b, const char *z)
{
	buf_add(b, str_of(z));
}
void buf_i64(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_hex(struct buf *b, struct str bytes); /* two lower-case digits for each byte */
/* Borrowed until the next write; absent when nothing has been written. */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}
const char *buf_cstr(struct buf *b); /* the same as a C string */

/* Text for HTML content and quoted attributes: & < > " ' are escaped. */
void buf_html(struct buf *b, struct str s);
/* Percent-encodes every byte but the unreserved characters of RFC 3986 §2.3. */
void buf_url(struct buf *b, struct str s);
/* For application/x-www-form-urlencoded: as buf_url, but a space becomes '+'. */
void buf_form(struct buf *b, struct str s);
/* A JSON string with its quotes, or null for an absent text. U+FFFD replaces ill-formed UTF-8. '<' is not escaped:
 * never put the result into HTML. */
void buf_json(struct buf *b, struct str s);

/* A field of CSV (RFC 4180 2.5 to 2.7), always in quotes. Spreadsheets would run = + - @ at the beginning of a cell as
 * a formula, in full width too. Such a mark gets an apostrophe in front at the beginning of the text. It also gets one
 * behind ; , | tab and line ends, where a program with that separator begins a cell. Blanks and quotes between do not
 * count. */
void buf_csv(struct buf *b, struct str s);

/* A JSON writer that sets the commas. Members are written in the order of the calls. It checks neither that ends match
 * beginnings nor that each key has one value. */
struct jsw {
	struct buf *b;
	bool comma;
};
#define JSW(bufp) ((struct jsw){ .b = (bufp) })
void jsw_obj(struct jsw *w);
void jsw_end_obj(struct jsw *w);
void jsw_arr(struct jsw *w);
void jsw_end_arr(struct jsw *w);
void jsw_key(struct jsw *w, const char *key);    /* a literal of the program: it is not escaped */
void jsw_key_str(struct jsw *w, struct str key); /* any text: it is escaped */
void jsw_str(struct jsw *w, struct str s);       /* null for an absent text */
void jsw_z(struct jsw *w, const char *z);
void jsw_i64(struct jsw *w, int64_t v);
void jsw_bool(struct jsw *w, bool v);
void jsw_null(struct jsw *w);
void jsw_raw(struct jsw *w, struct str json); /* JSON text, written as it is */
/* Key and value in one call. */
void jsw_kstr(struct jsw *w, const char *key, struct str s);
void jsw_kz(struct jsw *w, const char *key, const char *z);
void jsw_ki64(struct jsw *w, const char *key, int64_t v);
void jsw_kbool(struct jsw *w, const char *key, bool v);
void jsw_knull(struct jsw *w, const char *key);
void jsw_kraw(struct jsw *w, const char *key, struct str json);
void jsw_kstrs(struct jsw *w, const char *key, const struct str *list, size_t n); /* an array of strings */
