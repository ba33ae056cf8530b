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

/* ---- times that the server makes ---- */

static const struct js *named(const struct js *v, const char *name)
{
	const struct js *m = js_get(v, name);
	return m && m->type != JS_NULL ? m : NULL;
}

static void time_write(struct jsw *w, const struct seed_row *row, const struct seed_source *from)
{
	const struct js *v = named(from->doc, row->name);
	bool anew = row->flags & SEED_CHANGED && from->changed;
	if (!v && !anew)
		v = named(from->before, row->name);
	if (v)
		jsw_kstr(w, row->name, v->s);
	else if (from->now.p)
		jsw_kstr(w, row->name, from->now);
}

static int js_by_text(const void *a, const void *b)
{
	const struct js *const *x = a, *const *y = b;
	return str_cmp((*x)->s, (*y)->s);
}

/* The stored times by name: a list of grants may be long. */
static void times_note(struct map *times, struct arena *a, const struct js *v)
{
	JS_EACH(member, v)
		if (member->type == JS_STRING)
			map_put(times, a, member->key, (void *)(uintptr_t)member);
}

static void times_write(struct jsw *w, const struct seed_row *row, const struct seed_source *from)
{
	const struct js *grants = js_get(from->doc, "grants");
	struct arena *a = w->b->a;
	struct map times = { 0 };
	struct str last = STR_NONE;
	size_t n = 0;
	if (!grants)
		grants = js_get(from->stored, "grants");
	times_note(&times, a, js_get(from->before, row->name));
	times_note(&times, a, js_get(from->doc, row->name));
	if (!grants || !grants->n)
		return;
	const struct js **list = arena_array(a, const struct js *, grants->n);
	JS_EACH(item, grants)
		list[n++] = item;
	qsort(list, n, sizeof *list, js_by_text);
	jsw_key(w, row->name);
	jsw_obj(w);
	for (size_t i = 0; i < n; i++) {
		const struct js *time = map_get(&times, list[i]->s);
		if (str_eq(list[i]->s, last))
			continue;
		last = list[i]->s;
		jsw_key_str(w, last);
		jsw_str(w, time ? time->s : from->now);
	}
	jsw_end_obj(w);
}

/* True: the member is written. */
static bool made_write(struct jsw *w, const struct seed_row *row, const struct seed_source *from)
{
	if (row->flags & (SEED_MADE | SEED_CHANGED))
		time_write(w, row, from);
	else if (row->flags & SEED_TIMES && from->now.p)
		times_write(w, row, from);
	else
		return false;
	return true;
}

void seed_write_entry(struct jsw *w, const struct seed_row *rows, const struct seed_source *from)
{
	for (; rows->name; rows++) {
		const struct js *v = js_get(from->doc, rows->name);
		if (rows->flags & (SEED_UNSTORED | from->skip) || made_write(w, rows, from))
			continue;
		if (!v)
			v = js_get(from->stored, rows->name);
		if (!v || v->type == JS_NULL)
			continue;
		jsw_key(w, rows->name);
		value_write(w, rows, v, from->skip);
	}
}

void seed_write_members(struct jsw *w, const struct seed_row *rows, const struct js *doc, const struct js *stored,
			unsigned skip)
{
	seed_write_entry(w, rows,
			 &(struct seed_source){ .doc = doc, .stored = stored, .before = stored, .skip = skip });
}

void seed_write_json(struct jsw *w, const struct js *v)
{
	plain_write(w, v);
}
