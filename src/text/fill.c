#include "text/text.h"

typedef void put_fn(struct buf *b, struct str s);

static const struct fill *fill_find(const struct fill *fills, struct str key)
{
	for (const struct fill *f = fills; f && f->key; f++)
		if (str_ieq(str_of(f->key), key))
			return f;
	return NULL;
}

/* The value of the {key} that starts at `open`; the byte after it in *end_out. NULL: none of ours starts here. */
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

/* One pass: what has been written is never looked at again, so a value cannot be expanded. */
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
		put(b, f->value);
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
	const enum lang order[] = { lang, LANG_NB, LANG_NN, LANG_EN };
	for (size_t i = 0; i < LEN(order); i++) {
		if (order[i] >= LANG__MAX || !t->t[order[i]].p)
			continue;
		*lang_out = order[i];
		return t->t[order[i]];
	}
	return STR_NONE;
}
