#include "page/view.h"

#include <assert.h>
#include <pthread.h>

#include "base/map.h"

#define MESSAGE(id, nb, nn, en) STR_INIT(#id),
static const struct str message_ids[] = {
#include "text/messages.def"
};
#undef MESSAGE
_Static_assert(LEN(message_ids) == MSG__MAX, "a name for each message");

/* Fixed text, and the hole that follows it: a value or a message. The last piece of a template has no hole. */
struct piece {
	struct str text;
	struct str key;   /* of the value; absent: none */
	enum msg message; /* MSG__MAX: none */
};
struct template
{
	struct piece *pieces[LANG__MAX];
	size_t n[LANG__MAX];
};

/* Templates are taken apart once in each language, because one page has some thirty of them with as many messages. A
 * message that has no place for a value becomes fixed text. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct arena made;
static struct map templates;

static enum msg message_find(struct str id)
{
	for (enum msg i = 0; i < MSG__MAX; i++)
		if (str_eq(message_ids[i], id))
			return i;
	assert(!"no such message");
	return MSG__MAX;
}

static struct piece hole_of(struct str hole)
{
	struct piece p = { .key = hole, .message = MSG__MAX };
	if (!str_starts(hole, STR("t:")))
		return p;
	p.key = STR_NONE;
	p.message = message_find(str_span(hole.p + 2, hole.n - 2));
	return p;
}

static bool is_fixed(const struct piece *hole, enum lang lang)
{
	return hole->message != MSG__MAX && str_find(msg(hole->message, lang), STR("{")) < 0;
}

/* text: memory for what is fixed. */
static void take_apart(struct template *t, struct str rest, enum lang lang, struct buf *text)
{
	size_t cap = 0;
	ptrdiff_t open;
	text->n = 0;
	while ((open = str_find(rest, STR("@@"))) >= 0) {
		buf_raw(text, rest.p, (size_t)open);
		rest = str_span(rest.p + open + 2, rest.n - (size_t)open - 2);
		ptrdiff_t close = str_find(rest, STR("@@"));
		assert(close > 0);
		struct piece hole = hole_of(str_span(rest.p, (size_t)close));
		rest = str_span(rest.p + close + 2, rest.n - (size_t)close - 2);
		if (is_fixed(&hole, lang)) {
			buf_msg(text, hole.message, lang, NULL);
			continue;
		}
		hole.text = arena_str(&made, buf_str(text));
		arena_room(&made, t->pieces[lang], t->n[lang], &cap, 4);
		t->pieces[lang][t->n[lang]++] = hole;
		text->n = 0;
	}
	buf_add(text, rest);
	arena_room(&made, t->pieces[lang], t->n[lang], &cap, 4);
	t->pieces[lang][t->n[lang]++] = (struct piece){ .text = arena_str(&made, buf_str(text)), .message = MSG__MAX };
}

static void take_all_apart(void)
{
	CLEANUP(arena_finish) struct arena scratch = { 0 };
	struct buf text = BUF(&scratch);
	for (const struct embed *e = page_templates; e->name; e++) {
		struct template *t = arena_new(&made, struct template);
		for (enum lang lang = 0; lang < LANG__MAX; lang++)
			take_apart(t, e->data, lang, &text);
		map_put(&templates, &made, str_of(e->name), t);
	}
}

static const struct template *template_find(const char *name)
{
	pthread_once(&once, take_all_apart);
	const struct template *t = map_get(&templates, str_of(name));
	assert(t);
	return t;
}

static const struct fill *value_find(const struct fill *fills, struct str key)
{
	for (const struct fill *f = fills; f && f->key; f++)
		if (f->key[0] == key.p[0] && str_is(key, f->key))
			return f;
	return NULL;
}

static void put_hole(struct buf *b, const struct piece *p, enum lang lang, const struct fill *text,
		     const struct fill *html)
{
	if (p->message != MSG__MAX) {
		buf_msg(b, p->message, lang, text);
		return;
	}
	const struct fill *f = value_find(text, p->key);
	if (f) {
		buf_html(b, f->value);
		return;
	}
	f = value_find(html, p->key);
	if (f)
		buf_add(b, f->value);
}

void view(struct buf *b, const char *name, enum lang lang, const struct fill *text, const struct fill *html)
{
	const struct template *t = template_find(name);
	assert(lang < LANG__MAX);
	for (size_t i = 0; i < t->n[lang]; i++) {
		const struct piece *p = &t->pieces[lang][i];
		buf_add(b, p->text);
		if (p->key.p || p->message != MSG__MAX)
			put_hole(b, p, lang, text, html);
	}
}

struct str view_str(struct arena *a, const char *name, enum lang lang, const struct fill *text, const struct fill *html)
{
	struct buf b = BUF(a);
	view(&b, name, lang, text, html);
	return buf_str(&b);
}
