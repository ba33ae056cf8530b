#include "base/scan.h"
#include "page/parts.h"
#include "page/view.h"

#define VALUES_MAX 3   /* values that are told of one right */
#define VALUE_CHARS 40 /* characters of one value */

static bool key_begins(const struct meta *m, const char *const names[2])
{
	for (size_t i = 0; i < 2; i++) {
		struct str name = str_of(names[i]);
		if (m->key.n > name.n && str_ieq(str_span(m->key.p, name.n), name))
			return true;
	}
	return false;
}

/* The first value whose key begins so. NULL: there is none. */
static const struct meta *meta_find(const struct right *r, const char *const names[2])
{
	for (const struct meta *m = r->metadata; m; m = m->next)
		if (key_begins(m, names))
			return m;
	return NULL;
}

static bool is_identity_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == 11;
}

static struct str shortened(struct arena *a, struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	for (size_t i = 0; p < end && i < VALUE_CHARS; i++) {
		size_t step = utf8_step(p, end);
		p += step ? step : 1;
	}
	return p < end ? arena_fmt(a, "%.*s…", (int)(p - s.p), s.p) : s;
}

static void value_put(struct buf *b, size_t *n, struct str value)
{
	if (*n < VALUES_MAX) {
		if (b->n)
			buf_lit(b, ", ");
		buf_add(b, value);
	}
	(*n)++;
}

struct str metadata_text(const struct page *p, const struct right *r)
{
	static const char *const begins[2] = { "fra", "from" }, *const ends[2] = { "til", "to" };
	const struct meta *from = meta_find(r, begins), *until = meta_find(r, ends);
	struct buf b = BUF(p->a);
	struct str span = from && until ? text_period(p->a, from->value, until->value, p->lang) : STR_NONE;
	size_t n = 0;
	for (const struct meta *m = r->metadata; m; m = m->next) {
		struct str date = text_period(p->a, m->value, STR_NONE, p->lang);
		if (span.p && m == until)
			continue;
		if (span.p && m == from)
			value_put(&b, &n, span);
		else if (date.p)
			value_put(&b, &n, date);
		else if (m->value.n && !is_identity_number(m->value))
			value_put(&b, &n, shortened(p->a, text_without_marks(p->a, m->value)));
	}
	if (n > VALUES_MAX)
		buf_lit(&b, " …");
	return buf_str(&b);
}

void right_title_put(const struct page *p, struct buf *b, const struct localized *title, const struct right *r)
{
	struct str about = metadata_text(p, r);
	localized_put(p, b, title);
	if (about.n)
		view(b, "about.html", p->lang, FILLS({ "about", about }), NULL);
}
