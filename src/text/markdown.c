#include "text/text.h"

#include <assert.h>
#include <md4c.h>

#include "base/url.h"

/* The elements that the result may hold. */
enum tag { TAG_P, TAG_UL, TAG_OL, TAG_LI, TAG_A, TAG_B, TAG_STRONG, TAG_EM, TAG_I, TAG_BR, TAG__MAX };
static const char *const tag_names[] = { "p", "ul", "ol", "li", "a", "b", "strong", "em", "i", "br" };
_Static_assert(LEN(tag_names) == TAG__MAX, "a name for each tag");

#define DEPTH_MAX 48   /* nested elements; deeper ones lose their tags and keep their text */
#define TAG_MAX 2048   /* bytes of an HTML tag in the text; a longer one counts as text */
#define SEARCHES_MAX 4 /* searches for the end of a tag that may look at one byte: see tag_length */

struct element {
	enum tag tag;
	bool by_markdown; /* Markdown opened it and will close it; otherwise HTML in the text did */
	bool closed;      /* its end tag has been written, or its start tag never was */
	struct str host;  /* of a link whose target came with the request; shown behind the link */
};
struct render {
	struct buf *out;
	const struct fill *fills;
	struct element open[DEPTH_MAX];
	size_t depth;
	size_t too_deep; /* open elements of Markdown that have no place in open[] */
	struct buf text; /* the parser's pieces, joined so that a {key} is whole */
	enum { RUN_NONE, RUN_TEXT, RUN_HTML } run;
};

/* ---- elements ---- */

static bool is_block(enum tag t)
{
	return t == TAG_P || t == TAG_UL || t == TAG_OL || t == TAG_LI;
}

static void element_end(struct render *r, struct element *e)
{
	if (!e->closed) {
		buf_lit(r->out, "</");
		buf_z(r->out, tag_names[e->tag]);
		buf_c(r->out, '>');
	}
	if (!e->closed && e->host.n) {
		buf_lit(r->out, " (");
		buf_html(r->out, e->host);
		buf_c(r->out, ')');
	}
	e->closed = true;
}

static bool link_is_open(const struct render *r)
{
	for (size_t i = 0; i < r->depth; i++)
		if (r->open[i].tag == TAG_A && !r->open[i].closed)
			return true;
	return false;
}

/* Ends the open elements from the innermost to open[from]. Those of Markdown stay in open[] as closed, until Markdown
 * closes them. */
static void end_down_to(struct render *r, size_t from)
{
	assert(from <= r->depth);
	for (size_t i = r->depth; i > from; i--) {
		element_end(r, &r->open[i - 1]);
		if (i == r->depth && !r->open[i - 1].by_markdown)
			r->depth--;
	}
}

/* A block ends the paragraph and the inline elements around it. A list item ends the item before it. */
static void make_room(struct render *r, enum tag t)
{
	size_t from = r->depth;
	for (size_t i = r->depth; i > 0; i--) {
		enum tag seen = r->open[i - 1].tag;
		if (seen == TAG_UL || seen == TAG_OL || (seen == TAG_LI && t != TAG_LI))
			break;
		if (!r->open[i - 1].closed)
			from = i - 1;
	}
	end_down_to(r, from);
}

static bool list_is_open(const struct render *r)
{
	for (size_t i = 0; i < r->depth; i++)
		if (!r->open[i].closed && (r->open[i].tag == TAG_UL || r->open[i].tag == TAG_OL))
			return true;
	return false;
}

/* The innermost element that is not closed; TAG__MAX: there is none. */
static enum tag innermost(const struct render *r)
{
	for (size_t i = r->depth; i > 0; i--)
		if (!r->open[i - 1].closed)
			return r->open[i - 1].tag;
	return TAG__MAX;
}

/* May an element of this kind start here? A list holds only items, and only a list holds items. */
static bool fits(const struct render *r, enum tag t)
{
	enum tag in = innermost(r);
	bool in_list = in == TAG_UL || in == TAG_OL;
	if (t == TAG_LI)
		return in_list;
	return !in_list && !(t == TAG_A && link_is_open(r));
}

