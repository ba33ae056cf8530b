#include "http/internal.h"

#include <assert.h>
#include <stdlib.h>

/* A row with the contexts of its table. */
struct row {
	const struct http_route *route; /* NULL: none */
	void *checks;
	void *handlers;
};

struct node {
	struct str literal; /* lower case; absent for a parameter */
	struct node *child; /* literals */
	struct node *param;
	struct node *next; /* of the same parent */
	struct row rows[HTTP_METHOD__MAX];
	unsigned methods;
};

struct router {
	struct arena arena;
	struct node root;
};

struct segments {
	struct str s[HTTP_MAX_SEGMENTS];
	size_t n;
};

/* "/" has none; one slash at the end does not count. */
static bool segments_split(struct str path, struct segments *out)
{
	out->n = 0;
	if (path.n == 0 || path.p[0] != '/')
		return false;
	struct str rest = str_span(path.p + 1, path.n - 1), segment;
	if (rest.n == 0)
		return true;
	if (rest.p[rest.n - 1] == '/')
		rest.n--;
	while (str_next(&rest, '/', &segment)) {
		if (out->n == HTTP_MAX_SEGMENTS)
			return false;
		out->s[out->n++] = segment;
	}
	return true;
}

static bool is_param(struct str segment)
{
	return segment.n > 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

static bool is_literal(struct str segment)
{
	for (size_t i = 0; i < segment.n; i++) {
		char c = segment.p[i];
		if (c <= ' ' || c > '~' || (c >= 'A' && c <= 'Z') || strchr("{}?#%", c))
			return false;
	}
	return segment.n > 0;
}

static struct node *node_param(struct arena *a, struct node *parent)
{
	if (!parent->param)
		parent->param = arena_new(a, struct node);
	return parent->param;
}

static struct node *node_literal(struct arena *a, struct node *parent, struct str text)
{
	struct node **at = &parent->child;
	for (; *at; at = &(*at)->next)
		if (str_eq((*at)->literal, text))
			return *at;
	*at = arena_new(a, struct node);
	(*at)->literal = text;
	return *at;
}

static enum rc route_add(struct router *r, const struct http_table *t, const struct http_route *row)
{
	struct segments segments;
	size_t params = 0;
	struct node *node = &r->root;
	if (row->method >= HTTP_METHOD__MAX || !row->handler || !segments_split(str_of(row->pattern), &segments))
		return RC_INVALID;
	for (size_t i = 0; i < segments.n; i++) {
		struct str s = segments.s[i];
		if (is_param(s) && ++params > HTTP_MAX_PARAMS)
			return RC_INVALID;
		if (!is_param(s) && !is_literal(s))
			return RC_INVALID;
		node = is_param(s) ? node_param(&r->arena, node) : node_literal(&r->arena, node, s);
	}
	if (node->rows[row->method].route)
		return RC_OK;
	node->rows[row->method] = (struct row){ row, t->checks, t->handlers };
	node->methods |= 1u << row->method;
	return RC_OK;
}

enum rc router_create(const struct http_table *tables, struct router **out)
{
	struct router *r = calloc(1, sizeof *r);
	if (!r)
		return RC_FAIL;
	for (const struct http_table *t = tables; t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			if (route_add(r, t, &t->rows[i]) != RC_OK) {
				router_destroy(r);
				return RC_INVALID;
			}
	*out = r;
	return RC_OK;
}

void router_destroy(struct router *r)
{
	if (!r)
		return;
	arena_finish(&r->arena);
	free(r);
}

struct walk {
	const struct segments *segments; /* lower case */
	enum http_method method;
	size_t param_at[HTTP_MAX_PARAMS];
	size_t n_params; /* of the row that was found */
	unsigned allow;
};

static const struct row *node_row(const struct node *n, enum http_method m)
{
	if (m < HTTP_METHOD__MAX && n->rows[m].route)
		return &n->rows[m];
	return m == HTTP_HEAD && n->rows[HTTP_GET].route ? &n->rows[HTTP_GET] : NULL;
}

/* Depth is at most HTTP_MAX_SEGMENTS; every node is visited at most once a path to it. */
static const struct row *node_find(const struct node *n, struct walk *w, size_t at, size_t params)
{
	if (at == w->segments->n) {
		w->allow |= n->methods;
		w->n_params = params;
		return node_row(n, w->method);
	}
	struct str s = w->segments->s[at];
	for (const struct node *c = n->child; c; c = c->next) {
		if (!str_eq(c->literal, s))
			continue;
		const struct row *found = node_find(c, w, at + 1, params);
		if (found)
			return found;
		break;
	}
	if (!n->param || s.n == 0)
		return NULL;
	assert(params < HTTP_MAX_PARAMS); /* route_add lets no more in */
	w->param_at[params] = at;
	return node_find(n->param, w, at + 1, params + 1);
}

/* Percent-decoded; text, of one segment. */
static bool param_decode(struct arena *a, struct str raw, struct str *out)
{
	struct str text;
	if (url_decode(a, raw, false, &text) != RC_OK || !str_utf8(text))
		return false;
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f || text.p[i] == '/')
			return false;
	*out = text;
	return true;
}

static void lower(struct str s, char *out)
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
}

struct router_match router_find(const struct router *r, struct arena *a, enum http_method method, struct str path)
{
	struct router_match m = { .status = 404 };
	struct segments segments;
	char low[HTTP_MAX_PATH];
	if (path.n > sizeof low)
		return m;
	lower(path, low);
	if (!segments_split(str_span(low, path.n), &segments))
		return m;
	struct walk w = { .segments = &segments, .method = method };
	const struct row *found = node_find(&r->root, &w, 0, 0);
	if (w.allow == 0)
		return m;
	m.allow = w.allow | 1u << HTTP_OPTIONS | (w.allow & 1u << HTTP_GET ? 1u << HTTP_HEAD : 0);
	m.status = found ? 0 : method == HTTP_OPTIONS ? 204 : 405;
	for (size_t i = 0; found && i < w.n_params; i++) {
		struct str s = segments.s[w.param_at[i]];
		if (!param_decode(a, str_span(path.p + (s.p - low), s.n), &m.param[i]))
			return (struct router_match){ .status = 400, .allow = m.allow };
	}
	if (found) {
		m.route = found->route;
		m.checks = found->checks;
		m.handlers = found->handlers;
	}
	return m;
}

struct str router_allow(struct arena *a, unsigned allow)
{
	struct buf b = BUF(a);
	for (unsigned i = 0; i < HTTP_METHOD__MAX; i++) {
		if (!(allow & 1u << i))
			continue;
		if (b.n)
			buf_lit(&b, ", ");
		buf_z(&b, http_method_name((enum http_method)i));
	}
	return buf_str(&b);
}
