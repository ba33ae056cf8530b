/* What each entry shall be, in canonical form. */
#include <inttypes.h>
#include <stdlib.h>

#include "publish/seed_internal.h"
#include "jose/trust.h"

void seed_doc_init(struct seed_doc *d, struct arena *a, const struct seed_options *o, struct seed_report *report)
{
	*d = (struct seed_doc){ .a = a, .o = *o, .report = report };
	d->last = &d->first;
	d->parties_last = &d->parties;
	d->holdings_last = &d->holdings;
	*report = (struct seed_report){ .a = a, .faults = BUF(a), .changes = BUF(a) };
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
	map_put(&d->nodes, d->a, name, n);
	*d->last = n;
	d->last = &n->next;
	return n;
}

const struct js *seed_tree(struct seed_doc *d, struct seed_node *n)
{
	static const struct js_opts opts = { .max_nodes = SEED_MAX_NODES };
	if (!n->tree && n->body.n && js_parse(d->a, n->body, &opts, &n->tree, NULL) != RC_OK)
		n->tree = NULL; /* a row that this program did not write: nothing in it counts */
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

/* ---- canonical form ---- */

static int by_key(const void *a, const void *b)
{
	const struct js *const *x = a, *const *y = b;
	return str_cmp((*x)->key, (*y)->key);
}

static const struct js **sorted(struct arena *a, const struct js *v)
{
	const struct js **list = arena_array(a, const struct js *, v->n + 1);
	size_t n = 0;
	JS_EACH(member, v)
		list[n++] = member;
	qsort(list, n, sizeof *list, by_key);
	return list;
}

static void value_write(struct jsw *w, const struct seed_row *row, const struct js *v, unsigned skip);

/* row NULL: any JSON. */
static void map_write(struct jsw *w, const struct seed_row *row, const struct js *v, unsigned skip)
{
	const struct js **list = sorted(w->b->a, v);
	jsw_obj(w);
	for (; *list; list++) {
		jsw_key_str(w, (*list)->key);
		value_write(w, row, *list, skip);
	}
	jsw_end_obj(w);
}

static void list_write(struct jsw *w, const struct seed_row *row, const struct js *v, unsigned skip)
{
	jsw_arr(w);
	JS_EACH(item, v)
		value_write(w, row, item, skip);
	jsw_end_arr(w);
}

static void plain_write(struct jsw *w, const struct js *v)
{
	int64_t n;
	switch (v->type) {
	case JS_NULL:
		jsw_null(w);
		return;
	case JS_BOOL:
		jsw_bool(w, v->b);
		return;
	case JS_STRING:
		jsw_str(w, v->s);
		return;
	case JS_NUMBER:
		if (js_i64(v, &n) == RC_OK)
			jsw_i64(w, n);
		else
			jsw_raw(w, v->s);
		return;
	case JS_ARRAY:
		list_write(w, NULL, v, 0);
		return;
	case JS_OBJECT:
		map_write(w, NULL, v, 0);
		return;
	case JS__MAX:
		return;
	}
}

static void value_write(struct jsw *w, const struct seed_row *row, const struct js *v, unsigned skip)
{
	if (row && row->shape == SHAPE_OBJECT) {
		jsw_obj(w);
		seed_write_members(w, row->of, v, NULL, skip);
		jsw_end_obj(w);
		return;
	}
	if (row && row->shape == SHAPE_LIST) {
		list_write(w, row->of, v, skip);
		return;
	}
	if (row && row->shape == SHAPE_MAP) {
		map_write(w, row->of, v, skip);
		return;
	}
	plain_write(w, v);
}

void seed_write_members(struct jsw *w, const struct seed_row *rows, const struct js *doc, const struct js *stored,
			unsigned skip)
{
	for (; rows->name; rows++) {
		const struct js *v = js_get(doc, rows->name);
		if (!v)
			v = js_get(stored, rows->name);
		if (!v || v->type == JS_NULL || rows->flags & (SEED_UNSTORED | skip))
			continue;
		jsw_key(w, rows->name);
		value_write(w, rows, v, skip);
	}
}

void seed_write_json(struct jsw *w, const struct js *v)
{
	plain_write(w, v);
}

static struct str body_of(struct seed_doc *d, const struct seed_node *n, const struct js *stored, unsigned skip)
{
	const struct seed_section *s = &seed_sections[n->section];
	struct buf b = BUF(d->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	if (n->section == SECTION_API_KEY)
		jsw_kstr(&w, "sha256", str_span(n->key.p + strlen(s->key_prefix), n->key.n - strlen(s->key_prefix)));
	seed_write_members(&w, n->section == SECTION_API_KEY ? s->rows + 2 : s->rows, n->doc, stored, skip);
	if (seed_absent(n->doc))
		jsw_kz(&w, "state", "absent");
	jsw_end_obj(&w);
	return buf_str(&b);
}

/* ---- the plan ---- */

static bool private_fits(const struct js *client)
{
	const struct js *mine = js_get(js_get(client, "privateJwk"), "n");
	JS_EACH(key, js_get(js_get(client, "jwks"), "keys")) {
		const struct js *n = js_get(key, "n");
		if (js_is(mine, JS_STRING) && js_is(n, JS_STRING) && str_eq(n->s, mine->s))
			return true;
	}
	return false;
}

/* = RFC 7517 4.7: "The PKIX certificate containing the key value MUST be the first certificate" (jwk_parse looks). That
 * it leads to a trusted root is asked where the roots are known: by self-service, and at each grant. */
static const char *certificate_fault(struct seed_doc *d, const struct js *x5c, struct str orgno)
{
	struct str der[JOSE_X5C_MAX];
	struct org_cert cert;
	const char *why = "is no list of certificates";
	size_t n;
	if (jose_x5c_read(d->a, x5c, der, &n) != RC_OK || org_cert_read(d->a, der[0], &cert, &why) != RC_OK)
		return why;
	bool own = str_eq(cert.orgno, orgno);
	jwk_unref(cert.key);
	return own ? NULL : "is the certificate of another organisation";
}

static void certificates_check(struct seed_doc *d, struct seed_node *n, const struct seed_path *at)
{
	const struct js *client = seed_tree(d, n);
	struct seed_path jwks = { .up = at, .name = STR("jwks") }, keys = { .up = &jwks, .name = STR("keys") };
	struct str orgno = STR_NONE;
	size_t i = 0;
	if (js_member_str(client, "orgno", &orgno) != RC_OK)
		return;
	JS_EACH(key, js_get(js_get(client, "jwks"), "keys")) {
		struct seed_path one = { .up = &keys, .index = i++ };
		const struct js *x5c = js_get(key, "x5c");
		const char *why = x5c ? certificate_fault(d, x5c, orgno) : NULL;
		if (why)
			seed_fault(d, &(struct seed_path){ .up = &one, .name = STR("x5c") }, "%s", why);
	}
}

/* A private key that lost its public half with a new jwks goes with it. */
static void client_plan(struct seed_doc *d, struct seed_node *n, const struct js *stored, const struct seed_path *at)
{
	const struct js *client = seed_tree(d, n);
	const struct js *named = js_get(n->doc, "privateJwk");
	if (js_get(n->doc, "jwks") || js_get(n->doc, "orgno"))
		certificates_check(d, n, at);
	if (!js_get(client, "privateJwk") || private_fits(client))
		return;
	if (named && named->type != JS_NULL) {
		seed_fault(d, &(struct seed_path){ .up = at, .name = STR("privateJwk") }, "is of no key in jwks");
		return;
	}
	n->body = body_of(d, n, stored, SEED_SECRET);
	n->tree = NULL;
}

static void present_plan(struct seed_doc *d, struct seed_node *n)
{
	const struct seed_section *s = &seed_sections[n->section];
	struct seed_path up = { .name = STR("altinn2") };
	struct seed_path list = { .up = s->parent ? &up : NULL, .name = str_of(s->list) };
	struct seed_path at = { .up = &list, .index = n->index };
	const struct js *stored = NULL;
	n->tree = NULL;
	n->body = n->stored;
	if (n->stored.n && !d->o.whole)
		stored = seed_tree(d, n);
	n->body = body_of(d, n, stored, 0);
	n->tree = NULL;
	if (n->section == SECTION_CLIENT)
		client_plan(d, n, stored, &at);
	if (!s->fixed || !n->stored.n || str_eq(n->stored, n->body))
		return;
	d->report->other_content = true;
	seed_fault(d, &(struct seed_path){ .up = &at, .name = str_of(s->version) },
		   "%" PRId64 " exists with other content", n->version);
}

static void absent_plan(struct seed_doc *d, struct seed_node *n)
{
	const struct seed_section *s = &seed_sections[n->section];
	if (s->deactivates && (n->stored.n || seed_full(s, n->doc))) {
		present_plan(d, n);
		return;
	}
	if (!s->version || n->version) {
		n->body = STR_NONE;
		return;
	}
	for (struct seed_node *v = seed_node_find(d, n->section, n->key); v; v = v->sibling)
		v->body = STR_NONE;
}

void seed_plan(struct seed_doc *d)
{
	for (struct seed_node *n = d->first; n; n = n->next)
		if (n->doc && seed_absent(n->doc))
			absent_plan(d, n);
	for (struct seed_node *n = d->first; n; n = n->next)
		if (n->doc && !seed_absent(n->doc))
			present_plan(d, n);
}