static bool href_ok(struct str s)
{
	static const struct str schemes[] = { STR_INIT("https://"), STR_INIT("http://"), STR_INIT("mailto:"),
					      STR_INIT("tel:") };
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || s.p[i] == 0x7f || s.p[i] == '\\')
			return false;
	for (size_t i = 0; i < LEN(schemes); i++)
		if (s.n > schemes[i].n && str_ieq(str_span(s.p, schemes[i].n), schemes[i]))
			return true;
	return false;
}

/* A target that is one {key} and nothing else is a value of the request, which its owner has not seen. It is kept where
 * it is a whole https address that all programs read alike. Its host is shown, so that a person sees where it leads. */
static struct str href_filled(struct render *r, struct str href, struct str *host_out)
{
	struct str value;
	struct url u;
	*host_out = STR_NONE;
	if (!text_is_key(href, r->fills, &value))
		return href;
	value = url_ascii(r->out->a, str_trim(value));
	if (url_parse(value, &u) != RC_OK || !str_ieq(u.scheme, STR("https")) || !url_is_web(&u, false))
		return STR_NONE;
	*host_out = u.host;
	return value;
}

static void element_start(struct render *r, enum tag t, bool by_markdown, struct str href)
{
	struct str host = STR_NONE;
	if (t == TAG_A)
		href = href_filled(r, href, &host);
	if (t == TAG_LI && !by_markdown && !list_is_open(r))
		return;
	if (is_block(t))
		make_room(r, t);
	if (r->depth == DEPTH_MAX) {
		r->too_deep += by_markdown;
		return;
	}
	assert(r->depth < DEPTH_MAX);
	bool write = fits(r, t);
	r->open[r->depth++] = (struct element){ .tag = t, .by_markdown = by_markdown, .closed = !write, .host = host };
	if (!write)
		return;
	buf_c(r->out, '<');
	buf_z(r->out, tag_names[t]);
	if (t == TAG_A && href_ok(href)) {
		buf_lit(r->out, " href=\"");
		buf_html(r->out, href);
		buf_c(r->out, '"');
	}
	buf_c(r->out, '>');
}

/* Markdown closes its innermost element. Elements that HTML left open in it end too. */
static void own_end(struct render *r)
{
	if (r->too_deep) {
		r->too_deep--;
		return;
	}
	while (r->depth) {
		struct element *e = &r->open[--r->depth];
		element_end(r, e);
		if (e->by_markdown)
			return;
	}
}

/* An HTML end tag. It closes an HTML element only, and none outside Markdown's innermost element. */
static bool html_end(struct render *r, enum tag t)
{
	for (size_t i = r->depth; i > 0 && !r->open[i - 1].by_markdown; i--) {
		if (r->open[i - 1].tag != t || r->open[i - 1].closed)
			continue;
		end_down_to(r, i - 1);
		return true;
	}
	return false;
}

/* ---- HTML in the text ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The length of the character reference at s.p; 0: there is none. */
static size_t entity_length(struct str s)
{
	size_t i = 1;
	if (s.n > 1 && s.p[1] == '#')
		i++;
	size_t name = i;
	while (i < s.n && i < 34 && is_alnum(s.p[i]))
		i++;
	return i > name && i < s.n && s.p[i] == ';' ? i + 1 : 0;
}

/* Decodes the four references that addresses need. RC_INVALID: any other reference. */
static enum rc href_decode(struct arena *a, struct str s, struct str *out)
{
	static const struct {
		struct str name;
		char c;
	} known[] = { { STR_INIT("&amp;"), '&' },
		      { STR_INIT("&lt;"), '<' },
		      { STR_INIT("&gt;"), '>' },
		      { STR_INIT("&quot;"), '"' } };
	struct buf b = BUF(a);
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_span(s.p + i, s.n - i);
		size_t n = s.p[i] == '&' ? entity_length(rest) : 0, k = 0;
		if (!n) {
			buf_c(&b, s.p[i]);
			continue;
		}
		while (k < LEN(known) && !str_eq(known[k].name, str_span(rest.p, n)))
			k++;
		if (k == LEN(known))
			return RC_INVALID;
		buf_c(&b, known[k].c);
		i += n - 1;
	}
	*out = buf_str(&b);
	return RC_OK;
}

struct html_tag {
	enum tag tag;
	bool end;
	struct str href; /* as written; absent = none */
};

static size_t skip_blanks(struct str s, size_t i)
{
	while (i < s.n && is_blank(s.p[i]))
		i++;
	return i;
}

