#include "base/js.h"

#include <assert.h>
#include <stdlib.h>

#include "base/scan.h"

#define BLOCK_FIRST 16 /* nodes that the parser takes from the arena at a time */
#define BLOCK_LARGEST 256
#define PAIRWISE_MAX 16 /* members of an object whose names are compared pair by pair; more are sorted */

struct parser {
	struct arena *a;
	const char *p;
	const char *end;
	struct js *free;
	struct js *free_end;
	uint32_t block;
	uint32_t nodes_left;
	uint32_t max_depth;
	bool allow_duplicates;
	bool any_case;
	bool twice;
	enum rc rc;
	const char *what;
	const char *at;
};

static bool fail_at(struct parser *ps, const char *at, const char *what)
{
	ps->rc = RC_INVALID;
	ps->what = what;
	ps->at = at;
	return false;
}

static bool fail(struct parser *ps, const char *what)
{
	return fail_at(ps, ps->p, what);
}

static bool too_large(struct parser *ps, const char *what)
{
	fail(ps, what);
	ps->rc = RC_TOO_LARGE;
	return false;
}

static inline struct js *node_new(struct parser *ps)
{
	if (ps->nodes_left == 0) {
		too_large(ps, "too many values");
		return NULL;
	}
	ps->nodes_left--;
	if (ps->free == ps->free_end) {
		ps->free = arena_array(ps->a, struct js, ps->block);
		ps->free_end = ps->free + ps->block;
		if (ps->block < BLOCK_LARGEST)
			ps->block *= 2;
	}
	return ps->free++;
}

static inline void skip_blanks(struct parser *ps)
{
	while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\r' || *ps->p == '\t'))
		ps->p++;
}

static inline bool take(struct parser *ps, char c)
{
	if (ps->p == ps->end || *ps->p != c)
		return false;
	ps->p++;
	return true;
}

/* The value of the four hexadecimal digits at p; -1: there are fewer. */
static int hex4(const char *p, const char *end)
{
	if (end - p < 4)
		return -1;
	int v = 0;
	for (int i = 0; i < 4; i++) {
		char lower = (char)(p[i] | 0x20);
		if (p[i] >= '0' && p[i] <= '9')
			v = v << 4 | (p[i] - '0');
		else if (lower >= 'a' && lower <= 'f')
			v = v << 4 | (lower - 'a' + 10);
		else
			return -1;
	}
	return v;
}

