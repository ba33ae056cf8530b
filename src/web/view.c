#include "web/view_internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

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
	const char *name;
	struct piece *pieces;
	size_t n;
};

/* Templates are taken apart once, because one page has some thirty of them with as many messages. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct template *templates;
static size_t n_templates;

static enum msg message_find(struct str id)
{
	for (enum msg i = 0; i < MSG__MAX; i++)
		if (str_eq(message_ids[i], id))
			return i;
	assert(!"no such message");
	return MSG__MAX;
}

static struct piece piece_of(struct str text, struct str hole)
{
	struct piece p = { .text = text, .key = hole, .message = MSG__MAX };
	if (!str_starts(hole, STR("t:")))
		return p;
	p.key = STR_NONE;
	p.message = message_find(str_span(hole.p + 2, hole.n - 2));
	return p;
}

static struct template take_apart(const char *name, struct str rest)
{
	struct template t = { .name = name };
	ptrdiff_t open;
	t.pieces = calloc(rest.n / 4 + 1, sizeof *t.pieces); /* at most: a hole has four marks */
	while (t.pieces && (open = str_find(rest, STR("@@"))) >= 0) {
		struct str text = str_span(rest.p, (size_t)open);
		rest = str_span(rest.p + open + 2, rest.n - (size_t)open - 2);
		ptrdiff_t close = str_find(rest, STR("@@"));
		assert(close > 0);
		t.pieces[t.n++] = piece_of(text, str_span(rest.p, (size_t)close));
		rest = str_span(rest.p + close + 2, rest.n - (size_t)close - 2);
	}
	if (t.pieces)
		t.pieces[t.n++] = piece_of(rest, STR_NONE);
	return t;
}

static int by_name(const void *a, const void *b)
{
	const struct template *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static void take_all_apart(void)
{
	size_t n = 0;
	while (web_templates[n].name)
		n++;
	templates = calloc(n, sizeof *templates);
	for (; templates && n_templates < n; n_templates++)
		templates[n_templates] = take_apart(web_templates[n_templates].name, web_templates[n_templates].data);
	if (templates)
		qsort(templates, n_templates, sizeof *templates, by_name);
}

static const struct template *template_find(const char *name)
{
	pthread_once(&once, take_all_apart);
	const struct template key = { .name = name }, *t = NULL;
	if (templates)
		t = bsearch(&key, templates, n_templates, sizeof key, by_name);
	assert(t && t->pieces);
	return t;
}

static const struct fill *value_find(const struct fill *fills, struct str key)
{
	for (const struct fill *f = fills; f && f->key; f++)
		if (str_is(key, f->key))
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
	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->pieces[i];
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