/* Reads the value behind '=', quoted or not. Returns the place behind it. */
static size_t attribute_value(struct str s, size_t i, struct str *value)
{
	char quote = i < s.n && (s.p[i] == '"' || s.p[i] == '\'') ? s.p[i++] : '\0';
	size_t start = i;
	while (i < s.n && (quote ? s.p[i] != quote : !is_blank(s.p[i])))
		i++;
	*value = str_span(s.p + start, i - start);
	return i + (quote && i < s.n);
}

static bool is_name(char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == ':';
}

/* Reads one attribute from *at on and moves *at; its value may be absent. false: the tag ends, or is not well-formed.
 */
static bool attribute(struct str s, size_t *at, struct str *name, struct str *value)
{
	size_t i = *at;
	while (i < s.n && (is_blank(s.p[i]) || s.p[i] == '/'))
		i++;
	size_t start = i;
	while (i < s.n && is_name(s.p[i]))
		i++;
	*name = str_span(s.p + start, i - start);
	*value = STR_NONE;
	i = skip_blanks(s, i);
	if (i < s.n && s.p[i] == '=')
		i = attribute_value(s, skip_blanks(s, i + 1), value);
	*at = i;
	return name->n > 0;
}

/* The length of the tag at s.p, up to the first '>' outside quotes. 0: the tag does not end. Adds the bytes that it
 * looked at to *seen.
 * A '<' outside quotes ends the search, which keeps all searches together linear: each quote swaps two of the three
 * states (no quote, ', "), so among any four searches two are in the same state at every later byte, and the earlier
 * one ends where the later one begins. */
static size_t tag_length(struct str s, size_t *seen)
{
	char quote = '\0';
	size_t i = 1;
	for (; i < s.n && i < TAG_MAX; i++) {
		if (quote)
			quote = s.p[i] == quote ? '\0' : quote;
		else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
		else if (s.p[i] == '>' || s.p[i] == '<')
			break;
	}
	*seen += i;
	return i < s.n && i < TAG_MAX && s.p[i] == '>' ? i + 1 : 0;
}

static enum tag tag_find(struct str name)
{
	enum tag t = 0;
	while (t < TAG__MAX && !str_ieq(str_of(tag_names[t]), name))
		t++;
	return t;
}

/* Reads the start or end tag of a known element at s.p. Returns its length; 0: there is none. `seen`: as tag_length. */
static size_t html_tag(struct str s, struct html_tag *out, size_t *seen)
{
	size_t n = tag_length(s, seen);
	if (!n)
		return 0;
	struct html_tag t = { .end = s.p[1] == '/' };
	size_t start = t.end ? 2 : 1, i = start;
	while (i < n && is_alnum(s.p[i]))
		i++;
	t.tag = tag_find(str_span(s.p + start, i - start));
	if (t.tag == TAG__MAX || !(is_blank(s.p[i]) || s.p[i] == '>' || s.p[i] == '/'))
		return 0;
	struct str name, value, inner = str_span(s.p, n - 1);
	while (!t.end && attribute(inner, &i, &name, &value))
		if (!t.href.p && str_ieq(name, STR("href")))
			t.href = value;
	*out = t;
	return n;
}

static void html_element(struct render *r, const struct html_tag *t)
{
	if (t->tag == TAG_BR) {
		if (!t->end)
			buf_lit(r->out, "<br>");
		return;
	}
	if (t->end) {
		html_end(r, t->tag);
		return;
	}
	struct str href = STR_NONE;
	if (t->tag == TAG_A && href_decode(r->out->a, t->href, &href) != RC_OK)
		href = STR_NONE;
	element_start(r, t->tag, false, href);
}

/* Writes text between tags: character references stay, {key} is filled in. */
static void html_text(struct render *r, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		size_t n = s.p[i] == '&' ? entity_length(str_span(s.p + i, s.n - i)) : 0;
		if (!n)
			continue;
		buf_filled(r->out, str_span(s.p + from, i - from), r->fills);
		buf_raw(r->out, s.p + i, n);
		from = i + n;
		i = from - 1;
	}
	buf_filled(r->out, str_span(s.p + from, s.n - from), r->fills);
}