static size_t utf8_put(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Reads the digits behind \u at *p, and the second half of a surrogate pair. Moves *p behind them. 0: no character. */
static uint32_t unicode_escape(const char **p, const char *end)
{
	int unit = hex4(*p, end);
	if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return 0;
	*p += 4;
	if (unit < 0xd800 || unit > 0xdbff)
		return (uint32_t)unit;
	if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return 0;
	int low = hex4(*p + 2, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*p += 6;
	return 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
}

static char simple_escape(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

/* [from, end) is well-formed UTF-8 without quotes. The decoded text is never longer than this input. */
static bool unescape(struct parser *ps, const char *from, const char *end, struct str *out)
{
	char *text = arena_alloc(ps->a, (size_t)(end - from)), *to = text;
	while (from < end) {
		const char *slash = memchr(from, '\\', (size_t)(end - from));
		size_t run = (size_t)((slash ? slash : end) - from);
		memcpy(to, from, run);
		to += run;
		if (!slash)
			break;
		from = slash + 2;
		if (slash[1] == 'u') {
			uint32_t c = unicode_escape(&from, end);
			if (c == 0)
				return fail_at(ps, slash, "\\u escape is no character");
			to += utf8_put(to, c);
			continue;
		}
		*to = simple_escape(slash[1]);
		if (*to++ == '\0')
			return fail_at(ps, slash, "no such escape");
	}
	*out = str_span(text, (size_t)(to - text));
	return true;
}

/* Starts behind the opening quote. */
static bool parse_string(struct parser *ps, struct str *out)
{
	const char *from = ps->p, *p = from, *end = ps->end;
	bool escaped = false;
	for (;;) {
		p = json_plain(p, end);
		if (p == end)
			return fail_at(ps, p, "string has no end");
		if (*p == '"')
			break;
		size_t step = *p == '\\' ? 2 : (unsigned char)*p < 0x20 ? 0 : utf8_step(p, end);
		if (step == 0)
			return fail_at(ps, p,
				       (unsigned char)*p < 0x20 ? "control character in a string" : "ill-formed UTF-8");
		if (*p == '\\') {
			escaped = true;
			if (end - p < 2)
				return fail_at(ps, p, "string has no end");
		}
		p += step;
	}
	ps->p = p + 1;
	if (escaped)
		return unescape(ps, from, p, out);
	*out = str_span(from, (size_t)(p - from));
	return true;
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* = RFC 8259 6: "number = [ minus ] int [ frac ] [ exp ]" */
static bool parse_number(struct parser *ps, struct js *v)
{
	const char *from = ps->p, *end = ps->end;
	const char *p = from + (*from == '-');
	const char *digits = p;
	p = skip_digits(p, end);
	if (p == digits)
		return fail(ps, "value expected");
	if (*digits == '0' && p - digits > 1)
		return fail(ps, "leading zero");
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			return fail_at(ps, p, "digit expected");
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			return fail_at(ps, p, "digit expected");
	}
	v->type = JS_NUMBER;
	v->s = str_span(from, (size_t)(p - from));
	ps->p = p;
	return true;
}

static bool parse_word(struct parser *ps, struct js *v, struct str word, enum js_type type)
{
	if ((size_t)(ps->end - ps->p) < word.n || memcmp(ps->p, word.p, word.n) != 0)
		return fail(ps, "value expected");
	v->type = type;
	v->b = *word.p == 't';
	ps->p += word.n;
	return true;
}

/* Orders members by length and name in any letter case, then by the name as written, then as the document does. */
static int member_compare(const void *pa, const void *pb)
{
	const struct js *a = *(const struct js *const *)pa, *b = *(const struct js *const *)pb;
	if (a->key.n != b->key.n)
		return a->key.n < b->key.n ? -1 : 1;
	int order = str_icmp(a->key, b->key);
	if (!order)
		order = str_cmp(a->key, b->key);
	if (order)
		return order;
	return a->raw.p < b->raw.p ? -1 : 1;
}

static bool same_name(struct str a, struct str b, bool any_case)
{
	return any_case ? str_ieq(a, b) : str_eq(a, b);
}

static const struct js *duplicate_sorted(struct arena *a, const struct js *o, bool any_case)
{
	const struct js **list = arena_array(a, const struct js *, o->n);
	size_t n = 0;
	JS_EACH(m, o)
		list[n++] = m;
	qsort(list, n, sizeof *list, member_compare);
	for (size_t i = 1; i < n; i++)
		if (same_name(list[i - 1]->key, list[i]->key, any_case))
			return list[i];
	return NULL;
}

/* Equal for names that differ in letter case alone. */
static inline uint64_t name_bit(struct str key)
{
	if (key.n == 0)
		return 1;
	unsigned first = (unsigned char)key.p[0] | 0x20U, last = (unsigned char)key.p[key.n - 1] | 0x20U;
	return UINT64_C(1) << (((unsigned)key.n + first * 3U + last * 17U) & 63);
}

/* A member whose name an earlier member has; NULL: all names differ. */
static const struct js *duplicate_find(struct arena *a, const struct js *o, bool any_case)
{
	if (o->n > PAIRWISE_MAX)
		return duplicate_sorted(a, o, any_case);
	uint64_t seen = 0;
	JS_EACH(m, o) {
		uint64_t bit = name_bit(m->key);
		if (seen & bit)
			for (const struct js *k = o->child; k != m; k = k->next)
				if (same_name(k->key, m->key, any_case))
					return m;
		seen |= bit;
	}
	return NULL;
}

const struct js *js_twin(struct arena *a, const struct js *o)
{
	assert(js_is(o, JS_OBJECT));
	return duplicate_find(a, o, true);
}

static bool parse_value(struct parser *ps, struct js *v, uint32_t depth);

static bool parse_array(struct parser *ps, struct js *v, uint32_t depth)
{
	v->type = JS_ARRAY;
	ps->p++;
	skip_blanks(ps);
	if (take(ps, ']'))
		return true;
	const struct js **tail = &v->child;
	do {
		struct js *item = node_new(ps);
		if (!item)
			return false;
		skip_blanks(ps);
		if (!parse_value(ps, item, depth))
			return false;
		*tail = item;
		tail = &item->next;
		v->n++;
		skip_blanks(ps);
	} while (take(ps, ','));
	return take(ps, ']') || fail(ps, "',' or ']' expected");
}

/* "name" : value */
static bool parse_member(struct parser *ps, struct js *m, uint32_t depth)
{
	skip_blanks(ps);
	if (!take(ps, '"'))
		return fail(ps, "member name expected");
	if (!parse_string(ps, &m->key))
		return false;
	skip_blanks(ps);
	if (!take(ps, ':'))
		return fail(ps, "':' expected");
	skip_blanks(ps);
	return parse_value(ps, m, depth);
}

static bool parse_object(struct parser *ps, struct js *v, uint32_t depth)
{
	v->type = JS_OBJECT;
	ps->p++;
	skip_blanks(ps);
	if (take(ps, '}'))
		return true;
	const struct js **tail = &v->child;
	do {
		struct js *member = node_new(ps);
		if (!member || !parse_member(ps, member, depth))
			return false;
		*tail = member;
		tail = &member->next;
		v->n++;
		skip_blanks(ps);
	} while (take(ps, ','));
	if (!take(ps, '}'))
		return fail(ps, "',' or '}' expected");
	const struct js *again = ps->allow_duplicates ? NULL : duplicate_find(ps->a, v, ps->any_case);
	ps->twice = again != NULL;
	return !again || fail_at(ps, again->raw.p, "member name stands twice");
}

static bool parse_kind(struct parser *ps, struct js *v, uint32_t depth)
{
	switch (*ps->p) {
	case '"':
		ps->p++;
		v->type = JS_STRING;
		return parse_string(ps, &v->s);
	case '{':
		return depth < ps->max_depth ? parse_object(ps, v, depth + 1) : too_large(ps, "nested too deep");
	case '[':
		return depth < ps->max_depth ? parse_array(ps, v, depth + 1) : too_large(ps, "nested too deep");
	case 't':
		return parse_word(ps, v, STR("true"), JS_BOOL);
	case 'f':
		return parse_word(ps, v, STR("false"), JS_BOOL);
	case 'n':
		return parse_word(ps, v, STR("null"), JS_NULL);
	default:
		return parse_number(ps, v);
	}
}

static bool parse_value(struct parser *ps, struct js *v, uint32_t depth)
{
	if (ps->p == ps->end)
		return fail(ps, "value expected");
	const char *from = ps->p;
	if (!parse_kind(ps, v, depth))
		return false;
	v->raw = str_span(from, (size_t)(ps->p - from));
	return true;
}

static struct js *parse_document(struct parser *ps)
{
	struct js *root = node_new(ps);
	skip_blanks(ps);
	if (!root || !parse_value(ps, root, 0))
		return NULL;
	skip_blanks(ps);
	if (ps->p < ps->end) {
		fail(ps, "something follows the value");
		return NULL;
	}
	return root;
}

static uint32_t limit(uint32_t wanted, uint32_t preset)
{
	return wanted ? wanted : preset;
}

struct str js_unmarked(struct str text)
{
	struct str mark = STR("\xef\xbb\xbf");
	return str_starts(text, mark) ? str_span(text.p + mark.n, text.n - mark.n) : text;
}

enum rc js_parse(struct arena *a, struct str text, const struct js_opts *opts, const struct js **out,
		 struct js_error *err_out)
{
	static const struct js_opts presets;
	const struct js_opts *o = opts ? opts : &presets;
	assert(a && out);
	if (!text.p)
		text = STR("");
	struct parser ps = {
		.a = a,
		.p = text.p,
		.end = text.p + text.n,
		.block = BLOCK_FIRST,
		.nodes_left = limit(o->max_nodes, JS_MAX_NODES),
		.max_depth = limit(o->max_depth, JS_MAX_DEPTH),
		.allow_duplicates = o->allow_duplicates,
		.any_case = o->any_case,
	};
	if (ps.max_depth > JS_MAX_DEPTH)
		ps.max_depth = JS_MAX_DEPTH;
	const struct js *root = parse_document(&ps);
	if (!root) {
		if (err_out)
			*err_out = (struct js_error){ (size_t)(ps.at - text.p), ps.what, ps.twice };
		return ps.rc;
	}
	*out = root;
	return RC_OK;
}

const struct js *js_get_str(const struct js *o, struct str key)
{
	if (!js_is(o, JS_OBJECT))
		return NULL;
	const struct js *found = NULL;
	JS_EACH(m, o)
		if (str_eq(m->key, key))
			found = m;
	return found;
}

const struct js *js_get(const struct js *o, const char *key)
{
	return js_get_str(o, str_of(key));
}

const struct js *js_get_icase(const struct js *o, const char *key)
{
	if (!js_is(o, JS_OBJECT))
		return NULL;
	const struct js *found = NULL;
	JS_EACH(m, o)
		if (str_ieq(m->key, str_of(key)))
			found = m;
	return found;
}

const struct js *js_at(const struct js *a, uint32_t i)
{
	if (!js_is(a, JS_ARRAY))
		return NULL;
	const struct js *v = a->child;
	while (v && i--)
		v = v->next;
	return v;
}

enum rc js_member_str(const struct js *o, const char *key, struct str *out)
{
	const struct js *m = js_get(o, key);
	if (!m)
		return RC_NOT_FOUND;
	if (m->type != JS_STRING)
		return RC_INVALID;
	*out = m->s;
	return RC_OK;
}

enum rc js_member_i64(const struct js *o, const char *key, int64_t *out)
{
	const struct js *m = js_get(o, key);
	return m ? js_i64(m, out) : RC_NOT_FOUND;
}

enum rc js_member_bool(const struct js *o, const char *key, bool *out)
{
	const struct js *m = js_get(o, key);
	if (!m)
		return RC_NOT_FOUND;
	if (m->type != JS_BOOL)
		return RC_INVALID;
	*out = m->b;
	return RC_OK;
}

enum rc js_i64(const struct js *v, int64_t *out)
{
	if (!js_is(v, JS_NUMBER))
		return RC_INVALID;
	bool minus = v->s.p[0] == '-';
	int64_t n = 0;
	for (size_t i = minus; i < v->s.n; i++) {
		int digit = v->s.p[i] - '0';
		if (digit < 0 || digit > 9)
			return RC_INVALID;
		/* Downwards, because int64 has one more value there. */
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, digit, &n))
			return RC_INVALID;
	}
	if (!minus && n == INT64_MIN)
		return RC_INVALID;
	*out = minus ? n : -n;
	return RC_OK;
}

/* A number as digits and the place of its point: in 12.5e1 the digits are 125 and the point is behind the third. */
struct decimal {
	struct str whole;
	struct str fraction;
	int64_t point;
};

#define EXPONENT_MAX 10000 /* with a larger one the number is zero or too large */

static struct decimal decimal_split(struct str s)
{
	struct decimal d = { 0 };
	size_t i = 0;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	d.whole = str_span(s.p, i);
	struct str rest = str_span(s.p + i, s.n - i);
	if (rest.n && rest.p[0] == '.') {
		for (i = 1; i < rest.n && rest.p[i] >= '0' && rest.p[i] <= '9';)
			i++;
		d.fraction = str_span(rest.p + 1, i - 1);
		rest = str_span(rest.p + i, rest.n - i);
	}
	int64_t exponent = 0;
	bool minus = rest.n > 1 && rest.p[1] == '-';
	for (i = 1; i < rest.n; i++)
		if (rest.p[i] >= '0' && rest.p[i] <= '9' && exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (rest.p[i] - '0');
	d.point = (int64_t)d.whole.n + (minus ? -exponent : exponent);
	return d;
}

static int decimal_digit(const struct decimal *d, size_t i)
{
	if (i < d->whole.n)
		return d->whole.p[i] - '0';
	i -= d->whole.n;
	return i < d->fraction.n ? d->fraction.p[i] - '0' : 0;
}

enum rc js_seconds(const struct js *v, int64_t *out)
{
	if (!js_is(v, JS_NUMBER))
		return RC_INVALID;
	bool minus = v->s.p[0] == '-';
	struct decimal d = decimal_split(str_span(v->s.p + minus, v->s.n - minus));
	size_t point = d.point > 0 ? (size_t)d.point : 0, all = d.whole.n + d.fraction.n;
	int64_t n = 0;
	for (size_t i = 0; i < point; i++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, decimal_digit(&d, i), &n))
			return RC_INVALID;
	bool rest = false;
	for (size_t i = point; i < all; i++)
		rest |= decimal_digit(&d, i) != 0;
	*out = minus ? -n - rest : n;
	return RC_OK;
}

struct str *js_strings(struct arena *a, const struct js *v, size_t *n_out)
{
	*n_out = 0;
	if (!js_is(v, JS_ARRAY))
		return NULL;
	struct str *out = arena_array(a, struct str, v->n + 1);
	JS_EACH(item, v)
		if (item->type == JS_STRING)
			out[(*n_out)++] = arena_str(a, item->s);
	return out;
}

const char *js_type_name(enum js_type t)
{
	static const char *const names[JS__MAX] = { "null", "boolean", "number", "string", "array", "object" };
	return (unsigned)t < JS__MAX ? names[t] : "unknown";
}

static void write_children(struct buf *b, const struct js *v, const char ends[2])
{
	buf_c(b, ends[0]);
	JS_EACH(c, v) {
		if (c != v->child)
			buf_c(b, ',');
		if (v->type == JS_OBJECT) {
			buf_json(b, c->key);
			buf_c(b, ':');
		}
		js_write(b, c);
	}
	buf_c(b, ends[1]);
}

void js_write(struct buf *b, const struct js *v)
{
	if (!v)
		return;
	switch (v->type) {
	case JS_NULL:
		buf_lit(b, "null");
		break;
	case JS_BOOL:
		buf_z(b, v->b ? "true" : "false");
		break;
	case JS_NUMBER:
		buf_add(b, v->s);
		break;
	case JS_STRING:
		buf_json(b, v->s);
		break;
	case JS_ARRAY:
		write_children(b, v, "[]");
		break;
	case JS_OBJECT:
		write_children(b, v, "{}");
		break;
	case JS__MAX:
		break;
	}
}
