#include "web/view.h"

#include <assert.h>

#define MESSAGE(id, nb, nn, en) STR_INIT(#id),
static const struct str message_ids[] = {
#include "text/messages.def"
};
#undef MESSAGE
_Static_assert(LEN(message_ids) == MSG__MAX, "a name for each message");

static struct str template_find(const char *name)
{
	for (const struct embed *e = web_templates; e->name; e++)
		if (strcmp(e->name, name) == 0)
			return e->data;
	assert(!"no such template");
	return STR_NONE;
}

static enum msg message_find(struct str id)
{
	for (enum msg i = 0; i < MSG__MAX; i++)
		if (str_eq(message_ids[i], id))
			return i;
	assert(!"no such message");
	return MSG__MAX;
}

static const struct fill *value_find(const struct fill *fills, struct str key)
{
	for (const struct fill *f = fills; f && f->key; f++)
		if (str_is(key, f->key))
			return f;
	return NULL;
}

static void put_hole(struct buf *b, struct str key, enum lang lang, const struct fill *text, const struct fill *html)
{
	if (str_starts(key, STR("t:"))) {
		buf_msg(b, message_find(str_span(key.p + 2, key.n - 2)), lang, text);
		return;
	}
	const struct fill *f = value_find(text, key);
	if (f) {
		buf_html(b, f->value);
		return;
	}
	f = value_find(html, key);
	if (f)
		buf_add(b, f->value);
}

void view(struct buf *b, const char *name, enum lang lang, const struct fill *text, const struct fill *html)
{
	struct str rest = template_find(name);
	ptrdiff_t open;
	while ((open = str_find(rest, STR("@@"))) >= 0) {
		buf_raw(b, rest.p, (size_t)open);
		rest = str_span(rest.p + open + 2, rest.n - (size_t)open - 2);
		ptrdiff_t close = str_find(rest, STR("@@"));
		assert(close > 0);
		if (close < 0)
			return;
		put_hole(b, str_span(rest.p, (size_t)close), lang, text, html);
		rest = str_span(rest.p + close + 2, rest.n - (size_t)close - 2);
	}
	buf_add(b, rest);
}

struct str view_str(struct arena *a, const char *name, enum lang lang, const struct fill *text, const struct fill *html)
{
	struct buf b = BUF(a);
	view(&b, name, lang, text, html);
	return buf_str(&b);
}
