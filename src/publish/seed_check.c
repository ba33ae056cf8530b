/* Checks that each value has the type, the size and the form of its row. */
#include <assert.h>
#include <inttypes.h>

#include "publish/seed_internal.h"

/* ---- one value ---- */

static enum js_type js_type_of(enum shape s)
{
	switch (s) {
	case SHAPE_TEXT:
		return JS_STRING;
	case SHAPE_BOOL:
		return JS_BOOL;
	case SHAPE_INT:
		return JS_NUMBER;
	case SHAPE_LIST:
		return JS_ARRAY;
	case SHAPE_OBJECT:
	case SHAPE_MAP:
		return JS_OBJECT;
	case SHAPE_JSON:
		break;
	}
	return JS__MAX;
}

static bool size_check(struct seed_doc *d, const struct seed_row *row, const struct js *v, const struct seed_path *at)
{
	int64_t n;
	bool many = (row->shape == SHAPE_LIST || row->shape == SHAPE_MAP) && v->n > row->limit;
	if (many)
		seed_fault(d, at, "has more than %" PRId64 " entries", row->limit);
	if (many)
		return false;
	if (row->shape == SHAPE_INT && (js_i64(v, &n) != RC_OK || n < 0 || n > row->limit)) {
		seed_fault(d, at, "must be a whole number from 0 to %" PRId64, row->limit);
		return false;
	}
	if (row->shape != SHAPE_TEXT)
		return true;
	if (!v->s.n && !(row->flags & SEED_EMPTY)) {
		seed_fault(d, at, "is empty");
		return false;
	}
	if (v->s.n > (size_t)row->limit) {
		seed_fault(d, at, "is longer than %" PRId64 " bytes", row->limit);
		return false;
	}
	return true;
}

static void members_check(struct seed_doc *d, const struct seed_row *rows, const struct js *v,
			  const struct seed_path *at, unsigned needed);

static void value_check(struct seed_doc *d, const struct seed_row *row, const struct js *v, const struct seed_path *at)
{
	if (v->type == JS_NULL && row->flags & SEED_NULL)
		return;
	enum js_type want = js_type_of(row->shape);
	if (want != JS__MAX && v->type != want) {
		seed_fault(d, at, "is of type %s, must be %s", js_type_name(v->type), js_type_name(want));
		return;
	}
	if (!size_check(d, row, v, at))
		return;
	size_t before = d->report->n_faults;
	assert(row->of || (row->shape != SHAPE_OBJECT && row->shape != SHAPE_LIST && row->shape != SHAPE_MAP));
	if (row->shape == SHAPE_OBJECT)
		members_check(d, row->of, v, at, SEED_KEY | SEED_REQUIRED | (row->flags & SEED_OPEN));
	size_t i = 0;
	if (row->shape == SHAPE_LIST)
		JS_EACH(item, v)
			value_check(d, row->of, item, &(struct seed_path){ .up = at, .index = i++ });
	if (row->shape == SHAPE_MAP)
		JS_EACH(member, v)
			value_check(d, row->of, member, &(struct seed_path){ .up = at, .name = member->key });
	const char *why = row->check && d->report->n_faults == before ? row->check(d, v) : NULL;
	if (why)
		seed_fault(d, at, "%s", why);
}

static const struct seed_row *row_find(const struct seed_row *rows, struct str name)
{
	for (; rows->name; rows++)
		if (str_is(name, rows->name))
			return rows;
	return NULL;
}

/* needed: flags of the rows that must be named; SEED_OPEN: other members may be named. */
static void members_check(struct seed_doc *d, const struct seed_row *rows, const struct js *v,
			  const struct seed_path *at, unsigned needed)
{
	JS_EACH(member, v) {
		struct seed_path here = { .up = at, .name = member->key };
		const struct seed_row *row = row_find(rows, member->key);
		if (row)
			value_check(d, row, member, &here);
		if (!row && !(needed & SEED_OPEN))
			seed_fault(d, &here, "unknown member");
	}
	for (; rows->name; rows++)
		if (rows->flags & needed && !js_get(v, rows->name))
			seed_fault(d, &(struct seed_path){ .up = at, .name = str_of(rows->name) }, "is required");
}

/* ---- entries ---- */

