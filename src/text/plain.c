#include "text/text.h"

#include <assert.h>

/* The effect of each tag on the lines around it. */
static const struct tag {
	const char *name;
	int opens;          /* line ends before its content */
	int closes;         /* line ends behind it */
	const char *prefix; /* of its content; NULL = none */
	const char *suffix; /* the same */
} tags[] = {
	// clang-format off
	{ "p",          2, 2, NULL, NULL },
	{ "div",        1, 1, NULL, NULL },
	{ "blockquote", 2, 2, NULL, NULL },
	{ "ul",         1, 2, NULL, NULL },
	{ "ol",         1, 2, NULL, NULL },
	{ "li",         1, 1, "",   NULL }, /* its number or a hyphen */
	{ "strong",     0, 0, NULL, NULL },
	{ "br",         1, 0, NULL, NULL },
	{ "span",       1, 1, "(",  ")" }, /* the time zone; CSS draws its brackets */
	// clang-format on
};

#define DEPTH_MAX 16 /* nested lists; items of deeper ones have no numbers */

struct plain {
	struct buf b;
	int items[DEPTH_MAX]; /* the next number in each open list; 0 = a list without numbers */
	size_t depth;
	int breaks; /* line ends that are due before the next character */
	bool space; /* a space is due too, unless a line ends there */
};

static void put_break(struct plain *p, int n)
{
	if (n > p->breaks)
		p->breaks = n;
}

static void put_due(struct plain *p)
{
	for (int i = 0; i < p->breaks && p->b.n; i++)
		buf_c(&p->b, '\n');
	if (p->space && !p->breaks && p->b.n)
		buf_c(&p->b, ' ');
	p->breaks = 0;
	p->space = false;
}

static void put_prefix(struct plain *p, struct str name, const char *prefix)
{
	int *number = p->depth && p->depth <= DEPTH_MAX ? &p->items[p->depth - 1] : NULL;
	put_due(p);
	if (!str_is(name, "li"))
		buf_z(&p->b, prefix);
	else if (number && *number)
		buf_fmt(&p->b, "%d. ", (*number)++);
	else
		buf_lit(&p->b, "- ");
}

static void note_list(struct plain *p, struct str name, bool end)
{
	bool ordered = str_is(name, "ol");
	if (!ordered && !str_is(name, "ul"))
		return;
	if (end && p->depth)
		p->depth--;
	else if (!end && p->depth++ < DEPTH_MAX)
		p->items[p->depth - 1] = ordered;
}

/* `inside` is the text between the angle brackets: "/li", "a href=…". */
static void put_tag(struct plain *p, struct str inside, bool *title)
{
	bool end = str_starts(inside, STR("/"));
	struct str name, rest;
	(void)str_cut(end ? str_span(inside.p + 1, inside.n - 1) : inside, ' ', &name, &rest);
	for (size_t i = 0; i < LEN(tags); i++) {
		if (!str_is(name, tags[i].name))
			continue;
		if (end && tags[i].suffix)
			buf_z(&p->b, tags[i].suffix);
		put_break(p, end ? tags[i].closes : tags[i].opens);
		if (end || !tags[i].prefix)
			break;
		put_prefix(p, name, tags[i].prefix);
	}
	note_list(p, name, end);
	/* The title of a right is a line of its own. */
	if (end && *title)
		put_break(p, 1);
	*title = !end && str_is(name, "strong") && str_find(rest, STR("sk-title")) >= 0;
}

static const struct {
	struct str name;
	char c;
} entities[] = {
	{ STR_INIT("&amp;"), '&' },  { STR_INIT("&lt;"), '<' },   { STR_INIT("&gt;"), '>' },
	{ STR_INIT("&quot;"), '"' }, { STR_INIT("&#39;"), '\'' },
};

/* Appends the character at s.p, decoding the entities that buf_html writes. Returns its length in bytes. */
static size_t put_char(struct plain *p, struct str s)
{
	assert(s.n > 0);
	for (size_t i = 0; s.p[0] == '&' && i < LEN(entities); i++) {
		if (!str_starts(s, entities[i].name))
			continue;
		put_due(p);
		buf_c(&p->b, entities[i].c);
		return entities[i].name.n;
	}
	if (s.p[0] == '\n' || s.p[0] == ' ') {
		p->space = true;
		return 1;
	}
	put_due(p);
	buf_c(&p->b, s.p[0]);
	return 1;
}

struct str text_plain(struct arena *a, struct str html)
{
	struct plain p = { .b = BUF(a) };
	bool title = false;
	while (html.n) {
		size_t n;
		ptrdiff_t close = html.p[0] == '<' ? str_find(html, STR(">")) : -1;
		if (close > 0) {
			put_tag(&p, str_span(html.p + 1, (size_t)close - 1), &title);
			n = (size_t)close + 1;
		} else {
			n = put_char(&p, html);
		}
		html = str_span(html.p + n, html.n - n);
	}
	return buf_str(&p.b);
}
