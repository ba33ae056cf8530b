/* A document at work: its faults, its entries, and the nodes that join them with the stored entries. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "publish/seed_internal.h"
#include "jose/jose.h"

void seed_doc_init(struct seed_doc *d, struct arena *a, const struct seed_options *o, struct seed_report *report)
{
	*d = (struct seed_doc){ .a = a, .o = *o, .report = report };
	struct buf now = BUF(a);
	buf_time(&now, clock_now());
	d->now = buf_str(&now);
	d->last = &d->first;
	d->parties_last = &d->parties;
	d->holdings_last = &d->holdings;
	*report = (struct seed_report){ .a = a, .faults = BUF(a), .changes = BUF(a) };
}

/* ---- faults ---- */

#define PATH_NAME_MAX 100 /* bytes of a member's name in the path of a fault */

static void path_write(struct buf *b, const struct seed_path *at)
{
	if (at->up)
		path_write(b, at->up);
	if (!at->name.p) {
		buf_fmt(b, "[%zu]", at->index);
		return;
	}
	if (at->up)
		buf_c(b, '.');
	for (size_t i = 0; i < at->name.n && i < PATH_NAME_MAX; i++) {
		char c = at->name.p[i];
		buf_c(b, (unsigned char)c < 0x20 || c == 0x7f ? '?' : c);
	}
}

void seed_fault(struct seed_doc *d, const struct seed_path *at, const char *fmt, ...)
{
	struct buf *b = &d->report->faults;
	assert(at);
	if (d->report->n_faults++ >= SEED_MAX_FAULTS)
		return;
	char text[SEED_MAX_ID * 2 + 100];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	path_write(b, at);
	buf_lit(b, ": ");
	buf_z(b, text);
	buf_c(b, '\n');
}

/* ---- entries ---- */

const struct js *seed_list(const struct seed_doc *d, const struct seed_section *s)
{
	const struct js *up = s->parent ? js_get(d->root, s->parent) : d->root;
	const struct js *list = js_get(up, s->list);
	return js_is(list, JS_ARRAY) ? list : NULL;
}

bool seed_absent(const struct js *entry)
{
	const struct js *state = js_get(entry, "state");
	return js_is(state, JS_STRING) && str_is(state->s, "absent");
}

bool seed_full(const struct seed_section *s, const struct js *entry)
{
	for (const struct seed_row *r = s->rows; r->name; r++)
		if (r->flags & (SEED_KEY | SEED_REQUIRED) && !js_get(entry, r->name))
			return false;
	return true;
}

static struct str hash_of(struct arena *a, const struct seed_section *s, const struct js *v)
{
	const struct js *key = js_get(v, s->secret), *hash = js_get(v, s->hash);
	if (js_is(hash, JS_STRING))
		return hash->s;
	if (!js_is(key, JS_STRING))
		return STR_NONE;
	uint8_t sum[32];
	jose_sha256_into(key->s, sum);
	struct buf b = BUF(a);
	buf_hex(&b, str_span(sum, sizeof sum));
	return buf_str(&b);
}

static bool is_folded(const struct seed_section *s, const char *member)
{
	const struct seed_row *row = s->rows;
	while (row->name && strcmp(row->name, member) != 0)
		row++;
	return row->name && row->flags & SEED_FOLDED;
}

static enum rc key_part(struct buf *b, const struct js *v, bool folded)
{
	int64_t n;
	if (js_is(v, JS_STRING) && v->s.n && v->s.n <= SEED_MAX_ID) {
		buf_add(b, folded ? arena_lower(b->a, v->s) : v->s);
		return RC_OK;
	}
	if (!js_is(v, JS_NUMBER) || js_i64(v, &n) != RC_OK)
		return RC_INVALID;
	buf_i64(b, n);
	return RC_OK;
}

enum rc seed_key(struct seed_doc *d, const struct seed_section *s, const struct js *v, struct str *key_out,
		 int64_t *version_out)
{
	struct buf b = BUF(d->a);
	int64_t version = 0;
	if (s->key_prefix)
		buf_z(&b, s->key_prefix);
	if (s->hash) {
		struct str hash = hash_of(d->a, s, v);
		buf_add(&b, hash);
		if (!hash.n)
			return RC_INVALID;
	}
	for (size_t i = 0; i < LEN(s->key) && s->key[i]; i++) {
		if (i)
			buf_c(&b, '/');
		TRY(key_part(&b, js_get(v, s->key[i]), is_folded(s, s->key[i])));
	}
	const struct js *named = s->version ? js_get(v, s->version) : NULL;
	if (named)
		TRY(js_i64(named, &version));
	if (s->version && !named && s == &seed_sections[SECTION_TEMPLATE] && !seed_absent(v))
		version = 1;
	*key_out = buf_str(&b);
	*version_out = version;
	return RC_OK;
}

/* ---- nodes ---- */

static struct str node_name(struct arena *a, enum section_id s, struct str key)
{
	struct buf b = BUF(a);
	buf_c(&b, (char)('a' + (int)s));
	buf_add(&b, key);
	return buf_str(&b);
}

struct seed_node *seed_node_find(struct seed_doc *d, enum section_id s, struct str key)
{
	return map_get(&d->nodes, node_name(d->a, s, key));
}

struct seed_node *seed_node_at(struct seed_doc *d, enum section_id s, struct str key, int64_t version)
{
	struct seed_node *n = seed_node_find(d, s, key);
	while (n && n->version != version)
		n = n->sibling;
	return n;
}

struct seed_node *seed_node_add(struct seed_doc *d, enum section_id s, struct str key, int64_t version)
{
	struct seed_node *n = arena_new(d->a, struct seed_node);
	struct str name = node_name(d->a, s, key);
	*n = (struct seed_node){ .section = s, .key = key, .version = version, .sibling = map_get(&d->nodes, name) };
	assert((unsigned)s < SECTION__MAX && (!n->sibling || n->sibling->version != version));
	map_put(&d->nodes, d->a, name, n);
	*d->last = n;
	d->last = &n->next;
	return n;
}

const struct js *seed_tree(struct seed_doc *d, struct seed_node *n)
{
	static const struct js_opts opts = { .max_nodes = SEED_MAX_NODES };
	if (!n->tree && n->body.n && js_parse(d->a, n->body, &opts, &n->tree, NULL) != RC_OK)
		n->tree = NULL; /* a row that this program did not write counts as empty */
	return n->tree;
}

enum section_id seed_section_of(struct str kind, struct str key)
{
	for (int i = 0; i < SECTION__MAX; i++) {
		const struct seed_section *s = &seed_sections[i];
		bool fits = !s->key_prefix || str_starts(key, str_of(s->key_prefix));
		if (s->kind && str_is(kind, s->kind) && fits)
			return (enum section_id)i;
	}
	return SECTION__MAX;
}

static enum rc stored_row(void *ctx, const struct entry *e)
{
	struct seed_doc *d = ctx;
	enum section_id s = seed_section_of(e->kind, e->key);
	if (s == SECTION__MAX)
		return RC_OK;
	struct seed_node *n = seed_node_add(d, s, arena_str(d->a, e->key), e->version);
	n->stored = n->body = arena_str(d->a, e->body);
	return RC_OK;
}

enum rc seed_state_load(struct seed_doc *d)
{
	return entries_each(d->reader, stored_row, d);
}