static void html_run(struct render *r, struct str s)
{
	size_t from = 0, at = 0, seen = 0;
	while (at < s.n) {
		const char *lt = memchr(s.p + at, '<', s.n - at);
		if (!lt)
			break;
		at = (size_t)(lt - s.p);
		struct html_tag t;
		size_t n = html_tag(str_span(lt, s.n - at), &t, &seen);
		if (!n) {
			at++;
			continue;
		}
		html_text(r, str_span(s.p + from, at - from));
		html_element(r, &t);
		from = at += n;
	}
	assert(seen <= SEARCHES_MAX * s.n);
	html_text(r, str_span(s.p + from, s.n - from));
}

/* ---- what the parser calls ---- */

static void run_end(struct render *r)
{
	struct str s = buf_str(&r->text);
	if (r->run == RUN_TEXT)
		buf_filled(r->out, s, r->fills);
	else if (r->run == RUN_HTML)
		html_run(r, s);
	r->text.n = 0;
	r->run = RUN_NONE;
}

static bool block_tag(MD_BLOCKTYPE type, enum tag *out)
{
	if (type == MD_BLOCK_P || type == MD_BLOCK_H || type == MD_BLOCK_CODE)
		*out = TAG_P;
	else if (type == MD_BLOCK_UL)
		*out = TAG_UL;
	else if (type == MD_BLOCK_OL)
		*out = TAG_OL;
	else if (type == MD_BLOCK_LI)
		*out = TAG_LI;
	else
		return false;
	return true;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	(void)detail;
	struct render *r = ctx;
	enum tag t;
	run_end(r);
	if (block_tag(type, &t))
		element_start(r, t, true, STR_NONE);
	if (type == MD_BLOCK_H)
		element_start(r, TAG_STRONG, true, STR_NONE);
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	(void)detail;
	struct render *r = ctx;
	enum tag t;
	run_end(r);
	if (type == MD_BLOCK_H)
		own_end(r);
	if (block_tag(type, &t))
		own_end(r);
	return 0;
}

static struct str link_target(struct render *r, const MD_SPAN_A_DETAIL *d)
{
	struct str href;
	if (href_decode(r->out->a, str_span(d->href.text, d->href.size), &href) != RC_OK)
		return STR_NONE;
	return href;
}

static bool span_tag(MD_SPANTYPE type, enum tag *out)
{
	if (type == MD_SPAN_EM)
		*out = TAG_EM;
	else if (type == MD_SPAN_STRONG)
		*out = TAG_STRONG;
	else if (type == MD_SPAN_A)
		*out = TAG_A;
	else
		return false;
	return true;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct render *r = ctx;
	enum tag t;
	run_end(r);
	if (span_tag(type, &t))
		element_start(r, t, true, t == TAG_A ? link_target(r, detail) : STR_NONE);
	return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	(void)detail;
	struct render *r = ctx;
	enum tag t;
	run_end(r);
	if (span_tag(type, &t))
		own_end(r);
	return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *ctx)
{
	struct render *r = ctx;
	if (type == MD_TEXT_BR || type == MD_TEXT_ENTITY) {
		run_end(r);
		if (type == MD_TEXT_BR)
			buf_lit(r->out, "<br>");
		else
			buf_raw(r->out, p, n);
		return 0;
	}
	unsigned run = type == MD_TEXT_HTML ? RUN_HTML : RUN_TEXT;
	if (r->run != run)
		run_end(r);
	r->run = run;
	if (type == MD_TEXT_NULLCHAR)
		buf_lit(&r->text, "\xef\xbf\xbd");
	else if (type == MD_TEXT_SOFTBR)
		buf_c(&r->text, '\n');
	else
		buf_raw(&r->text, p, n);
	return 0;
}

enum rc buf_markdown(struct buf *b, struct str markdown, const struct fill *fills)
{
	if (markdown.n > MARKDOWN_MAX)
		return RC_TOO_LARGE;
	struct render r = { .out = b, .fills = fills, .text = BUF(b->a) };
	const MD_PARSER parser = { .flags = MD_DIALECT_COMMONMARK,
				   .enter_block = enter_block,
				   .leave_block = leave_block,
				   .enter_span = enter_span,
				   .leave_span = leave_span,
				   .text = on_text };
	/* md4c 0.4.8 reads the byte behind a text that ends in the number of a list. */
	if (md_parse(arena_cstr(b->a, markdown), (MD_SIZE)markdown.n, &parser, &r) != 0)
		return RC_FAIL;
	run_end(&r);
	end_down_to(&r, 0);
	return RC_OK;
}
