#include "text/text.h"

typedef void put_fn(struct buf *b, struct str s);

/* The length in bytes of the direction mark at `at`; 0: there is none. U+061C, U+200E, U+200F, U+202A–U+202E and
 * U+2066–U+2069 turn the direction of text: a name that holds one could change how a whole sentence reads. */
static size_t direction_mark(struct str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;
	if (s.n - at >= 2 && p[0] == 0xd8 && p[1] == 0x9c)
		return 2;
	if (s.n - at < 3 || p[0] != 0xe2)
		return 0;
	bool marks = p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae));
	bool isolates = p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
	return marks || isolates ? 3 : 0;
}

struct str text_without_marks(struct arena *a, struct str s)
{
	struct buf b = BUF(a);
	if (!s.n || (!memchr(s.p, 0xd8, s.n) && !memchr(s.p, 0xe2, s.n)))
		return s; /* so with nearly every name */
	for (size_t i = 0; i < s.n;) {
		size_t n = direction_mark(s, i);
		if (!n)
			buf_c(&b, s.p[i]);
		i += n ? n : 1;
	}
	return s.p ? buf_str(&b) : s;
}

static const struct fill *fill_find(const struct fill *fills, struct str key)
{
	for (const struct fill *f = fills; f && f->key; f++)
		if (str_ieq(str_of(f->key), key))
			return f;
	return NULL;
}

/* The row of the {key} that begins at `open`; *end_out is the place behind it. NULL: no known {key} begins there. */
static const struct fill *fill_at(struct str text, size_t open, const struct fill *fills, size_t *end_out)
{
	for (size_t i = open + 1; i < text.n && text.p[i] != '{'; i++) {
		if (text.p[i] != '}')
			continue;
		*end_out = i + 1;
		return fill_find(fills, str_span(text.p + open + 1, i - open - 1));
	}
	return NULL;
}

bool text_is_key(struct str text, const struct fill *fills, struct str *value_out)
{
	size_t end;
	const struct fill *f = text.n && text.p[0] == '{' ? fill_at(text, 0, fills, &end) : NULL;
	if (!f || end != text.n)
		return false;
	*value_out = f->value;
	return true;
}

size_t text_filled_bytes(struct str text, const struct fill *fills)
{
	size_t bytes = text.n, end;
	const char *open = text.n ? memchr(text.p, '{', text.n) : NULL;
	while (open) {
		size_t at = (size_t)(open - text.p);
		const struct fill *f = fill_at(text, at, fills, &end);
		if (f)
			bytes = bytes - (end - at) + f->value.n;
		at = f ? end : at + 1;
		open = at < text.n ? memchr(text.p + at, '{', text.n - at) : NULL;
	}
	return bytes;
}

bool text_has(struct str text, const char *key)
{
	const struct fill wanted[] = { { key, STR_NONE }, { 0 } };
	const char *open = text.n ? memchr(text.p, '{', text.n) : NULL;
	while (open) {
		size_t at = (size_t)(open - text.p), end;
		if (fill_at(text, at, wanted, &end))
			return true;
		open = memchr(open + 1, '{', text.n - at - 1);
	}
	return false;
}

/* One pass over `text` alone, so that a {key} in a value is never expanded. */
static void fill_into(struct buf *b, struct str text, const struct fill *fills, put_fn *put)
{
	size_t from = 0, at = 0;
	while (at < text.n) {
		const char *open = memchr(text.p + at, '{', text.n - at);
		if (!open)
			break;
		at = (size_t)(open - text.p);
		size_t end = at;
		const struct fill *f = fill_at(text, at, fills, &end);
		if (!f) {
			at++;
			continue;
		}
		put(b, str_span(text.p + from, at - from));
		put(b, text_without_marks(b->a, f->value));
		from = at = end;
	}
	if (from < text.n)
		put(b, str_span(text.p + from, text.n - from));
}

void buf_filled(struct buf *b, struct str text, const struct fill *fills)
{
	fill_into(b, text, fills, buf_html);
}

struct str text_filled(struct arena *a, struct str text, const struct fill *fills)
{
	struct buf b = BUF(a);
	fill_into(&b, text, fills, buf_add);
	return buf_str(&b);
}

struct str texts_pick(const struct texts *t, enum lang lang, enum lang *lang_out)
{
	const enum lang order[] = { lang, LANG_NB, LANG_NN, LANG_EN, LANG_SE };
	for (size_t i = 0; i < LEN(order); i++) {
		if (order[i] >= LANG__MAX || !t->t[order[i]].n)
			continue;
		*lang_out = order[i];
		return t->t[order[i]];
	}
	return STR_NONE;
}