/* The entry's node; a key that the document names twice is a fault. NULL: the entry has no key. */
static struct seed_node *entry_node(struct seed_doc *d, enum section_id id, const struct js *v,
				    const struct seed_path *at)
{
	struct str key;
	int64_t version;
	if (seed_key(d, &seed_sections[id], v, &key, &version) != RC_OK)
		return NULL;
	struct seed_node *n = seed_node_at(d, id, key, version);
	if (!n)
		n = seed_node_add(d, id, key, version);
	if (n->doc)
		seed_fault(d, at, "is named twice");
	assert(!at->name.p); /* an entry is an item of a list */
	n->doc = v;
	n->index = at->index;
	return n;
}

static void entry_check(struct seed_doc *d, enum section_id id, const struct js *v, const struct seed_path *at)
{
	const struct seed_section *s = &seed_sections[id];
	if (v->type != JS_OBJECT) {
		seed_fault(d, at, "is of type %s, must be object", js_type_name(v->type));
		return;
	}
	const struct seed_node *n = s->kind ? entry_node(d, id, v, at) : NULL;
	bool partial = seed_absent(v) || (n && n->stored.n && !d->o.whole);
	size_t before = d->report->n_faults;
	d->stored = n ? n->stored : STR_NONE;
	members_check(d, s->rows, v, at, partial ? SEED_KEY : SEED_KEY | SEED_REQUIRED);
	const char *why = s->check && d->report->n_faults == before ? s->check(d, v) : NULL;
	if (why)
		seed_fault(d, at, "%s", why);
}

static void section_check(struct seed_doc *d, enum section_id id, const struct js *list, const struct seed_path *at)
{
	if (list->type != JS_ARRAY) {
		seed_fault(d, at, "is of type %s, must be array", js_type_name(list->type));
		return;
	}
	if (list->n > SEED_MAX_ENTRIES) {
		seed_fault(d, at, "has more than %d entries", SEED_MAX_ENTRIES);
		return;
	}
	size_t i = 0;
	JS_EACH(v, list)
		entry_check(d, id, v, &(struct seed_path){ .up = at, .index = i++ });
}

static void level_check(struct seed_doc *d, const struct js *level, const char *parent, const struct seed_path *up);

/* The parent of an extension's sections; NULL: none has that name. */
static const char *parent_named(struct str name)
{
	for (int i = SECTION_EXTRA; i < SECTION__MAX; i++)
		if (seed_sections[i].parent && str_is(name, seed_sections[i].parent))
			return seed_sections[i].parent;
	return NULL;
}

static void member_check(struct seed_doc *d, const struct js *member, const char *parent, const struct seed_path *at)
{
	const char *nested = parent ? NULL : parent_named(member->key);
	if (nested && member->type == JS_OBJECT) {
		level_check(d, member, nested, at);
		return;
	}
	if (nested) {
		seed_fault(d, at, "is of type %s, must be object", js_type_name(member->type));
		return;
	}
	for (int i = 0; i < SECTION__MAX; i++) {
		const struct seed_section *s = &seed_sections[i];
		bool here = parent ? s->parent && strcmp(parent, s->parent) == 0 : !s->parent;
		if (here && s->list && str_is(member->key, s->list)) {
			section_check(d, (enum section_id)i, member, at);
			return;
		}
	}
	seed_fault(d, at, "unknown member");
}

static void level_check(struct seed_doc *d, const struct js *level, const char *parent, const struct seed_path *up)
{
	JS_EACH(member, level)
		member_check(d, member, parent, &(struct seed_path){ .up = up, .name = member->key });
}

void seed_check(struct seed_doc *d, struct str json)
{
	static const struct js_opts opts = { .max_nodes = SEED_MAX_NODES };
	struct seed_path at = { .name = STR("document") };
	struct js_error error = { 0 };
	if (json.n > SEED_MAX) {
		seed_fault(d, &at, "is larger than %d bytes", SEED_MAX);
		return;
	}
	enum rc rc = js_parse(d->a, js_unmarked(json), &opts, &d->root, &error);
	if (rc != RC_OK) {
		seed_fault(d, &at, "is no JSON: %s, at byte %zu", error.what ? error.what : rc_name(rc), error.at);
		return;
	}
	if (d->root->type != JS_OBJECT) {
		seed_fault(d, &at, "is of type %s, must be object", js_type_name(d->root->type));
		return;
	}
	level_check(d, d->root, NULL, NULL);
}
