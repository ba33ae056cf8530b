/* Canonical form of JSON: of any value, and of the members that a table names. */
#include <assert.h>
#include <stdlib.h>

#include "publish/seed_internal.h"

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

/* row NULL: the members may be any JSON. */
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
	assert(!row || row->of || (row->shape != SHAPE_OBJECT && row->shape != SHAPE_LIST && row->shape != SHAPE_MAP));
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
	if (row && row->flags & SEED_FOLDED && v->type == JS_STRING)
		jsw_str(w, arena_lower(w->b->a, v->s));
	else
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
